"""Levels: from power to decibels, and from decibels to the 256 of a picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from annotator.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["dequantise", "power_to_db", "quantise", "shade"]

# Digital silence has no level; this one stands for it, 100 dB below the noise of
# 16 bits.
_SILENCE = 1e-20
_DARK = 0.2  # of the levels
_DB_PER_NEPER = 10.0 / math.log(10.0)


def power_to_db(power: ArrayLike, *, reference: float = 1.0) -> NDArray[np.float64]:
    """Turn power into decibels.

    Parameters
    ----------
    power
        Any shape, zero or more. Below 1e-20 times the reference it counts as
        that: -200 dB.
    reference
        The power of 0 dB.

    Examples
    --------
    >>> power_to_db([1.0, 0.001, 0.0]).tolist()
    [0.0, -30.0, -200.0]
    """
    ratio = np.asarray(power, dtype=np.float64) / reference
    return np.asarray(10.0 * np.log10(np.maximum(ratio, _SILENCE)))


def quantise(
    power: NDArray[np.float32], dynamic_range: float, *, max_db: float | None = None
) -> tuple[NDArray[np.uint8], float, float]:
    """Turn power into 256 levels.

    Parameters
    ----------
    power
        float32, any shape but empty. It is overwritten.
    dynamic_range
        dB between level 0 and level 255.
    max_db
        dB of level 255; None: the loudest value.

    Returns
    -------
    data : numpy.ndarray
        uint8, shape of `power`; 0 stands for `min_db` or less.
    min_db, max_db : float
        Decibels of levels 0 and 255, relative to a power of 1.
    """
    if not (math.isfinite(dynamic_range) and dynamic_range > 0):
        msg = f"dynamic_range is {dynamic_range} dB; give more than 0 dB."
        raise ParameterError(msg)
    if max_db is None:
        max_db = 10.0 * math.log10(max(float(power.max()), _SILENCE))
    min_db = max_db - dynamic_range
    # One chain in place; float32 np.log is vectorised, np.log10 is not (3x slower).
    levels_per_db = 255.0 / dynamic_range
    np.maximum(power, np.float32(1e-37), out=power)
    np.log(power, out=power)
    power *= np.float32(levels_per_db * _DB_PER_NEPER)
    power += np.float32(0.5 - levels_per_db * min_db)  # 0.5: truncation rounds
    np.clip(power, 0.0, 255.0, out=power)
    return power.astype(np.uint8), min_db, max_db


def shade(
    values: NDArray[np.floating[Any]], low: float, high: float
) -> tuple[NDArray[np.uint8], float, float]:
    """Turn values that are no power into 256 levels.

    They get the part of the levels that is seen at first: `low` is as dark as what is
    80 dB beneath the loudest in a picture of 100 dB, `high` is the brightest.

    Returns
    -------
    data : numpy.ndarray
        uint8, shape of `values`.
    lowest, highest : float
        Values of levels 0 and 255.
    """
    lowest = low - (high - low) * _DARK / (1 - _DARK)
    levels = (np.asarray(values) - lowest) * (255.0 / (high - lowest)) + 0.5
    return np.clip(levels, 0.0, 255.0).astype(np.uint8), lowest, high


def dequantise(
    data: NDArray[np.uint8], min_db: float, max_db: float
) -> NDArray[np.float32]:
    """Turn levels back into decibels, right to half a level."""
    step = np.float32((max_db - min_db) / 255.0)
    return np.asarray(data * step + np.float32(min_db), dtype=np.float32)
