"""Decode part of a recording on this machine, exact to the sample.

The file is opened anew for each segment: libsndfile's handles drift after many
seeks.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import soundfile as sf

from annotator.audio.aac import decoded_copy, is_aac
from annotator.audio.backends.base import shown
from annotator.audio.containers import readable
from annotator.audio.decode import decode
from annotator.audio.span import cut_span, name_of
from annotator.errors import (
    AccessDenied,
    FormatError,
    NotFound,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "RecordingInfo",
    "check_count",
    "damaged",
    "info_of",
    "local_info",
    "not_audio",
    "read_local_segment",
]

logger = logging.getLogger(__name__)


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


def local_info(
    path: Path, *, place: str | None = None, most: int | None = None
) -> RecordingInfo:
    """Say how long a recording is, and of what kind.

    Parameters
    ----------
    path
        A file on this machine.
    place
        Where it is from, if `path` is a copy; for `uri` and messages.
    most
        Bytes that it may have once it is decoded, where it is decoded whole; None: any.

    Raises
    ------
    NotFound
        No file is at `path`.
    FormatError
        The file cannot be read as audio.
    """
    place = place or str(path)
    with _open(path, place, most) as sound:
        return info_of(place, sound)


def read_local_segment(
    path: Path,
    start_sec: float,
    dur_sec: float,
    *,
    place: str | None = None,
    most: int | None = None,
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
    place
        Where it is from, if `path` is a copy; for messages.
    most
        As for `local_info`.

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
    place = place or str(path)
    with _open(path, place, most) as sound:
        rate = int(sound.samplerate)
        first, count = cut_span(place, start_sec, dur_sec, int(sound.frames), rate)
        try:
            samples = decode(sound, first, count)
        except sf.SoundFileError as err:
            raise damaged(place, start_sec, err) from err
    check_count(place, start_sec, count, len(samples))
    return samples, rate


def check_count(place: str, start_sec: float, count: int, n_frames: int) -> None:
    """Raise `FormatError` if none of `count` frames came, warn if fewer did."""
    if n_frames == 0 < count:
        raise damaged(place, start_sec, "no frames decoded")
    if n_frames < count:
        logger.warning(
            "%s breaks off: %d of %d frames decoded at %g s",
            name_of(place),
            n_frames,
            count,
            start_sec,
        )


def damaged(place: str, start_sec: float, reason: object) -> FormatError:
    """Return the error for a file, at a path or address, that breaks off."""
    return FormatError(
        f"{name_of(place)} cannot be decoded at {start_sec:g} s; the file seems to be "
        f"damaged or cut short there.\n{shown(place)}: {reason}"
    )


def not_audio(place: str, reason: object) -> FormatError:
    """Return the error for a file, at a path or address, of no known format."""
    return FormatError(
        f"{name_of(place)} cannot be read as audio; expected a WAV, FLAC, AIFF, OGG, "
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
def _open(path: Path, place: str, most: int | None) -> Iterator[Any]:
    """Open a sound file, and turn what libsndfile raises into our errors."""
    if is_aac(_start_of(path)):
        path = decoded_copy(path, place, most)
    with readable(path) as source:
        try:
            sound = sf.SoundFile(source)
        except (sf.SoundFileError, TypeError) as err:
            # TypeError: soundfile's answer to headerless files such as *.raw
            raise not_audio(place, err) from err
        with sound:
            yield sound


def _start_of(path: Path) -> bytes:
    # libsndfile says "System error" to all of these.
    try:
        if path.is_dir():
            msg = f"{path} is a folder; give an audio file."
            raise FormatError(msg)
        with path.open("rb") as file:
            return file.read(12)
    except FileNotFoundError as err:
        msg = f"There is no recording at {path}; check the path."
        raise NotFound(msg) from err
    except PermissionError as err:
        msg = f"{path} may not be read; check the file's permissions."
        raise AccessDenied(msg) from err
