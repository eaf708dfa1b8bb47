"""How a picture is asked for: what a person may change while looking."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PictureSettings"]


@dataclass(frozen=True)
class PictureSettings:
    """Settings of one picture; what is None is the visualization's own choice.

    Attributes
    ----------
    width
        Columns at most.
    height
        Rows at most, where the visualization does not say how many.
    n_fft
        Samples of a window.
    overlap
        Share of a window that the next one repeats, 0.5 or more.
    window
        One of `annotator.signal.stft.WINDOWS`.
    min_frequency, max_frequency
        Hz: the part of the axis that is drawn (of a waveform: amplitudes in -1..1).
        The picture may reach beyond it by less than a row.
    dynamic_range
        dB between level 0 and level 255.
    max_db
        Level of the brightest shade, dB: that of another picture, so that both are
        equally bright. None: the loudest value.
    """

    width: int = 2000
    height: int = 512
    n_fft: int | None = None
    overlap: float | None = None
    window: str | None = None
    min_frequency: float | None = None
    max_frequency: float | None = None
    dynamic_range: float = 100.0
    max_db: float | None = None
