"""Frequency axes: from Hz to the y coordinate of a picture, and back.

On the "linear" scale the coordinate is Hz. On the "mel" scale it is mel after
Slaney's Auditory Toolbox (1998): straight up to 1 kHz (15 mel), logarithmic
above, 27 mel for each factor of 6.4. A difference in mel is about as large to
the ear anywhere on it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from annotator.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "SCALES",
    "frequency",
    "hz_to_mel",
    "mel_filters",
    "mel_to_hz",
    "position",
    "scale_ticks",
]

SCALES = ("linear", "mel")

_KNEE_HZ = 1000.0
_KNEE_MEL = 15.0
_LOG_STEP = math.log(6.4) / 27.0


def hz_to_mel(hz: ArrayLike) -> NDArray[np.float64]:
    """Turn Hz into mel (Slaney).

    Examples
    --------
    >>> hz_to_mel([0, 1000, 6400]).tolist()
    [0.0, 15.0, 42.0]
    """
    hz = np.asarray(hz, dtype=np.float64)
    above = np.log(np.maximum(hz, _KNEE_HZ) / _KNEE_HZ) / _LOG_STEP
    return np.asarray(np.minimum(hz, _KNEE_HZ) * (_KNEE_MEL / _KNEE_HZ) + above)


def mel_to_hz(mel: ArrayLike) -> NDArray[np.float64]:
    """Turn mel (Slaney) into Hz.

    Examples
    --------
    >>> mel_to_hz([0, 15]).tolist()
    [0.0, 1000.0]
    """
    mel = np.asarray(mel, dtype=np.float64)
    growth = np.exp(_LOG_STEP * np.maximum(mel - _KNEE_MEL, 0.0))
    return np.asarray(np.minimum(mel, _KNEE_MEL) * _KNEE_HZ / _KNEE_MEL * growth)


def position(scale: str, hz: float) -> float:
    """Return the y coordinate of a frequency: Hz on "linear", mel on "mel"."""
    _check(scale)
    return float(hz) if scale == "linear" else float(hz_to_mel(hz))


def frequency(scale: str, position: float) -> float:
    """Return the frequency, in Hz, at a y coordinate."""
    _check(scale)
    return float(position) if scale == "linear" else float(mel_to_hz(position))


def scale_ticks(
    scale: str, fmin: float, fmax: float, *, count: int = 8
) -> list[tuple[float, str]]:
    """Choose round frequencies for an axis.

    Parameters
    ----------
    scale
        "linear" or "mel".
    fmin, fmax
        Ends of the axis, Hz.
    count
        About how many; never more than twice as many.

    Returns
    -------
    list of (position, label)
        Ascending y coordinates, and the frequencies there in kHz.

    Examples
    --------
    >>> scale_ticks("linear", 0, 24_000, count=6)
    [(0.0, '0'), (5000.0, '5'), (10000.0, '10'), (15000.0, '15'), (20000.0, '20')]
    """
    _check(scale)
    if not (math.isfinite(fmin) and math.isfinite(fmax) and fmin < fmax):
        msg = f"The axis runs from {fmin} to {fmax} Hz; give two rising frequencies."
        raise ParameterError(msg)
    chosen = _even(fmin, fmax, count)
    if scale == "mel":
        spread = _spread(fmin, fmax, count)
        # A narrow view may hold no 1, 2 or 5: there the axis is nearly straight.
        chosen = spread if len(spread) >= min(4, count) else chosen
    return [(position(scale, hz), f"{hz / 1000:.10g}") for hz in sorted(chosen)]


def _even(fmin: float, fmax: float, count: int) -> list[float]:
    rough = (fmax - fmin) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step for step in (1, 2, 5, 10) if step * power >= rough * 0.999)
    first, last = math.ceil(fmin / (step * power)), math.floor(fmax / (step * power))
    # The product of whole numbers stays round: 3 * 2000, not 2000 + 2000 + 2000.
    return [round(i * step * power, 9) for i in range(first, last + 1)]


def _spread(fmin: float, fmax: float, count: int) -> list[float]:
    """Choose of 1, 2, 5, 10 ... those that stand well apart on the mel scale."""
    low, high = hz_to_mel([fmin, fmax])
    gap = (high - low) / count * 0.75
    octaves = range(1, math.ceil(math.log10(fmax)) + 1)
    candidates = [lead * 10.0**n for lead in (1, 5, 2) for n in reversed(octaves)]
    chosen: list[float] = []
    for hz in (0.0, *candidates):
        mel = hz_to_mel(hz)
        if fmin <= hz <= fmax and all(
            abs(mel - hz_to_mel(other)) >= gap for other in chosen
        ):
            chosen.append(hz)
    return chosen


@lru_cache(maxsize=8)
def mel_filters(
    sample_rate: float, n_fft: int, n_mels: int, fmin: float, fmax: float
) -> NDArray[np.float32]:
    """Make triangular filters that add spectrum bins up to mel bands.

    Parameters
    ----------
    sample_rate
        Hz.
    n_fft
        Length of the transform, samples.
    n_mels
        Number of bands.
    fmin, fmax
        Hz: lower end of the lowest triangle, upper end of the highest.

    Returns
    -------
    numpy.ndarray
        float32, shape (n_mels, n_fft // 2 + 1), read-only. Each triangle has the
        area of 1 Hz (Slaney's norm), and its peak at one of `n_mels` points that
        are evenly spaced in mel between the ends. A triangle narrower than the
        bins stand apart is widened to reach its neighbours: no band is empty.
    """
    bins = np.arange(n_fft // 2 + 1) * (sample_rate / n_fft)  # (bins,)
    first, last = hz_to_mel([fmin, fmax]).tolist()
    corners = mel_to_hz(np.linspace(first, last, n_mels + 2))
    low, peak, high = (corners[i : i + n_mels, None] for i in range(3))  # (n_mels, 1)
    low, high = np.minimum(low, peak - bins[1]), np.maximum(high, peak + bins[1])
    rising = (bins - low) / (peak - low)
    falling = (high - bins) / (high - peak)
    weights = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (high - low))
    filters: NDArray[np.float32] = weights.astype(np.float32)
    filters.flags.writeable = False  # it is shared by all who ask
    return filters


def _check(scale: str) -> None:
    if scale not in SCALES:
        msg = f"There is no frequency scale {scale!r}; choose one of {SCALES}."
        raise ParameterError(msg)
