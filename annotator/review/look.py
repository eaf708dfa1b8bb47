"""How clips are looked at: set once, and true for all clips that follow.

*Look*: the settings of the picture. Palette and contrast are the browser's own affair;
the others are what a picture is made with, a `ViewState`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import param

from annotator.signal.stft import WINDOWS
from annotator.visualizations import PictureSettings

__all__ = ["WINDOW_LENGTHS", "Look", "ViewState"]

WINDOW_LENGTHS = (128, 256, 512, 1024, 2048, 4096, 8192)
"""Samples of a window to choose from, besides what suits the sample rate."""


@dataclass(frozen=True)
class ViewState:
    """How clips are looked at."""

    kind: str = "linear"
    """Key of the visualization."""
    width: int = 2000
    """Most columns of the spectrogram."""
    n_fft: int | None = None
    """Samples of a window; None: what suits the sample rate."""
    buffer: float = 3.0
    """Seconds shown before and after the clip."""
    channel: int | None = None
    """The channel shown and heard, from 1; None: their mean."""
    overlap: float | None = None
    """Share of a window that the next one repeats at least, 0.5 or more."""
    window: str | None = None
    """Shape of the window; None: the visualization's own."""
    min_frequency: float | None = None
    """Hz: bottom of the picture."""
    max_frequency: float | None = None
    """Hz: top of the picture."""

    def picture_settings(self, sample_rate: float) -> PictureSettings:
        """Return how a picture of sound of that rate, Hz, is asked for."""
        low, high = self.min_frequency, self.max_frequency
        if low is not None and low >= 0.98 * sample_rate / 2:
            low = high = None  # set for recordings of a higher rate: all is shown
        return PictureSettings(
            width=self.width,
            n_fft=self.n_fft,
            overlap=self.overlap,
            window=self.window,
            min_frequency=low,
            max_frequency=None if high is None else min(high, sample_rate / 2),
        )


_STATE = tuple(ViewState.__dataclass_fields__)


class Look(param.Parameterized):
    """What a person set about pictures; every view of a session shows it."""

    auto_contrast = param.Boolean(
        default=False, doc="Take the contrast from each clip's own levels."
    )
    buffer = param.Number(
        default=3.0, bounds=(0, 600), doc="Context before and after a clip, s."
    )
    channel = param.Integer(
        default=None,
        bounds=(1, None),
        allow_None=True,
        doc="The channel shown and heard, from 1; None: their mean.",
    )
    contrast = param.Range(
        default=(-80.0, 0.0),
        bounds=(-100.0, 0.0),
        doc="Darkest and brightest level, dB below the clip's loudest.",
    )
    is_unfolded = param.Boolean(default=False, doc="Whether all settings are in sight.")
    kind = param.String(default="linear", doc="Key of the visualization.")
    max_frequency = param.Number(
        default=None,
        bounds=(0, None),
        allow_None=True,
        doc="Top of the picture, Hz; None: half the sample rate.",
    )
    min_frequency = param.Number(
        default=None,
        bounds=(0, None),
        allow_None=True,
        doc="Bottom of the picture, Hz; None: the visualization's own.",
    )
    n_fft = param.Integer(
        default=None,
        bounds=(16, 2**17),
        allow_None=True,
        doc="Samples of a window; None: what suits the sample rate.",
    )
    overlap = param.Number(
        default=None,
        bounds=(0.5, 0.99),
        allow_None=True,
        doc="Share of a window that the next one repeats, at least; None: what fits.",
    )
    palette = param.String(default="Magma", doc="Name of the colours.")
    width = param.Integer(
        default=2000, bounds=(1, None), doc="Most columns of the picture."
    )
    window: param.Selector[str | None] = param.Selector(
        default=None,
        objects=[None, *WINDOWS],
        doc="Shape of the window; None: the visualization's own.",
    )

    @property
    def state(self) -> ViewState:
        """What pictures are made with."""
        values = {name: getattr(self, name) for name in _STATE}
        low, high = values["min_frequency"], values["max_frequency"]
        if low is not None and high is not None and low >= high:
            values["min_frequency"] = values["max_frequency"] = None
        return ViewState(**values)

    def as_dict(self) -> dict[str, Any]:
        """Return what is set, for the log: numbers, texts, lists of them."""
        values = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self.param.values().items()
            if name not in ("name", "is_unfolded") and value is not None
        }
        if self.auto_contrast:
            del values["contrast"]
        return values
