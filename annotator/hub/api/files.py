"""Tables of annotations as files, written while they are sent.

JSON lines are exact. So is Parquet, which must have all rows at once to know its types.
Of CSV the columns must be known before the first row: the rows are read twice, which
takes longer and no memory.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Literal

from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from annotator.annotations.cells import dumps
from annotator.annotations.table import CsvFormat
from annotator.hub.api.shapes import Asked
from annotator.hub.exports import FORMATS, excel_safe, export

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rows = Iterator[dict[str, Any]]

__all__ = ["TABLE", "AskedTable", "Kind", "table"]

_AT_ONCE = 500  # rows in a piece of an answer
_OWN = ("clip", "annotator", "annotation_id", "created_at")  # before the form's columns

Kind = Literal["jsonl", "csv", "parquet"]
"""`annotator.hub.exports.FORMATS`, as a type."""

TABLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A table of annotations.",
        "content": {
            "application/x-ndjson": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.apache.parquet": {
                "schema": {"type": "string", "format": "binary"}
            },
        },
    }
}
"""For the OpenAPI document."""


class AskedTable(Asked):
    """As what kind of file the table is wanted."""

    format: Kind = "jsonl"
    excel_safe: bool = Field(
        True,
        description="In CSV, an apostrophe before what a spreadsheet would calculate.",
    )


def table(read: Callable[[], Rows], asked: AskedTable, name: str) -> Response:
    """Return a table as an answer.

    Parameters
    ----------
    read
        Gives the rows, the same each time. What may not be read, it refuses at once,
        so that no answer begins that cannot go on.
    asked
        The kind of file.
    name
        Of the file, without its extension.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}.{asked.format}"'}
    media_type = FORMATS[asked.format].mime
    rows = read()
    if asked.format == "parquet":
        return Response(export(rows, "parquet"), 200, headers, media_type)
    if asked.format == "csv":
        pieces = _csv(_columns(rows), read(), safe=asked.excel_safe)
    else:
        pieces = _json_lines(rows)
    # The first piece now: what the database fails at is no answer of 200.
    pieces = itertools.chain([next(pieces, b"")], pieces)
    return StreamingResponse(pieces, 200, headers, media_type)


def _json_lines(rows: Rows) -> Iterator[bytes]:
    while piece := list(itertools.islice(rows, _AT_ONCE)):
        yield "".join(f"{dumps(row)}\n" for row in piece).encode()


def _columns(rows: Rows) -> list[str]:
    found = dict.fromkeys(_OWN)
    for row in rows:
        found.update(dict.fromkeys(row))
    return list(found)


def _csv(columns: list[str], rows: Rows, *, safe: bool) -> Iterator[bytes]:
    kept = CsvFormat()
    # Names come from forms, and forms from members.
    yield kept.render([excel_safe(name) if safe else name for name in columns], [])
    while piece := list(itertools.islice(rows, _AT_ONCE)):
        if safe:
            piece = [{k: excel_safe(cell) for k, cell in row.items()} for row in piece]
        yield kept.render_rows(columns, piece)
