"""The transform, against librosa."""

from __future__ import annotations

from typing import TYPE_CHECKING

import librosa
import numpy as np
import pytest
import scipy.signal
import soundfile

from annotator.errors import ParameterError
from annotator.signal import stft
from annotator.signal.levels import power_to_db

if TYPE_CHECKING:
    from pathlib import Path

N_FFT, HOP = 1024, 256


def relative_db(power: np.ndarray) -> np.ndarray:
    return np.maximum(power_to_db(power / power.max()), -100)


@pytest.mark.parametrize("n_frames", [700, 5_000, 300_000])
def test_power_is_librosas_within_a_hundredth_of_a_decibel(
    n_frames: int, shared_data: Path
) -> None:
    sound, _ = soundfile.read(
        shared_data / "birdnet_soundscape_120s_48k.flac",
        frames=n_frames,
        dtype="float32",
    )
    centres = np.arange(0, n_frames + 1, HOP)

    power = stft.power_at(sound, centres, stft.make_window("hann", N_FFT))

    spectrum = librosa.stft(
        np.pad(sound, N_FFT // 2), n_fft=N_FFT, hop_length=HOP, center=False
    )
    expected = np.abs(spectrum.T) ** 2
    assert power.shape == expected.shape
    np.testing.assert_allclose(relative_db(power), relative_db(expected), atol=0.01)


def test_a_sine_of_full_scale_has_power_one() -> None:
    sound = np.sin(2 * np.pi * 64 / N_FFT * np.arange(4 * N_FFT)).astype(np.float32)

    power = stft.power_at(sound, np.array([2 * N_FFT]), stft.make_window("hann", N_FFT))

    assert power.argmax() == 64
    assert power.max() == pytest.approx(1.0, rel=1e-5)


@pytest.mark.parametrize("name", stft.WINDOWS)
def test_windows_are_scipys_but_for_their_scale(name: str) -> None:
    window = stft.make_window(name, 256)

    expected = scipy.signal.get_window(name, 256)
    np.testing.assert_allclose(window, 2 * expected / expected.sum(), atol=1e-8)


def test_an_unknown_window_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ParameterError, match="'hann', 'hamming'"):
        stft.make_window("gauss", 256)


@pytest.mark.parametrize("group", [1, 7, 1000])
def test_blocks_are_whole_groups_of_all_frames(group: int) -> None:
    rng = np.random.default_rng(0)
    sound = rng.uniform(-1, 1, 50_000).astype(np.float32)
    centres = np.arange(7_000) * 7
    window = stft.make_window("hann", 256)

    blocks = list(stft.power_blocks(sound, centres, window, group=group))

    assert len(blocks) > 1
    assert all(len(power) % group == 0 for _, power in blocks)
    assert [first for first, _ in blocks] == [
        sum(len(power) for _, power in blocks[:i]) for i in range(len(blocks))
    ]
    assert sum(len(power) for _, power in blocks) == 7_000


def test_mono_is_the_mean_of_the_channels() -> None:
    sound = stft.mono([[1.0, 0.0, 0.5], [-1.0, 1.0, 0.0]])

    assert sound.dtype == np.float32
    np.testing.assert_allclose(sound, [0.5, 0.0], atol=1e-7)


def test_mono_does_not_copy_what_is_fit_already() -> None:
    samples = np.zeros((100, 1), np.float32)

    assert np.shares_memory(stft.mono(samples), samples)


def test_samples_that_are_no_numbers_are_silence() -> None:
    samples = np.float32([0.5, np.nan, np.inf, -np.inf, -0.5])

    sound = stft.mono(samples)

    assert sound.tolist() == [0.5, 0, 0, 0, -0.5]
    assert np.isnan(samples[1])


def test_infinite_samples_of_several_channels_are_silence() -> None:
    sound = stft.mono(np.float32([[np.inf, -np.inf, 0], [3e38, 3e38, 0], [0, 3, 0]]))

    assert sound.tolist() == [0, 0, 1]


@pytest.mark.parametrize("shape", [(0,), (0, 2), (5, 0), (), (2, 2, 2)])
def test_samples_without_sound_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ParameterError, match="no sound"):
        stft.mono(np.zeros(shape))
