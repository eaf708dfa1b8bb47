"""From seconds to frames, in one place.

A segment is the half-open span of frames [round(start * rate),
round((start + duration) * rate)), cut at the end of the recording. A frame is one
sample of each channel.
"""

from __future__ import annotations

import math
import re
from typing import Any

from annotator.audio.backends.base import shown
from annotator.errors import ParameterError, SegmentOutOfRange

__all__ = ["cut_span", "frame_span", "name_of"]

# Beyond any recording, and still exact in 64 bits.
_MAX_FRAME = 2**62


def frame_span(start_sec: float, dur_sec: float, sample_rate: int) -> tuple[int, int]:
    """Turn a span of time into frames: first, and one past the last.

    Parameters
    ----------
    start_sec, dur_sec
        Seconds; the start is zero or more, the duration more than zero.
    sample_rate
        Hz.

    Returns
    -------
    tuple of int
        ``round(start * rate)`` and ``round((start + duration) * rate)``, so that
        adjoining spans of time give adjoining spans of frames.

    Raises
    ------
    ParameterError
        A time is NaN, infinite or negative, or the duration is zero.

    Examples
    --------
    >>> frame_span(0.29, 1.0, 100)
    (29, 129)
    """
    if not (_is_finite(start_sec) and _is_finite(dur_sec)):
        msg = (
            f"The clip's times are not numbers (start {start_sec} s, duration "
            f"{dur_sec} s); give a start and a duration in seconds."
        )
        raise ParameterError(msg)
    if start_sec < 0:
        msg = f"The clip starts at {start_sec} s; give a start of 0 s or later."
        raise ParameterError(msg)
    if dur_sec <= 0:
        msg = f"The clip lasts {dur_sec} s; give a duration of more than 0 s."
        raise ParameterError(msg)
    # round, not int: 0.29 * 100 is 28.999999999999996
    first = round(min(start_sec * sample_rate, _MAX_FRAME))
    last = round(min((start_sec + dur_sec) * sample_rate, _MAX_FRAME))
    return first, last


def cut_span(
    place: str, start_sec: float, dur_sec: float, n_frames: int, sample_rate: int
) -> tuple[int, int]:
    """Turn a span of time into the first frame and the number of frames.

    Parameters
    ----------
    place
        The recording's path or address, for the message.
    start_sec, dur_sec
        Seconds, as for `frame_span`; cut at the recording's end.
    n_frames
        Length of the recording.
    sample_rate
        Hz.

    Raises
    ------
    SegmentOutOfRange
        The span lies wholly beyond the recording's end.
    """
    first, last = frame_span(start_sec, dur_sec, sample_rate)
    if first >= n_frames:
        msg = (
            f"The clip starts at {start_sec:g} s, but {name_of(place)} is only "
            f"{n_frames / sample_rate:.3f} s long; check the clip's times and its "
            "recording."
        )
        raise SegmentOutOfRange(msg)
    return first, min(last, n_frames) - first


def _is_finite(seconds: Any) -> bool:
    try:
        return math.isfinite(seconds)
    except TypeError:  # None, pandas.NA, text
        return False


def name_of(place: str) -> str:
    r"""Return the file's name in a path or address, for people.

    Examples
    --------
    >>> name_of(r"D:\a\b.wav"), name_of("https://host/a/b.wav?signature=secret")
    ('b.wav', 'b.wav')
    """
    return re.split(r"[\\/]", shown(place).rstrip("/"))[-1]
