"""A form and a store in memory, which follow the seams and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from annotator.annotations.events import Event, new_id
from annotator.config.audio import AudioConfig
from annotator.errors import AlreadyReviewed
from annotator.review.session import ReviewSession
from annotator.sources.clips import ClipTable
from annotator.sources.recordings import Recordings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class OneQuestion:
    """A form with the required answer `valid` and the number `score` of 0 to 10."""

    columns = ("valid", "score")

    def missing(self, values: Mapping[str, Any]) -> list[str]:
        return [] if values.get("valid") else ["Valid"]

    def check(self, values: Mapping[str, Any]) -> list[str]:
        score = values.get("score", 0)
        return [] if 0 <= score <= 10 else [f"score {score} is not within 0 to 10."]

    def initial(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def annotation(self, values: Mapping[str, Any]) -> None:
        return None

    def check_regions(
        self, values: Mapping[str, Any], regions: Sequence[Any]
    ) -> list[str]:
        return []

    def to_row(
        self, values: Mapping[str, Any], row: Mapping[str, Any], region: Any = None
    ) -> dict[str, Any]:
        return {"species": row.get("species"), **values, **(region or {})}


class MemoryStore:
    """Annotations by clip; undo is a stack of the rows that were before."""

    index_column = "clip_id"

    def __init__(self, reviewed: Mapping[str, list] | None = None) -> None:
        self.clips: dict[str, list[dict[str, Any]]] = dict(reviewed or {})
        self.events: list[Event] = []
        self.others: dict[str, list[dict[str, Any]]] = {}
        self._before: list[tuple[str, list[dict[str, Any]]]] = []

    @property
    def reviewed(self) -> set[str]:
        return {clip for clip, rows in self.clips.items() if rows}

    def submit(
        self,
        clip: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        only_if_new: bool = False,
        look: Mapping[str, Any] | None = None,
    ) -> Event:
        if only_if_new and (clip in self.reviewed or clip in self.others):
            self.refresh()
            msg = "taken"
            raise AlreadyReviewed(msg)
        with_ids = [{**row, "annotation_id": new_id()} for row in rows]
        self._change(clip, [*self.clips.get(clip, []), *with_ids])
        return self._event(clip, "set", with_ids)

    def delete(self, clip: str) -> Event | None:
        rows = self.clips.get(clip, [])
        if not rows:
            return None
        self._change(clip, [])
        return self._event(clip, "delete", rows)

    def skip(self, clip: str) -> Event:
        self._change(clip, self.clips.get(clip, []))
        return self._event(clip, "skip", [])

    def undo(self) -> Event | None:
        if not self._before:
            return None
        clip, rows = self._before.pop()
        self.clips[clip] = rows
        return self._event(clip, "delete", [])

    def refresh(self) -> bool:
        news, self.others = self.others, {}
        self.clips.update(news)
        return bool(news)

    def rows_of(self, clip: str) -> list[dict[str, Any]]:
        return self.clips.get(clip, [])

    def _change(self, clip: str, rows: list[dict[str, Any]]) -> None:
        self._before.append((clip, self.clips.get(clip, [])))
        self.clips[clip] = rows

    def _event(self, clip: str, kind: Any, rows: list[dict[str, Any]]) -> Event:
        event = Event(new_id(), clip, "ann", kind, rows, "2026-05-01T10:00:00Z")
        self.events.append(event)
        return event


@pytest.fixture
def frame() -> pd.DataFrame:
    """Five clips of one recording, ten seconds apart."""
    return pd.DataFrame(
        {
            "id": [11, 12, 13, 14, 15],
            "species": ["wren", "Robin", "dunnock", None, "robin"],
            "confidence": [0.5, 0.9, float("nan"), 0.7, 0.9],
            "start_time": [0.0, 10.0, 20.0, 30.0, 40.0],
            "end_time": [3.0, 13.0, 23.0, 33.0, 43.0],
        }
    )


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def session(frame: pd.DataFrame, store: MemoryStore) -> Callable[..., ReviewSession]:
    """Start a review of the first rows of `frame`; keywords go to it."""

    def start(*, rows: int = 5, **params: Any) -> ReviewSession:
        recordings = Recordings(AudioConfig(path="soundscape.flac"))
        clips = ClipTable(frame.head(rows), recordings, index_column="id")
        form: Any = OneQuestion()
        kept: Any = store
        return ReviewSession(clips, form, kept, **params)

    return start
