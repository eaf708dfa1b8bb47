"""Decode part of a recording on this machine, exact to the sample.

A segment is the half-open span of frames [round(start * rate),
round((start + duration) * rate)), cut at the end of the recording. The file is
opened anew for each one: libsndfile's handles drift after many seeks.
"""

from __future__ import annotations

import logging
import math
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import soundfile as sf

from annotator.audio.backends.base import shown
from annotator.audio.containers import readable
from annotator.audio.decode import decode
from annotator.errors import (
    AccessDenied,
    FormatError,
    NotFound,
    ParameterError,
    SegmentOutOfRange,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "RecordingInfo",
    "check_count",
    "cut_span",
    "damaged",
    "frame_span",
    "info_of",
    "local_info",
    "not_audio",
    "read_local_segment",
]

logger = logging.getLogger(__name__)

# Beyond any recording, and still exact in 64 bits.
_MAX_FRAME = 2**62


@dataclass(frozen=True)
class RecordingInfo:
    """What is known of a recording without decoding it.

    `n_frames` is the length in frames (samples per channel), `sample_rate` is in
    Hz, `format` and `subtype` are libsndfile's names ("FLAC", "PCM_16").
    """

    uri: str
    n_frames: int
    sample_rate: int
    channels: int
    format: str
    subtype: str = ""

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.n_frames / self.sample_rate


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
    name: str, start_sec: float, dur_sec: float, n_frames: int, sample_rate: int
) -> tuple[int, int]:
    """Turn a span of time into the first frame and the number of frames.

    Parameters
    ----------
    name
        The recording's, for the message.
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
            f"The clip starts at {start_sec:g} s, but {name} is only "
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


def local_info(path: Path) -> RecordingInfo:
    """Say how long a recording is, and of what kind.

    Parameters
    ----------
    path
        A file on this machine.

    Raises
    ------
    NotFound
        No file is at `path`.
    FormatError
        The file cannot be read as audio.
    """
    with _open(path) as sound:
        return info_of(str(path), sound)


def read_local_segment(
    path: Path, start_sec: float, dur_sec: float
) -> tuple[NDArray[np.float32], int]:
    """Decode part of a recording.

    Parameters
    ----------
    path
        A file on this machine: WAV, FLAC, AIFF, RF64, W64, OGG, Opus, MP3 and
        whatever else libsndfile knows.
    start_sec, dur_sec
        Seconds. The part is [start, start + duration), cut at the end of the
        recording.

    Returns
    -------
    samples : numpy.ndarray
        float32, shape (frames, channels). Integer formats are in [-1, 1); float
        and lossy ones may go beyond.
    sample_rate : int
        Hz.

    Raises
    ------
    ParameterError
        A time is NaN, infinite or negative, or the duration is zero.
    SegmentOutOfRange
        The part lies wholly beyond the recording's end.
    NotFound
        No file is at `path`.
    FormatError
        The file cannot be read as audio, or is damaged at this place.
    """
    with _open(path) as sound:
        rate = int(sound.samplerate)
        first, count = cut_span(path.name, start_sec, dur_sec, int(sound.frames), rate)
        try:
            samples = decode(sound, first, count)
        except sf.SoundFileError as err:
            raise damaged(str(path), start_sec, err) from err
    check_count(str(path), start_sec, count, len(samples))
    return samples, rate


def check_count(place: str, start_sec: float, count: int, n_frames: int) -> None:
    """Raise `FormatError` if none of `count` frames came, warn if fewer did."""
    if n_frames == 0 < count:
        raise damaged(place, start_sec, "no frames decoded")
    if n_frames < count:
        logger.warning(
            "%s breaks off: %d of %d frames decoded at %g s",
            _name(place),
            n_frames,
            count,
            start_sec,
        )


def damaged(place: str, start_sec: float, reason: object) -> FormatError:
    """Return the error for a file, at a path or address, that breaks off."""
    return FormatError(
        f"{_name(place)} cannot be decoded at {start_sec:g} s; the file seems to be "
        f"damaged or cut short there.\n{shown(place)}: {reason}"
    )


def not_audio(place: str, reason: object) -> FormatError:
    """Return the error for a file, at a path or address, of no known format."""
    return FormatError(
        f"{_name(place)} cannot be read as audio; expected a WAV, FLAC, AIFF, OGG, "
        f"Opus or MP3 file.\n{shown(place)}: {reason}"
    )


def info_of(place: str, sound: Any) -> RecordingInfo:
    """Return what an open sound file tells of itself."""
    return RecordingInfo(
        uri=place,
        n_frames=int(sound.frames),
        sample_rate=int(sound.samplerate),
        channels=int(sound.channels),
        format=str(sound.format),
        subtype=str(sound.subtype),
    )


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    """Open a sound file, and turn what libsndfile raises into our errors."""
    _check_readable(path)
    with readable(path) as source:
        try:
            sound = sf.SoundFile(source)
        except (sf.SoundFileError, TypeError) as err:
            # TypeError: soundfile's answer to headerless files such as *.raw
            raise not_audio(str(path), err) from err
        with sound:
            yield sound


def _check_readable(path: Path) -> None:
    # libsndfile says "System error" to all of these.
    try:
        if path.is_dir():
            msg = f"{path} is a folder; give an audio file."
            raise FormatError(msg)
        with path.open("rb"):
            pass
    except FileNotFoundError as err:
        msg = f"There is no recording at {path}; check the path."
        raise NotFound(msg) from err
    except PermissionError as err:
        msg = f"{path} may not be read; check the file's permissions."
        raise AccessDenied(msg) from err


def _name(place: str) -> str:
    return re.split(r"[\\/]", shown(place).rstrip("/"))[-1]
