"""What a store did, so that it can be taken back step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from annotator.annotations.events import Author, Event, Kind, Row

__all__ = ["UndoStack"]


@dataclass(frozen=True)
class _Done:
    kind: Kind
    clip: str
    before: Mapping[str, Row | None]  # by annotation_id; None: it was not there


class UndoStack:
    """The events of one store that were not taken back yet."""

    def __init__(self, author: Author) -> None:
        self._author = author
        self._done: list[_Done] = []

    def push(self, kind: Kind, clip: str, before: Mapping[str, Row | None]) -> None:
        """Remember an event, with the rows it touched as they were before."""
        self._done.append(_Done(kind, clip, before))

    def pop(self) -> None:
        """Forget the last event, which was taken back."""
        if self._done:
            self._done.pop()

    def events(self, rows: Mapping[str, Row]) -> list[Event]:
        """Make the events that take the last one back, given the rows that stand.

        Events that others have taken back meanwhile are passed over and
        forgotten. An empty list: nothing is left to take back.
        """
        while self._done:
            if found := self._reverse(self._done[-1], rows):
                return found
            self._done.pop()
        return []

    def _reverse(self, done: _Done, rows: Mapping[str, Row]) -> list[Event]:
        event = self._author.event
        if done.kind == "skip":
            return [event("delete", done.clip, [])]
        old = [row for row in done.before.values() if row is not None]
        new = [
            rows[key] for key, row in done.before.items() if row is None and key in rows
        ]
        events = [event("delete", done.clip, new)] if new else []
        return [*events, event("set", done.clip, old)] if old else events
