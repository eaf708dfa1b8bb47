"""The picture of a clip: how much energy, when, and at which frequency.

Its columns share the clip's time evenly and its rows the frequency scale, so
that the four edges of the picture say all about its coordinates. Between two
columns nothing is left out: a column holds the loudest of its frames.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from annotator.errors import ParameterError
from annotator.signal.levels import quantise
from annotator.signal.mel import hz_to_mel, mel_filters, mel_to_hz
from annotator.signal.scales import FrequencyScale, scale_named
from annotator.signal.stft import make_window, mono, power_blocks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Spectrogram", "compute_spectrogram", "default_n_fft"]

_KINDS = ("linear", "mel")
_FRAME_SECONDS = 0.021
_MAX_ROWS = 512
_MAX_N_FFT = 2**17
_N_MELS = 128


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
        scale on the linear scale; on mel, bands are per Hz.
    rgba
        A picture that came with colours of its own: uint8, shape (rows, columns, 4),
        row 0 at the bottom; else None. `data` then holds its brightness.
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

    @property
    def bottom(self) -> float:
        """The y coordinate of the picture's lower edge."""
        return float(self.scale.position(self.min_frequency))

    @property
    def top(self) -> float:
        """The y coordinate of the picture's upper edge."""
        return float(self.scale.position(self.max_frequency))


@dataclass(frozen=True)
class _Rows:
    """How spectrum bins become rows."""

    n_rows: int
    min_frequency: float
    max_frequency: float
    filters: Any = None  # sparse, (rows, bins); None: bins 1, 2, 3 ...

    def apply(self, power: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn (frames, bins) into (frames, rows)."""
        if self.filters is None:
            return power[:, 1:]
        banded: NDArray[np.float32] = self.filters @ np.ascontiguousarray(power.T)
        return banded.T


def default_n_fft(
    sample_rate: float, kind: str = "linear", *, n_mels: int = _N_MELS
) -> int:
    """Return the length of the transform, samples: a power of two.

    About 21 ms, but between 256 and 1024 samples (so at most 512 rows). For mel
    it is longer where the lowest band asks for it: 43 ms for 128 bands.
    """
    exponent = round(math.log2(max(_FRAME_SECONDS * sample_rate, 1.0)))
    n_fft = min(max(int(2**exponent), 256), 2 * _MAX_ROWS)
    if kind == "mel":
        lowest_band = float(mel_to_hz(hz_to_mel(sample_rate / 2) / n_mels))
        while n_fft * lowest_band < 1.05 * sample_rate and n_fft < _MAX_N_FFT:
            n_fft *= 2
    return n_fft


def compute_spectrogram(  # noqa: PLR0913 - keyword-only, each with a default
    samples: ArrayLike,
    sample_rate: float,
    *,
    kind: str = "linear",
    n_fft: int | None = None,
    hop_length: int | None = None,
    window: str = "hann",
    width: int = 2000,
    dynamic_range: float = 100.0,
    n_mels: int = _N_MELS,
    start_time: float = 0.0,
) -> Spectrogram:
    """Compute the spectrogram of a clip.

    On "linear", row r is bin r + 1 of the transform: its middle lies at
    ``(r + 1) * sample_rate / n_fft`` and the picture spans half a row to half a
    row beyond half the sample rate (bin 0, the mean, is not sound). On "mel",
    `n_mels` bands share 0 Hz to half the sample rate evenly in mel.

    Parameters
    ----------
    samples
        Shape (frames,) or (frames, channels), of which the mean is taken.
    sample_rate
        Hz.
    kind
        "linear" or "mel".
    n_fft
        Samples in a frame; None: see `default_n_fft`.
    hop_length
        At most so many samples from one frame to the next, and at most
        ``n_fft // 2``, so that none is skipped. None: as many frames as columns.
    window
        One of `annotator.signal.stft.WINDOWS`.
    width
        At most so many columns. There are fewer only in a clip so short that they
        would come less than ``n_fft / 16`` samples apart.
    dynamic_range
        dB shown below the loudest value.
    n_mels
        Rows of the mel scale.
    start_time
        Seconds: the time of the first sample.

    Raises
    ------
    ParameterError
        There are no samples, or an option is out of its range.
    """
    _check(sample_rate, kind=kind, width=width, n_mels=n_mels)
    if n_fft is None:
        n_fft = default_n_fft(sample_rate, kind, n_mels=n_mels)
    _check_frames(n_fft, hop_length)
    sound = mono(samples)
    columns, pool = _columns(len(sound), n_fft, hop_length, width)
    rows = _rows(kind, sample_rate, n_fft, n_mels)

    # Frames share the clip evenly; each is centred in its share.
    n_frames = columns * pool
    centres = (2 * np.arange(n_frames, dtype=np.int64) + 1) * len(sound)
    centres //= 2 * n_frames
    picture = np.empty((columns, rows.n_rows), dtype=np.float32)
    taper = make_window(window, n_fft)
    for first, power in power_blocks(sound, centres, taper, group=pool):
        banded = rows.apply(power)  # (frames, rows)
        if pool > 1:
            banded = banded.reshape(-1, pool, rows.n_rows).max(axis=1)
        picture[first // pool : first // pool + len(banded)] = banded

    data, min_db, max_db = quantise(picture, dynamic_range)
    return Spectrogram(
        data=np.ascontiguousarray(data.T),  # (columns, rows) -> (rows, columns)
        scale=scale_named(kind),
        min_frequency=rows.min_frequency,
        max_frequency=rows.max_frequency,
        start_time=start_time,
        end_time=start_time + len(sound) / sample_rate,
        min_db=min_db,
        max_db=max_db,
    )


def _columns(
    n_samples: int, n_fft: int, hop_length: int | None, width: int
) -> tuple[int, int]:
    """Return the number of columns, and of frames in each."""
    finest = hop_length or max(1, n_fft // 16)
    coarsest = hop_length or n_fft // 2
    columns = min(width, math.ceil(n_samples / finest))
    return columns, math.ceil(n_samples / (columns * coarsest))


@lru_cache(maxsize=8)
def _rows(kind: str, sample_rate: float, n_fft: int, n_mels: int) -> _Rows:
    nyquist = sample_rate / 2
    if kind == "linear":
        half = nyquist / n_fft  # half a bin
        return _Rows(n_fft // 2, half, nyquist + half)
    # Triangles reach from the middle of the row below to that of the row above;
    # the outermost ones half a row beyond the picture.
    top = float(hz_to_mel(nyquist))
    half = top / n_mels / 2
    low, high = mel_to_hz([-half, top + half]).tolist()
    filters = mel_filters(sample_rate, n_fft, n_mels, low, high)
    # A bin belongs to two bands, so this takes 3 ms where a dense product takes 9;
    # and BLAS would spin up threads: on two busy cores, 25 times the work.
    import scipy.sparse

    return _Rows(n_mels, 0.0, nyquist, scipy.sparse.csr_array(filters))


def _check(sample_rate: float, *, kind: str, width: int, n_mels: int) -> None:
    if not (math.isfinite(sample_rate) and sample_rate > 0):
        msg = f"The sample rate is {sample_rate} Hz; give more than 0 Hz."
        raise ParameterError(msg)
    if kind not in _KINDS:
        msg = f"There is no spectrogram of kind {kind!r}; choose one of {_KINDS}."
        raise ParameterError(msg)
    if width < 1:
        msg = f"width={width} columns make no picture; give 1 or more."
        raise ParameterError(msg)
    if n_mels < 2:
        msg = f"n_mels={n_mels} rows make no picture; give 2 or more."
        raise ParameterError(msg)


def _check_frames(n_fft: int, hop_length: int | None) -> None:
    if not 16 <= n_fft <= _MAX_N_FFT or n_fft % 2:
        msg = f"n_fft={n_fft} is no good; give an even number from 16 to {_MAX_N_FFT}."
        raise ParameterError(msg)
    if hop_length is not None and not 1 <= hop_length <= n_fft // 2:
        msg = (
            f"hop_length={hop_length} would skip samples; give 1 to {n_fft // 2} "
            f"(half of n_fft={n_fft})."
        )
        raise ParameterError(msg)
