"""A whole recording in one small picture, made block by block in bounded memory.

A long-term spectrogram: few columns, each as long as seconds or minutes of sound. A
column holds the loudest bin and moment of each band, so that a call of 50 ms does not
vanish in a day.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from annotator.signal.kernels import load_transform
from annotator.signal.levels import power_to_db
from annotator.signal.mel import hz_to_mel, mel_to_hz
from annotator.signal.spectrogram import default_n_fft
from annotator.signal.stft import make_window, mono, power_blocks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["LongTermSpectrogram"]

_BLOCK = 2_000_000  # samples decoded at once, of all channels: 8 MB
_LEVELLING = 0.85  # of a band's median: all of it would hide which bands are loud
_LEAST_RANGE = 24.0  # dB: a quiet recording shall look quiet
_MOST_RANGE = 70.0  # dB


class LongTermSpectrogram:
    """Collects the blocks of a recording, in order, into a picture.

    Parameters
    ----------
    n_frames
        Length of the recording, samples per channel.
    sample_rate
        Hz.
    channels
        How many come with each frame.
    columns, rows
        At most so many columns; rows share 0 Hz to half the sample rate evenly in
        mel.

    Examples
    --------
    >>> picture = LongTermSpectrogram(80_000, 8_000, columns=10, rows=8)
    >>> first, count = picture.wanted
    >>> picture.add(np.zeros((count, 1), dtype=np.float32))
    >>> picture.is_done, picture.levels().shape
    (True, (8, 10))
    """

    def __init__(
        self,
        n_frames: int,
        sample_rate: int,
        *,
        channels: int = 1,
        columns: int = 1200,
        rows: int = 56,
    ) -> None:
        n_fft = default_n_fft(sample_rate, "mel", n_mels=rows)
        self._n_frames = max(1, n_frames)
        self._hop = n_fft // 2
        self.n_columns = max(1, min(columns, self._n_frames // self._hop))
        self._window = make_window("hann", n_fft)
        self._starts = _band_starts(sample_rate, n_fft, rows)
        load_transform()
        self._block = max(2 * n_fft, _BLOCK // max(1, channels))
        self._power = np.zeros((rows, self.n_columns), dtype=np.float32)
        self._at = 0  # frames that came

    @property
    def is_done(self) -> bool:
        """Whether all blocks came."""
        return self._at >= self._n_frames

    @property
    def columns_done(self) -> int:
        """Columns that hold their last value, from the left."""
        return min(self.n_columns, self._at * self.n_columns // self._n_frames)

    @property
    def wanted(self) -> tuple[int, int]:
        """First frame and number of frames of the block that `add` takes next."""
        first = max(0, self._at - self._hop)
        last = min(self._n_frames, self._at + self._block + self._hop)
        return first, last - first

    def add(self, samples: ArrayLike) -> None:
        """Take in the wanted block.

        Parameters
        ----------
        samples
            Shape (frames,) or (frames, channels); fewer than wanted where the
            recording breaks off.
        """
        first, _ = self.wanted
        end = min(self._n_frames, self._at + self._block)
        sound = mono(samples) if np.size(samples) else np.zeros(0, dtype=np.float32)
        # A window every half of it, so that nothing falls between two.
        begin = math.ceil((self._at - self._hop // 2) / self._hop)
        centres = np.arange(
            begin * self._hop + self._hop // 2, end, self._hop, dtype=np.int64
        )
        if len(sound) and len(centres):
            places = centres * self.n_columns // self._n_frames
            for start, power in power_blocks(sound, centres - first, self._window):
                self._pool(power, places[start : start + len(power)])
        self._at = end

    def skip_to_end(self) -> None:
        """Take nothing more: the recording breaks off here."""
        self._at = self._n_frames

    def levels(self) -> NDArray[np.uint8]:
        """Return the picture so far.

        Returns
        -------
        numpy.ndarray
            uint8, shape (rows, columns), row 0 the lowest band. Each band is levelled
            by its own median, as wind and traffic would outshine all calls. Shades
            reach from there to the loudest, so they shift as blocks come.
        """
        done = self._power[:, : self.columns_done]
        if not np.any(done > 0):
            return np.zeros(self._power.shape, dtype=np.uint8)
        db = power_to_db(done)
        heard = done > 0  # digital silence has no level
        for row, is_heard in zip(db, heard, strict=True):
            if is_heard.any():
                row -= _LEVELLING * np.median(row[is_heard])
        low, high = np.percentile(db[heard], [30.0, 99.8])
        low = min(max(low, high - _MOST_RANGE), high - _LEAST_RANGE)
        picture = np.zeros(self._power.shape, dtype=np.uint8)
        scaled = np.where(heard, np.clip((db - low) / (high - low), 0.0, 1.0), 0.0)
        picture[:, : done.shape[1]] = np.rint(255.0 * scaled)
        return picture

    def _pool(self, power: NDArray[np.float32], places: NDArray[np.int64]) -> None:
        """Keep the loudest of (frames, bins) for each column in `places`, ascending."""
        starts = np.flatnonzero(np.diff(places, prepend=-1))
        loudest = np.maximum.reduceat(power, starts, axis=0)  # (columns, bins)
        loudest = np.maximum.reduceat(loudest, self._starts, axis=1).T
        columns = places[starts]
        self._power[:, columns] = np.maximum(self._power[:, columns], loudest)


def _band_starts(sample_rate: float, n_fft: int, rows: int) -> NDArray[np.intp]:
    """Return the first bin of each row; one too narrow for a bin has the next."""
    edges = mel_to_hz(np.linspace(0.0, float(hz_to_mel(sample_rate / 2)), rows + 1))
    bins = np.floor(edges[:-1] * n_fft / sample_rate).astype(np.intp)
    return np.clip(bins, 1, n_fft // 2)  # bin 0, the mean, is not sound
