"""The demo's species: what each one's call sounds like.

A call is a short mono signal. The animals are invented, so that nobody takes
the demo for a reference of real ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SPECIES", "Samples", "Species"]

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Species:
    """An invented animal and its call."""

    name: str
    min_frequency: float
    """Hz."""
    max_frequency: float
    """Hz."""
    call: Callable[[np.random.Generator, int], Samples]
    """Generator and sample rate in Hz -> samples, shape (frames,), in [-1, 1]."""


def _seconds(duration: float, sample_rate: int) -> NDArray[np.float64]:
    """Return the time of each sample of `duration` seconds, shape (frames,)."""
    return np.arange(round(duration * sample_rate)) / sample_rate


def _tone(frequency: NDArray[np.float64], sample_rate: int) -> NDArray[np.float64]:
    """Return a sine that follows `frequency` (Hz, one value per sample)."""
    sine: NDArray[np.float64] = np.sin(2 * np.pi * np.cumsum(frequency) / sample_rate)
    return sine * np.hanning(len(frequency))


def _repeat(
    note: NDArray[np.float64], n_notes: int, period: float, sample_rate: int
) -> Samples:
    """Return `n_notes` of a note, one every `period` seconds."""
    step = round(period * sample_rate)
    call = np.zeros(step * (n_notes - 1) + len(note), dtype=np.float32)
    for first in range(0, step * n_notes, step):
        call[first : first + len(note)] += note
    return call


def _whistles(rng: np.random.Generator, sample_rate: int) -> Samples:
    """Return three to five whistles that rise from 2.1 to 3.9 kHz."""
    t = _seconds(0.28, sample_rate)
    note = _tone(2100 + 1800 * (t / t[-1]) ** 1.4, sample_rate)
    return _repeat(note, int(rng.integers(3, 6)), 0.42, sample_rate)


def _trill(rng: np.random.Generator, sample_rate: int) -> Samples:
    """Return a trill of 24 notes a second around 4.8 kHz."""
    t = _seconds(0.026, sample_rate)
    note = _tone(5300 - 38_000 * t, sample_rate)
    return _repeat(note, int(rng.integers(30, 48)), 1 / 24, sample_rate)


def _two_notes(rng: np.random.Generator, sample_rate: int) -> Samples:
    """Return a high and a low note with overtones, once or twice."""
    notes = []
    for frequency in (1150.0, 870.0):
        t = _seconds(0.36, sample_rate)
        pitch = np.full(len(t), frequency)
        overtones = 0.3 * _tone(2 * pitch, sample_rate)
        overtones += 0.12 * _tone(3 * pitch, sample_rate)
        notes.append(0.7 * _tone(pitch, sample_rate) + overtones)
    return _repeat(np.concatenate(notes), int(rng.integers(1, 3)), 1.1, sample_rate)


def _bat(rng: np.random.Generator, sample_rate: int) -> Samples:
    """Return a bat's pulses that fall from 23 to 14 kHz in 9 ms."""
    t = _seconds(0.009, sample_rate)
    note = _tone(14_000 + 9000 * (1 - t / t[-1]) ** 2, sample_rate)
    return _repeat(note, int(rng.integers(9, 16)), 0.085, sample_rate)


def _chirps(rng: np.random.Generator, sample_rate: int) -> Samples:
    """Return a cricket's chirps, each of three pulses at 6.4 kHz."""
    t = _seconds(0.018, sample_rate)
    pulse = _tone(np.full(len(t), 6400.0), sample_rate)
    chirp = _repeat(pulse, 3, 0.03, sample_rate).astype(np.float64)
    return _repeat(chirp, int(rng.integers(6, 11)), 0.31, sample_rate)


def _buzz(rng: np.random.Generator, sample_rate: int) -> Samples:
    """Return a frog's buzz: a 3.1-kHz tone in 85 bursts a second."""
    t = _seconds(float(rng.uniform(0.9, 1.5)), sample_rate)
    bursts = np.clip(np.sin(2 * np.pi * 85 * t), 0, None) ** 2
    call: Samples = (bursts * _tone(3100 - 250 * t, sample_rate)).astype(np.float32)
    return call


def _warble(rng: np.random.Generator, sample_rate: int) -> Samples:
    """Return a song that falls from 7.2 to 3.4 kHz with a vibrato of 9 Hz."""
    t = _seconds(float(rng.uniform(1.1, 1.7)), sample_rate)
    slide = 7200 - 3800 * t / t[-1]
    vibrato = 420 * np.sin(2 * np.pi * 9 * t)
    return _tone(slide + vibrato, sample_rate).astype(np.float32)


SPECIES: tuple[Species, ...] = (
    Species("Bell Frog-buzzer", 2500, 3500, _buzz),
    Species("Dusk Sweep-bat", 14_000, 23_000, _bat),
    Species("Falling Warbler", 3000, 7700, _warble),
    Species("Hollow Two-note", 800, 3500, _two_notes),
    Species("Reed Triller", 4200, 5400, _trill),
    Species("Rising Whistler", 2000, 4000, _whistles),
    Species("Stubble Cricket", 6100, 6700, _chirps),
)
"""All species, by name."""
