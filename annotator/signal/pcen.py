r"""Per-channel energy normalisation: loudness relative to a band's recent past.

.. math:: \left(\frac{E}{(\epsilon + M)^\alpha} + \delta\right)^r - \delta^r

with the energy :math:`E` of a band and its mean :math:`M`, which follows it:
:math:`M_t = (1 - s) M_{t-1} + s E_t`. Steady noise and distance fade, onsets stay.
After Wang et al., "Trainable frontend for robust and far-field keyword spotting",
ICASSP 2017; for bioacoustics Lostanlen et al., "Per-channel energy normalization: why
and how", IEEE Signal Processing Letters 26(1), 2019.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from annotator.signal.analysis import Analysis, make_plan
from annotator.signal.levels import shade
from annotator.signal.spectrogram import picture_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from annotator.signal.spectrogram import Spectrogram

__all__ = ["Pcen", "compute_pcen"]

# Samples in -1..1 are taken for 32-bit ones, as the usual epsilon expects.
_FULL_SCALE = 2.0**31
_EPSILON = 1e-6
_PAST = 4.0  # time constants; then 2 % of an older level is left
_LEAST_HIGH = 3.0  # noise alone must not fill the range


@dataclass(frozen=True)
class Pcen:
    """Parameters of the normalisation, and the normalisation itself.

    Attributes
    ----------
    gain
        Exponent of the mean: how much of the level is taken away.
    bias, power
        They compress what is left.
    time_constant
        Seconds that the mean looks back.
    """

    gain: float = 0.98
    bias: float = 2.0
    power: float = 0.5
    time_constant: float = 0.4

    def smoothing(self, hop: float) -> float:
        """Return the share of a new frame in the mean, frames `hop` seconds apart.

        The first-order filter whose power falls to half at the time constant.
        """
        frames = max(self.time_constant / hop, 1e-3)
        return (math.sqrt(1 + 4 * frames**2) - 1) / (2 * frames**2)

    def apply(
        self,
        energy: NDArray[np.float32],
        hop: float,
        mean: NDArray[np.float64] | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Normalise consecutive frames.

        Parameters
        ----------
        energy
            Shape (frames, rows), zero or more.
        hop
            Seconds from one frame to the next.
        mean
            That of the frames before, shape (rows,); None: as if the first frame had
            lasted always.

        Returns
        -------
        values, mean
            float32, shape (frames, rows); and the mean for the next frames.
        """
        share = self.smoothing(hop)
        # The rows go together, so this loop takes 5 ms for 2000 frames; importing
        # scipy.signal for its lfilter takes 760.
        mean = energy[0].astype(np.float64) if mean is None else mean.copy()
        means = np.empty(energy.shape)
        for frame, past in zip(energy, means, strict=True):
            mean += share * (frame - mean)
            past[:] = mean
        # (eps + M) ** -gain without loss where M is small
        loudness = np.exp(-self.gain * (np.log(_EPSILON) + np.log1p(means / _EPSILON)))
        compressed = np.expm1(self.power * np.log1p(energy * loudness / self.bias))
        return (self.bias**self.power * compressed).astype(np.float32), mean


def compute_pcen(
    samples: ArrayLike,
    sample_rate: float,
    analysis: Analysis | None = None,
    *,
    settings: Pcen | None = None,
    high: float | None = None,
    start_time: float = 0.0,
    span: tuple[float, float] | None = None,
) -> Spectrogram:
    """Draw a clip with each band relative to its recent past.

    Parameters
    ----------
    samples, sample_rate, start_time, span
        As for `compute_spectrogram`.
    analysis
        Frames and rows; None: the mel scale.
    settings
        Parameters of the normalisation.
    high
        Value of the brightest shade; None: the highest one.
    """
    settings = settings or Pcen()
    plan = make_plan(
        samples,
        sample_rate,
        analysis or Analysis(kind="mel"),
        start_time=start_time,
        span=span,
    )
    # What came before a part of a clip is what its first frames are compared with.
    past = replace(plan, centres=plan.neighbours(_PAST * settings.time_constant))
    hop = plan.hop
    mean: NDArray[np.float64] | None = None

    def normalise(power: NDArray[np.float32]) -> NDArray[np.float32]:
        nonlocal mean
        energy = np.sqrt(power) * np.float32(_FULL_SCALE)
        values, mean = settings.apply(energy, hop, mean)
        return values

    if len(past.centres):
        replace(past, pool=1).power(normalise)
    values = plan.power(normalise)
    if high is None:
        high = max(float(values[plan.whole].max()), _LEAST_HIGH)
    data, lowest, highest = shade(values, 0.0, high)
    return picture_of(plan, data, lowest, highest, unit="", is_relative=True)
