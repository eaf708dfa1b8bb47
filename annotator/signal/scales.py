"""Frequency axes: from Hz to the y coordinate of a picture, and back.

The rows of a picture are evenly spaced in this coordinate. It is Hz on the linear
scale, mel on "mel" and octaves (log2 of Hz) on "log". A scale of one's own is a table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from annotator.errors import ParameterError
from annotator.signal.mel import hz_to_mel, mel_to_hz

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "AMPLITUDE",
    "LINEAR",
    "LOG",
    "MEL",
    "SCALES",
    "FrequencyScale",
    "scale_named",
    "scale_ticks",
    "table_scale",
]

_SAMPLES = 1025  # points of a table: even ones, and as many in even ratios


@dataclass(frozen=True)
class FrequencyScale:
    """How the y coordinate of a picture and frequency belong together.

    Attributes
    ----------
    name
        "linear", "mel", "log", "amplitude" (the axis of a waveform: y is no
        frequency), or the name of a table.
    table_hz, table_y
        Points of a table, both ascending, straight lines in between; empty on the
        scales that have a formula.
    """

    name: str
    table_hz: tuple[float, ...] = ()
    table_y: tuple[float, ...] = ()

    @property
    def is_frequency(self) -> bool:
        """Whether the coordinate stands for a frequency."""
        return self.name != "amplitude"

    def position(self, hz: ArrayLike) -> NDArray[np.float64]:
        """Return the y coordinates of frequencies, of any shape.

        On "log", what is beneath 1 Hz stands where 1 Hz does.
        """
        hz = np.asarray(hz, dtype=np.float64)
        if self.table_hz:
            return np.asarray(np.interp(hz, *self._points))
        if self.name == "mel":
            return hz_to_mel(hz)
        if self.name == "log":
            return np.asarray(np.log2(np.maximum(hz, 1.0)))
        return hz

    def frequency(self, y: ArrayLike) -> NDArray[np.float64]:
        """Return the frequencies, Hz, at y coordinates of any shape."""
        y = np.asarray(y, dtype=np.float64)
        if self.table_hz:
            points_hz, points_y = self._points
            return np.asarray(np.interp(y, points_y, points_hz))
        if self.name == "mel":
            return mel_to_hz(y)
        if self.name == "log":
            return np.asarray(np.exp2(y))
        return y

    def table(
        self, low_hz: float, high_hz: float, n: int = 513
    ) -> tuple[list[float], list[float]]:
        """Return `n` points, evenly spaced in y, from one frequency to another.

        Straight lines between 513 of them miss the scale by less than a fifth of a
        row of 512 at most.

        Returns
        -------
        y, hz : list of float
        """
        low, high = self.position([low_hz, high_hz]).tolist()
        y = np.linspace(low, high, n)
        return y.tolist(), self.frequency(y).tolist()

    @cached_property
    def _points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.asarray(self.table_hz), np.asarray(self.table_y)


LINEAR = FrequencyScale("linear")
MEL = FrequencyScale("mel")
LOG = FrequencyScale("log")
AMPLITUDE = FrequencyScale("amplitude")
SCALES = {scale.name: scale for scale in (LINEAR, MEL, LOG, AMPLITUDE)}


def scale_named(name: str) -> FrequencyScale:
    """Return the scale of that name."""
    if name not in SCALES:
        msg = f"There is no frequency scale {name!r}; choose one of {tuple(SCALES)}."
        raise ParameterError(msg)
    return SCALES[name]


def table_scale(
    fn: Callable[[float, float, float], float],
    fmin: float,
    fmax: float,
    *,
    name: str = "table",
) -> FrequencyScale:
    """Make a scale of a function.

    Parameters
    ----------
    fn
        Takes a frequency and the two ends, Hz; returns the share of the axis that
        lies beneath, from 0 at `fmin` to 1 at `fmax`. It must not fall.
    fmin, fmax
        Ends of the axis, Hz.
    name
        What the scale is called.

    Raises
    ------
    ParameterError
        The function falls, stays level, or gives no finite numbers.
    """
    _check_ends(fmin, fmax)
    even = np.linspace(fmin, fmax, _SAMPLES)
    ratios = np.geomspace(max(fmin, fmax / 1e4), fmax, _SAMPLES)
    hz = np.unique(np.clip(np.concatenate([even, ratios]), fmin, fmax))
    y = np.array([float(fn(float(f), fmin, fmax)) for f in hz])
    if not np.isfinite(y).all():
        worst = int(np.flatnonzero(~np.isfinite(y))[0])
        msg = f"The scale is {y[worst]} at {hz[worst]:g} Hz; it must be finite."
        raise ParameterError(msg)
    falls = np.flatnonzero(np.diff(y) < -1e-9 * np.ptp(y))
    if falls.size or y[-1] <= y[0]:
        where = hz[falls[0]] if falls.size else fmin
        msg = (
            f"The scale does not rise at {where:g} Hz; it must rise from {fmin:g} Hz "
            f"to {fmax:g} Hz."
        )
        raise ParameterError(msg)
    # Of points on one level the first: each y then has one frequency.
    rising = np.flatnonzero(np.diff(np.maximum.accumulate(y), prepend=-np.inf) > 0)
    return FrequencyScale(name, tuple(hz[rising].tolist()), tuple(y[rising].tolist()))


def scale_ticks(
    scale: FrequencyScale, fmin: float, fmax: float, *, count: int = 8
) -> list[tuple[float, str]]:
    """Choose round frequencies for an axis.

    Parameters
    ----------
    scale
        What the axis shows.
    fmin, fmax
        Ends of the axis, Hz (of a waveform: amplitudes).
    count
        About how many; never more than twice as many.

    Returns
    -------
    list of (position, label)
        Ascending y coordinates, and the frequencies there in kHz.

    Examples
    --------
    >>> scale_ticks(LINEAR, 0, 24_000, count=6)
    [(0.0, '0'), (5000.0, '5'), (10000.0, '10'), (15000.0, '15'), (20000.0, '20')]
    """
    _check_ends(fmin, fmax)
    chosen = _even(fmin, fmax, count)
    if scale.name not in ("linear", "amplitude"):
        spread = _spread(scale, fmin, fmax, count)
        # A narrow view may hold no 1, 2 or 5: there the axis is nearly straight.
        chosen = spread if len(spread) >= min(4, count) else chosen
    unit = 1000 if scale.is_frequency else 1
    return [(float(scale.position(hz)), f"{hz / unit:.10g}") for hz in sorted(chosen)]


def _even(fmin: float, fmax: float, count: int) -> list[float]:
    rough = (fmax - fmin) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step for step in (1, 2, 5, 10) if step * power >= rough * 0.999)
    first, last = math.ceil(fmin / (step * power)), math.floor(fmax / (step * power))
    # The product of whole numbers stays round: 3 * 2000, not 2000 + 2000 + 2000.
    return [round(i * step * power, 9) for i in range(first, last + 1)]


def _spread(scale: FrequencyScale, fmin: float, fmax: float, count: int) -> list[float]:
    """Choose of 1, 2, 5, 10 ... those that stand well apart on the scale."""
    low, high = scale.position([fmin, fmax]).tolist()
    gap = (high - low) / count * 0.75
    decades = range(math.ceil(math.log10(max(fmax, 1.0))) + 1)
    candidates = [lead * 10.0**n for lead in (1, 5, 2) for n in reversed(decades)]
    chosen: list[float] = []
    places: list[float] = []
    for hz in (0.0, *candidates):
        place = float(scale.position(hz))
        if fmin <= hz <= fmax and all(abs(place - other) >= gap for other in places):
            chosen.append(hz)
            places.append(place)
    return chosen


def _check_ends(fmin: float, fmax: float) -> None:
    if not (math.isfinite(fmin) and math.isfinite(fmax) and fmin < fmax):
        msg = f"The axis runs from {fmin} to {fmax} Hz; give two rising frequencies."
        raise ParameterError(msg)
