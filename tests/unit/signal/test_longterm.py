"""The picture of a whole recording, made of blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.signal import longterm
from annotator.signal.longterm import LongTermSpectrogram

RATE = 8000


def drawn(
    sound: np.ndarray, rate: int = RATE, columns: int = 60, rows: int = 24
) -> LongTermSpectrogram:
    channels = sound.shape[1] if sound.ndim == 2 else 1
    picture = LongTermSpectrogram(
        len(sound), rate, channels=channels, columns=columns, rows=rows
    )
    while not picture.is_done:
        first, count = picture.wanted
        picture.add(sound[first : first + count])
    return picture


def test_a_short_call_in_a_long_recording_is_seen_in_its_column():
    seconds = np.arange(60 * RATE) / RATE
    sound = np.random.default_rng(1).normal(0, 1e-3, len(seconds))
    call = (seconds >= 30.2) & (seconds < 30.23)  # 30 ms in a column of 1 s
    sound[call] += 0.5 * np.sin(2 * np.pi * 2100 * seconds[call])

    levels = drawn(sound.astype(np.float32)).levels()

    # 2.1 kHz after Slaney: 15 + 27 ln(2.1) / ln(6.4) mel, of 35.2 mel at 4 kHz.
    mel = 15 + 27 * np.log([2.1, 4]) / np.log(6.4)
    row = int(mel[0] / mel[1] * 24)
    assert levels[row, 30] == 255
    assert np.delete(levels, 30, axis=1).max() < 200
    assert levels[: row - 4].max() < 200


@given(
    n_frames=st.integers(600, 9000),
    block=st.integers(300, 4000),
    seed=st.integers(0, 9),
)
def test_blocks_of_any_length_give_the_same_picture(n_frames, block, seed):
    sound = np.random.default_rng(seed).normal(0, 0.1, n_frames).astype(np.float32)
    whole = drawn(sound, columns=20, rows=8)
    pieces = LongTermSpectrogram(n_frames, RATE, columns=20, rows=8)
    pieces._block = block

    while not pieces.is_done:
        first, count = pieces.wanted
        pieces.add(sound[first : first + count])

    np.testing.assert_array_equal(pieces.levels(), whole.levels())
    assert (pieces.levels().max(axis=0) > 0).mean() > 0.5


@given(n_frames=st.integers(1, 20_000), columns=st.integers(1, 300))
def test_every_column_gets_a_window_of_its_own(n_frames, columns):
    sound = np.ones(n_frames, dtype=np.float32)
    picture = drawn(sound, columns=columns, rows=4)

    assert 1 <= picture.n_columns <= columns
    if n_frames >= 512:
        assert (picture._power.max(axis=0) > 0).all()


def test_columns_that_did_not_come_yet_are_dark(monkeypatch):
    monkeypatch.setattr(longterm, "_BLOCK", 16_000)
    sound = np.random.default_rng(2).normal(0, 0.1, 64_000).astype(np.float32)
    picture = LongTermSpectrogram(len(sound), RATE, columns=40, rows=8)

    first, count = picture.wanted
    picture.add(sound[first : first + count])

    assert picture.columns_done == 10
    assert picture.levels()[:, :10].any()
    assert not picture.levels()[:, 10:].any()


def test_memory_is_bounded_by_the_block_not_by_the_recording():
    day = LongTermSpectrogram(24 * 3600 * 48_000, 48_000, channels=2)

    first, count = day.wanted

    assert first == 0
    assert count * 2 <= 2_100_000
    assert day.levels().nbytes < 100_000


@pytest.mark.parametrize("n_frames", [1, 3, 100])
def test_a_recording_of_a_few_samples_is_no_error(n_frames):
    assert drawn(np.zeros(n_frames, dtype=np.float32)).levels().shape == (24, 1)


def test_silence_and_nan_are_dark():
    silent = drawn(np.zeros(8000, dtype=np.float32)).levels()
    half = np.random.default_rng(3).normal(0, 0.1, 16_000).astype(np.float32)
    half[:8000] = np.nan

    assert not silent.any()
    levels = drawn(half).levels()
    assert not levels[:, : levels.shape[1] // 2 - 2].any()
    assert levels[:, levels.shape[1] // 2 + 2 :].any()


def test_a_recording_that_breaks_off_is_drawn_as_far_as_it_goes():
    sound = np.random.default_rng(4).normal(0, 0.1, 4000).astype(np.float32)
    picture = LongTermSpectrogram(8000, RATE, columns=10, rows=4)

    picture.add(sound)

    assert picture.is_done
    assert picture.levels()[:, :4].any()


def test_all_channels_count():
    left = np.zeros((8000, 2), dtype=np.float32)
    left[:, 1] = np.sin(2 * np.pi * 1000 * np.arange(8000) / RATE)

    assert drawn(left).levels().any()
