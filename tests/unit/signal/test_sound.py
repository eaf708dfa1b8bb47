from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.errors import ParameterError
from annotator.signal.sound import Rendition, render_frames

FULL_SCALE = 32768


def sine(frequency, seconds, rate, level=0.5):
    time = np.arange(round(seconds * rate)) / rate
    return np.rint(level * FULL_SCALE * np.sin(2 * np.pi * frequency * time)).astype(
        np.int16
    )


def noise(n):
    return np.random.default_rng(3).integers(-9000, 9000, n, dtype=np.int16)


def whole(samples, how):
    return render_frames(samples, how, 0, how.length)


def peak_of(samples, rate):
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return spectrum.argmax() * rate / len(samples)


@pytest.mark.parametrize(
    ("rate", "expansion", "factor"),
    [
        (1000, 1, 1),
        (48_000, 1, 1),
        (96_000, 1, 1),
        (250_000, 1, 5),
        (384_000, 1, 8),
        (1_000_000, 1, 22),
        (250_000, 10, 1),
        (384_000, 2, 4),
        (1_000_000, 20, 1),
    ],
)
def test_only_what_can_be_heard_is_sent(rate, expansion, factor):
    how = Rendition(rate, rate, expansion)

    assert how.factor == factor
    assert min(rate / expansion, 44_100) <= how.rate / expansion <= 96_000


def test_what_can_be_heard_is_sent_as_it_is():
    samples = noise(5000)

    np.testing.assert_array_equal(whole(samples, Rendition(48_000, 5000)), samples)


def test_time_expansion_sends_the_same_samples_to_be_played_slower():
    samples = noise(5000)

    how = Rendition(384_000, 5000, expansion=10)

    np.testing.assert_array_equal(whole(samples, how), samples)


def test_ultrasound_is_left_out_where_it_would_fold_into_hearing():
    heard = sine(8000, 0.5, 250_000)
    both = heard // 2 + sine(47_000, 0.5, 250_000) // 2  # 50 kHz - 47 kHz = 3 kHz

    result = whole(both, Rendition(250_000, len(both)))

    assert peak_of(result, 50_000) == pytest.approx(8000, abs=5)
    spectrum = np.abs(np.fft.rfft(result * np.blackman(len(result))))
    at_3_khz, at_8_khz = (spectrum[round(f * len(result) / 50_000)] for f in (3e3, 8e3))
    assert at_3_khz < 1e-4 * at_8_khz


def test_levels_stay_when_there_are_fewer_frames():
    tone = sine(8000, 0.5, 384_000)

    result = whole(tone, Rendition(384_000, len(tone)))

    expected = sine(8000, 0.5, 48_000)
    error = (result.astype(float) - expected)[100:-100]
    assert np.abs(error).max() < 0.002 * FULL_SCALE


@given(
    st.sampled_from([(250_000, 1, None), (384_000, 2, None), (192_000, 1, 40_000.0)]),
    st.lists(st.integers(0, 6000), max_size=6),
)
def test_pieces_make_the_whole(manner, cuts):
    rate, expansion, carrier = manner
    samples = noise(6000)
    how = Rendition(rate, len(samples), expansion, carrier)
    edges = sorted({0, how.length, *(min(cut, how.length) for cut in cuts)})

    parts = [
        render_frames(samples, how, start, stop)
        for start, stop in itertools.pairwise(edges)
    ]

    joined = np.concatenate(parts).astype(int)
    assert np.abs(joined - whole(samples, how)).max() <= 1  # rounding of float32


@pytest.mark.parametrize("frequency", [43_000, 37_000])
def test_a_heterodyne_gives_the_difference_to_its_carrier(frequency):
    call = sine(frequency, 0.5, 250_000)

    how = Rendition(250_000, len(call), carrier=40_000.0)
    result = whole(call, how)

    assert peak_of(result, how.rate) == pytest.approx(3000, abs=5)
    middle = result[1000:-1000] / FULL_SCALE
    assert middle.std() == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


def test_a_heterodyne_is_deaf_to_what_is_far_from_its_carrier():
    call = sine(70_000, 0.5, 250_000)

    how = Rendition(250_000, len(call), carrier=40_000.0)

    assert np.abs(whole(call, how)[1000:-1000]).max() <= 30


@given(st.integers(1, 1_000_000), st.integers(0, 10**9), st.floats(0, 1e5))
def test_each_moment_has_its_piece(rate, n_frames, seconds):
    how = Rendition(rate, n_frames)

    index = how.piece_at(seconds)

    assert 0 <= index <= max(0, how.n_pieces - 1)
    if seconds < (n_frames - 1) / rate:
        frame = seconds * how.rate
        assert index * how.piece_length - 1 <= frame
        assert frame <= (index + 1) * how.piece_length + 1


def test_nothing_gives_nothing():
    assert whole(noise(0), Rendition(48_000, 0)).shape == (0,)
    assert Rendition(48_000, 0).n_pieces == 0


@pytest.mark.parametrize(
    "numbers", [{"sample_rate": 0}, {"expansion": 0}, {"carrier": 1.0, "expansion": 2}]
)
def test_impossible_renditions_are_refused(numbers):
    with pytest.raises(ParameterError, match="expansion"):
        Rendition(**{"sample_rate": 48_000, "n_frames": 10, **numbers})


def test_frames_beyond_the_end_are_refused():
    with pytest.raises(ParameterError, match="not within 0 to 10"):
        render_frames(noise(10), Rendition(48_000, 10), 5, 11)
