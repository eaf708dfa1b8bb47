"""The rows of a picture: how the bins of a spectrum share a frequency axis."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from annotator.errors import ParameterError
from annotator.signal.mel import hz_to_mel, mel_filters, mel_to_hz
from annotator.signal.scales import LINEAR, LOG, MEL, FrequencyScale

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Apply = Callable[[NDArray[np.float32]], NDArray[np.float32]]

__all__ = ["KINDS", "N_BINS", "N_MELS", "Rows", "make_rows"]

KINDS = ("linear", "mel", "log")
N_MELS = 128
N_BINS = 256
_MAX_ROWS = 512
_ENOUGH_ROWS = 256  # of a narrow linear band
_LOG_START = 50.0  # Hz


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows that are evenly spaced along a scale.

    Attributes
    ----------
    scale
        The axis.
    n_rows
        Their number.
    min_frequency, max_frequency
        Hz: the lower edge of the lowest row and the upper edge of the highest.
    padding
        How many times as long as its frames the transform must be.
    apply
        Turns power of shape (frames, bins) into (frames, n_rows).
    """

    scale: FrequencyScale
    n_rows: int
    min_frequency: float
    max_frequency: float
    padding: int
    apply: Apply


@lru_cache(maxsize=16)
def make_rows(
    kind: str,
    sample_rate: float,
    n_fft: int,
    *,
    n_rows: int | None = None,
    band: tuple[float, float] | None = None,
    padding: int = 1,
) -> Rows:
    """Divide a frequency axis into rows.

    Parameters
    ----------
    kind
        One of `KINDS`.
    sample_rate
        Hz.
    n_fft
        Samples in a frame.
    n_rows
        Rows at most on "linear" (512), exactly on "mel" (128) and "log" (256).
    band
        Lowest and highest frequency, Hz; None: all. On "log", 0 stands for 50 Hz, or
        less where little lies above.
    padding
        The transform may be made so many times as long at most, where rows would
        otherwise be narrower than bins.
    """
    low, high = band or (0.0, sample_rate / 2)
    low, high = max(low, 0.0), min(high, sample_rate / 2)
    if kind == "log" and low < 1:  # an axis of octaves must begin somewhere
        low = max(1.0, min(_LOG_START, high / 10))
    if not low < high:
        msg = (
            f"There is nothing to draw from {low:g} to {high:g} Hz at a sample rate of "
            f"{sample_rate:g} Hz; give two rising frequencies, up to half of it."
        )
        raise ParameterError(msg)
    longest = n_fft * padding
    if kind == "linear":
        # The whole axis has the bins it has: they are the picture people know.
        wanted = 0.0 if band is None else _ENOUGH_ROWS * sample_rate / (high - low)
        n_fft_padded = _lengthen(n_fft, wanted, longest)
        found = _linear(sample_rate, n_fft_padded, n_rows or _MAX_ROWS, (low, high))
    elif kind == "mel":
        edges = _edges(MEL, low, high, n_rows or N_MELS)
        wanted = 0.0 if band is None else 1.05 * sample_rate / (edges[1] - edges[0])
        n_fft_padded = _lengthen(n_fft, wanted, longest)
        found = _mel(sample_rate, n_fft_padded, edges, n_fft_padded // n_fft)
    else:
        edges = _edges(LOG, low, high, n_rows or N_BINS)
        n_fft_padded = _lengthen(n_fft, sample_rate / (edges[1] - edges[0]), longest)
        found = _log(sample_rate, n_fft_padded, edges)
    return replace(found, padding=n_fft_padded // n_fft)


def _lengthen(n_fft: int, wanted: float, longest: int) -> int:
    while n_fft < wanted and 2 * n_fft <= longest:
        n_fft *= 2
    return n_fft


def _edges(
    scale: FrequencyScale, low: float, high: float, n_rows: int
) -> NDArray[np.float64]:
    """Return the edges of the rows, Hz, shape (n_rows + 1,)."""
    bottom, top = scale.position([low, high]).tolist()
    edges = scale.frequency(np.linspace(bottom, top, n_rows + 1))
    edges[0], edges[-1] = low, high  # not rounded
    return edges


def _linear(
    sample_rate: float, n_fft: int, most: int, band: tuple[float, float]
) -> Rows:
    """Let each row be one bin, or the loudest of a few where there are too many."""
    step = sample_rate / n_fft
    n_bins = n_fft // 2  # 1, 2, 3 ...; bin 0, the mean, is no sound
    # A bin reaches half a bin to each side.
    first = max(1, math.floor(band[0] / step - 0.5) + 1)
    last = min(n_bins, math.ceil(band[1] / step + 0.5) - 1)
    first = min(first, last)
    group = 1
    while (last - first + 1) > most * group and group < n_bins:
        group *= 2
    if (last - first + 1) % group:
        last = min(n_bins, first + math.ceil((last - first + 1) / group) * group - 1)
        first = max(1, last + 1 - math.ceil((last - first + 1) / group) * group)
    n_rows = (last - first + 1) // group

    def apply(power: NDArray[np.float32]) -> NDArray[np.float32]:
        part = power[:, first : first + n_rows * group]
        if group == 1:
            return part
        grouped = part.reshape(len(part), n_rows, group)
        return np.asarray(grouped.max(axis=2))

    low, high = (first - 0.5) * step, (first + n_rows * group - 0.5) * step
    return Rows(LINEAR, n_rows, low, high, 1, apply)


def _mel(
    sample_rate: float, n_fft: int, edges: NDArray[np.float64], padding: int
) -> Rows:
    """Let each row be a triangle that weighs bins, per Hz."""
    import scipy.sparse

    n_rows = len(edges) - 1
    # Triangles reach from the middle of the row below to that of the row above;
    # the outermost ones half a row beyond the picture.
    bottom, top = hz_to_mel(edges[[0, -1]]).tolist()
    half = (top - bottom) / n_rows / 2
    low, high = mel_to_hz([bottom - half, top + half]).tolist()
    filters = mel_filters(sample_rate, n_fft, n_rows, low, high)
    # A bin belongs to two bands, so this takes 3 ms where a dense product takes 9;
    # and BLAS would spin up threads: on two busy cores, 25 times the work.
    # Padding makes more bins of the same sound.
    sparse: Any = scipy.sparse.csr_array(filters / np.float32(padding))

    def apply(power: NDArray[np.float32]) -> NDArray[np.float32]:
        banded: NDArray[np.float32] = sparse @ np.ascontiguousarray(power.T)
        return banded.T

    return Rows(MEL, n_rows, float(edges[0]), float(edges[-1]), 1, apply)


def _log(sample_rate: float, n_fft: int, edges: NDArray[np.float64]) -> Rows:
    """Let each row be the loudest bin in it; between bins, draw straight lines."""
    n_rows, n_bins = len(edges) - 1, n_fft // 2 + 1
    bins = edges * (n_fft / sample_rate)  # edges, counted in bins
    middles = (bins[:-1] + bins[1:]) / 2
    below = np.minimum(middles.astype(np.intp), n_bins - 2)
    share = (middles - below).astype(np.float32)
    # Bins that lie in rows, and the rows that hold one or more of them.
    starts = np.minimum(np.ceil(bins), n_bins).astype(np.intp)
    holding = np.flatnonzero(starts[1:] > starts[:-1])
    narrow = np.setdiff1d(np.arange(n_rows), holding)
    first, last = starts[0], starts[-1]

    def apply(power: NDArray[np.float32]) -> NDArray[np.float32]:
        rows = np.empty((len(power), n_rows), dtype=np.float32)
        rows[:, narrow] = (
            power[:, below[narrow]] * (1 - share[narrow])
            + power[:, below[narrow] + 1] * share[narrow]
        )
        if holding.size:
            loudest = np.maximum.reduceat(
                power[:, first:last], starts[holding] - first, axis=1
            )
            rows[:, holding] = loudest
        return rows

    return Rows(LOG, n_rows, float(edges[0]), float(edges[-1]), 1, apply)
