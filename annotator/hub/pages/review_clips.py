"""The table of a review in the browser: a project's clips, or those in dispute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from annotator.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from annotator.hub.permissions import Caller
    from annotator.hub.store.clips import ClipInfo
    from annotator.hub.store.disagreements import Disagreement
    from annotator.hub.store.hub_store import HubStore

__all__ = ["LABELS", "disputed_clips", "frame_of"]

LABELS = "labels"
"""Column with what the annotators said, where clips are adjudicated."""

_AT_ONCE = 10_000  # clips
_MOST = 300_000
"""Clips that a page opens; a notebook opens more."""


def frame_of(store: HubStore, caller: Caller, uid: str) -> pd.DataFrame:
    """Return a project's clips, one row each.

    Returns
    -------
    DataFrame
        The columns of their tables, and `clip_id`, `recording`, `start_time`,
        `end_time` (s).

    Raises
    ------
    DataError
        They are too many for a page.
    """
    return _frame(_all(store, caller, uid))


def disputed_clips(
    store: HubStore, caller: Caller, uid: str, disputed: Sequence[Disagreement]
) -> pd.DataFrame:
    """Return the clips in dispute, with a column that tells what each annotator said."""
    said = {one.clip: _said(one) for one in disputed}
    frame = _frame(clip for clip in _all(store, caller, uid) if clip.identity in said)
    if len(frame):
        frame.insert(
            0,
            LABELS,
            [said[clip] for clip in frame["clip_id"]],
        )
    return frame


def _said(one: Disagreement) -> str:
    parts = [f"{who}: {label}" for who, label in one.labels.items()]
    if one.decision is not None:
        parts.append(f"decided by {one.decision.by}: {one.decided}")
    return " · ".join(parts)


def _all(store: HubStore, caller: Caller, uid: str) -> Iterable[ClipInfo]:
    if store.clips.n(caller, uid) > _MOST:
        msg = (
            f"The project has more than {_MOST:,} clips, too many for a page; review "
            "them in a notebook."
        )
        raise DataError(msg)
    after = 0
    while True:
        some = store.clips.list(caller, uid, after=after, limit=_AT_ONCE)
        yield from some
        if len(some) < _AT_ONCE:
            return
        after = some[-1].id


def _frame(clips: Iterable[ClipInfo]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            **clip.row,
            "clip_id": clip.identity,
            "recording": clip.recording,
            "start_time": clip.start_time,
            "end_time": clip.end_time,
        }
        for clip in clips
    ]
    return pd.DataFrame(rows)
