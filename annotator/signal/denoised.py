"""Per-band noise subtraction: how far each band rises above its usual level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from annotator.errors import ParameterError
from annotator.signal.analysis import Analysis, make_plan
from annotator.signal.levels import power_to_db, shade
from annotator.signal.spectrogram import picture_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from annotator.signal.spectrogram import Spectrogram

__all__ = ["above_noise", "compute_denoised"]

_FLOOR = 100.0  # dB beneath the loudest: what is quieter is no sound
_LEAST_HIGH = 30.0  # dB: noise alone must not fill the range


def above_noise(
    power: NDArray[np.float32], percentile: float = 50.0
) -> NDArray[np.float64]:
    """Subtract from each band the level that it usually has.

    Parameters
    ----------
    power
        Shape (columns, rows).
    percentile
        The usual level is the one that so many percent of the columns stay beneath;
        50 is the median. Columns of digital silence do not count.

    Returns
    -------
    numpy.ndarray
        dB, shape of `power`.
    """
    if not 0 <= percentile <= 100:
        msg = f"percentile={percentile} must lie between 0 and 100."
        raise ParameterError(msg)
    db = power_to_db(power)
    floor = db.max() - _FLOOR
    np.maximum(db, floor, out=db)
    heard = (db > floor).any(axis=1)
    if heard.any():
        db -= np.percentile(db[heard], percentile, axis=0)
    return db if heard.any() else np.zeros_like(db)


def compute_denoised(
    samples: ArrayLike,
    sample_rate: float,
    analysis: Analysis | None = None,
    *,
    percentile: float = 50.0,
    high: float | None = None,
    start_time: float = 0.0,
    span: tuple[float, float] | None = None,
) -> Spectrogram:
    """Draw a clip with the usual level of each band taken away.

    Parameters
    ----------
    samples, sample_rate, start_time, span
        As for `compute_spectrogram`.
    analysis
        Frames and rows.
    percentile
        See `above_noise`.
    high
        dB above the noise of the brightest shade; None: the highest one.
    """
    plan = make_plan(
        samples, sample_rate, analysis or Analysis(), start_time=start_time, span=span
    )
    levels = above_noise(plan.power(), percentile)
    if high is None:
        high = max(float(levels[plan.whole].max()), _LEAST_HIGH)
    data, lowest, highest = shade(levels, 0.0, high)
    return picture_of(plan, data, lowest, highest, is_relative=True)
