"""The picture: right values at the right place."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from annotator.errors import ParameterError
from annotator.signal.levels import dequantise
from annotator.signal.spectrogram import (
    Spectrogram,
    compute_spectrogram,
    default_n_fft,
)

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ["linear", "mel"]
RATES = [8_000, 44_100, 48_000, 250_000]


def column_of(picture: Spectrogram, seconds: float) -> int:
    span = picture.end_time - picture.start_time
    share = (seconds - picture.start_time) / span
    return int(share * picture.data.shape[1])


def row_of(picture: Spectrogram, hz: float) -> int:
    low, high, here = (
        picture.scale.position(f)
        for f in (picture.min_frequency, picture.max_frequency, hz)
    )
    return int((here - low) / (high - low) * picture.data.shape[0])


def noise(n_frames: int) -> np.ndarray:
    return np.random.default_rng(7).uniform(-0.5, 0.5, n_frames).astype(np.float32)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("duration", [0.05, 3.0, 60.0])
def test_a_click_shows_in_the_column_that_holds_its_time(
    kind: str, rate: int, duration: float
) -> None:
    n_frames = round(duration * rate)
    clicks = 1 if duration == 60 else 3
    for sample in np.random.default_rng(3).integers(0, n_frames, clicks):
        samples = np.zeros(n_frames, np.float32)
        samples[sample] = 1.0

        picture = compute_spectrogram(samples, rate, kind=kind, start_time=12.5)

        column = column_of(picture, 12.5 + (sample + 0.5) / rate)
        assert picture.data[:, column].max() == 255


@given(
    n_frames=st.integers(1, 60_000),
    where=st.floats(0, 1, exclude_max=True),
    width=st.integers(1, 400),
)
def test_a_click_is_never_lost_between_columns(
    n_frames: int, where: float, width: int
) -> None:
    samples = np.zeros(n_frames, np.float32)
    sample = int(where * n_frames)
    samples[sample] = 1.0

    picture = compute_spectrogram(samples, 48_000, width=width)

    column = column_of(picture, (sample + 0.5) / 48_000)
    assert picture.data.shape[1] <= width
    assert picture.data[:, column].max() == 255


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", RATES)
def test_a_sine_peaks_in_the_row_that_holds_its_frequency(kind: str, rate: int) -> None:
    n_fft = default_n_fft(rate, kind)
    seconds = np.arange(n_fft) / rate
    lowest = 3 * rate / n_fft  # beneath, a sine overlaps with its mirror image

    for hz in np.geomspace(lowest, 0.99 * rate / 2, 60):
        picture = compute_spectrogram(np.sin(2 * np.pi * hz * seconds), rate, kind=kind)

        middle = picture.data[:, picture.data.shape[1] // 2].astype(int)
        # one of 256 levels: at a row's edge its neighbour is as bright
        assert middle[row_of(picture, hz)] >= middle.max() - 1
        assert abs(middle.argmax() - row_of(picture, hz)) <= 1


def test_levels_are_librosas() -> None:
    # 500 columns of 200 samples; the first frame is centred on sample 100
    n_fft, hop, columns = 1024, 200, 500
    samples = noise(columns * hop)
    samples[30_000:40_000] *= 0.001

    picture = compute_spectrogram(samples, 48_000, hop_length=hop, n_fft=n_fft)

    padded = np.pad(samples, (n_fft // 2 - hop // 2, n_fft))
    spectrum = librosa.stft(padded, n_fft=n_fft, hop_length=hop, center=False)
    power = np.abs(spectrum[1:, :columns]) ** 2
    expected = librosa.power_to_db(power, ref=np.max, amin=1e-20, top_db=100)
    got = dequantise(picture.data, -100, 0)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, atol=0.5 * 100 / 255 + 0.01)


def test_mel_levels_are_librosas() -> None:
    n_fft, hop, columns, n_mels = 2048, 200, 500, 128
    samples = noise(columns * hop)
    half = librosa.hz_to_mel(24_000) / n_mels / 2

    picture = compute_spectrogram(
        samples, 48_000, kind="mel", hop_length=hop, n_fft=n_fft
    )

    padded = np.pad(samples, (n_fft // 2 - hop // 2, n_fft))
    power = librosa.feature.melspectrogram(
        y=padded,
        sr=48_000,
        n_fft=n_fft,
        hop_length=hop,
        center=False,
        n_mels=n_mels,
        # -half, in mel, lies on the straight part
        fmin=-half * 200 / 3,
        fmax=librosa.mel_to_hz(librosa.hz_to_mel(24_000) + half),
    )[:, :columns]
    expected = librosa.power_to_db(power, ref=np.max, amin=1e-20, top_db=100)
    got = dequantise(picture.data, -100, 0)
    np.testing.assert_allclose(got, expected, atol=0.5 * 100 / 255 + 0.01)


def test_columns_hold_the_loudest_of_their_frames() -> None:
    samples = noise(48_000)
    fine = compute_spectrogram(samples, 48_000, width=400, hop_length=120)

    coarse = compute_spectrogram(samples, 48_000, width=100, hop_length=120)

    expected = fine.data.reshape(512, 100, 4).max(axis=2)
    assert fine.data.shape == (512, 400)
    assert np.array_equal(coarse.data, expected)


def test_a_full_scale_sine_is_at_zero_decibels() -> None:
    seconds = np.arange(48_000) / 48_000

    picture = compute_spectrogram(np.sin(2 * np.pi * 3_000 * seconds), 48_000)

    assert picture.max_db == pytest.approx(0, abs=0.01)
    assert picture.min_db == pytest.approx(-100, abs=0.01)


@pytest.mark.parametrize("rate", [*RATES, 22_050, 96_000, 384_000])
def test_the_picture_spans_the_clip_and_half_the_sample_rate(rate: int) -> None:
    picture = compute_spectrogram(noise(rate // 4), rate, start_time=3.0)

    half_a_row = rate / default_n_fft(rate) / 2
    assert picture.min_frequency == half_a_row
    assert picture.max_frequency == rate / 2 + half_a_row
    assert picture.start_time == 3.0
    assert picture.end_time == pytest.approx(3.0 + (rate // 4) / rate)


@pytest.mark.parametrize("rate", RATES)
def test_the_mel_picture_spans_zero_to_half_the_sample_rate(rate: int) -> None:
    picture = compute_spectrogram(noise(rate // 4), rate, kind="mel")

    assert (picture.min_frequency, picture.max_frequency) == (0, rate / 2)
    assert picture.data.shape[0] == 128
    assert picture.data.max(axis=1).min() > 100  # white noise: no row is empty


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("duration", [1.0, 21.0])
def test_the_picture_is_at_most_a_megabyte(rate: int, duration: float) -> None:
    picture = compute_spectrogram(noise(round(rate * duration)), rate)

    assert picture.data.nbytes <= 512 * 2000
    assert picture.data.dtype == np.uint8
    assert picture.data.flags.c_contiguous


def test_short_clips_have_as_many_columns_as_are_worth_it() -> None:
    half_a_second, three_seconds = noise(24_000), noise(144_000)

    assert compute_spectrogram(half_a_second, 48_000).data.shape == (512, 375)
    assert compute_spectrogram(three_seconds, 48_000).data.shape == (512, 2000)


def test_a_short_part_is_drawn_four_times_as_fine() -> None:
    part = compute_spectrogram(noise(24_000), 48_000, span=(0.2, 0.25))

    assert part.data.shape == (512, 150)


def test_a_part_is_what_the_whole_shows_there() -> None:
    samples = noise(48_000)
    whole = compute_spectrogram(samples, 48_000, hop_length=120)

    part = compute_spectrogram(
        samples,
        48_000,
        hop_length=120,
        max_db=whole.max_db,
        start_time=5.0,
        span=(5.25, 5.5),
    )

    assert (part.start_time, part.end_time) == (5.25, 5.5)
    np.testing.assert_array_equal(part.data, whole.data[:, 100:200])


@pytest.mark.parametrize("span", [(2, 3), (-3, -1), (0.5, 0.5)])
def test_a_part_beyond_the_samples_is_refused(span: tuple[float, float]) -> None:
    with pytest.raises(ParameterError, match="no samples from"):
        compute_spectrogram(noise(4_800), 48_000, span=span)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_frames", [1, 2, 100, 1023])
def test_clips_shorter_than_a_frame_have_a_picture(kind: str, n_frames: int) -> None:
    picture = compute_spectrogram(np.ones(n_frames), 48_000, kind=kind)

    assert picture.data.max() == 255


@pytest.mark.parametrize("kind", KINDS)
def test_silence_is_black(kind: str) -> None:
    picture = compute_spectrogram(np.zeros((48_000, 2)), 48_000, kind=kind)

    assert picture.data.max() == 0
    assert np.isfinite([picture.min_db, picture.max_db]).all()


def test_samples_that_are_no_numbers_do_not_spoil_the_picture() -> None:
    samples = noise(48_000)
    samples[[100, 200, 300]] = [np.nan, np.inf, 3e38]

    picture = compute_spectrogram(samples, 48_000)

    assert np.isfinite([picture.min_db, picture.max_db]).all()
    assert picture.data.max() == 255


def test_channels_are_averaged() -> None:
    left, right = noise(20_000), noise(40_000)[20_000:]

    both = compute_spectrogram(np.stack([left, right], axis=1), 48_000)

    mean = compute_spectrogram((left + right) / 2, 48_000)
    assert np.abs(both.data.astype(int) - mean.data).max() <= 1


def test_memory_stays_bounded_for_long_clips() -> None:
    samples = noise(15_000_000)  # 60 s at 250 kHz, 60 MB

    tracemalloc.start()
    compute_spectrogram(samples, 250_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 30e6


@pytest.mark.parametrize(
    ("rate", "kind", "n_fft"),
    [
        (8_000, "linear", 256),
        (22_050, "linear", 512),
        (44_100, "linear", 1024),
        (48_000, "linear", 1024),
        (250_000, "linear", 1024),
        (48_000, "mel", 2048),
        (250_000, "mel", 8192),
    ],
)
def test_frames_last_about_21_ms_but_have_at_most_512_rows(
    rate: int, kind: str, n_fft: int
) -> None:
    assert default_n_fft(rate, kind) == n_fft


@pytest.mark.parametrize("name", ["deermouse_usv_250k.wav", "spinetail.wav"])
@pytest.mark.parametrize("kind", KINDS)
def test_real_recordings_have_contrast(name: str, kind: str, shared_data: Path) -> None:
    samples, rate = soundfile.read(shared_data / name, dtype="float32")

    picture = compute_spectrogram(samples, rate, kind=kind)

    assert picture.data.max() == 255
    assert 10 < np.median(picture.data) < 220


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "cqt"}, "'linear', 'mel'"),
        ({"width": 0}, "width=0"),
        ({"n_rows": 1}, "n_rows=1"),
        ({"n_fft": 8}, "n_fft=8"),
        ({"n_fft": 1023}, "even"),
        ({"n_fft": 512, "hop_length": 257}, "skip samples"),
        ({"hop_length": 0}, "hop_length=0"),
        ({"window": "gauss"}, "'hann'"),
        ({"dynamic_range": -1}, "dynamic_range"),
    ],
)
def test_impossible_options_are_refused(
    options: dict[str, object], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        compute_spectrogram(noise(5_000), 48_000, **options)


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_an_impossible_sample_rate_is_refused(rate: float) -> None:
    with pytest.raises(ParameterError, match="sample rate"):
        compute_spectrogram(noise(5_000), rate)


def test_a_clip_without_samples_is_refused() -> None:
    with pytest.raises(ParameterError, match="no sound"):
        compute_spectrogram(np.empty((0, 1)), 48_000)
