"""What makes a clip itself, so that a review finds its clip again.

With an index column, a clip is called by its value there. Without one, its name
is a hash of its recording (as the table writes it) and its times; rows that share
those (two species in one window) are told apart by their other columns, and rows
equal in everything by their number among equals. Nothing in it depends on the
machine, on the rows' order, or on rows about other times.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["as_python", "clip_hash", "identity", "is_missing", "numbered", "texts"]

_DECIMAL_OF_WHOLE = re.compile(r"(-?\d+)\.0+")


def is_missing(value: object) -> bool:
    """Whether a cell is blank: None, NaN, NaT, NA or empty text."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, (float, np.floating)):
        return math.isnan(value)
    return isinstance(value, np.datetime64 | np.timedelta64) and bool(np.isnat(value))


def as_python(value: object) -> object:
    """Return a cell as a plain Python object, None for a blank one."""
    if isinstance(value, str):
        return value
    if is_missing(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def identity(value: object) -> str:
    """Text by which an index value is recognised, however a file wrote it.

    It is the rule of `annotator.annotations.events.identity`, which lies beside
    this package and not beneath it; a test keeps the two equal.

    >>> identity(12), identity(12.0), identity("12.0"), identity("012")
    ('12', '12', '12', '012')
    """
    if isinstance(value, str):
        text = value
    elif is_missing(value):
        return ""
    elif isinstance(value, float | np.floating):
        number = float(value)
        whole = math.isfinite(number) and number.is_integer()
        return str(int(number)) if whole else repr(number)
    elif isinstance(value, dt.date | dt.time):
        return value.isoformat()
    else:
        text = str(value)
    found = _DECIMAL_OF_WHOLE.fullmatch(text)
    return found[1] if found else text


def texts(values: pd.Series) -> list[str]:
    """Return the identity of every cell of a column."""
    cells = values.tolist()
    if pd.api.types.is_integer_dtype(values.dtype) and not values.hasnans:
        return [str(cell) for cell in cells]
    if values.dtype == np.float64:
        return [repr(x) if x % 1 and x == x else identity(x) for x in cells]
    # Columns of text repeat themselves: each cell is looked at once.
    known: dict[object, str] = {}
    for cell in cells:
        if isinstance(cell, str) and cell not in known:
            known[cell] = identity(cell)
    return [known[c] if isinstance(c, str) else identity(c) for c in cells]


def clip_hash(recording: str, start_time: float, end_time: float, *rest: str) -> str:
    """Sixteen hexadecimal digits for a clip without an index value.

    Parameters
    ----------
    recording
        As the table writes it, not resolved to a place on this machine.
    start_time, end_time
        Seconds; NaN where the table has none.
    rest
        What else is needed to tell the clip from others with those times.
    """
    # Adding 0.0 makes -0.0 and 0.0 the same time.
    parts = [recording, repr(float(start_time) + 0.0), repr(float(end_time) + 0.0)]
    text = "\x1f".join([*parts, *rest])
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def numbered(names: Iterable[str]) -> Iterator[str]:
    """Yield the names, those that came before renamed by their count."""
    seen: dict[str, int] = {}
    for name in names:
        count = seen.get(name, 0)
        seen[name] = count + 1
        yield clip_hash(name, 0, 0, f"again {count}") if count else name
