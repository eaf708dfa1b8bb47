"""The cursor: how much of an output's event log a hub has, kept beside the output.

`reviews.csv.hub.json` holds, for each hub's address, project's uid and author, the last
event that was dealt with, and the events that the hub does not take, with the reason.
Without the file everything is sent again, which does no harm: the hub knows the events.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from annotator.annotations.log import EventLog
from annotator.audio.atomic import atomic_file
from annotator.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Cursor", "CursorFile", "Key"]

logger = logging.getLogger(__name__)

Key = tuple[str, str, str]
"""Of a cursor: the hub's address, the project's uid, the author."""


@dataclass(frozen=True)
class Cursor:
    """How far one author's events are with one project.

    Attributes
    ----------
    last
        Id of the last event that was sent or set aside; "" if there was none.
    end
        Bytes of the log up to that event's end: where to look for it first.
    sent
        Number of events that the hub took.
    aside
        Why the hub does not take an event, by its id.
    """

    last: str = ""
    end: int = 0
    sent: int = 0
    aside: dict[str, str] = field(default_factory=dict)


class CursorFile:
    """The cursors of one output."""

    def __init__(self, output: Path) -> None:
        self.path = output.with_name(output.name + ".hub.json")
        self._log = EventLog(output)
        self._warned = False

    def read(self, key: Key) -> Cursor:
        """Give a cursor; one at the log's start if there is none that can be read."""
        found: Any = self._read_all()
        for name in key:
            found = found.get(name) if isinstance(found, dict) else None
        return _cursor(found) if isinstance(found, dict) else Cursor()

    def write(self, key: Key, cursor: Cursor, base: Cursor) -> Cursor:
        """Keep a cursor; give what is kept now.

        A disk that is full or may not be written costs nothing but sending again.

        Parameters
        ----------
        key
            Whose it is.
        cursor
            How far this process came.
        base
            What it set out from. If another one is kept now, another program sends the
            same events: the further place stands, and what either set aside.
        """
        try:
            with self._log.locked():
                kept = self.read(key)
                if kept != base:
                    cursor = _both(cursor, kept)
                if cursor != kept:
                    self._replace(key, cursor)
        except (OSError, StorageError) as err:
            if not self._warned:
                logger.warning(
                    "%s cannot be written (%s); the next login sends its events again.",
                    self.path,
                    type(err).__name__,
                )
            self._warned = True
        return cursor

    def _replace(self, key: Key, cursor: Cursor) -> None:
        every = self._read_all()
        place = every
        for name in key[:-1]:
            if not isinstance(place.get(name), dict):
                place[name] = {}
            place = place[name]
        place[key[-1]] = asdict(cursor)
        text = json.dumps(every, ensure_ascii=False, indent=1)
        with atomic_file(self.path) as file:
            file.write(text.encode("utf-8", "replace"))

    def _read_all(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _cursor(found: dict[str, Any]) -> Cursor:
    last, aside = found.get("last"), found.get("aside")
    numbers = [found.get(name) for name in ("end", "sent")]
    end, sent = [n if type(n) is int and n >= 0 else 0 for n in numbers]
    return Cursor(
        last if isinstance(last, str) else "",
        end,
        sent,
        {str(key): str(why) for key, why in aside.items()}
        if isinstance(aside, dict)
        else {},
    )


def _both(one: Cursor, other: Cursor) -> Cursor:
    further = max(one, other, key=lambda cursor: cursor.end)
    return replace(further, aside={**one.aside, **other.aside})
