"""What the built-in visualizations draw, as options and settings ask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.signal.scales import AMPLITUDE, LINEAR, LOG, MEL
from annotator.signal.spectrogram import Spectrogram, compute_spectrogram
from annotator.visualizations import PictureSettings, gallery
from annotator.visualizations.options import OPTIONS

RATE = 48_000
KINDS = sorted(OPTIONS)


def noise(n_frames: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(-0.5, 0.5, n_frames).astype(np.float32)


def draw(
    item: Any, settings: PictureSettings | None = None, **options: Any
) -> Spectrogram:
    (visualization,) = gallery([item]).values()
    return visualization.draw(noise(RATE // 2), RATE, settings, **options)


@pytest.mark.parametrize(
    ("kind", "scale", "rows", "low", "high"),
    [
        ("linear", LINEAR, 512, 23.4375, 24_023.4375),
        ("mel", MEL, 128, 0, 24_000),
        ("log_frequency", LOG, 256, 50, 24_000),
        ("pcen", MEL, 128, 0, 24_000),
        ("denoised", LINEAR, 512, 23.4375, 24_023.4375),
        ("reassigned", LINEAR, 512, 23.4375, 24_023.4375),
        ("waveform", AMPLITUDE, 512, -1, 1),
    ],
)
def test_each_has_its_axis(kind, scale, rows, low, high) -> None:
    picture = draw(kind)

    assert picture.scale == scale
    assert picture.data.shape[0] == rows
    assert (picture.min_frequency, picture.max_frequency) == (low, high)


def test_the_bandpass_shows_one_to_eight_kilohertz() -> None:
    picture = draw("bandpass")

    assert picture.min_frequency == pytest.approx(1_000, abs=25)
    assert picture.max_frequency == pytest.approx(8_000, abs=25)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (
            {"name": "mel", "n_fft": 1024, "n_mels": 64, "min_frequency": 500},
            {"kind": "mel", "n_fft": 1024, "n_rows": 64, "min_frequency": 500},
        ),
        (
            {"name": "log_frequency", "fft": 4096, "n_bins": 100, "f_min": 200},
            {"kind": "log", "n_fft": 4096, "n_rows": 100, "min_frequency": 200},
        ),
        (
            {"name": "bandpass", "f_lo": 2_000, "f_hi": 3_000, "window": "blackman"},
            {"min_frequency": 2_000, "max_frequency": 3_000, "window": "blackman"},
        ),
        ({"name": "linear", "overlap": 0.9}, {"overlap": 0.9}),
    ],
)
def test_options_reach_the_picture(item, expected) -> None:
    picture = draw(item)

    same = compute_spectrogram(noise(RATE // 2), RATE, **expected)
    np.testing.assert_array_equal(picture.data, same.data)
    assert picture.min_frequency == same.min_frequency


def test_what_a_person_sets_goes_before_the_options() -> None:
    item = {"name": "linear", "n_fft": 512, "window": "boxcar", "max_frequency": 5_000}

    picture = draw(
        item,
        PictureSettings(n_fft=256, window="hann", overlap=0.75, max_frequency=9_000),
    )

    same = compute_spectrogram(
        noise(RATE // 2), RATE, n_fft=256, overlap=0.75, max_frequency=9_000
    )
    np.testing.assert_array_equal(picture.data, same.data)


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0, 4_000, (1_000, 4_000)),
        (2_000, 3_000, (2_000, 3_000)),
        (9_000, 12_000, (1_000, 8_000)),
        (None, 5_000, (1_000, 5_000)),
    ],
)
def test_a_bandpass_never_shows_what_lies_outside_of_it(low, high, shown) -> None:
    picture = draw("bandpass", PictureSettings(min_frequency=low, max_frequency=high))

    ends = picture.min_frequency, picture.max_frequency
    assert ends == pytest.approx(shown, abs=25)


@pytest.mark.parametrize("kind", KINDS)
def test_a_band_that_the_sound_does_not_reach_is_the_whole_axis(kind: str) -> None:
    whole = draw(kind)

    beyond = draw(kind, PictureSettings(min_frequency=30_000, max_frequency=90_000))

    assert beyond.max_frequency == whole.max_frequency
    assert beyond.min_frequency == whole.min_frequency


@pytest.mark.parametrize("kind", ["linear", "mel", "log_frequency", "denoised"])
def test_a_zoomed_picture_is_as_bright_as_the_whole(kind: str) -> None:
    whole = draw(kind)

    part = draw(kind, PictureSettings(max_db=whole.max_db), span=(0.1, 0.2))

    assert part.max_db == pytest.approx(whole.max_db)
    assert part.data.max() <= 255


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_is_drawn_from_the_samples_around_it(kind: str) -> None:
    part = draw(kind, PictureSettings(width=50), start_time=3.0, span=(3.2, 3.3))

    assert (part.start_time, part.end_time) == pytest.approx((3.2, 3.3))
    if kind not in ("waveform", "pcen"):
        # no dark edges: the frames at the ends are full of noise
        levels = np.median(part.data, axis=0)
        assert levels[[0, -1]].min() > np.median(levels) - 25


def test_the_waveform_takes_amplitudes_but_no_hertz_for_its_limits() -> None:
    zoomed = draw("waveform", PictureSettings(min_frequency=-0.2, max_frequency=0.3))
    not_meant = draw("waveform", PictureSettings(min_frequency=0, max_frequency=4_000))

    assert (zoomed.min_frequency, zoomed.max_frequency) == (-0.2, 0.3)
    assert (not_meant.min_frequency, not_meant.max_frequency) == (-1, 1)


@given(
    kind=st.sampled_from(KINDS),
    rate=st.sampled_from([1_000, 8_000, 44_100, 250_000, 1_000_000]),
    n_frames=st.sampled_from([1, 3, 100, 5_000]),
    n_fft=st.sampled_from([None, 16, 4_096]),
    band=st.sampled_from([None, (0.0, 300.0), (400.0, 30_000.0), (5e3, 6e5)]),
    sound=st.sampled_from(["noise", "silence", "nan", "loud"]),
)
def test_any_sound_has_a_picture(kind, rate, n_frames, n_fft, band, sound) -> None:
    samples = noise(n_frames)
    if sound == "silence":
        samples[:] = 0
    elif sound == "nan":
        samples[0] = np.nan
    elif sound == "loud":
        samples *= 1e20
    low, high = band or (None, None)

    (visualization,) = gallery([kind]).values()
    picture = visualization.draw(
        samples,
        rate,
        PictureSettings(n_fft=n_fft, min_frequency=low, max_frequency=high, width=300),
    )

    assert picture.data.dtype == np.uint8
    assert picture.data.shape[1] <= 300
    assert picture.bottom < picture.top
    assert np.isfinite([picture.min_db, picture.max_db]).all()
    assert picture.min_db < picture.max_db


@pytest.mark.parametrize("kind", KINDS)
def test_noise_is_darker_than_half_at_the_contrast_shown_first(kind: str) -> None:
    samples = 0.01 * noise(RATE)
    samples[20_000:22_000] += 0.5 * np.sin(np.arange(2_000) / 2)

    picture = gallery([kind])[kind].draw(samples, RATE)

    # -80 to 0 dB, as the browser turns it into levels
    floor = 255 * (1 - 80 / picture.contrast_range)
    shown = (np.median(picture.data) - floor) / (255 - floor)
    assert shown < 0.5
    assert picture.data.max() == 255
