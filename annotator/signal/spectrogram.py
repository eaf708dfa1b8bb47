"""The picture of a clip: how much energy, when, and at which frequency.

Its columns share the clip's time evenly and its rows the frequency scale, so
that the four edges of the picture say all about its coordinates. Between two
columns nothing is left out: a column holds the loudest of its frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from annotator.signal.analysis import Analysis, default_n_fft, make_plan
from annotator.signal.levels import quantise

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from annotator.signal.analysis import Plan
    from annotator.signal.scales import FrequencyScale

__all__ = [
    "Spectrogram",
    "compute_spectrogram",
    "default_n_fft",
    "draw_spectrogram",
    "picture_of",
]


@dataclass(frozen=True, eq=False)
class Spectrogram:
    """Levels over time and frequency, ready to be drawn.

    Attributes
    ----------
    data
        uint8, shape (rows, columns); row 0 is the lowest frequency. 0..255 stand
        for `min_db`..`max_db`, linearly.
    scale
        The axis along which rows are evenly spaced.
    min_frequency, max_frequency
        Hz: the lower edge of the lowest row and the upper edge of the highest.
    start_time, end_time
        Seconds: the left edge of the first column and the right edge of the last.
    min_db, max_db
        Level of the quietest and of the loudest shade. 0 dB is a sine of full
        scale on the linear and log scales; on mel, bands are per Hz.
    rgba
        A picture that came with colours of its own: uint8, shape (rows, columns, 4),
        row 0 at the bottom; else None. `data` then holds its brightness.
    packed
        The levels as a WebP file, where they shall travel so; else empty.
    unit
        What `min_db` and `max_db` are in: "dB", or "" for numbers of another kind.
    is_relative
        Whether the levels are spread so that what counts has the upper four fifths of
        them: PCEN, dB above the noise, a waveform.
    """

    data: NDArray[np.uint8]
    scale: FrequencyScale
    min_frequency: float
    max_frequency: float
    start_time: float
    end_time: float
    min_db: float
    max_db: float
    rgba: NDArray[np.uint8] | None = None
    packed: bytes = b""
    unit: str = "dB"
    is_relative: bool = False

    @property
    def contrast_range(self) -> float:
        """Decibels, as a person sets the contrast, from level 0 to level 255."""
        return 100.0 if self.is_relative else self.max_db - self.min_db

    @property
    def bottom(self) -> float:
        """The y coordinate of the picture's lower edge."""
        return float(self.scale.position(self.min_frequency))

    @property
    def top(self) -> float:
        """The y coordinate of the picture's upper edge."""
        return float(self.scale.position(self.max_frequency))


def compute_spectrogram(  # noqa: PLR0913 - keyword-only, each with a default
    samples: ArrayLike,
    sample_rate: float,
    *,
    kind: str = "linear",
    n_fft: int | None = None,
    hop_length: int | None = None,
    overlap: float | None = None,
    window: str = "hann",
    width: int = 2000,
    n_rows: int | None = None,
    min_frequency: float | None = None,
    max_frequency: float | None = None,
    dynamic_range: float = 100.0,
    max_db: float | None = None,
    start_time: float = 0.0,
    span: tuple[float, float] | None = None,
) -> Spectrogram:
    """Compute the spectrogram of a clip.

    On "linear", a row is a bin of the transform (or, of long transforms, the loudest
    of 2, 4, 8 ...): bin 1 and up, so that the picture spans half a bin to half a bin
    beyond half the sample rate (bin 0, the mean, is not sound). On "mel", bands share
    0 Hz to half the sample rate evenly in mel. On "log", rows share 50 Hz to half the
    sample rate evenly in octaves; each is the loudest of the bins in it, and what lies
    between two bins is drawn straight.

    Parameters
    ----------
    samples
        Shape (frames,) or (frames, channels), of which the mean is taken.
    sample_rate
        Hz.
    kind
        "linear", "mel" or "log".
    n_fft
        Samples in a frame; None: see `default_n_fft`.
    hop_length
        At most so many samples from one frame to the next, and at most
        ``n_fft // 2``, so that none is skipped. There are no columns between them.
    overlap
        Share of a frame that the next one repeats at least: 0.5 up to 1. None: 0.5.
    window
        One of `annotator.signal.stft.WINDOWS`.
    width
        At most so many columns. There are fewer only in a clip so short that they
        would come less than ``n_fft / 16`` samples apart (of a part, ``n_fft / 64``).
    n_rows
        Rows at most on "linear" (512), exactly on "mel" (128) and on "log" (256).
    min_frequency, max_frequency
        Hz: draw only this part. On "linear" the picture begins and ends with a bin.
        Where rows would be narrower than bins, frames are padded to 8 times their
        length at most.
    dynamic_range
        dB from level 0 to level 255.
    max_db
        dB of level 255; None: the loudest value.
    start_time
        Seconds: the time of the first sample.
    span
        Start and end, seconds: draw only this part; the samples around it fill the
        frames at its edges.

    Raises
    ------
    ParameterError
        There are no samples, or an option is out of its range.
    """
    analysis = Analysis(
        kind=kind,
        n_fft=n_fft,
        hop_length=hop_length,
        overlap=overlap,
        window=window,
        width=width,
        n_rows=n_rows,
        min_frequency=min_frequency,
        max_frequency=max_frequency,
    )
    return draw_spectrogram(
        samples,
        sample_rate,
        analysis,
        dynamic_range=dynamic_range,
        max_db=max_db,
        start_time=start_time,
        span=span,
    )


def draw_spectrogram(
    samples: ArrayLike,
    sample_rate: float,
    analysis: Analysis,
    *,
    dynamic_range: float = 100.0,
    max_db: float | None = None,
    start_time: float = 0.0,
    span: tuple[float, float] | None = None,
) -> Spectrogram:
    """Compute the spectrogram of a clip; see `compute_spectrogram`."""
    plan = make_plan(samples, sample_rate, analysis, start_time=start_time, span=span)
    data, min_db, max_db = quantise(plan.power(), dynamic_range, max_db=max_db)
    return picture_of(plan, data, min_db, max_db)


def picture_of(
    plan: Plan,
    data: NDArray[np.uint8],
    low: float,
    high: float,
    *,
    unit: str = "dB",
    is_relative: bool = False,
) -> Spectrogram:
    """Put levels of shape (columns, rows) where the plan says they are."""
    return Spectrogram(
        data=np.ascontiguousarray(data.T),  # (columns, rows) -> (rows, columns)
        scale=plan.rows.scale,
        min_frequency=plan.rows.min_frequency,
        max_frequency=plan.rows.max_frequency,
        start_time=plan.start_time,
        end_time=plan.end_time,
        min_db=low,
        max_db=high,
        unit=unit,
        is_relative=is_relative,
    )
