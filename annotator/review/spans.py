"""What is decoded for a clip: its span with the buffer, and its channel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

from annotator.errors import SegmentOutOfRange

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from annotator.audio.segment import RecordingInfo
    from annotator.sources.clips import Clip

__all__ = ["Reader", "channel_of", "oddities", "span_of"]

_SHORTEST = 0.1  # s shown where clip and buffer have no length
_TOO_LOUD = 2.0  # times full scale; less is common in what was compressed


class Reader(Protocol):
    """Where recordings are read; `annotator.audio.io` is one."""

    def read_segment(
        self,
        path: str | Path,
        start_sec: float,
        dur_sec: float,
        partial: bool = True,
        **auth: Any,
    ) -> tuple[NDArray[np.float32], int]:
        """Decode a span; float32 (frames, channels) and Hz."""

    def recording_info(self, path: str | Path, **auth: Any) -> RecordingInfo:
        """Tell how long a recording is, among others."""


def span_of(
    clip: Clip, buffer: float, duration: float
) -> tuple[float, float, tuple[str, ...]]:
    """Return what to decode of a recording of `duration` seconds, and notes."""
    if not math.isfinite(buffer) or buffer < 0:
        buffer = 0.0
    if clip.start_time >= duration or clip.end_time < 0:
        msg = (
            f"The clip from {clip.start_time:g} to {clip.end_time:g} s lies outside "
            f"of its recording, which is {duration:.2f} s long: {clip.recording}"
        )
        raise SegmentOutOfRange(msg)
    notes = []
    if clip.start_time < 0:
        notes.append(f"The clip starts {-clip.start_time:.2f} s before its recording.")
    # Half a millisecond: a table's rounding is no news.
    if clip.end_time > duration + 0.0005:
        missing = clip.end_time - duration
        notes.append(
            f"The recording ends at {duration:.2f} s: "
            f"the clip's last {missing:.2f} s are missing."
        )
    if clip.end_time - clip.start_time + 2 * buffer < _SHORTEST:
        buffer = _SHORTEST / 2
    start = max(0.0, clip.start_time - buffer)
    return start, min(duration, clip.end_time + buffer), tuple(notes)


def channel_of(
    samples: NDArray[np.float32], channel: int | None
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Return one channel, shape (frames,), or all, (frames, channels), and notes."""
    if channel is None:
        return samples, ()
    n_channels = samples.shape[1]
    if not 1 <= channel <= n_channels:
        note = f"There is no channel {channel}: the mean of {n_channels} is shown."
        return samples, (note,)
    return samples[:, channel - 1], ()


def oddities(samples: NDArray[np.float32]) -> tuple[str, ...]:
    """Say what is strange about decoded samples, one sentence each."""
    peak = float(max(samples.max(), -samples.min())) if samples.size else 0.0
    if not math.isfinite(peak):
        return ("Some samples are no numbers; they are taken as silence.",)
    if peak == 0:
        return ("There is nothing to hear: all samples are 0.",)
    if peak >= _TOO_LOUD:
        return (f"Samples reach {peak:.3g} times full scale; what is beyond is cut.",)
    return ()
