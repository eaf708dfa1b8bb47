"""PCEN, noise subtraction and reassignment, against librosa and by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.errors import ParameterError
from annotator.signal.analysis import Analysis, make_plan
from annotator.signal.denoised import above_noise, compute_denoised
from annotator.signal.pcen import Pcen, compute_pcen
from annotator.signal.reassigned import compute_reassigned, reassigned_cells

if TYPE_CHECKING:
    from annotator.signal.spectrogram import Spectrogram

RATE = 48_000


def noise(n_frames: int, level: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(7)
    return (rng.standard_normal(n_frames) * level).astype(np.float32)


def sine(hz: float, seconds: float = 1.0, rate: float = RATE) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate).astype("f4")


def values_of(picture: Spectrogram) -> np.ndarray:
    return picture.min_db + picture.data * (picture.max_db - picture.min_db) / 255


@pytest.mark.parametrize("blocks", [1, 3])
@pytest.mark.parametrize("hop", [64, 480])
def test_pcen_is_librosas(blocks: int, hop: int) -> None:
    energy = np.random.default_rng(3).gamma(1, 1e5, (300, 40)).astype(np.float32)
    energy[100:150] = 0
    pcen = Pcen(gain=0.8, bias=10, power=0.25, time_constant=0.06)

    mean, parts = None, []
    for part in np.array_split(energy, blocks):
        values, mean = pcen.apply(part, hop / RATE, mean)
        parts.append(values)

    share = pcen.smoothing(hop / RATE)
    expected = librosa.pcen(
        energy.T.astype(float),
        sr=RATE,
        hop_length=hop,
        gain=0.8,
        bias=10,
        power=0.25,
        time_constant=0.06,
        zi=(1 - share) * energy[0].astype(float)[:, None],
    )
    np.testing.assert_allclose(np.concatenate(parts).T, expected, rtol=1e-5, atol=1e-6)


def test_pcen_of_a_clip_is_librosas() -> None:
    samples = noise(RATE) * np.linspace(0.1, 1, RATE, dtype=np.float32)
    analysis = Analysis(kind="mel", n_fft=2048, hop_length=480, width=100, n_rows=64)

    picture = compute_pcen(samples, RATE, analysis)

    energy = np.sqrt(make_plan(samples, RATE, analysis).power()) * 2**31
    expected = librosa.pcen(
        energy.T.astype(float),
        sr=RATE,
        hop_length=480,
        zi=(1 - Pcen().smoothing(0.01)) * energy[0].astype(float)[:, None],
    )
    step = (picture.max_db - picture.min_db) / 255
    np.testing.assert_allclose(values_of(picture), expected, atol=step)
    assert picture.unit == ""


def test_pcen_lets_what_lasts_fade_and_shows_what_begins() -> None:
    samples = noise(6 * RATE, 0.001) + 0.3 * sine(3_000, 6)
    samples[4 * RATE : 4 * RATE + 4_800] += 0.01 * sine(9_000, 0.1)

    picture = compute_pcen(samples, RATE, Analysis(kind="mel", width=600))

    row, column = np.unravel_index(picture.data[:, 100:590].argmax(), (128, 490))
    hz = picture.scale.frequency(
        picture.bottom + (row + 0.5) / 128 * (picture.top - picture.bottom)
    )
    assert hz == pytest.approx(9_000, rel=0.05)
    assert 4.0 <= (column + 100.5) / 100 <= 4.1


@pytest.mark.parametrize("draw", [compute_pcen, compute_denoised])
def test_the_ends_of_a_clip_where_tones_are_cut_do_not_dim_the_rest(draw) -> None:
    samples = noise(2 * RATE, 0.001) + 0.5 * sine(3_000, 2)
    samples[RATE : RATE + 4_800] += 0.01 * sine(9_000, 0.1) * np.hanning(4_800)

    picture = draw(samples, RATE)

    assert picture.data[:, 40:-40].max() > 230


def test_a_part_of_a_clip_is_compared_with_what_came_before_it() -> None:
    samples = noise(4 * RATE, 0.001)
    samples[2 * RATE :] *= 30  # it becomes loud, and stays so
    analysis = Analysis(kind="mel", width=400)

    whole = values_of(compute_pcen(samples, RATE, analysis, high=5))
    part = values_of(
        compute_pcen(
            samples, RATE, Analysis(kind="mel", width=100), high=5, span=(2, 3)
        )
    )

    assert part.shape == (128, 100)
    np.testing.assert_allclose(
        np.median(part, axis=0), np.median(whole[:, 200:300], axis=0), atol=0.25
    )


def test_a_click_is_not_lost_by_pcen_between_columns() -> None:
    samples = noise(30 * RATE, 0.001)
    samples[700_000] = 1.0

    picture = compute_pcen(samples, RATE, Analysis(kind="mel", width=50))

    assert picture.data.max(axis=0).argmax() == 700_000 * 50 // (30 * RATE)


def test_the_usual_level_of_each_band_becomes_zero() -> None:
    power = np.random.default_rng(2).gamma(1, 1, (201, 30)).astype(np.float32)
    power *= np.geomspace(1e-6, 1, 30, dtype=np.float32)

    levels = above_noise(power)

    np.testing.assert_allclose(np.median(levels, axis=0), 0, atol=1e-9)
    expected = 10 * np.log10(power / np.median(power, axis=0))
    np.testing.assert_allclose(levels, expected, atol=1e-4)


def test_silence_between_sounds_is_not_the_usual_level() -> None:
    power = np.zeros((100, 4), dtype=np.float32)
    power[:40] = np.random.default_rng(2).uniform(0.5, 1.5, (40, 4))

    levels = above_noise(power)

    assert levels[:40].max() < 10


def test_noise_is_dark_and_calls_are_bright_after_subtraction() -> None:
    samples = noise(4 * RATE, 0.01) + 0.3 * sine(2_000, 4)
    samples[RATE : RATE + 9_600] += 0.1 * sine(8_000, 0.2)

    picture = compute_denoised(samples, RATE, Analysis(width=400))

    dark = 51  # the darkest that is seen at first
    assert np.median(picture.data) <= dark + 1
    assert picture.data[:, 110].argmax() == pytest.approx(8_000 / RATE * 1024, abs=1.5)
    assert picture.data[40:46, 300].max() < 120  # the steady sine is gone


def test_a_percentile_out_of_range_is_refused() -> None:
    with pytest.raises(ParameterError, match="percentile=101"):
        compute_denoised(noise(9_000), RATE, percentile=101)


# librosa 0.11 on NumPy 2.4, 2026-11
@pytest.mark.filterwarnings("ignore:'where' used without 'out':UserWarning")
def test_reassigned_cells_are_librosas() -> None:
    hop, n_fft, frames = 256, 1024, 90
    samples = noise(frames * hop, 0.01)
    seconds = np.arange(len(samples)) / RATE
    samples += np.sin(2 * np.pi * (2_000 + 8_000 * seconds) * seconds).astype("f4")
    plan = make_plan(samples, RATE, Analysis(n_fft=n_fft, hop_length=hop))

    power, times, hertz = (
        np.concatenate(parts).reshape(frames, -1).T
        for parts in zip(*reassigned_cells(plan, "hann"), strict=True)
    )

    first = plan.centres[0] - n_fft // 2
    freqs, moments, magnitude = librosa.reassigned_spectrogram(
        np.pad(samples, (-first, n_fft)),
        sr=RATE,
        n_fft=n_fft,
        hop_length=hop,
        center=False,
    )
    loud = np.sqrt(power) > 0.01
    theirs = magnitude[:, :frames] > 0.01 * n_fft / 4
    assert np.count_nonzero(loud != theirs) < 20
    loud &= theirs
    np.testing.assert_allclose(hertz[loud], freqs[:, :frames][loud], atol=5)
    there = moments[:, :frames][loud] + first / RATE
    np.testing.assert_allclose(times[loud] / RATE, there, atol=1e-4)


@pytest.mark.parametrize("kind", ["linear", "mel", "log"])
@given(hz=st.floats(400, 23_000))
def test_a_reassigned_sine_is_one_row_high(kind: str, hz: float) -> None:
    picture = compute_reassigned(
        sine(hz, 0.2), RATE, Analysis(kind=kind, overlap=0.75, width=40)
    )

    rows = picture.data.shape[0]
    y = float(picture.scale.position(hz))
    row = (y - picture.bottom) / (picture.top - picture.bottom) * rows
    column = picture.data[:, 20]
    assert abs(column.argmax() - row) <= 1.01
    assert np.count_nonzero(column > 255 * 0.7) <= 2


def test_a_reassigned_sine_of_full_scale_is_at_zero_decibels() -> None:
    picture = compute_reassigned(sine(5_000), RATE, Analysis(overlap=0.75, width=40))

    assert np.median(picture.data.max(axis=0)) == pytest.approx(255, abs=3)
    assert picture.max_db == pytest.approx(0, abs=1)


def test_a_reassigned_click_is_one_column_wide() -> None:
    samples = np.zeros(RATE, dtype=np.float32)
    samples[20_000] = 1.0

    picture = compute_reassigned(samples, RATE, Analysis(overlap=0.75, width=500))

    loudness = (picture.data > 0).sum(axis=0)
    assert loudness.argmax() == 20_000 * 500 // RATE
    assert np.count_nonzero(loudness) <= 2


@pytest.mark.parametrize("draw", [compute_pcen, compute_denoised, compute_reassigned])
@pytest.mark.parametrize(
    "samples",
    [np.zeros(9_000), np.ones(3), np.array([np.nan, np.inf, 2.0]), noise(2) * 50],
    ids=["silent", "3 samples", "NaN", "too loud"],
)
def test_odd_sounds_have_a_picture(draw, samples) -> None:
    picture = draw(samples, RATE)

    assert np.isfinite([picture.min_db, picture.max_db]).all()
    assert picture.min_db < picture.max_db
    if not np.any(np.nan_to_num(samples, posinf=0)):
        assert picture.data.max() <= 51
