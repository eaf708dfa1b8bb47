"""Put the calls of several species over drifting noise, and remember the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from annotator.demo.calls import SPECIES, Samples, Species

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SAMPLE_RATE", "Call", "place_calls", "write_soundscape"]

SAMPLE_RATE = 48_000
"""Hz."""

_BLOCK = 10 * SAMPLE_RATE  # frames made and encoded at a time: keeps memory flat
_WIND_STEP = 48  # frames between two values of the wind, which so stays below 500 Hz


@dataclass(frozen=True)
class Call:
    """One call in the soundscape."""

    species: Species
    start_time: float
    """Seconds from the recording's start."""
    end_time: float
    """Seconds from the recording's start."""
    samples: Samples
    """Shape (frames, 2): left and right, level included."""


def place_calls(duration: float, rng: np.random.Generator) -> list[Call]:
    """Spread calls over `duration` seconds, a few of them overlapping.

    The species take turns in random order, so that none is missing.
    """
    calls: list[Call] = []
    start = 1.5
    while True:
        for index in rng.permutation(len(SPECIES)):
            species = SPECIES[index]
            mono = species.call(rng, SAMPLE_RATE)
            end = start + len(mono) / SAMPLE_RATE
            if end > duration - 1:
                return calls
            level = 10 ** (rng.uniform(-27, -9) / 20)  # dB re full scale
            right = rng.uniform(0.15, 0.85)  # share of the power on the right
            gains = level * np.sqrt([1 - right, right])  # (2,)
            samples = (mono[:, None] * gains).astype(np.float32)  # (frames, 2)
            calls.append(Call(species, start, end, samples))
            start += (end - start) + rng.uniform(-0.5, 3.5)


def write_soundscape(
    path: Path, calls: list[Call], duration: float, rng: np.random.Generator
) -> None:
    """Write the calls over drifting noise as 16-bit stereo FLAC.

    Parameters
    ----------
    path
        File to write, in a folder that exists.
    calls
        From `place_calls`, for the same duration.
    duration
        Seconds.
    rng
        Source of the noise.
    """
    n_frames = round(duration * SAMPLE_RATE)
    starts = [round(call.start_time * SAMPLE_RATE) for call in calls]
    wind = _wind(n_frames, rng)
    with soundfile.SoundFile(
        path, "w", samplerate=SAMPLE_RATE, channels=2, format="FLAC", subtype="PCM_16"
    ) as file:
        for first in range(0, n_frames, _BLOCK):
            last = min(first + _BLOCK, n_frames)
            block = _noise(first, last, wind, rng)
            for start, call in zip(starts, calls, strict=True):
                _add(block, call.samples, start - first)
            file.write(block)


def _add(block: Samples, samples: Samples, at: int) -> None:
    """Add what of `samples`, which begin at frame `at`, falls into the block."""
    first, last = max(at, 0), min(at + len(samples), len(block))
    if first < last:
        block[first:last] += samples[first - at : last - at]


def _wind(n_frames: int, rng: np.random.Generator) -> Samples:
    """Return the wind at every `_WIND_STEP`-th frame, shape (steps, 2)."""
    n_steps = n_frames // _WIND_STEP + 2
    gusts = 0.5 + 0.5 * np.sin(np.linspace(0, 9.5 * np.pi, n_steps)) ** 3
    wind = np.cumsum(rng.standard_normal((n_steps, 2)), axis=0)
    rumble = wind[40:] - wind[:-40]  # a moving sum: no drift away from zero
    rumble = np.concatenate([rumble, rumble[:40]])
    return (0.0012 * gusts[:, None] * rumble).astype(np.float32)


def _noise(first: int, last: int, wind: Samples, rng: np.random.Generator) -> Samples:
    """Return frames [first, last) of the background, shape (frames, 2)."""
    frames = np.arange(first, last)
    hiss = rng.standard_normal((last - first + 1, 2), dtype=np.float32)
    hiss = hiss[1:] + 0.7 * hiss[:-1]  # a little darker than white
    drift = 0.8 + 0.3 * np.sin(2 * np.pi * frames / (97 * SAMPLE_RATE))
    noise = (0.00035 * drift).astype(np.float32)[:, None] * hiss
    steps = np.arange(len(wind)) * _WIND_STEP
    for channel in range(2):
        noise[:, channel] += np.interp(frames, steps, wind[:, channel])
    return noise
