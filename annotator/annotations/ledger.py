"""The ledger: the annotations that stand after a run of events, by id and clip."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotator.annotations.events import Event, Row

__all__ = ["Ledger", "ReviewedClips", "uncollected"]


@contextmanager
def uncollected() -> Iterator[None]:
    """Make very many rows in half the time: none of them is garbage yet.

    Python looks for garbage each time that some thousand objects were made.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Ledger:
    """Fold of events: `set` upserts rows by annotation_id, `delete` removes them.

    Rows are in the order in which they were first set and are never changed
    in place, so that a list of them is a snapshot.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.rows: dict[str, Row] = {}
        self.clips: dict[str, dict[str, None]] = {}
        self.last_event: str | None = None
        self._clip_of: dict[str, str] = {}
        for event in events:
            self.apply(event)

    def clear(self) -> None:
        """Forget everything."""
        self.rows.clear()
        self.clips.clear()
        self._clip_of.clear()
        self.last_event = None

    def apply(self, event: Event) -> None:
        """Let one more event happen."""
        for row in event.rows:
            key = str(row["annotation_id"])
            if event.kind == "delete":
                self.rows.pop(key, None)
            self._leave_clip(key)
            if event.kind == "set":
                self.rows[key] = row
                self._clip_of[key] = event.clip
                self.clips.setdefault(event.clip, {})[key] = None
        self.last_event = event.id

    def _leave_clip(self, key: str) -> None:
        clip = self._clip_of.pop(key, None)
        if clip is None:
            return
        del self.clips[clip][key]
        if not self.clips[clip]:
            del self.clips[clip]

    def clip_of(self, key: str) -> str | None:
        """Give the clip of an annotation; None if there is no such annotation."""
        return self._clip_of.get(key)

    def of_clip(self, clip: str) -> list[Row]:
        """Give the rows of a clip, oldest first."""
        return [self.rows[key] for key in self.clips.get(clip, ())]


class ReviewedClips(Set[str]):
    """The clips that have an annotation: a live view of a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @classmethod
    def _from_iterable(cls, it: Iterable[str]) -> frozenset[str]:  # type: ignore[override]
        return frozenset(it)

    def __contains__(self, clip: object) -> bool:
        return clip != "" and clip in self._ledger.clips

    def __len__(self) -> int:
        return len(self._ledger.clips) - ("" in self._ledger.clips)

    def __iter__(self) -> Iterator[str]:
        # list() of a dict is atomic: other threads may submit meanwhile.
        return (clip for clip in list(self._ledger.clips) if clip)

    def __repr__(self) -> str:
        return f"<{len(self)} reviewed clips>"
