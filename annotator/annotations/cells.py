"""Values in the cells of an output row: what is kept, and how it reads as text.

A *cell* is None, a bool, an int, a float, a str, or a list or dict of these:
what JSON can hold. Two cells are the same when their texts are the same,
because a CSV file keeps nothing but text.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["clean", "clean_row", "digest", "dumps", "row_hash", "row_key", "to_text"]

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_WHOLE = re.compile(r"^(-?\d{1,16})\.0$", re.ASCII)
_MISSING = {"NAType", "NaTType"}  # pandas', told by name: pandas loads slowly


def clean(value: object) -> Any:
    """Turn any value into a cell; NaN, NaT and NA become None."""
    if value is None or value is True or value is False or type(value) is int:
        return value
    if isinstance(value, str):
        return _valid_text(value)
    if isinstance(value, np.generic):
        return _clean_numpy(value)
    if type(value).__name__ in _MISSING:
        return None
    if isinstance(value, float):
        return _clean_float(float(value))
    if isinstance(value, int):
        return int(value)
    return _clean_other(value)


def _valid_text(value: str) -> str:
    """Replace lone surrogates, which no UTF-8 file can hold."""
    if value.isascii():
        return str(value)
    try:
        value.encode()
    except UnicodeEncodeError:
        wide = value.encode("utf-16-le", "surrogatepass")
        return wide.decode("utf-16-le", "replace")
    return str(value)


def _clean_float(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    # JSON has no infinity; pandas reads the word as the number.
    return str(value) if math.isinf(value) else value


def _clean_numpy(value: np.generic) -> Any:
    if isinstance(value, np.datetime64 | np.timedelta64):
        return None if np.isnat(value) else str(value)
    if isinstance(value, np.floating):
        return _clean_float(float(value))
    if isinstance(value, np.bool_ | np.integer):
        return value.item()
    return _valid_text(str(value))


def _clean_other(value: object) -> Any:
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Mapping):
        return {_valid_text(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return clean(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(item) for item in value]
    return _valid_text(str(value))


def clean_row(row: Mapping[Any, object]) -> dict[str, Any]:
    """Copy a row with names as text and values as cells."""
    return {_valid_text(str(name)): clean(value) for name, value in row.items()}


def dumps(value: object) -> str:
    """Write a cell, or a row of cells, as compact JSON."""
    return _ENCODER.encode(value)


def to_text(cell: Any) -> str:
    """Give the text of a cell as a CSV file holds it; None is empty."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        return repr(cell)
    if isinstance(cell, list | dict):
        return dumps(cell)
    return str(cell)  # int in full, bool as True or False


def row_key(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Give what tells a row from others: its filled cells as text, by name.

    Empty cells are left out, so that a row stays the same when its table
    gains a column.
    """
    pairs = []
    for name, cell in row.items():
        text = cell if type(cell) is str else to_text(cell)
        if text.endswith(".0"):
            # Parquet makes 12 and 12.5 one column of floats: 12.0 is 12 again.
            text = _WHOLE.sub(r"\1", text)
        if text:
            pairs.append((name, text))
    return tuple(sorted(pairs))


def row_hash(row: Mapping[str, Any]) -> str:
    """Give 16 hex digits that tell a row from others."""
    return digest(json.dumps(row_key(row)).encode())


def digest(data: bytes) -> str:
    """Give 16 hex digits that tell bytes from others."""
    return hashlib.blake2b(data, digest_size=8).hexdigest()
