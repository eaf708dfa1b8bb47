"""Rows: every frequency in its place, on every scale, whole and zoomed."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from annotator.errors import ParameterError
from annotator.signal.analysis import Analysis, default_n_fft, make_plan
from annotator.signal.rows import KINDS, make_rows
from annotator.signal.spectrogram import Spectrogram, compute_spectrogram

RATES = st.sampled_from([1_000, 8_000, 22_050, 44_100, 48_000, 250_000, 384_000])


def sine(hz: float, rate: float, n_frames: int) -> np.ndarray:
    return np.sin(2 * np.pi * hz / rate * np.arange(n_frames)).astype(np.float32)


def noise(n_frames: int) -> np.ndarray:
    return np.random.default_rng(7).uniform(-0.5, 0.5, n_frames).astype(np.float32)


def edges_of(picture: Spectrogram, row: int) -> tuple[float, float]:
    """Return the lowest and the highest frequency of a row."""
    y = picture.bottom + np.array([row, row + 1]) * (
        (picture.top - picture.bottom) / picture.data.shape[0]
    )
    low, high = picture.scale.frequency(y).tolist()
    return low, high


@pytest.mark.parametrize("kind", KINDS)
@given(rate=RATES, share=st.floats(0, 1))
def test_a_sine_peaks_in_the_bin_that_holds_its_frequency(
    kind: str, rate: float, share: float
) -> None:
    n_fft = default_n_fft(rate, kind)
    lowest = max(3 * rate / n_fft, 50)  # beneath, a sine overlaps its mirror image
    hz = lowest * (0.98 * rate / 2 / lowest) ** share

    picture = compute_spectrogram(sine(hz, rate, 2 * n_fft), rate, kind=kind)

    middle = picture.data[:, picture.data.shape[1] // 2].astype(int)
    bright = np.flatnonzero(middle >= middle.max() - 1)
    low, high = edges_of(picture, bright[0])[0], edges_of(picture, bright[-1])[1]
    assert low - rate / n_fft / 2 <= hz <= high + rate / n_fft / 2


@pytest.mark.parametrize("kind", KINDS)
@given(rate=RATES, start=st.floats(0.1, 0.9), width=st.floats(0.005, 0.1))
def test_a_sine_peaks_in_its_row_when_zoomed(
    kind: str, rate: float, start: float, width: float
) -> None:
    n_fft = default_n_fft(rate, kind)
    low, high = start * rate / 2, (start + width) * rate / 2
    hz = (low + high) / 2

    picture = compute_spectrogram(
        sine(hz, rate, 4 * n_fft),
        rate,
        kind=kind,
        min_frequency=low,
        max_frequency=high,
        width=50,
    )

    middle = picture.data[:, picture.data.shape[1] // 2].astype(int)
    bright = np.flatnonzero(middle >= middle.max() - 1)
    eighth = rate / n_fft / 8  # of a bin: frames are padded
    assert edges_of(picture, bright[0])[0] - eighth <= hz
    assert hz <= edges_of(picture, bright[-1])[1] + eighth


@pytest.mark.parametrize("kind", KINDS)
def test_a_zoomed_picture_holds_the_band_and_less_than_a_row_more(kind: str) -> None:
    picture = compute_spectrogram(
        noise(9_600), 48_000, kind=kind, min_frequency=3_000, max_frequency=3_700
    )

    rows = picture.data.shape[0]
    row = (picture.top - picture.bottom) / rows
    low, high = picture.scale.position([3_000, 3_700])
    assert picture.bottom <= low + 1e-9
    assert low < picture.bottom + row
    assert picture.top - row < high <= picture.top + 1e-9
    assert rows >= 100


def test_zooming_pads_but_does_not_change_levels() -> None:
    samples = sine(10 * 48_000 / 1024, 48_000, 48_000)

    whole = compute_spectrogram(samples, 48_000)
    zoomed = compute_spectrogram(
        samples, 48_000, min_frequency=300, max_frequency=700, width=100
    )

    assert zoomed.max_db == pytest.approx(whole.max_db, abs=0.01)


def test_zoomed_mel_bands_are_per_hz_as_in_the_whole() -> None:
    samples = noise(48_000)
    levels = [
        10 * np.log10(np.mean(make_plan(samples, 48_000, analysis).power()[:, 5:-5]))
        for analysis in (
            Analysis(kind="mel", n_fft=2048, width=100),
            Analysis(
                kind="mel",
                n_fft=2048,
                width=100,
                min_frequency=5_000,
                max_frequency=6_000,
            ),
        )
    ]

    assert levels[1] == pytest.approx(levels[0], abs=0.5)


@pytest.mark.parametrize("times", [2, 4, 8])
def test_more_bins_than_rows_leave_the_loudest(times: int) -> None:
    samples, n_fft = noise(48_000), 1024 * times
    fine = make_plan(
        samples, 48_000, Analysis(n_fft=n_fft, width=20, n_rows=n_fft // 2)
    ).power()

    coarse = make_plan(samples, 48_000, Analysis(n_fft=n_fft, width=20)).power()

    assert coarse.shape == (20, 512)
    np.testing.assert_array_equal(coarse, fine.reshape(20, 512, times).max(axis=2))


def test_a_row_of_the_log_scale_is_the_loudest_bin_in_it() -> None:
    rows = make_rows("log", 48_000, 2048)
    power = np.random.default_rng(2).uniform(0, 1, (3, 1025)).astype(np.float32)

    got = rows.apply(power)

    hz = np.arange(1025) * 48_000 / 2048
    edges = 50 * 2 ** (np.arange(257) * np.log2(24_000 / 50) / 256)
    for row in range(200, 256):  # wider than bins
        inside = (hz >= edges[row] - 1e-6) & (hz < edges[row + 1] - 1e-6)
        inside[-1] &= row == 255
        np.testing.assert_array_equal(got[:, row], power[:, inside].max(axis=1))


def test_a_row_between_bins_of_the_log_scale_lies_on_the_line_between_them() -> None:
    rows = make_rows("log", 48_000, 2048)
    hz = np.arange(1025) * 48_000 / 2048

    got = rows.apply(hz[None].astype(np.float32))[0]

    middles = 50 * 2 ** ((np.arange(256) + 0.5) * np.log2(24_000 / 50) / 256)
    assert (np.diff(got) >= 0).all()
    np.testing.assert_allclose(got[:40], middles[:40], atol=24)
    np.testing.assert_allclose(np.median(got[:40] / middles[:40]), 1, atol=0.01)


@pytest.mark.parametrize("window", ["hann", "hamming", "blackman"])
def test_linear_power_is_librosas(window: str) -> None:
    n_fft, hop, columns = 1024, 200, 300
    samples = noise(columns * hop)

    got = make_plan(
        samples, 48_000, Analysis(hop_length=hop, n_fft=n_fft, window=window)
    ).power()

    padded = np.pad(samples, (n_fft // 2 - hop // 2, n_fft))
    spectrum = librosa.stft(
        padded, n_fft=n_fft, hop_length=hop, center=False, window=window
    )
    decibels_apart(got.T, np.abs(spectrum[1:, :columns]) ** 2)


@pytest.mark.parametrize("band", [None, (2_000.0, 9_000.0)])
def test_mel_power_is_librosas(band: tuple[float, float] | None) -> None:
    n_fft, hop, columns, n_mels = 2048, 200, 300, 64
    low, high = librosa.hz_to_mel(band or (0.0, 24_000.0))
    half = (high - low) / n_mels / 2
    samples = noise(columns * hop)

    got = make_plan(
        samples,
        48_000,
        Analysis(
            kind="mel",
            hop_length=hop,
            n_fft=n_fft,
            n_rows=n_mels,
            min_frequency=band and band[0],
            max_frequency=band and band[1],
        ),
    ).power()

    power = librosa.feature.melspectrogram(
        y=np.pad(samples, (n_fft // 2 - hop // 2, n_fft)),
        sr=48_000,
        n_fft=n_fft,
        hop_length=hop,
        center=False,
        n_mels=n_mels,
        # librosa's mel is straight through zero, but its mel_to_hz is not beneath
        fmin=librosa.mel_to_hz(low - half) if band else -half * 200 / 3,
        fmax=librosa.mel_to_hz(high + half),
    )[:, :columns]
    decibels_apart(got.T, power)


def decibels_apart(got: np.ndarray, expected: np.ndarray) -> None:
    """Both are within 0.01 dB of each other, relative to their loudest."""
    np.testing.assert_allclose(
        *(10 * np.log10(np.maximum(p / p.max(), 1e-9)) for p in (got, expected)),
        atol=0.01,
    )


@pytest.mark.parametrize(
    ("low", "high"), [(5_000, 5_000), (6_000, 100), (30_000, 40_000), (-5, -1)]
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_band_without_frequencies_is_refused(
    kind: str, low: float, high: float
) -> None:
    with pytest.raises(ParameterError, match="nothing to draw"):
        compute_spectrogram(
            noise(500), 48_000, kind=kind, min_frequency=low, max_frequency=high
        )


@given(
    rate=st.floats(1_000, 1_000_000),
    low=st.floats(0, 0.99),
    width=st.floats(0.001, 1),
    kind=st.sampled_from(KINDS),
    n_fft=st.sampled_from([16, 256, 1000, 8192]),
)
def test_any_band_of_any_rate_has_a_picture_of_bounded_size(
    rate: float, low: float, width: float, kind: str, n_fft: int
) -> None:
    assume(kind != "log" or (low + width) * rate / 2 > 1)

    picture = compute_spectrogram(
        noise(300),
        rate,
        kind=kind,
        n_fft=n_fft,
        min_frequency=low * rate / 2,
        max_frequency=(low + width) * rate / 2,
    )

    assert 1 <= picture.data.shape[0] <= 512
    assert picture.data.max() == 255
    assert picture.bottom < picture.top
