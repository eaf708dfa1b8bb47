"""The waveform as a picture: in each column, from the lowest to the highest sample.

A single sample that stands out is seen, however long the clip is. Within the peaks
the root mean square is brighter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from annotator.errors import ParameterError
from annotator.signal.analysis import frames_of
from annotator.signal.scales import AMPLITUDE
from annotator.signal.spectrogram import Spectrogram
from annotator.signal.stft import mono

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["compute_waveform", "envelope"]

_PEAK, _BODY = 150, 255  # levels
_BLOCK_SAMPLES = 2**20


def envelope(samples: NDArray[np.float32], columns: int) -> NDArray[np.float32]:
    """Return the lowest and highest sample, and the root mean square, of columns.

    Parameters
    ----------
    samples
        float32, shape (frames,).
    columns
        At most as many as there are samples; they share them evenly.

    Returns
    -------
    numpy.ndarray
        float32, shape (3, columns). A column reaches to the first sample of the
        next one, so that the line between them is not torn.
    """
    edges = np.arange(columns + 1) * len(samples) // columns
    found = np.empty((3, columns), dtype=np.float32)
    per_block = max(1, _BLOCK_SAMPLES * columns // len(samples))
    for first in range(0, columns, per_block):
        ends = edges[first : first + per_block + 1]
        part, starts = samples[ends[0] : ends[-1]], ends[:-1] - ends[0]
        found[0, first : first + per_block] = np.minimum.reduceat(part, starts)
        found[1, first : first + per_block] = np.maximum.reduceat(part, starts)
        energy = np.add.reduceat(np.square(part), starts)
        found[2, first : first + per_block] = np.sqrt(energy / np.diff(ends))
    following = samples[edges[1:-1]]
    np.minimum(found[0, :-1], following, out=found[0, :-1])
    np.maximum(found[1, :-1], following, out=found[1, :-1])
    return found


def compute_waveform(
    samples: ArrayLike,
    sample_rate: float,
    *,
    width: int = 2000,
    height: int = 512,
    limits: tuple[float, float] = (-1.0, 1.0),
    start_time: float = 0.0,
    span: tuple[float, float] | None = None,
) -> Spectrogram:
    """Draw the waveform of a clip.

    Parameters
    ----------
    samples
        Shape (frames,) or (frames, channels), of which the mean is taken. What lies
        beyond -1..1 is drawn at the edge.
    sample_rate
        Hz.
    width, height
        Columns, at most one for each sample, and rows.
    limits
        Lowest and highest amplitude of the picture.
    start_time, span
        As for `compute_spectrogram`.

    Returns
    -------
    Spectrogram
        Its scale is `AMPLITUDE`; its "frequencies" are amplitudes.
    """
    low, high = limits
    if not (low < high and width >= 1 and height >= 1 and sample_rate > 0):
        msg = (
            f"A waveform of {width} x {height} from {low:g} to {high:g} at "
            f"{sample_rate:g} Hz is no picture; give rising limits and sizes > 0."
        )
        raise ParameterError(msg)
    sound = mono(samples)
    first, last = frames_of(span, start_time, sample_rate, len(sound))
    columns = min(width, last - first)
    lowest, highest, body = envelope(sound[first:last], columns)

    def rows(amplitude: NDArray[np.float32]) -> NDArray[np.float32]:
        clipped = np.clip(amplitude, -1.0, 1.0)
        row = np.floor((clipped - low) / (high - low) * height)
        # The upper edge belongs to the highest row, not to one above it.
        return np.where(clipped == high, height - 1, row)

    # Rows count up the picture: (rows, 1) against (columns,).
    up = np.arange(height)[:, None]
    within = (up >= rows(lowest)) & (up <= rows(highest))
    middle = (up >= rows(-body)) & (up <= rows(body))
    data = np.where(within, np.uint8(_PEAK), np.uint8(0))
    data[within & middle] = _BODY
    return Spectrogram(
        data=data,
        scale=AMPLITUDE,
        min_frequency=low,
        max_frequency=high,
        start_time=start_time + first / sample_rate,
        end_time=start_time + last / sample_rate,
        min_db=0.0,
        max_db=1.0,
        unit="",
        is_relative=True,
    )
