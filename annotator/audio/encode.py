"""Turn samples into bytes that a browser plays: mono, 16 bit, WAV."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from annotator.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["to_int16", "to_wav"]

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
    if audio.ndim not in (1, 2):
        msg = (
            f"The samples have {audio.ndim} axes; give (frames,) or (frames, channels)."
        )
        raise ParameterError(msg)
    # (frames, channels) -> (frames,); a copy in any case, as it is changed below
    scaled = audio * _FULL_SCALE if audio.ndim == 1 else _mix(audio)
    np.nan_to_num(scaled, copy=False, nan=0.0, posinf=32767.0, neginf=-32768.0)
    np.rint(scaled, out=scaled)
    np.clip(scaled, -32768.0, 32767.0, out=scaled)
    return scaled.astype(np.int16)


def _mix(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    mixed = audio[:, 0] * np.float32(_FULL_SCALE)
    for channel in audio.T[1:]:
        mixed += channel * np.float32(_FULL_SCALE)
    mixed /= audio.shape[1]
    return mixed


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
    body = audio.astype("<i2", copy=False).tobytes()
    # RIFF, the "fmt " chunk (PCM, 1 channel, 2 bytes a frame, 16 bit), "data"
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(body),
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
        len(body),
    )
    return header + body
