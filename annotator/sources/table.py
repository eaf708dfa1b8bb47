"""Read the table of clips: CSV, Parquet, JSON lines, JSON, or a DataFrame.

Whole numbers stay whole and exact, also those beyond 2**53 in a column with blanks,
which pandas alone would turn into floats.
"""

from __future__ import annotations

import csv
import io as _io
import json
import logging
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pandas as pd

from annotator.audio import io
from annotator.errors import ConfigError, DataError, FormatError
from annotator.sources.columns import with_times

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from annotator.config.data import DataConfig

__all__ = ["load_table", "parse_table", "read_table"]

_logger = logging.getLogger(__name__)

_EXACT = 2**53  # floats hold every whole number up to here
_LISTS = ("data", "results", "items", "records", "rows")
_SEPARATORS = ",;\t"
_WHOLE = re.compile(r"[+-]?\d+")


def load_table(
    data: DataConfig | pd.DataFrame | str | Path,
    resolve: Callable[[str], str] = str,
    *,
    auth: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Load the table of clips, with its times in `start_time` and `end_time`.

    Parameters
    ----------
    data
        A DataFrame, a path or address, or the `data` section of the configuration.
    resolve
        Turns a relative path into one that can be opened.
    auth
        What the place asks for, see `annotator.audio.io.read`.

    Returns
    -------
    DataFrame
        One row per clip, numbered from 0. It shares nothing with the caller's.

    Raises
    ------
    NotFound, AccessDenied, Unreachable
        The file cannot be had.
    FormatError
        It is not what its name says, or of a kind that is not known.
    DataError
        It has no times; the message says how to map columns.
    """
    if isinstance(data, pd.DataFrame):
        return with_times(_own(data))
    if isinstance(data, str | Path):
        return with_times(_found(str(data), resolve, auth))
    source = _source(data)
    if isinstance(source, pd.DataFrame):
        frame = _own(source, data.index_column)
    else:
        frame = _found(source, resolve, auth)
    return with_times(
        frame,
        start_time=data.start_time,
        end_time=data.end_time,
        duration=data.duration,
    )


def read_table(uri: str, *, auth: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Read a table as it stands; the name's extension says what it is.

    Parameters
    ----------
    uri
        Path or address ending in .csv, .parquet, .jsonl, .ndjson or .json.
    auth
        What the place asks for, see `annotator.audio.io.read`.
    """
    _extension(uri)  # before anything is fetched
    content = io.read(uri, **(auth or {}))
    if isinstance(content, str):  # pragma: no cover - only with dest=
        msg = f"{uri} was written to {content} instead of read."
        raise FormatError(msg)
    return parse_table(content, uri)


def parse_table(content: bytes, name: str) -> pd.DataFrame:
    """Read a table from its bytes; the name's extension says what it is.

    Raises
    ------
    FormatError
        It is not what its name says, or of a kind that is not known.
    """
    extension = _extension(name)
    try:
        frame = _READERS[extension](content)
    except UnicodeDecodeError as err:
        msg = f"{name} is not UTF-8 text: save it as such and open it again.\n{err}"
        raise FormatError(msg) from err
    except (ValueError, OSError, csv.Error) as err:
        kind = extension[1:].upper()
        msg = f"{name} cannot be read as {kind}; is it complete?\n{err}"
        raise FormatError(msg) from err
    frame.columns = frame.columns.astype(str)
    return frame.reset_index(drop=True)


def _extension(name: str) -> str:
    """Return the extension of a path or address, which is one of those we read."""
    path = unquote(urlsplit(name).path) if "://" in name else name
    extension = PurePosixPath(path.replace("\\", "/")).suffix.lower()
    if extension not in _READERS:
        known = ", ".join(_READERS)
        what = f"of kind {extension!r}" if extension else "without an extension"
        msg = f"{name} is a file {what}: a table may be one of {known}."
        raise FormatError(msg)
    return extension


def _source(data: DataConfig) -> Any:
    """Return where the `data` section says the table is."""
    kind, place = data.source
    if kind in ("sql", "api"):
        msg = f"data: {kind} is not supported yet; give a file or a DataFrame."
        raise ConfigError(msg)
    if kind not in ("path", "uri", "frame"):
        msg = "No data is configured: give data a table, a path or an address."
        raise ConfigError(msg)
    return place


def _found(
    name: str, resolve: Callable[[str], str], auth: Mapping[str, Any] | None
) -> pd.DataFrame:
    return read_table(name if "://" in name else resolve(name), auth=auth)


def _own(frame: pd.DataFrame, index_column: str = "") -> pd.DataFrame:
    """Return a copy of a caller's table, rows numbered from 0."""
    # From pandas 3 a shallow copy is copied on the first write to either.
    frame = frame.copy(deep=int(pd.__version__.split(".")[0]) < 3)
    is_level = index_column in frame.index.names and index_column not in frame.columns
    frame = frame.reset_index(drop=not is_level)
    frame.columns = frame.columns.astype(str)
    twice = frame.columns[frame.columns.duplicated()].unique().tolist()
    if twice:
        names = ", ".join(twice)
        msg = f"The table has several columns of one name ({names}); rename them."
        raise DataError(msg)
    return frame


def _read_csv(content: bytes) -> pd.DataFrame:
    if not content.strip():
        return pd.DataFrame()
    head = content[:65_536].decode("utf-8-sig", "replace").lstrip().partition("\n")[0]
    separator = "," if "," in head else max(_SEPARATORS, key=head.count)

    def read(**options: Any) -> pd.DataFrame:
        return pd.read_csv(
            _io.BytesIO(content),
            sep=separator,
            encoding="utf-8-sig",
            low_memory=False,
            **options,
        )

    frame = read()
    rounded = [
        name
        for name in frame.columns
        if frame[name].dtype == np.float64 and frame[name].abs().max() >= _EXACT
    ]
    if rounded:
        as_text = read(usecols=rounded, dtype=str, keep_default_na=True)
        for name in rounded:
            frame[name] = _whole(as_text[name], frame[name])
    return frame


def _whole(text: pd.Series, numbers: pd.Series) -> pd.Series:
    """Return text as exact whole numbers with blanks, or the numbers if it is none."""
    if not text.dropna().str.fullmatch(_WHOLE).all():
        return numbers
    return _column([None if cell is None else int(cell) for cell in _plain(text)])


def _plain(values: pd.Series) -> list[Any]:
    blank = values.isna()
    found: list[Any] = values.astype(object).mask(blank, None).tolist()
    return found


def _read_parquet(content: bytes) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(_io.BytesIO(content))
    frame = table.to_pandas()
    for field in table.schema:
        if pa.types.is_integer(field.type) and table[field.name].null_count:
            frame[field.name] = _column(table[field.name].to_pylist(), frame.index)
    return frame.reset_index(drop=frame.index.names == [None])


def _read_json_lines(content: bytes) -> pd.DataFrame:
    lines = content.decode("utf-8-sig").splitlines()
    return _from_records([json.loads(line) for line in lines if line.strip()])


def _read_json(content: bytes) -> pd.DataFrame:
    if not content.strip():
        return pd.DataFrame()
    found = json.loads(content.decode("utf-8-sig"))
    if isinstance(found, dict):
        listed = (found[key] for key in _LISTS if isinstance(found.get(key), list))
        found = next(listed, found)
    if isinstance(found, list):
        return _from_records(found)
    if not isinstance(found, dict):
        msg = "it holds neither a list of rows nor an object"
        raise FormatError(msg)
    values = list(found.values())
    if values and all(isinstance(value, dict) for value in values):
        return pd.DataFrame(found)
    if values and all(isinstance(value, list) for value in values):
        return pd.DataFrame({name: _column(cells) for name, cells in found.items()})
    return _from_records([found])


def _from_records(records: list[Any]) -> pd.DataFrame:
    if not all(isinstance(record, dict) for record in records):
        msg = "each row must be an object {column: value}"
        raise FormatError(msg)
    names = dict.fromkeys(name for record in records for name in record)
    return pd.DataFrame(
        {name: _column([record.get(name) for record in records]) for name in names}
    )


def _column(values: list[Any], index: pd.Index | None = None) -> pd.Series:
    """Return a column; whole numbers with blanks stay exact."""
    whole = [value for value in values if type(value) is int]
    blanks = sum(value is None for value in values)
    if not whole or not blanks or len(whole) + blanks < len(values):
        return pd.Series(values, index=index)
    if min(whole) >= -(2**63) and max(whole) < 2**63:
        return pd.Series(values, index=index, dtype="Int64")
    fits = min(whole) >= 0 and max(whole) < 2**64
    return pd.Series(values, index=index, dtype="UInt64" if fits else object)


_READERS: Mapping[str, Callable[[bytes], pd.DataFrame]] = {
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".json": _read_json,
}
