"""A visualization: one way to make a picture of sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from annotator.signal.stft import mono
from annotator.visualizations.settings import PictureSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from annotator.signal.spectrogram import Spectrogram

__all__ = ["Compute", "Visualization"]


class Compute(Protocol):
    """What makes the picture."""

    def __call__(
        self,
        samples: NDArray[np.float32],
        sample_rate: float,
        settings: PictureSettings,
        *,
        start_time: float,
        span: tuple[float, float] | None,
    ) -> Spectrogram:
        """Draw finite samples of shape (frames,); see `Visualization.draw`."""


@dataclass(frozen=True, eq=False)
class Visualization:
    """One way to make a picture of sound.

    Attributes
    ----------
    label
        What a person sees where it is chosen.
    compute
        Makes the picture.
    is_custom
        Whether it is somebody's own function: it is given only the samples that are
        in sight, and of its picture the frequencies in sight are cut out.
    """

    label: str
    compute: Compute
    is_custom: bool = False

    def draw(
        self,
        samples: ArrayLike,
        sample_rate: float,
        settings: PictureSettings | None = None,
        *,
        start_time: float = 0.0,
        span: tuple[float, float] | None = None,
    ) -> Spectrogram:
        """Draw sound.

        Parameters
        ----------
        samples
            Shape (frames,) or (frames, channels), of which the mean is taken.
        sample_rate
            Hz.
        settings
            Settings; None: all as the visualization chooses.
        start_time
            Seconds: the time of the first sample.
        span
            Start and end, seconds: the part to draw. The samples around it fill the
            windows at its edges. None: all.

        Raises
        ------
        ParameterError
            There are no samples, or an option is out of its range.
        VisualizationError
            A custom function failed, or gave no picture.
        """
        return self.compute(
            mono(samples),
            sample_rate,
            settings or PictureSettings(),
            start_time=start_time,
            span=span,
        )
