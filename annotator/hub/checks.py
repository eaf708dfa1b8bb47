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
    "is_uuid",
    "name_key",
]

DEEPEST = 12
"""How deep lists and objects may lie in each other."""

_UNWANTED = {"Cc", "Cs", "Zl", "Zp"}  # control, NUL among them; lone surrogates; breaks
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_JOINERS = "\u200c\u200d"  # some scripts, and some emoji, are written with them
_LARGEST = 2**63  # what other programs hold in a whole number
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_ROWS = 2_000
_LONGEST_TEXT = 200_000  # characters of a cell
_KINDS = ("set", "delete", "skip")
_LONGEST = {
    "clip": 255,
    "annotator": 80,
    "created_at": 40,  # a row that somebody else's program wrote may have any
    "app_version": 40,
    "config": 80,
}
_KEYS = {"id", "kind", "rows", "look", *_LONGEST}


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


def is_uuid(value: object) -> bool:
    """Tell whether it is a UUID as we write them: in lower case, with hyphens."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def clean_name(name: object, longest: int, what: str = "The name") -> str:
    """Return a name without blanks around it, composed (NFC).

    Raises
    ------
    Refused
        It is empty, too long, or has characters in it that control or cannot be seen.
    """
    text = unicodedata.normalize("NFC", name).strip() if isinstance(name, str) else ""
    if not is_line(text, longest) or _hides(text):
        msg = (
            f"{what} is a text of 1 to {longest} characters in one line, "
            "all of which can be seen."
        )
        raise Refused((None, msg))
    return text


def _hides(name: str) -> bool:
    """Tell whether a name could pass for another one, or for none."""
    kinds = [unicodedata.category(c) for c in name if c not in _JOINERS]
    return "Cf" in kinds or not any(kind[0] in "LNPS" for kind in kinds)


def name_key(name: object, longest: int) -> str:
    """Return what two names have in common that are one without regard to case.

    It is as long as a column for it; "" for what is no name.
    """
    if not is_text(name, 2 * longest):
        return ""
    return unicodedata.normalize("NFC", str(name)).strip().casefold()[:longest]


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
    if not is_uuid(event.get("id")):
        return "The id of an event is a UUID in lower case."
    if event.get("kind") not in _KINDS:
        return f"The kind of an event is one of {', '.join(_KINDS)}."
    if not event.get("created_at"):
        return "created_at is missing: the time of the event, ISO 8601."
    for name, longest in _LONGEST.items():
        if event.get(name, "") != "" and not is_line(event[name], longest):
            return f"{name} is a text of at most {longest} characters in one line."
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
    if not all(name == "" or is_line(name, 200) for row in rows for name in row):
        return "A column's name is a text of at most 200 characters in one line."
    ids = [row.get("annotation_id") for row in rows]
    if not all(is_line(one, 80) for one in ids):
        return "Each row has its annotation_id, a text of 1 to 80 characters."
    if _has_twice(ids):
        return "No two rows of an event have the same annotation_id."
    return None


def _has_twice(ids: Iterable[object]) -> bool:
    listed = list(ids)
    return len(set(listed)) < len(listed)
