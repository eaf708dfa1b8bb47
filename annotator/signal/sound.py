"""Make sound audible that is not: ultrasound slowed down, mixed down, or left out.

Time expansion plays a recording slower, and so each of its frequencies as much lower.
A heterodyne detector multiplies with a carrier and keeps the difference: what stands
2 kHz above or below the carrier is heard at 2 kHz, in real time.

A long clip is made piece by piece. A piece is cut out of the same filtered signal that
the whole would give, so pieces join without a seam.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from annotator.errors import ParameterError
from annotator.signal.kernels import load_transform

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Rendition", "render_frames"]

_HIGHEST = 96_000.0  # Hz: beyond, a browser need not take it, and nobody hears it
_ENOUGH = 44_100.0  # Hz: holds all that is heard
_HALF_LENGTH = 24  # output samples each side that the low-pass looks at
_BETA = 8.0  # Kaiser window, stop band 80 dB down
_AUDIBLE_BAND = 10_000.0  # Hz each side of the carrier, as in a bat detector
_FULL_SCALE = 32768.0
_MOST_FRAMES = 1_500_000  # of the recording, in a piece
_PIECE = (2.0, 24.0)  # s, shortest and longest


@dataclass(frozen=True)
class Rendition:
    """How a recording is made audible, and the numbers that follow from it.

    Parameters
    ----------
    sample_rate
        Of the recording, Hz.
    n_frames
        Frames of the recording.
    expansion
        How many times slower it is heard.
    carrier
        Hz, of the heterodyne; None: no heterodyne, which excludes an expansion.
    """

    sample_rate: int
    n_frames: int
    expansion: int = 1
    carrier: float | None = None

    def __post_init__(self) -> None:
        if self.sample_rate < 1 or self.expansion < 1:
            msg = (
                f"sample_rate={self.sample_rate} and expansion={self.expansion} "
                "must be whole numbers from 1 on."
            )
            raise ParameterError(msg)
        if self.carrier is not None and self.expansion != 1:
            msg = "A heterodyne is heard in real time; use expansion=1 with a carrier."
            raise ParameterError(msg)

    @property
    def factor(self) -> int:
        """Frames of the recording to one that is sent: beyond hearing, fewer do."""
        heard = self.sample_rate / self.expansion
        if heard <= _HIGHEST:
            return 1
        return max(1, math.floor(heard / _ENOUGH))

    @property
    def rate(self) -> float:
        """Frames sent for a second of the recording."""
        return self.sample_rate / self.factor

    @property
    def length(self) -> int:
        """Frames sent in all."""
        return -(-self.n_frames // self.factor)

    @property
    def piece_length(self) -> int:
        """Frames of each piece but the last."""
        shortest, longest = _PIECE
        seconds = min(max(_MOST_FRAMES / self.sample_rate, shortest), longest)
        return max(1, math.floor(seconds * self.rate))

    @property
    def n_pieces(self) -> int:
        """How many pieces there are."""
        return -(-self.length // self.piece_length)

    def piece_at(self, seconds: float) -> int:
        """Return the number of the piece that sounds then, s from the first frame."""
        index = math.floor(max(seconds, 0.0) * self.rate / self.piece_length)
        return max(0, min(index, self.n_pieces - 1))


def render_frames(
    samples: NDArray[np.int16], how: Rendition, start: int, stop: int
) -> NDArray[np.int16]:
    """Make a part of what is heard.

    Parameters
    ----------
    samples
        The recording, int16, shape (frames,).
    how
        What is made of it.
    start, stop
        Which frames of the result, `0 <= start <= stop <= how.length`.

    Returns
    -------
    numpy.ndarray
        int16, shape (stop - start,); `how.rate` frames are a second of the recording.
        The same as this part of the whole, however it is cut.
    """
    if not 0 <= start <= stop <= how.length:
        msg = f"Frames {start} to {stop} are not within 0 to {how.length}."
        raise ParameterError(msg)
    if start == stop:
        return np.zeros(0, dtype=np.int16)
    if how.factor == 1 and how.carrier is None:
        return samples[start:stop]
    load_transform()
    from scipy.signal import upfirdn

    taps = _low_pass(how)
    reach = len(taps) // 2
    first, last = start * how.factor - reach, (stop - 1) * how.factor + reach + 1
    part = _padded(samples, first, last)
    if how.carrier is not None:
        part *= _carrier(how, first, last)
    heard = upfirdn(taps, part, down=how.factor)
    skip = 2 * reach // how.factor
    level = heard[skip : skip + stop - start]
    level = np.clip(np.rint(level), -_FULL_SCALE, _FULL_SCALE - 1)
    rounded: NDArray[np.int16] = level.astype(np.int16)
    return rounded


def _low_pass(how: Rendition) -> NDArray[np.float32]:
    """Return a linear-phase low-pass of odd length, a multiple of 2 `factor` plus 1."""
    nyquist = how.sample_rate / 2
    cutoff = nyquist / how.factor
    n_each_side = _HALF_LENGTH * how.factor
    if how.carrier is not None:
        cutoff = min(cutoff, _AUDIBLE_BAND)
        n_each_side *= math.ceil(how.sample_rate / how.factor / 48_000)
    return _kaiser_low_pass(n_each_side, min(cutoff / nyquist, 0.999))


@lru_cache(maxsize=32)
def _kaiser_low_pass(n_each_side: int, cutoff: float) -> NDArray[np.float32]:
    from scipy.signal import firwin

    taps = firwin(2 * n_each_side + 1, cutoff, window=("kaiser", _BETA))
    return np.asarray(taps, dtype=np.float32)


def _padded(samples: NDArray[np.int16], first: int, last: int) -> NDArray[np.float32]:
    """Return `samples[first:last]` as float32, with silence where there are none."""
    part = np.zeros(last - first, dtype=np.float32)
    begin, end = max(first, 0), min(last, len(samples))
    if begin < end:
        part[begin - first : end - first] = samples[begin:end]
    return part


def _carrier(how: Rendition, first: int, last: int) -> NDArray[np.float32]:
    """Return the carrier, twice full scale: the difference keeps the call's level."""
    assert how.carrier is not None  # noqa: S101 - for the type checker
    cycles = np.arange(first, last) * (how.carrier / how.sample_rate)
    cycles -= np.floor(cycles)  # float32 would lose the phase of a long clip
    wave: NDArray[np.float32] = np.cos((2 * np.pi) * cycles.astype(np.float32))
    wave *= 2.0
    return wave
