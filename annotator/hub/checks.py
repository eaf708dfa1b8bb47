"""Border checks of what comes from outside: names, JSON values, events.

One number that no program can hold, or one text that is no Unicode, would make every
later snapshot fail. It is refused at the border, with a sentence that does not repeat it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from annotator.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "DEEPEST",
    "check_events",
    "clean_name",
    "event_problem",
    "is_cell",
    "is_line",
    "is_text",
]

DEEPEST = 12
"""How deep lists and objects may lie in each other."""

_UNWANTED = {"Cc", "Cs", "Zl", "Zp"}  # control, NUL among them; lone surrogates; breaks
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_LARGEST = 2**63  # what other programs hold in a whole number
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ][0-9:.,]{5,20}(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_MOST_ROWS = 2_000
_LONGEST_TEXT = 200_000  # characters of a cell
_KINDS = ("set", "delete", "skip")
_LONGEST = {"clip": 255, "annotator": 80, "app_version": 40, "config": 80}
_KEYS = {"id", "kind", "rows", "created_at", "look", *_LONGEST}


def is_text(value: object, longest: int) -> bool:
    """Tell whether it is a text of valid Unicode without NUL, empty or not too long."""
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_line(value: object, longest: int) -> bool:
    """Tell whether it is a text of one line, not empty, with nothing that hides."""
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        return False
    if value.isascii():
        return value.isprintable()
    return not any(
        unicodedata.category(c) in _UNWANTED or unicodedata.bidirectional(c) in _TURNING
        for c in value
    )


def clean_name(name: object, longest: int, what: str = "The name") -> str:
    """Return a name without blanks around it, composed (NFC).

    Raises
    ------
    Refused
        It is empty, too long, or has control characters in it.
    """
    text = unicodedata.normalize("NFC", name).strip() if isinstance(name, str) else ""
    if not is_line(text, longest):
        msg = f"{what} is a text of 1 to {longest} characters in one line."
        raise Refused((None, msg))
    return text


def is_cell(value: object, depth: int = DEEPEST) -> bool:
    """Tell whether it is what JSON holds, and every program can read again."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        return is_text(value, _LONGEST_TEXT)
    if isinstance(value, int):
        return -_LARGEST <= value < _LARGEST
    if isinstance(value, float):
        return math.isfinite(value)
    if depth == 0:
        return False
    if isinstance(value, list):
        return all(is_cell(item, depth - 1) for item in value)
    if isinstance(value, dict):
        return all(
            isinstance(name, str) and is_text(name, 200) and is_cell(item, depth - 1)
            for name, item in value.items()
        )
    return False


def check_events(events: Sequence[Any]) -> None:
    """Raise `Refused` if one of them cannot be taken; it tells which, and why."""
    problems = [
        (index, reason)
        for index, reason in enumerate(map(event_problem, events))
        if reason is not None
    ]
    if problems:
        raise Refused(*problems)


def event_problem(event: object) -> str | None:
    """Return why something is no event that can be kept; None if it is one.

    An event is what `annotator.annotations.events.Event.to_json` writes.
    """
    if not isinstance(event, dict) or not _KEYS.issuperset(event):
        return f"An event is an object with the keys {', '.join(sorted(_KEYS))}."
    if not _is_match(_UUID, event.get("id")):
        return "The id of an event is a UUID in lower case."
    if event.get("kind") not in _KINDS:
        return f"The kind of an event is one of {', '.join(_KINDS)}."
    if not _is_match(_TIME, event.get("created_at")):
        return "created_at is a time, ISO 8601."
    for name, longest in _LONGEST.items():
        if not is_text(event.get(name, ""), longest):
            return f"{name} is a text of at most {longest} characters."
    if not isinstance(event.get("look", {}), dict) or not is_cell(event.get("look")):
        return "look is an object of finite numbers and valid texts."
    return _rows_problem(event.get("rows"))


def _rows_problem(rows: object) -> str | None:
    if not isinstance(rows, list) or len(rows) > _MOST_ROWS:
        return f"rows is a list of at most {_MOST_ROWS} objects."
    if not all(isinstance(row, dict) and is_cell(row) for row in rows):
        return (
            "A row is an object of finite numbers of 64 bits, texts of valid Unicode "
            f"without NUL, lists and objects, {DEEPEST} deep at most."
        )
    ids = [row.get("annotation_id") for row in rows]
    if not all(is_line(one, 80) for one in ids):
        return "Each row has its annotation_id, a text of 1 to 80 characters."
    if _has_twice(ids):
        return "No two rows of an event have the same annotation_id."
    return None


def _is_match(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _has_twice(ids: Iterable[object]) -> bool:
    listed = list(ids)
    return len(set(listed)) < len(listed)
