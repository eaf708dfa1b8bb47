"""Visualizations alone: functions, PNG files, figures."""

from __future__ import annotations

import io
import sys
import types

import holoviews as hv
import librosa
import numpy as np
import pytest
from PIL import Image

from annotator import visualizations as vis
from annotator.errors import MissingDependency, ParameterError

RATE = 48_000


def sine(hz: float, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)


def noise(n_frames: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(-0.5, 0.5, n_frames).astype(np.float32)


@pytest.mark.parametrize(
    ("function", "rows", "low", "high", "scale"),
    [
        (vis.spectrogram, 256, 46.875, 24_046.875, "linear"),
        (vis.mel, 80, 0, 24_000, "mel"),
        (vis.log_frequency, 256, 50, 24_000, "log"),
    ],
)
def test_a_function_returns_a_matrix_with_its_axis(
    function, rows, low, high, scale
) -> None:
    made = function(sine(3_000), RATE, 400)

    assert made["matrix"].shape == (rows, 400)
    assert made["matrix"].dtype == np.float32
    assert (made["freq_min"], made["freq_max"]) == (low, high)
    assert (made["freq_scale"], made["matrix_scale"]) == (scale, "db")
    assert made["duration"] == 1.0


def test_a_hop_makes_a_column_for_each_step() -> None:
    made = vis.spectrogram(noise(RATE), RATE, 100, fft=1024, hop=128)

    assert made["matrix"].shape == (512, 375)


def test_a_hop_beyond_half_a_frame_skips_nothing() -> None:
    samples = np.zeros(RATE, dtype=np.float32)
    samples[25_000] = 1.0

    made = vis.spectrogram(samples, RATE, 100, fft=256, hop=4_800)

    assert made["matrix"].shape[1] == 10
    assert made["matrix"].max(axis=0).argmax() == 5


def test_a_hop_of_nothing_is_refused() -> None:
    with pytest.raises(ParameterError, match="hop=0"):
        vis.spectrogram(noise(RATE), RATE, 100, hop=0)


def test_a_band_is_the_whole_spectrograms() -> None:
    samples = noise(RATE)
    whole = vis.spectrogram(samples, RATE, 100, fft=1024)["matrix"]

    band = vis.bandpass(samples, RATE, 100, f_lo=0, f_hi=24_000)["matrix"]

    np.testing.assert_allclose(band, whole, atol=1e-3)
    narrow = vis.bandpass(sine(5_000), RATE, 100)
    assert narrow["freq_min"] == pytest.approx(1_000, abs=25)
    assert narrow["freq_max"] == pytest.approx(8_000, abs=25)


def test_decibels_are_librosas() -> None:
    hop, columns = 240, 200
    samples = noise(hop * columns)

    made = vis.spectrogram(samples, RATE, columns, fft=512, hop=hop)

    padded = np.pad(samples, (256 - hop // 2, 512))
    spectrum = librosa.stft(padded, n_fft=512, hop_length=hop, center=False)
    power = np.abs(spectrum[1:, :columns] / 128) ** 2
    expected = 10 * np.log10(np.maximum(power, 1e-9))
    np.testing.assert_allclose(np.maximum(made["matrix"], -90), expected, atol=0.01)


def test_the_waveform_lies_between_minus_one_and_one() -> None:
    made = vis.waveform(np.zeros(1_000), RATE, 100, height=101)

    assert made["matrix"].shape == (101, 100)
    assert np.flatnonzero(made["matrix"][:, 0]).tolist() == [50]
    assert (made["freq_min"], made["freq_max"]) == (-1, 1)


@pytest.mark.parametrize(
    "name", ["spectrogram", "plain", "linear", "mel", "log_frequency", "bandpass"]
)
def test_the_registry_takes_samples_rate_and_width(name: str) -> None:
    made = vis.REGISTRY[name](noise(9_600), RATE, 50)

    assert made["matrix"].shape[1] == 50


def test_a_function_is_a_custom_visualization_too() -> None:
    (custom,) = vis.gallery([vis.mel]).values()

    picture = custom.draw(sine(3_000), RATE, vis.PictureSettings(width=200))

    y = picture.bottom + (picture.data[:, 100].argmax() + 0.5) / 80 * picture.top
    assert float(picture.scale.frequency(y)) == pytest.approx(3_000, rel=0.05)


def opened(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def test_a_png_has_the_asked_size_and_low_frequencies_at_the_bottom() -> None:
    matrix = np.zeros((10, 20))
    matrix[0, 0] = 1

    pixels = opened(vis.render_png(matrix, width=200, height=50))

    assert pixels.shape == (50, 200, 3)
    bright = pixels.sum(axis=2) > 600
    assert bright[45:, :10].all()
    assert bright.sum() == 5 * 10


def test_a_short_sound_does_not_vanish_from_a_small_png() -> None:
    matrix = np.zeros((512, 5_000))
    matrix[100, 4_321] = 1

    pixels = opened(vis.render_png(matrix, width=100, height=64))

    assert (pixels.sum(axis=2) > 600).sum() == 1


@pytest.mark.parametrize("matrix_scale", ["linear", "db"])
def test_the_dynamic_range_says_what_is_black(matrix_scale: str) -> None:
    db = np.array([[0.0, -20.0, -40.0, -60.0]])
    matrix = db if matrix_scale == "db" else 10 ** (db / 10)

    pixels = opened(vis.render_png(matrix, 4, 1, matrix_scale, 40, cmap="gray"))

    assert pixels[0, :, 0].tolist() == pytest.approx([255, 128, 0, 0], abs=1)


def test_what_a_function_returned_can_be_drawn_as_png() -> None:
    assert opened(vis.render_png(vis.mel(sine(3_000), RATE, 100))).shape[1] == 2000


def test_the_palette_is_magma_by_default() -> None:
    pixels = opened(vis.render_png(np.array([[1.0, 0.0]]), 2, 1))

    assert pixels[0].tolist() == [[251, 252, 191], [0, 0, 3]]


@pytest.mark.parametrize(
    "options", [{"cmap": "jet"}, {"width": 0}, {"dynamic_range_db": 0}]
)
def test_impossible_pngs_are_refused(options) -> None:
    with pytest.raises(ParameterError):
        vis.render_png(np.ones((2, 2)), **options)


@pytest.mark.parametrize("function", [vis.spectrogram, vis.mel, vis.log_frequency])
@pytest.mark.parametrize("hz", [700, 3_000, 15_000])
def test_an_image_of_holoviews_is_right_in_seconds_and_hertz(function, hz) -> None:
    samples = np.where(np.arange(2 * RATE) > RATE, sine(hz, 2), 0)

    image = vis.to_holoviews(function(samples, RATE, 200))

    assert isinstance(image, hv.Image)
    assert [str(d) for d in image.kdims] == ["Time", "Frequency"]
    assert [d.unit for d in image.kdims] == ["s", "Hz"]
    assert image.range("Time") == (0, 2)
    slice_ = image.select(Time=1.5).dimension_values("Level", flat=False).ravel()
    heights = image.dimension_values("Frequency", expanded=False)
    bright = heights[slice_ > slice_.max() - 1]
    step = heights[1] - heights[0]
    assert bright.min() - step - hz * 0.06 <= hz <= bright.max() + step + hz * 0.06
    assert image[0.5, hz] < image[1.5, hz] - 60


def test_a_picture_becomes_an_image_with_its_own_times_and_levels() -> None:
    (linear,) = vis.gallery(["linear"]).values()
    picture = linear.draw(sine(3_000), RATE, start_time=10)

    image = vis.to_holoviews(picture)

    assert image.range("Time") == (10, 11)
    assert image[10.5, 3_000] == pytest.approx(0, abs=0.5)


def test_a_waveform_becomes_an_image_over_amplitude() -> None:
    image = vis.to_holoviews(vis.waveform(sine(3_000), RATE, 100))

    assert str(image.kdims[1]) == "Amplitude"
    assert image.range("Amplitude") == (-1, 1)


def test_coloured_pictures_become_rgb() -> None:
    pixels = np.zeros((4, 6, 3), np.uint8)
    pixels[0] = [255, 0, 0]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")

    image = vis.to_holoviews(
        {"png_bytes": file.getvalue(), "freq_min": 0, "freq_max": 4_000}
    )

    assert isinstance(image, hv.RGB)
    red = image.dimension_values("R", flat=False)  # from the bottom up
    assert red[:, 0].tolist() == [0, 0, 0, 255]


def test_plotting_without_matplotlib_says_how_to_get_it(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)

    with pytest.raises(MissingDependency, match="pip install matplotlib"):
        vis.plot(vis.mel(noise(9_600), RATE, 50))


def test_a_plot_is_drawn_along_its_scale_with_frequencies_in_khz(monkeypatch) -> None:
    calls = {}

    class Axes:
        def __getattr__(self, name):
            return lambda *args, **options: calls.update({name: (args, options)})

    axes, figure = Axes(), object()

    def subplots(**options):
        calls["subplots"] = options
        return figure, axes

    pyplot = types.SimpleNamespace(subplots=subplots)
    monkeypatch.setitem(sys.modules, "matplotlib", types.ModuleType("matplotlib"))
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", pyplot)

    got = vis.plot(vis.log_frequency(noise(RATE), RATE, 50), figsize=(6, 2), dpi=50)

    assert got == (figure, axes)
    assert calls["subplots"] == {"figsize": (6, 2), "dpi": 50}
    options = calls["imshow"][1]
    assert options["origin"] == "lower"
    expected = (0, 1, np.log2(50), np.log2(24_000))
    assert options["extent"] == pytest.approx(expected)
    places, labels = calls["set_yticks"][0]
    khz = np.array([float(label) for label in labels])
    np.testing.assert_allclose(places, np.log2(khz * 1000))
