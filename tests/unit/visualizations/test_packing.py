"""Pictures for a slow line: how small, and how true."""

from __future__ import annotations

import numpy as np
import pytest

from annotator.audio import io
from annotator.audio.encode import to_int16, to_vorbis
from annotator.signal.spectrogram import compute_spectrogram
from annotator.visualizations.packing import LONGEST, from_webp, to_webp


@pytest.fixture(scope="module")
def soundscape(shared_data):
    path = shared_data / "birdnet_soundscape_120s_48k.flac"
    return io.read_segment(path, 20.0, 21.0)


def test_a_clip_of_21_s_comes_in_half_a_megabyte_with_its_sound(soundscape):
    samples, rate = soundscape
    levels = compute_spectrogram(samples, rate).data

    picture = to_webp(levels)

    assert levels.nbytes > 1_000_000
    assert len(picture) < 295_000
    assert len(picture) + len(to_vorbis(to_int16(samples), rate)) < 500_000


@pytest.mark.parametrize("kind", ["linear", "mel"])
def test_levels_are_off_by_little(soundscape, kind):
    levels = compute_spectrogram(*soundscape, kind=kind).data

    error = from_webp(to_webp(levels)).astype(int) - levels

    assert np.abs(error).mean() < 4.5
    assert abs(error.mean()) < 0.5


def test_a_call_keeps_its_level_and_its_place():
    levels = np.random.default_rng(1).integers(40, 90, (256, 1000)).astype(np.uint8)
    levels[100:104, 500:540] = 240

    packed = from_webp(to_webp(levels)).astype(int)

    assert packed.shape == levels.shape
    assert abs(packed[100:104, 500:540].mean() - 240) < 8
    assert packed[110:, :].max() < 130


def test_pure_noise_is_packed_harder():
    levels = np.random.default_rng(2).integers(0, 256, (256, 1000)).astype(np.uint8)

    assert len(to_webp(levels)) < 0.75 * levels.nbytes


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (128, 1)])
def test_small_pictures_come_back_whole(shape):
    assert from_webp(to_webp(np.full(shape, 200, np.uint8))).shape == shape


def test_a_picture_too_large_for_the_format_is_not_packed():
    assert to_webp(np.zeros((2, LONGEST + 1), np.uint8)) == b""
