"""From a recording of an hour to a clip that can be seen and heard."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import librosa
import numpy as np
import scipy.fft
import soundfile
from ratios import Row, ratio

from annotator.audio.encode import to_wav
from annotator.audio.segment import read_local_segment
from annotator.signal.levels import power_to_db
from annotator.signal.spectrogram import compute_spectrogram, default_n_fft
from annotator.signal.stft import make_window, power_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RATE, MINUTES = 48_000, 60
START, DURATION = 1_800.0, 21.0


def measure() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hour.flac"
        write_recording(path)
        yield from clip_ready(path)
        yield ratio(
            "segment at the end of the hour",
            lambda: read_local_segment(path, 60 * MINUTES - 30, DURATION),
            lambda: read_local_segment(path, 10, DURATION),
            against="the same at its start",
            limit=2,
        )
        samples, _ = read_local_segment(path, START, DURATION)
    yield from payload(samples)
    yield from against_librosa(samples[:, 0])


def write_recording(path: Path) -> None:
    """Write an hour of noise whose level drifts, with a chirp each second."""
    rng = np.random.default_rng(1)
    seconds = np.arange(60 * RATE) / RATE
    chirp = 0.2 * np.sin(2 * np.pi * (3_000 + 2_000 * (seconds % 1)) * (seconds % 1))
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as sound:
        for minute in range(MINUTES):
            level = 0.002 * (1 + minute % 7)
            hiss = rng.standard_normal(len(seconds), dtype=np.float32) * level
            sound.write(hiss + chirp * (seconds % 1 < 0.2))


def clip_ready(path: Path) -> Iterator[Row]:
    for kind in ("linear", "mel"):

        def ready(kind: str = kind) -> None:
            samples, rate = read_local_segment(path, START, DURATION)
            compute_spectrogram(samples, rate, kind=kind, width=2000)
            to_wav(samples, rate)

        yield ratio(
            f"clip ready, {kind}",
            ready,
            bare(path, default_n_fft(RATE, kind)),
            against="bare decode + scipy.fft of as many frames",
            limit=2,
        )


def bare(path: Path, n_fft: int) -> Callable[[], None]:
    """Return the least that has to be done: the decoder and the transform."""
    frames = np.random.default_rng(2).standard_normal((2000, n_fft), dtype=np.float32)

    def decode_and_transform() -> None:
        with soundfile.SoundFile(path) as sound:
            sound.seek(round(START * RATE))
            sound.read(round(DURATION * RATE), dtype="float32")
        scipy.fft.rfft(frames, axis=1)

    return decode_and_transform


def payload(samples: np.ndarray) -> Iterator[Row]:
    picture = compute_spectrogram(samples, RATE).data
    shape = "{} x {}".format(*picture.shape)
    yield Row("picture on the wire, MB", picture.nbytes / 1e6, 1.1, shape)
    wav = to_wav(samples, RATE)
    yield Row("audio on the wire, MB", len(wav) / 1e6, 2.1, "WAV, 16 bit, mono")


def against_librosa(sound: np.ndarray) -> Iterator[Row]:
    n_fft, hop = 1024, 504
    centres = np.arange(0, len(sound) + 1, hop)
    window = make_window("hann", n_fft)

    def ours() -> np.ndarray:
        return power_at(sound, centres, window)

    def theirs() -> np.ndarray:
        spectrum = librosa.stft(sound, n_fft=n_fft, hop_length=hop, pad_mode="constant")
        return np.abs(spectrum.T) ** 2

    mine, other = (
        np.maximum(power_to_db(power / power.max()), -90)
        for power in (ours(), theirs())
    )
    error = float(np.abs(mine - other).max())
    yield Row("largest difference from librosa, dB", error, 0.01, "down to -90 dB")
    yield ratio("power of all frames", ours, theirs, against="librosa.stft, squared")
