"""What the player is sent."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from annotator.audio.encode import to_int16, to_wav
from annotator.errors import ParameterError


def test_samples_beyond_full_scale_are_clipped_not_wrapped() -> None:
    pcm = to_int16(np.array([1.0, 1.5, 3e38, -1.0, -1.5, np.inf, -np.inf], np.float32))

    assert pcm.tolist() == [32767, 32767, 32767, -32768, -32768, 32767, -32768]


def test_nan_becomes_silence() -> None:
    pcm = to_int16(np.array([np.nan, 0.25]))

    assert pcm.tolist() == [0, 8192]


def test_channels_are_averaged() -> None:
    pcm = to_int16(np.array([[0.5, 0.0], [0.5, -0.5], [-0.25, -0.75]]))

    assert pcm.tolist() == [8192, 0, -16384]


@given(hnp.arrays(np.int16, st.integers(0, 200)))
def test_sixteen_bit_audio_comes_back_unchanged(pcm: np.ndarray) -> None:
    again = to_int16(pcm.astype(np.float32) / 32768)

    assert np.array_equal(again, pcm)


def test_the_callers_samples_are_left_alone() -> None:
    samples = np.array([2.0, np.nan], dtype=np.float32)

    to_int16(samples)

    assert samples[0] == 2.0
    assert np.isnan(samples[1])


@pytest.mark.parametrize("shape", [(), (5, 0), (2, 2, 2)])
def test_samples_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ParameterError, match="shape"):
        to_int16(np.zeros(shape, np.float32))


def test_infinite_samples_of_several_channels_raise_no_warning() -> None:
    pcm = to_int16(np.float32([[np.inf, -np.inf, 0], [3e38, 3e38, 0]]))

    assert pcm.tolist() == [0, 32767]


@pytest.mark.parametrize("rate", [8_000, 48_000, 384_000])
def test_other_programs_read_the_wav(rate: int) -> None:
    samples = np.random.default_rng(3).uniform(-1, 1, (1_000, 2)).astype(np.float32)

    data = to_wav(samples, rate)

    pcm, got_rate = soundfile.read(io.BytesIO(data), dtype="int16")
    assert got_rate == rate
    assert np.array_equal(pcm, to_int16(samples))
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    with wave.open(io.BytesIO(data)) as reader:
        assert reader.getparams()[:4] == (1, 2, rate, 1_000)


def test_int16_is_encoded_as_it_is() -> None:
    pcm = np.array([1, -2, 32767], dtype=np.int16)

    data = to_wav(pcm, 8_000)

    assert data[44:] == pcm.astype("<i2").tobytes()


def test_no_samples_make_a_valid_empty_file() -> None:
    data = to_wav(np.empty((0, 1), np.float32), 8_000)

    assert len(data) == 44
    assert soundfile.info(io.BytesIO(data)).frames == 0
