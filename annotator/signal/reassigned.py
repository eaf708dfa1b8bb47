"""The reassigned spectrogram: energy where it was, not where the window saw it.

A window smears. The phase tells, for each cell, the centre of the energy that it saw,
in time and in frequency; there it is drawn. After Auger and Flandrin, "Improving the
readability of time-frequency and time-scale representations by the reassignment
method", IEEE Transactions on Signal Processing 43(5), 1995.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from annotator.signal.analysis import Analysis, make_plan
from annotator.signal.levels import quantise
from annotator.signal.spectrogram import picture_of
from annotator.signal.stft import cosine_sum, frame_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from annotator.signal.analysis import Plan
    from annotator.signal.spectrogram import Spectrogram

    Cells = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]

__all__ = ["compute_reassigned", "reassigned_cells"]

_QUIETEST = np.float32(1e-14)  # power: beneath, the phase is noise of the arithmetic


def compute_reassigned(
    samples: ArrayLike,
    sample_rate: float,
    analysis: Analysis | None = None,
    *,
    dynamic_range: float = 100.0,
    max_db: float | None = None,
    start_time: float = 0.0,
    span: tuple[float, float] | None = None,
) -> Spectrogram:
    """Draw a clip with its energy moved to where it belongs.

    Parameters
    ----------
    samples, sample_rate, start_time, span
        As for `compute_spectrogram`.
    analysis
        Frames and rows.
    dynamic_range, max_db
        dB from level 0 to 255, and of level 255.

    Returns
    -------
    Spectrogram
        A cell holds the energy that came to it; a full-scale sine is at 0 dB.
    """
    analysis = analysis or Analysis()
    plan = make_plan(samples, sample_rate, analysis, start_time=start_time, span=span)
    rows, columns = plan.rows, plan.n_columns
    bottom, top = rows.scale.position([rows.min_frequency, rows.max_frequency]).tolist()
    first = round((plan.start_time - start_time) * sample_rate)
    length = round((plan.end_time - plan.start_time) * sample_rate)
    picture = np.zeros((columns, rows.n_rows), dtype=np.float32)
    # Frames beyond the edges saw some of what belongs within.
    around = replace(plan, centres=_with_neighbours(plan))
    for power, times, hertz in reassigned_cells(around, analysis.window):
        column = np.floor((times - first) * (columns / length)).astype(np.int64)
        height = rows.scale.position(hertz) - bottom
        row = np.floor(height * (rows.n_rows / (top - bottom))).astype(np.int64)
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows.n_rows)
        if not inside.any():
            continue
        column, row = column[inside], row[inside]
        low, high = int(column.min()), int(column.max()) + 1
        picture[low:high] += np.bincount(
            (column - low) * rows.n_rows + row,
            weights=power[inside],
            minlength=(high - low) * rows.n_rows,
        ).reshape(high - low, rows.n_rows)
    # A sine's energy lies in several bins of each frame, and a column has frames.
    window = plan.window
    bins = len(window) * np.sum(np.square(window)) / np.sum(window) ** 2
    picture /= np.float32(bins * plan.pool)
    data, min_db, highest = quantise(picture, dynamic_range, max_db=max_db)
    return picture_of(plan, data, min_db, highest)


def _with_neighbours(plan: Plan) -> NDArray[np.int64]:
    step = max(1, round(plan.hop * plan.sample_rate))
    far = np.arange(step, len(plan.window) // 2 + 1, step)
    first, last = plan.centres[0], plan.centres[-1]
    return np.concatenate([first - far[::-1], plan.centres, last + far])


def reassigned_cells(plan: Plan, window: str) -> Iterator[Cells]:
    """Yield where the energy of the cells of frames belongs.

    Yields
    ------
    power : numpy.ndarray
        float32, shape (cells,).
    times, frequencies : numpy.ndarray
        float32, shape (cells,): samples from the start of the sound, and Hz.
    """
    import scipy.fft

    n_fft = len(plan.window)
    ramp = (np.arange(n_fft) - n_fft // 2).astype(np.float32)
    slope = cosine_sum(window, n_fft, slope=True)
    bins = np.arange(n_fft // 2 + 1) * (plan.sample_rate / n_fft)
    to_hertz = plan.sample_rate / (2 * np.pi)
    for first, frames in frame_blocks(plan.sound, plan.centres, n_fft):
        plain, weighed, sloped = (
            scipy.fft.rfft(frames * taper, axis=1, workers=1)
            for taper in (plan.window, plan.window * ramp, slope)
        )
        power = np.square(plain.real) + np.square(plain.imag)
        heard = power > _QUIETEST
        shift = np.conj(plain)[heard] / power[heard]
        centres = plan.centres[first : first + len(frames), None]
        times = np.broadcast_to(centres, power.shape)[heard]
        hertz = np.broadcast_to(bins, power.shape)[heard]
        yield (
            power[heard],
            times + (weighed[heard] * shift).real,
            hertz - (sloped[heard] * shift).imag * np.float32(to_hertz),
        )
