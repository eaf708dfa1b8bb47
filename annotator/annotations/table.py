"""The output table as bytes, chosen by extension: CSV and JSON lines are here.

CSV is read as text, cell by cell, and so keeps 64-bit ids, '001', 'NA' and
'1e5' as they are.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from annotator.annotations.cells import clean_row, dumps, to_text
from annotator.errors import FormatError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CsvFormat",
    "JsonLinesFormat",
    "Table",
    "TableFormat",
    "format_of",
    "to_frame",
]

Row = Mapping[str, Any]

_LONGEST_CELL = 16 << 20  # characters; a longer one is a quote that nobody closed
_MARKS = re.compile(r'[,"\n\r]')
_HEADER_MARKS = re.compile(r'[,;\t"\n\r]')
_QUOTED = re.compile(r'"[^"]*("|$)')


@dataclass(frozen=True)
class Table:
    """What is in an output file.

    Attributes
    ----------
    columns
        Names, in the file's order.
    rows
        One dict per row, by column.
    unfinished
        Text of a last line without its end, which may be torn; its row, if it
        makes one, is the last of `rows`. Empty if the file ends as it should.
    torn
        Whether there is a last line that was cut and made no row.
    """

    columns: list[str]
    rows: list[dict[str, Any]]
    unfinished: str = field(default="")
    torn: bool = False


class TableFormat(Protocol):
    """How a table is written into bytes and read back."""

    def read(self, data: bytes) -> Table:
        """Read a whole file; FormatError if it is no such table."""

    def render(self, columns: Sequence[str], rows: Iterable[Row]) -> bytes:
        """Write a whole file."""

    def render_rows(self, columns: Sequence[str], rows: Iterable[Row]) -> bytes | None:
        """Write rows to append to a file with these columns; None: impossible."""


def format_of(path: str | Path) -> TableFormat:
    """Choose the format: .csv, .parquet or .pq, and JSON lines for all others."""
    from annotator.annotations.parquet import ParquetFormat

    suffix = Path(path).suffix.lower()
    if suffix == ".csv":
        return CsvFormat()
    return ParquetFormat() if suffix in {".parquet", ".pq"} else JsonLinesFormat()


class CsvFormat:
    r"""RFC 4180 in UTF-8, lines ended by \n; None is an empty cell."""

    def read(self, data: bytes) -> Table:
        """Read cells as text; also what a spreadsheet makes of our file."""
        text = _decode(data)
        if "\0" in text.partition("\n")[0]:
            # Taken for a table, it would pass for one whose rows were deleted.
            msg = "It has zero bytes where a CSV file has names; save it as UTF-8."
            raise FormatError(msg)
        lines = io.StringIO(text, newline="")
        # Python's own limit, 128 kB, would leave a long text unreadable.
        csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
        reader = csv.reader(lines, delimiter=_delimiter(text))
        rows: list[dict[str, Any]] = []
        columns: list[str] = []
        last_start = 0
        try:
            columns = _unique(next(reader, []))
            line = reader.line_num
            for cells in reader:
                last_start, line = line, reader.line_num
                if cells:
                    rows.append(_row(columns, cells))
        except csv.Error as err:
            msg = f"The CSV file cannot be read: {err} in line {reader.line_num}."
            raise FormatError(msg) from err
        whole = not rows or text.endswith(("\n", "\r"))
        return Table(columns, rows, "" if whole else _from_line(text, last_start))

    def render(self, columns: Sequence[str], rows: Iterable[Row]) -> bytes:
        """Write the header and all rows."""
        header = ",".join(_csv_cell(name, _HEADER_MARKS) for name in columns) + "\n"
        return header.encode() + self.render_rows(columns, rows)

    def render_rows(self, columns: Sequence[str], rows: Iterable[Row]) -> bytes:
        """Write rows without a header."""
        lines = (
            ",".join([_csv_cell(to_text(row.get(name))) for name in columns])
            # An empty line would be passed over by readers.
            or '""'
            for row in rows
        )
        return "".join(line + "\n" for line in lines).encode()


def _csv_cell(text: str, marks: re.Pattern[str] = _MARKS) -> str:
    # The csv module before Python 3.13 leaves a lone \r unquoted.
    if marks.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What spreadsheets save on Windows; latin-1 takes every byte.
        try:
            return data.decode("cp1252")
        except UnicodeDecodeError:
            return data.decode("latin-1")


def _delimiter(text: str) -> str:
    """Find what a spreadsheet of another country puts between cells."""
    header = _QUOTED.sub("", text.partition("\n")[0])
    if "," in header:
        return ","
    return max(",;\t", key=header.count)


def _unique(names: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for position, name in enumerate(names, start=1):
        plain = name or f"column_{position}"
        unique, n = plain, 2
        while unique in found:
            unique, n = f"{plain}_{n}", n + 1
        found[unique] = None
    return list(found)


def _row(columns: list[str], cells: list[str]) -> dict[str, Any]:
    while len(cells) > len(columns):
        columns.append(_unique([*columns, f"column_{len(columns) + 1}"])[-1])
    return dict(zip(columns, cells, strict=False))


def _from_line(text: str, n_before: int) -> str:
    lines = io.StringIO(text, newline="")
    for _ in range(n_before):
        lines.readline()
    return lines.read()


class JsonLinesFormat:
    """One JSON object per line, UTF-8; None is null."""

    def read(self, data: bytes) -> Table:
        """Read objects; a last line that is torn is `unfinished`, not an error."""
        rows: list[dict[str, Any]] = []
        lines = data.decode("utf-8-sig", "replace").split("\n")
        unfinished, torn = lines[-1], False
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as err:
                if number == len(lines):
                    unfinished, torn = "", True
                    break
                raise _not_json_lines(number) from err
            if not isinstance(row, dict):
                raise _not_json_lines(number)
            rows.append(clean_row(row))
        columns = list(dict.fromkeys(name for row in rows for name in row))
        return Table(columns, rows, unfinished, torn)

    def render(self, columns: Sequence[str], rows: Iterable[Row]) -> bytes:
        """Write all rows."""
        return self.render_rows(columns, rows)

    def render_rows(self, columns: Sequence[str], rows: Iterable[Row]) -> bytes:
        """Write rows, each with every column."""
        return "".join(
            dumps({name: row.get(name) for name in columns}) + "\n" for row in rows
        ).encode()


def _not_json_lines(number: int) -> FormatError:
    msg = f"Line {number} of the file is not a JSON object, as JSON lines need."
    return FormatError(msg)


def to_frame(columns: Sequence[str], rows: Sequence[Row]) -> pd.DataFrame:
    """Give what pandas reads from the CSV file, with whole numbers exact.

    A column of whole numbers with gaps becomes floats in pandas, which are
    exact up to 2**53 only: beyond it the column is Int64, or text.
    """
    import pandas as pd

    exact = {name: dtype for name in columns if (dtype := _exact_dtype(name, rows))}
    return pd.read_csv(
        io.BytesIO(CsvFormat().render(columns, rows)),
        dtype=exact or None,
        low_memory=False,
    )


def _exact_dtype(name: str, rows: Sequence[Row]) -> str | None:
    largest, gaps = 0, False
    for row in rows:
        text = to_text(row.get(name)).strip()
        if not text:
            gaps = True
        elif text.lstrip("+-").isdecimal() and text.isascii():
            # No machine type holds 20 digits (and int() refuses thousands).
            largest = max(largest, abs(int(text)) if len(text) < 20 else 2**63)
        else:
            return None
    if largest >= 2**63:
        return "str"
    return "Int64" if gaps and largest > 2**53 else None
