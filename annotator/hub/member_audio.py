"""Reading recordings that members name: no more at once than the hub's memory bears.

A file of some kilobytes may say that it holds hours of many channels, and hold them,
too: silence packs well. So what a part would take is looked at before it is decoded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from annotator.audio import io
from annotator.audio.span import name_of
from annotator.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from annotator.audio.segment import RecordingInfo

__all__ = ["MOST_CHANNELS", "MOST_RATE", "MOST_SAMPLES", "MemberAudio"]

MOST_SAMPLES = 50_000_000
"""Of a clip, with its surroundings and all channels: 200 MB."""

MOST_CHANNELS = 64
"""Of a recording."""

MOST_RATE = 4_000_000
"""Sample rate of a recording, Hz."""


class MemberAudio:
    """Reads as `annotator.audio.io` does, up to the limits of this module."""

    stat = staticmethod(io.stat)
    kept_result = staticmethod(io.kept_result)
    keep_result = staticmethod(io.keep_result)

    def recording_info(self, path: str | Path, **auth: Any) -> RecordingInfo:
        """Tell how long a recording is, among others.

        Raises
        ------
        FormatError
            It has too many channels, or too high a sample rate.
        """
        info = io.recording_info(path, **auth)
        if info.channels > MOST_CHANNELS or info.sample_rate > MOST_RATE:
            msg = (
                f"{name_of(str(path))} has {info.channels} channels at "
                f"{info.sample_rate:,} Hz; the hub reads up to {MOST_CHANNELS} channels "
                f"and {MOST_RATE:,} Hz."
            )
            raise FormatError(msg)
        return info

    def read_segment(
        self,
        path: str | Path,
        start_sec: float,
        dur_sec: float,
        partial: bool = True,
        **auth: Any,
    ) -> tuple[NDArray[np.float32], int]:
        """Decode a span.

        Raises
        ------
        FormatError
            It would take too much memory.
        """
        info = self.recording_info(path, **auth)
        seconds = min(dur_sec, info.duration - start_sec)
        if seconds * info.sample_rate * info.channels > MOST_SAMPLES:
            most = MOST_SAMPLES / info.sample_rate / info.channels
            msg = (
                f"{name_of(str(path))}: {seconds:,.1f} s of {info.channels} channels at "
                f"{info.sample_rate:,} Hz are too much at once for the hub, which reads "
                f"{most:,.1f} s of it; make the clip shorter."
            )
            raise FormatError(msg)
        return io.read_segment(path, start_sec, dur_sec, partial, **auth)
