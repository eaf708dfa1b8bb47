"""The event: one thing a person did to the annotations of one clip.

*Identity* of a clip: the text by which its annotations find it again.
*Provenance*: the columns that say which annotation a row is, who made it,
when, and with which version of the app.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeGuard, get_args

from annotator.annotations.cells import clean, clean_row, dumps, to_text
from annotator.annotations.partitions import mark_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "PROVENANCE",
    "Author",
    "Event",
    "Kind",
    "Row",
    "identity",
    "new_id",
    "time_order",
    "timestamp",
]

PROVENANCE = ("annotation_id", "annotator", "created_at", "app_version")
"""Columns that every row in the log has, and every output unless switched off."""

Kind = Literal["set", "delete", "skip"]
Row = dict[str, Any]

_KINDS = frozenset(get_args(Kind))
_TEXTS = ("clip", "annotator", "created_at", "app_version", "config")
_DECIMAL_OF_WHOLE = re.compile(r"(-?\d+)\.0+")


@dataclass(frozen=True)
class Event:
    """One line of the log.

    Attributes
    ----------
    id
        UUIDv7: sorts by time.
    clip
        Identity of the clip; "" if it belongs to no clip that we know.
    annotator
        Who did it; "" if unknown.
    kind
        `set` adds its rows, or replaces those with the same annotation_id;
        `delete` removes its rows; `skip` says that the clip was passed over
        (a `delete` without rows takes a skip back).
    rows
        Output rows, each with its provenance.
    created_at
        UTC, ISO 8601.
    app_version, config
        Version of the app, and hash of the configuration, that were in use.
    look
        How the sound was looked at: settings by name. In the log only; older lines
        have none.
    """

    id: str
    clip: str
    annotator: str
    kind: Kind
    rows: Sequence[Row]
    created_at: str
    app_version: str = ""
    config: str = ""
    look: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def ids(self) -> list[str]:
        """Ids of the annotations that the event touches."""
        return [str(row["annotation_id"]) for row in self.rows]

    def to_json(self) -> str:
        """Write the event as one line of JSON, without the line's end."""
        line = {**self.__dict__, "rows": list(self.rows)}
        if not self.look:
            del line["look"]
        return dumps(line)

    @classmethod
    def from_json(cls, line: str | bytes) -> Event:
        """Read one line of the log.

        Raises
        ------
        ValueError
            The line is no event.
        """
        found = json.loads(line.decode() if isinstance(line, bytes) else line)
        if not isinstance(found, dict) or not isinstance(found.get("id"), str):
            msg = "not an event"
            raise ValueError(msg)
        rows = found.get("rows")
        if not _are_rows(rows) or found.get("kind") not in _KINDS:
            msg = "an event of an unknown kind, or with broken rows"
            raise ValueError(msg)
        clip, who, when, version, config = [str(found.get(n, "")) for n in _TEXTS]
        look = found.get("look")
        return cls(
            id=found["id"],
            clip=clip,
            annotator=who,
            kind=found["kind"],
            rows=rows,
            created_at=when,
            app_version=version,
            config=config,
            look=look if isinstance(look, dict) else {},
        )


def _are_rows(found: object) -> TypeGuard[list[Row]]:
    if not isinstance(found, list):
        return False
    for row in found:  # a log has very many
        if not isinstance(row, dict) or not isinstance(row.get("annotation_id"), str):
            return False
    return True


@dataclass(frozen=True)
class Author:
    """Who makes events here, with what: name, app version, hash of the config."""

    annotator: str
    app_version: str = ""
    config: str = ""

    def stamp(self, row: Mapping[str, object], *, created_at: str | None = None) -> Row:
        """Copy a row as cells, and fill in the provenance that it lacks."""
        stamped = clean_row(row)
        if stamped.get("annotation_id") in (None, ""):
            stamped["annotation_id"] = new_id(self.annotator)
        own = (self.annotator, created_at or timestamp(), self.app_version)
        for name, value in zip(PROVENANCE[1:], own, strict=True):
            if stamped.get(name) in (None, ""):
                stamped[name] = value
        stamped["annotation_id"] = to_text(stamped["annotation_id"])
        return stamped

    def event(
        self,
        kind: Kind,
        clip: str,
        rows: Sequence[Row],
        created_at: str | None = None,
        *,
        look: Mapping[str, Any] | None = None,
    ) -> Event:
        """Make an event of stamped rows, happening now unless said otherwise."""
        return Event(
            id=new_id(),
            clip=clip,
            annotator=self.annotator,
            kind=kind,
            rows=rows,
            created_at=created_at or timestamp(),
            app_version=self.app_version,
            config=self.config,
            look=dict(look or {}),
        )


_id_lock = threading.Lock()
_last_id = [0]


def new_id(annotator: str = "") -> str:
    """Make a UUIDv7: milliseconds, who, 62 random bits; rising in a process.

    The 12 bits of who say in which file of a folder the annotation stands.
    """
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(8), "big")
    value |= 7 << 76 | mark_of(annotator) << 64  # version, who
    value = value & ~(0x3 << 62) | 2 << 62  # variant
    with _id_lock:
        # Within a millisecond, or after the clock went back: count on instead.
        value = max(value, _last_id[0] + 1)
        _last_id[0] = value
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def timestamp(seconds: float | None = None) -> str:
    """Write a time (seconds since 1970; None: now) as UTC, ISO 8601, sortable."""
    moment = dt.datetime.fromtimestamp(
        time.time() if seconds is None else seconds, tz=dt.UTC
    )
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def time_order(created_at: object) -> tuple[float, str]:
    """Give what orders `created_at` cells by time; what is no time comes first."""
    text = to_text(clean(created_at))
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return (-math.inf, text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    # The text would tell 10:00Z from 10:00+00:00, which are one moment.
    return (moment.timestamp(), "")


def identity(value: object) -> str:
    """Give a clip's identity as text: 12, 12.0 and "12" are one clip.

    Examples
    --------
    >>> identity(12.0), identity("12"), identity("012"), identity(None)
    ('12', '12', '012', '')
    """
    if isinstance(value, str) and value.isascii() and "." not in value:
        return str(value)
    cell = clean(value)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = to_text(cell)
    # A table that pandas wrote with a missing id has "12.0" for 12.
    whole = _DECIMAL_OF_WHOLE.fullmatch(text)
    return whole[1] if whole else text
