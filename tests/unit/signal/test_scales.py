"""Frequency axes, against librosa."""

from __future__ import annotations

import itertools

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.errors import ParameterError
from annotator.signal import mel, scales

HERTZ = st.floats(0, 500_000)


@given(HERTZ)
def test_mel_is_librosas(hz: float) -> None:
    got = mel.hz_to_mel(hz)

    assert got == pytest.approx(librosa.hz_to_mel(hz), rel=1e-9, abs=1e-9)


@given(st.floats(0, 110))
def test_hz_of_mel_is_librosas(mels: float) -> None:
    hz = mel.mel_to_hz(mels)

    assert hz == pytest.approx(librosa.mel_to_hz(mels), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("scale", scales.SCALES.values(), ids=lambda s: s.name)
@given(hz=st.floats(1, 500_000))
def test_frequency_undoes_position(scale: scales.FrequencyScale, hz: float) -> None:
    there = scale.position(hz)

    assert scale.frequency(there) == pytest.approx(hz, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("sample_rate", "n_fft", "n_mels", "fmin", "fmax"),
    [
        (22_050, 2048, 128, 0, 11_025),
        (48_000, 2048, 128, 0, 24_000),
        (48_000, 4096, 256, 500, 15_000),
        (250_000, 8192, 128, 10_000, 125_000),
    ],
)
def test_mel_filters_are_librosas(
    sample_rate: int, n_fft: int, n_mels: int, fmin: float, fmax: float
) -> None:
    filters = mel.mel_filters(sample_rate, n_fft, n_mels, fmin, fmax)

    expected = librosa.filters.mel(
        sr=sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax
    )
    np.testing.assert_allclose(filters, expected, rtol=1e-5, atol=1e-9)


def test_bands_narrower_than_a_bin_are_not_empty() -> None:
    filters = mel.mel_filters(250_000, 1024, 256, 0, 125_000)

    assert filters.max(axis=1).min() > 0


def test_bands_narrower_than_a_bin_read_between_their_neighbours() -> None:
    n_fft, rate, n_mels = 512, 48_000, 128
    filters = mel.mel_filters(rate, n_fft, n_mels, 0, 24_000)

    # applied to a spectrum that rises by 1 per Hz, interpolation gives the middle
    bins = np.arange(n_fft // 2 + 1) * rate / n_fft
    middles = librosa.mel_frequencies(n_mels + 2, fmin=0, fmax=24_000)[1:-1]
    narrow = slice(3, 20)
    read = (filters @ bins / filters.sum(axis=1))[narrow]
    np.testing.assert_allclose(read, middles[narrow], rtol=1e-5)


@pytest.mark.parametrize(
    ("scale", "fmin", "fmax", "labels"),
    [
        ("linear", 0, 24_000, "0 5 10 15 20"),
        ("linear", 23.4, 24_023.4, "5 10 15 20"),
        ("linear", 0, 4_000, "0 0.5 1 1.5 2 2.5 3 3.5 4"),
        ("linear", 0, 125_000, "0 20 40 60 80 100 120"),
        ("mel", 0, 24_000, "0 0.5 1 2 5 10 20"),
        ("mel", 0, 125_000, "0 1 2 5 10 20 50 100"),
        ("mel", 4_000, 6_000, "4 4.5 5 5.5 6"),
        ("log", 50, 24_000, "0.05 0.1 0.2 0.5 1 2 5 10 20"),
        ("log", 1_000, 1_010, "1 1.002 1.004 1.006 1.008 1.01"),
        ("amplitude", -1, 1, "-1 -0.5 0 0.5 1"),
    ],
)
def test_ticks_are_round_frequencies_in_khz(
    scale: str, fmin: float, fmax: float, labels: str
) -> None:
    ticks = scales.scale_ticks(scales.scale_named(scale), fmin, fmax)

    assert " ".join(label for _, label in ticks) == labels


@given(
    scale=st.sampled_from([scales.LINEAR, scales.MEL, scales.LOG]),
    fmin=st.floats(0, 200_000),
    span=st.floats(10, 200_000),
    count=st.integers(1, 20),
)
def test_ticks_ascend_within_the_axis_and_say_where_they_are(
    scale: scales.FrequencyScale, fmin: float, span: float, count: int
) -> None:
    fmax = fmin + span

    ticks = scales.scale_ticks(scale, fmin, fmax, count=count)

    assert len(ticks) <= 2 * count + 1
    assert all(a < b for (a, _), (b, _) in itertools.pairwise(ticks))
    for where, label in ticks:
        hz = 1000 * float(label)
        assert fmin - 1e-6 <= hz <= fmax + 1e-6
        assert where == pytest.approx(scale.position(hz), abs=1e-6)


@pytest.mark.parametrize(
    ("fmin", "fmax"), [(5, 5), (10, 5), (0, float("nan")), (0, float("inf"))]
)
def test_an_axis_without_length_is_refused(fmin: float, fmax: float) -> None:
    with pytest.raises(ParameterError, match="rising"):
        scales.scale_ticks(scales.LINEAR, fmin, fmax)


def test_an_unknown_scale_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ParameterError, match="'linear', 'mel'"):
        scales.scale_named("bark")
