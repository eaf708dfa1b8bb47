"""Turn samples into bytes that a browser plays: mono, 16 bit; WAV, Ogg Vorbis."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import numpy as np

from annotator.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["VORBIS_RATES", "to_int16", "to_vorbis", "to_wav"]

VORBIS_RATES = (8_000, 96_000)
"""Lowest and highest rate of Vorbis that browsers decode, Hz.

Every browser opens an AudioContext between them. libsndfile 1.2.2 encodes up to
200 kHz, and crashes beyond.
"""

_BLOCK = 65_536  # frames at a time: bounded memory
_FULL_SCALE = 32768.0  # what libsndfile divides by, so that 16-bit files come back


def to_int16(samples: ArrayLike) -> NDArray[np.int16]:
    """Mix down to one channel of 16-bit numbers.

    Parameters
    ----------
    samples
        Shape (frames,) or (frames, channels), full scale at -1 and 1.

    Returns
    -------
    numpy.ndarray
        int16, shape (frames,): the mean of the channels, clipped (not wrapped)
        where it goes beyond full scale. NaN becomes 0.

    Examples
    --------
    >>> to_int16([0.5, -0.5, 2.0, float("nan")]).tolist()
    [16384, -16384, 32767, 0]
    """
    audio = np.asarray(samples, dtype=np.float32)
    if audio.ndim not in (1, 2) or audio.shape[1:] == (0,):
        msg = (
            f"Samples of shape {audio.shape} are no sound; give (frames,) or "
            "(frames, channels)."
        )
        raise ParameterError(msg)
    result = np.empty(len(audio), dtype=np.int16)
    # In parts: a clip of minutes would be in memory three times.
    for start in range(0, len(audio), _BLOCK):
        part = slice(start, start + _BLOCK)
        result[part] = _rounded(_mix(audio[part]))
    return result


def _rounded(level: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale to 16 bit, in place."""
    np.clip(level, -1.0, 1.0, out=level)
    level *= _FULL_SCALE
    np.rint(level, out=level)
    np.minimum(level, 32767.0, out=level)
    level[np.isnan(level)] = 0.0
    return level


def _mix(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of the channels, shape (frames,), in memory of its own."""
    if audio.ndim == 1 or audio.shape[1] == 1:
        return audio.reshape(-1).copy()
    with np.errstate(over="ignore", invalid="ignore"):  # infinite samples
        level = audio[:, 0] + audio[:, 1]
        for channel in audio.T[2:]:
            level += channel
    level /= audio.shape[1]
    return level


def to_vorbis(samples: NDArray[np.int16], sample_rate: int) -> bytes:
    """Encode samples as Ogg Vorbis: mono, about 80 kbit/s at 48 kHz.

    Parameters
    ----------
    samples
        int16, shape (frames,).
    sample_rate
        Hz, within `VORBIS_RATES`. It may be another than the recording's: ultrasound
        is encoded at the rate it is heard at, so that the codec keeps what is heard.

    Raises
    ------
    ParameterError
        Vorbis does not take this rate.
    """
    import soundfile

    lowest, highest = VORBIS_RATES
    if not lowest <= sample_rate <= highest:
        msg = f"Vorbis takes {lowest} to {highest} Hz, not {sample_rate}; send int16."
        raise ParameterError(msg)
    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", sample_rate, 1, format="OGG", subtype="VORBIS"
    ) as sound:
        # libsndfile's Vorbis encoder keeps a written block on the stack.
        for start in range(0, len(samples), _BLOCK):
            sound.write(samples[start : start + _BLOCK])
    return file.getvalue()


def to_wav(samples: ArrayLike, sample_rate: int) -> bytes:
    """Encode samples as a WAV file: mono, 16 bit.

    Parameters
    ----------
    samples
        Shape (frames,) or (frames, channels), full scale at -1 and 1; int16 of
        shape (frames,) is taken as it is.
    sample_rate
        Hz.

    Returns
    -------
    bytes
        A 44-byte header and 2 bytes a frame.
    """
    audio = np.asarray(samples)
    if audio.dtype != np.int16 or audio.ndim != 1:
        audio = to_int16(audio)
    body = np.ascontiguousarray(audio, dtype="<i2").data
    # RIFF, the "fmt " chunk (PCM, 1 channel, 2 bytes a frame, 16 bit), "data"
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + body.nbytes,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        sample_rate,
        2 * sample_rate,
        2,
        16,
        b"data",
        body.nbytes,
    )
    return b"".join((header, body))
