"""The mel scale: equal steps sound about equally far apart.

After Slaney's Auditory Toolbox (1998): straight up to 1 kHz (15 mel), logarithmic
above, 27 mel for each factor of 6.4. Its bands are triangles over the spectrum.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["hz_to_mel", "mel_filters", "mel_to_hz"]

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
        float32, shape (n_mels, n_fft // 2 + 1). Each triangle has the
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
    return np.asarray(weights, dtype=np.float32)
