"""Border check of clips that are sent to be added to a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from annotator.annotations.cells import dumps
from annotator.errors import Refused
from annotator.hub.checks import DEEPEST, is_cell, is_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["checked", "is_identity"]

_LONGEST_IDENTITY = 255
_LONGEST_RECORDING = 2_000
_MOST_PROBLEMS = 100
_KEYS = frozenset({"identity", "recording", "start_time", "end_time", "row"})


def checked(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Check clips, and make them what the database keeps.

    Parameters
    ----------
    rows
        Each with the keys identity, recording, start_time, end_time (seconds) and, if
        there is more to say of it, row.

    Returns
    -------
    list of dict
        The same, with times as floats and row as JSON.

    Raises
    ------
    Refused
        With the first 100 problems. None repeats what was sent.
    """
    problems = []
    found = []
    for index, row in enumerate(rows):
        reason = _problem(row)
        if reason is not None:
            problems.append((index, reason))
            if len(problems) == _MOST_PROBLEMS:
                break
        elif not problems:
            found.append(
                {
                    "identity": row["identity"],
                    "recording": row["recording"],
                    "start_time": float(row["start_time"]),
                    "end_time": float(row["end_time"]),
                    "row": dumps(row.get("row", {})),
                }
            )
    if problems:
        raise Refused(*problems)
    return found


def is_identity(value: object) -> bool:
    """Tell whether a clip may have this identity; no clip has another."""
    return is_line(value, _LONGEST_IDENTITY)


def _problem(row: object) -> str | None:
    if not isinstance(row, dict) or not _KEYS.issuperset(row):
        return f"A clip is an object with the keys {', '.join(sorted(_KEYS))}."
    if not is_identity(row.get("identity")):
        return (
            f"The identity is a text of 1 to {_LONGEST_IDENTITY} characters "
            "without control characters."
        )
    if not is_line(row.get("recording"), _LONGEST_RECORDING):
        return (
            f"The recording is a text of 1 to {_LONGEST_RECORDING} characters "
            "without control characters."
        )
    start, end = row.get("start_time"), row.get("end_time")
    if not (_is_number(start) and _is_number(end) and float(start) < float(end)):
        return "start_time and end_time are finite numbers, the start before the end."
    cells = row.get("row", {})
    if not isinstance(cells, dict) or not is_cell(cells):
        return (
            "row is an object of finite numbers of 64 bits, texts of valid Unicode "
            f"without NUL, lists and objects, {DEEPEST} deep at most."
        )
    return None


def _is_number(value: object) -> TypeGuard[float]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and is_cell(value)
