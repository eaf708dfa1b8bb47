"""From a table as somebody made it to one with `start_time` and `end_time`.

A clip is the half-open span [start_time, end_time) of its recording, in seconds.
"""

from __future__ import annotations

import difflib
import logging
from typing import TYPE_CHECKING

import pandas as pd

from annotator.errors import DataError, UnknownColumn

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["check_column", "seconds", "with_times"]

_logger = logging.getLogger(__name__)

_STARTS = (
    *("start (s)", "begin time (s)", "start", "begin", "onset", "begin_time"),
    *("start_s", "start_sec", "start_seconds", "start time", "min_t"),
)
_ENDS = (
    *("end (s)", "end time (s)", "end", "stop", "offset", "stop_time"),
    *("end_s", "end_sec", "end_seconds", "end time", "max_t"),
)
_MOST_LISTED = 30


def check_column(column: str, columns: Iterable[object], *, what: str) -> None:
    """Raise unless a column is there.

    Parameters
    ----------
    column
        The name looked for.
    columns
        The names that there are.
    what
        Who asks for it, as the message's subject, for example "data: start_time".

    Raises
    ------
    UnknownColumn
        With a suggestion where a name is near.
    """
    names = [str(name) for name in columns]
    if column in names:
        return
    by_case = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(column.casefold(), by_case, n=1, cutoff=0.6)
    hint = f" Did you mean {by_case[near[0]]!r}?" if near else ""
    msg = (
        f"{what} names column {column!r}, which is not in the table.{hint}\n"
        f"The table has: {_listed(names)}."
    )
    raise UnknownColumn(msg)


def seconds(values: pd.Series) -> pd.Series:
    """Return a column as float64 seconds, NaN for what is no number."""
    numbers = pd.to_numeric(values, errors="coerce")
    return numbers.astype("float64")


def with_times(
    frame: pd.DataFrame,
    *,
    start_time: str | None = None,
    end_time: str | None = None,
    duration: str | float | None = None,
) -> pd.DataFrame:
    """Return the table with columns `start_time` and `end_time`, in seconds.

    Parameters
    ----------
    frame
        The table; it is not changed.
    start_time, end_time
        Columns to rename. None or empty: the table has them under these names.
    duration
        Column with each clip's length, or one length for all, in seconds. It
        decides the end, also where there is an `end_time`.

    Raises
    ------
    DataError
        The times are not there; the message lists the columns and how to map them.
    """
    if not len(frame.columns):
        return pd.DataFrame({"start_time": [], "end_time": []}, dtype="float64")
    if duration is not None and duration != "":
        end_time = None
    names = {"start_time": start_time, "end_time": end_time}
    given = {old: new for new, old in names.items() if old and old != new}
    for source, target in given.items():
        check_column(source, frame.columns, what=f"data: {target}")
    frame = _renamed(frame, given)
    if "start_time" not in frame.columns:
        raise DataError(_how_to_map(list(frame.columns)))
    if duration is not None and duration != "":
        return frame.assign(end_time=_ends(frame, duration))
    if "end_time" not in frame.columns:
        raise DataError(_how_to_map(list(frame.columns)))
    return frame


def _renamed(frame: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Rename columns; another column of the new name makes place."""
    new = dict(names)
    for old, name in names.items():
        if name in frame.columns and name not in new:
            new[name] = f"{name}_original"
            _logger.info("%r is now %r: %r takes its name", name, new[name], old)
    return frame.rename(columns=new)


def _ends(frame: pd.DataFrame, duration: str | float) -> pd.Series:
    starts = seconds(frame["start_time"])
    try:
        return starts + float(duration)
    except ValueError:
        column = str(duration)
    if column in ("start_time", "end_time") or column in frame.columns:
        return starts + seconds(frame[column])
    check_column(column, frame.columns, what="data: duration")
    raise AssertionError  # pragma: no cover


def _how_to_map(columns: list[str]) -> str:
    start = _known(columns, ("start_time", *_STARTS))
    end = _known(columns, ("end_time", *_ENDS))
    length = _known(columns, ("duration", "duration (s)", "length", "delta time (s)"))
    missing = "start_time" if "start_time" not in columns else "end_time"
    ends_by = f"end_time: {end!r}" if end or not length else f"duration: {length!r}"
    if start and (end or length):
        advice = f"Here it may be: data: {{start_time: {start!r}, {ends_by}}}."
    else:
        advice = (
            "Say which columns hold the times: data: {start_time: '...', "
            "end_time: '...'}, or duration: 3 in place of end_time."
        )
    return (
        f"The table has no column {missing!r}. {advice}\n"
        f"The table has: {_listed(columns)}."
    )


def _known(columns: Iterable[str], names: Iterable[str]) -> str | None:
    by_case = {column.strip().casefold(): column for column in columns}
    return next((by_case[name] for name in names if name in by_case), None)


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_LISTED
    text = ", ".join(repr(name) for name in names[:_MOST_LISTED])
    return f"{text} and {more} more" if more > 0 else text or "no columns"
