"""Short-time Fourier transform: the power of short, windowed frames of sound.

A frame is `n_fft` samples around its centre; beyond the ends of the sound there
is silence. Power is scaled so that a sine of full scale reaches 1 (0 dB).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from annotator.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "WINDOWS",
    "cosine_sum",
    "frame_blocks",
    "make_window",
    "mono",
    "power_at",
    "power_blocks",
]

# Cosine sums, by their coefficients.
WINDOWS = {
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
    "boxcar": (1.0,),
}

# 1 MB of frames: they stay in the processor's cache from one step to the next.
_BLOCK_SAMPLES = 2**18
# Samples beyond it would overflow float32 when squared and summed.
_LARGEST = 1e12


def mono(samples: ArrayLike) -> NDArray[np.float32]:
    """Mix down to one channel, fit for the transform.

    Parameters
    ----------
    samples
        Shape (frames,) or (frames, channels).

    Returns
    -------
    numpy.ndarray
        float32, shape (frames,): the mean of the channels; NaN and infinite
        samples are 0. It is the caller's own array where nothing had to change.

    Raises
    ------
    ParameterError
        There are no samples, or they have other axes.
    """
    audio = np.asarray(samples, dtype=np.float32)
    if audio.ndim not in (1, 2) or audio.size == 0:
        msg = (
            f"There is no sound in samples of shape {audio.shape}; expected (frames,) "
            "or (frames, channels), at least one of each."
        )
        raise ParameterError(msg)
    if audio.ndim == 2:
        audio = _mix(audio)
    peak = max(abs(float(audio.min())), abs(float(audio.max())))
    if peak <= _LARGEST:  # false for NaN too
        return audio
    audio = np.where(np.isfinite(audio), audio, np.float32(0.0))
    return np.clip(audio, -_LARGEST, _LARGEST, out=audio)


def _mix(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    if audio.shape[1] == 1:
        return audio[:, 0]
    # Faster than mean(axis=1) over a few channels.
    with np.errstate(over="ignore", invalid="ignore"):  # infinite samples
        mixed = audio[:, 0] + audio[:, 1]
        for channel in audio.T[2:]:
            mixed += channel
    mixed /= audio.shape[1]
    return mixed


def make_window(name: str, n_fft: int) -> NDArray[np.float32]:
    """Make a window: periodic, and scaled for a full-scale sine of power 1.

    Parameters
    ----------
    name
        One of `WINDOWS`.
    n_fft
        Length, samples.
    """
    if name not in WINDOWS:
        msg = f"There is no window {name!r}; choose one of {tuple(WINDOWS)}."
        raise ParameterError(msg)
    return cosine_sum(name, n_fft)


def cosine_sum(name: str, n_fft: int, *, slope: bool = False) -> NDArray[np.float32]:
    """Return a window, as `make_window` does, or its slope per sample."""
    phase = 2.0 * np.pi * np.arange(n_fft) / n_fft
    weights = [(-1) ** k * weight for k, weight in enumerate(WINDOWS[name])]
    window = sum(w * np.cos(k * phase) for k, w in enumerate(weights))
    scale = 2.0 / np.sum(window)
    if slope:
        turn = 2.0 * np.pi / n_fft
        window = sum(-w * k * turn * np.sin(k * phase) for k, w in enumerate(weights))
    return np.asarray(window * scale, dtype=np.float32)


def power_at(
    samples: NDArray[np.float32],
    centres: NDArray[np.int64],
    window: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the power of each frame at each frequency.

    Parameters
    ----------
    samples
        float32, shape (frames,).
    centres
        Index of the sample in the middle of each frame, ascending.
    window
        float32, shape (n_fft,).

    Returns
    -------
    numpy.ndarray
        float32, shape (len(centres), n_fft // 2 + 1); bin k lies at
        ``k * sample_rate / n_fft`` Hz.
    """
    blocks = [power for _, power in power_blocks(samples, centres, window)]
    return np.concatenate(blocks)


def power_blocks(
    samples: NDArray[np.float32],
    centres: NDArray[np.int64],
    window: NDArray[np.float32],
    *,
    group: int = 1,
    padding: int = 1,
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield the power of frames, block by block, in bounded memory.

    Parameters
    ----------
    samples, centres, window
        As for `power_at`.
    group
        Frames that had better not be torn apart: blocks hold whole multiples of it
        where so many fit in.
    padding
        The transform is so many times as long as the frames, which lie between
        silence: as many times more bins show the same sound.

    Yields
    ------
    first : int
        Index of the block's first frame.
    power : numpy.ndarray
        float32, shape (frames of the block, padding * n_fft // 2 + 1).
    """
    import scipy.fft

    length = len(window) * padding
    for first, frames in frame_blocks(
        samples, centres, len(window), group=group, padding=padding
    ):
        frames *= window
        # One thread: two save 1.5 ms of 6 at best, and cost 10 when cores are busy.
        spectrum = scipy.fft.rfft(frames, length, 1, overwrite_x=True, workers=1)
        # (frames, bins) complex -> squares of (real, imaginary) pairs -> their sums
        parts = spectrum.view(np.float32)
        np.square(parts, out=parts)
        yield first, parts[:, 0::2] + parts[:, 1::2]


def frame_blocks(
    samples: NDArray[np.float32],
    centres: NDArray[np.int64],
    n_fft: int,
    *,
    group: int = 1,
    padding: int = 1,
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield frames, block by block; see `power_blocks`.

    Yields
    ------
    first : int
        Index of the block's first frame.
    frames : numpy.ndarray
        float32, shape (frames of the block, n_fft): a copy.
    """
    step = max(1, _BLOCK_SAMPLES // (n_fft * padding))
    step -= step % group if step > group else 0
    for first in range(0, len(centres), step):
        starts = centres[first : first + step] - n_fft // 2
        stretch = _stretch(samples, int(starts[0]), int(starts[-1]) + n_fft)
        every = np.lib.stride_tricks.sliding_window_view(stretch, n_fft)
        yield first, every[starts - starts[0]]


def _stretch(
    samples: NDArray[np.float32], first: int, last: int
) -> NDArray[np.float32]:
    """Return samples [first, last), with silence where there are none."""
    inside = samples[max(first, 0) : max(last, 0)]
    before = max(0, -first)
    after = last - first - before - len(inside)
    return np.pad(inside, (before, after)) if before or after else inside
