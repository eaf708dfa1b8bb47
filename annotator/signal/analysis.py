"""How sound is cut into frames and axes: what is asked for, and the plan for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from annotator.errors import ParameterError
from annotator.signal.mel import hz_to_mel, mel_to_hz
from annotator.signal.rows import KINDS, N_MELS, Rows, make_rows
from annotator.signal.stft import make_window, mono, power_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Analysis", "Plan", "default_n_fft", "frames_of", "make_plan"]

_FRAME_SECONDS = 0.021
_MAX_N_FFT = 2**17
_FINEST, _FINEST_ZOOMED = 16, 64  # columns in the length of a frame
_MAX_PADDED = 2**23  # points that transforms may have when they are made longer
_MAX_OVERLAPPED = 2**28  # points that they may have because of an overlap


@dataclass(frozen=True)
class Analysis:
    """How a spectrogram is computed; see `compute_spectrogram`."""

    kind: str = "linear"
    n_fft: int | None = None
    hop_length: int | None = None
    overlap: float | None = None
    window: str = "hann"
    width: int = 2000
    n_rows: int | None = None
    min_frequency: float | None = None
    max_frequency: float | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """Sound, cut into frames and rows; nothing is computed yet.

    Attributes
    ----------
    sound
        float32, shape (frames,).
    sample_rate
        Hz.
    centres
        Sample in the middle of each frame, ascending.
    pool
        Frames of each column.
    window
        float32, shape (n_fft,).
    rows
        How bins become rows.
    start_time, end_time
        Seconds.
    """

    sound: NDArray[np.float32]
    sample_rate: float
    centres: NDArray[np.int64]
    pool: int
    window: NDArray[np.float32]
    rows: Rows
    start_time: float
    end_time: float

    @property
    def n_columns(self) -> int:
        """Columns of the picture."""
        return len(self.centres) // self.pool

    @property
    def hop(self) -> float:
        """Seconds from one frame to the next."""
        return (self.end_time - self.start_time) / len(self.centres)

    def neighbours(self, seconds: float) -> NDArray[np.int64]:
        """Return centres of frames that would come before, ascending, as far apart.

        So many seconds back at most, and only as far as frames lie within the sound.
        """
        step = max(1, round(self.hop * self.sample_rate))
        first = int(self.centres[0])
        reach = min(first - len(self.window) // 2, round(seconds * self.sample_rate))
        return first - step * np.arange(max(0, reach // step), 0, -1, dtype=np.int64)

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Which columns hold whole frames only, none cut at an end of the sound.

        At a cut every tone spreads over all frequencies. All, where none is whole.
        """
        half = len(self.window) // 2
        inside = (self.centres >= half) & (self.centres <= len(self.sound) - half)
        columns = inside.reshape(-1, self.pool).all(axis=1)
        return np.asarray(columns if columns.any() else ~columns)

    def power(
        self,
        each: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None,
    ) -> NDArray[np.float32]:
        """Compute the picture: of the frames of a column, the loudest.

        Parameters
        ----------
        each
            Called with the power of consecutive frames, (frames, rows), block after
            block; what it returns, of the same shape, is pooled.

        Returns
        -------
        numpy.ndarray
            float32, shape (columns, rows).
        """
        picture = np.zeros((self.n_columns, self.rows.n_rows), dtype=np.float32)
        for first, power in power_blocks(
            self.sound,
            self.centres,
            self.window,
            group=self.pool,
            padding=self.rows.padding,
        ):
            banded = self.rows.apply(power)
            if each is not None:
                banded = each(banded)
            if self.pool == 1:
                picture[first : first + len(banded)] = banded
                continue
            places = np.arange(first, first + len(banded)) // self.pool
            starts = np.flatnonzero(np.diff(places, prepend=-1))
            loudest = np.maximum.reduceat(banded, starts, axis=0)
            columns = picture[places[0] : places[-1] + 1]
            np.maximum(columns, loudest, out=columns)
        return picture


def default_n_fft(
    sample_rate: float, kind: str = "linear", *, n_mels: int = N_MELS
) -> int:
    """Return the length of the transform, samples: a power of two.

    About 21 ms, but between 256 and 1024 samples (so at most 512 rows). On "log",
    where low frequencies matter, twice as much. For mel it is longer where the lowest
    band asks for it: 43 ms for 128 bands.
    """
    exponent = round(math.log2(max(_FRAME_SECONDS * sample_rate, 1.0)))
    n_fft = min(max(int(2**exponent), 256), 1024)
    if kind == "log":
        return 2 * n_fft
    if kind == "mel":
        lowest_band = float(mel_to_hz(hz_to_mel(sample_rate / 2) / n_mels))
        while n_fft * lowest_band < 1.05 * sample_rate and n_fft < _MAX_N_FFT:
            n_fft *= 2
    return n_fft


def make_plan(
    samples: ArrayLike,
    sample_rate: float,
    analysis: Analysis,
    *,
    start_time: float = 0.0,
    span: tuple[float, float] | None = None,
) -> Plan:
    """Check what is asked for, and cut sound into frames and rows.

    Parameters
    ----------
    samples, sample_rate, start_time, span
        As for `compute_spectrogram`.
    analysis
        What is asked for.
    """
    _check(sample_rate, analysis)
    sound = mono(samples)
    n_mels = analysis.n_rows or N_MELS
    n_fft = analysis.n_fft or default_n_fft(sample_rate, analysis.kind, n_mels=n_mels)
    _check_frames(n_fft, analysis)
    first, last = frames_of(span, start_time, sample_rate, len(sound))
    finest = max(1, n_fft // (_FINEST if span is None else _FINEST_ZOOMED))
    columns, pool = _columns(last - first, n_fft, analysis, finest)

    # Frames share the span evenly; each is centred in its share.
    n_frames = columns * pool
    centres = (2 * np.arange(n_frames, dtype=np.int64) + 1) * (last - first)
    room = min(_MAX_PADDED // n_frames, _MAX_N_FFT) // n_fft
    rows = make_rows(
        analysis.kind,
        sample_rate,
        n_fft,
        n_rows=analysis.n_rows,
        band=_band(analysis, sample_rate),
        padding=next(times for times in (8, 4, 2, 1) if times <= max(1, room)),
    )
    return Plan(
        sound=sound,
        sample_rate=sample_rate,
        centres=first + centres // (2 * n_frames),
        pool=pool,
        window=make_window(analysis.window, n_fft),
        rows=rows,
        start_time=start_time + first / sample_rate,
        end_time=start_time + last / sample_rate,
    )


def frames_of(
    span: tuple[float, float] | None,
    start_time: float,
    sample_rate: float,
    n_frames: int,
) -> tuple[int, int]:
    """Return the first frame of a span in seconds, and that behind its last."""
    if span is None:
        return 0, n_frames
    first, last = (round((second - start_time) * sample_rate) for second in span)
    first, last = max(0, first), min(n_frames, last)
    if first >= last:
        msg = (
            f"There are no samples from {span[0]:g} to {span[1]:g} s; they reach from "
            f"{start_time:g} to {start_time + n_frames / sample_rate:g} s."
        )
        raise ParameterError(msg)
    return first, last


def _columns(
    n_samples: int, n_fft: int, analysis: Analysis, finest: int
) -> tuple[int, int]:
    """Return the number of columns, and of frames in each."""
    coarsest = analysis.hop_length or 0
    if coarsest:
        finest = coarsest
    else:
        overlap = 0.5 if analysis.overlap is None else analysis.overlap
        coarsest = max(1, round(n_fft * (1 - overlap)))
        finest = min(finest, coarsest)
    columns = min(analysis.width, math.ceil(n_samples / finest))
    pool = math.ceil(n_samples / (columns * coarsest))
    if analysis.hop_length is None and columns * pool * n_fft > _MAX_OVERLAPPED:
        # Minutes of much overlap would take seconds: half a frame misses nothing.
        least = math.ceil(n_samples / (columns * (n_fft // 2)))
        pool = max(least, _MAX_OVERLAPPED // (columns * n_fft))
    return columns, pool


def _band(analysis: Analysis, sample_rate: float) -> tuple[float, float] | None:
    low, high = analysis.min_frequency, analysis.max_frequency
    if low is None and high is None:
        return None
    return low or 0.0, sample_rate / 2 if high is None else high


def _check(sample_rate: float, analysis: Analysis) -> None:
    if not (math.isfinite(sample_rate) and sample_rate > 0):
        msg = f"The sample rate is {sample_rate} Hz; give more than 0 Hz."
        raise ParameterError(msg)
    if analysis.kind not in KINDS:
        kind = analysis.kind
        msg = f"There is no spectrogram of kind {kind!r}; choose one of {KINDS}."
        raise ParameterError(msg)
    if analysis.width < 1:
        msg = f"width={analysis.width} columns make no picture; give 1 or more."
        raise ParameterError(msg)
    if analysis.n_rows is not None and analysis.n_rows < 2:
        msg = f"n_rows={analysis.n_rows} rows make no picture; give 2 or more."
        raise ParameterError(msg)
    if analysis.overlap is not None and not 0.5 <= analysis.overlap < 1:
        msg = f"overlap={analysis.overlap} would skip samples; give 0.5 up to 1."
        raise ParameterError(msg)


def _check_frames(n_fft: int, analysis: Analysis) -> None:
    if not 16 <= n_fft <= _MAX_N_FFT or n_fft % 2:
        msg = f"n_fft={n_fft} is no good; give an even number from 16 to {_MAX_N_FFT}."
        raise ParameterError(msg)
    hop_length = analysis.hop_length
    if hop_length is not None and not 1 <= hop_length <= n_fft // 2:
        msg = (
            f"hop_length={hop_length} would skip samples; give 1 to {n_fft // 2} "
            f"(half of n_fft={n_fft})."
        )
        raise ParameterError(msg)
