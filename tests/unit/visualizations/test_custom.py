"""Visualizations of one's own: shown where they say, and never a disaster."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from annotator.errors import VisualizationError
from annotator.visualizations import PictureSettings, gallery

if TYPE_CHECKING:
    from annotator.signal.spectrogram import Spectrogram

RATE = 48_000
SOUND = np.linspace(-0.5, 0.5, 4_800, dtype=np.float32)


def draw(
    made: Any, settings: PictureSettings | None = None, **options: Any
) -> Spectrogram:
    """Draw with a function that returns `made`."""
    (visualization,) = gallery([{"fn": lambda *_: made, "label": "Mine"}]).values()
    return visualization.draw(SOUND, RATE, settings, **options)


def axis(**changes: Any) -> dict[str, Any]:
    matrix = np.ones((24, 10))
    return {"matrix": matrix, "freq_min": 0, "freq_max": 24_000, **changes}


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_the_function_gets_mono_samples_their_rate_and_the_width() -> None:
    got = []

    def fn(mono, sr, width):
        got.append((mono, sr, width))
        mono[:] = 0  # its own affair
        return axis()

    stereo = np.stack([SOUND, -SOUND / 2], axis=1)
    before = stereo.copy()

    gallery([fn])["fn"].draw(stereo, float(RATE), PictureSettings(width=700))

    ((mono, sr, width),) = got
    assert (mono.dtype, mono.shape) == (np.float32, (4_800,))
    assert (sr, type(sr), width) == (RATE, int, 700)
    np.testing.assert_array_equal(stereo, before)


def test_zooming_in_time_gives_the_function_the_samples_in_sight() -> None:
    lengths = []

    def fn(mono, sr, width):
        lengths.append(len(mono))
        return axis()

    picture = gallery([fn])["fn"].draw(SOUND, RATE, start_time=2, span=(2.05, 2.075))

    assert lengths == [1_200]
    assert (picture.start_time, picture.end_time) == (2.05, 2.075)


def test_row_0_is_the_lowest_frequency() -> None:
    matrix = np.zeros((24, 10))
    matrix[3, 7] = 1

    picture = draw(axis(matrix=matrix))

    assert np.argwhere(picture.data == 255).tolist() == [[3, 7]]
    assert (picture.min_frequency, picture.max_frequency) == (0, 24_000)


@pytest.mark.parametrize(
    ("values", "matrix_scale", "db"),
    [
        ([1.0, 0.1, 0.01], "linear", [0, -10, -20]),
        ([1.0, 0.1, 0.01], None, [0, -10, -20]),
        ([0.0, -10.0, -20.0], "db", [0, -10, -20]),
        ([0.0, -10.0, -20.0], None, [0, -10, -20]),
        ([30.0, 20.0, 10.0], "db", [30, 20, 10]),
        ([30.0, 20.0, np.nan], "db", [30, 20, 20]),
        ([1.0, np.nan, 0.01], "linear", [0, -100, -20]),
    ],
)
def test_levels_are_decibels_of_power(values, matrix_scale, db) -> None:
    picture = draw(axis(matrix=[values], matrix_scale=matrix_scale))

    got = picture.min_db + picture.data[0] * (picture.max_db - picture.min_db) / 255
    np.testing.assert_allclose(got, db, atol=0.21)


@pytest.mark.parametrize("scale", ["linear", "mel", "log"])
def test_axes_are_right_on_the_named_scales(scale: str) -> None:
    picture = draw(axis(freq_scale=scale, freq_min=200, freq_max=12_000))

    assert picture.scale.name == scale
    ends = picture.scale.frequency([picture.bottom, picture.top])
    np.testing.assert_allclose(ends, [200, 12_000])


SCALES = {
    "octaves": lambda f, low, high: math.log2(f / low) / math.log2(high / low),
    "square root": lambda f, low, high: math.sqrt((f - low) / (high - low)),
    "square": lambda f, low, high: ((f - low) / (high - low)) ** 2,
    # Bark after Traunmüller, 1990
    "bark": lambda f, low, high: (
        (1 / (1 + 1960 / f) - 1 / (1 + 1960 / low))
        / (1 / (1 + 1960 / high) - 1 / (1 + 1960 / low))
    ),
}


@pytest.mark.parametrize("name", SCALES)
@given(f=st.floats(50, 24_000))
def test_axes_are_right_on_scales_of_ones_own(name: str, f: float) -> None:
    fn = SCALES[name]
    picture = draw(axis(freq_scale=fn, freq_min=50, freq_max=24_000))

    pixel = (picture.top - picture.bottom) / 500
    y = float(picture.scale.position(f))
    there = picture.bottom + fn(f, 50, 24_000) * (picture.top - picture.bottom)
    assert abs(y - there) < pixel / 2
    back = float(picture.scale.frequency(y))
    assert abs(fn(back, 50, 24_000) - fn(f, 50, 24_000)) < 1 / 500


def test_octaves_begin_at_one_hertz_at_the_lowest() -> None:
    picture = draw(axis(freq_scale="log"))

    assert (picture.min_frequency, picture.bottom) == (1, 0)


def test_zooming_in_frequency_cuts_the_rows_out() -> None:
    matrix = np.repeat(np.arange(24.0)[:, None] - 50, 10, axis=1)

    picture = draw(
        axis(matrix=matrix), PictureSettings(min_frequency=5_000, max_frequency=7_500)
    )

    assert (picture.min_frequency, picture.max_frequency) == (5_000, 8_000)
    whole = draw(axis(matrix=matrix))
    np.testing.assert_array_equal(picture.data, whole.data[5:8])


@given(low=st.floats(0, 23_000), height=st.floats(1, 24_000))
@pytest.mark.parametrize("scale", ["linear", "mel", "log", SCALES["square root"]])
def test_what_is_cut_out_lies_where_it_lay(scale, low: float, height: float) -> None:
    matrix = np.arange(240.0)[:, None] - 1000
    made = axis(matrix=matrix, freq_scale=scale, freq_min=60)
    whole = draw(made)

    part = draw(made, PictureSettings(min_frequency=low, max_frequency=low + height))

    row = (whole.top - whole.bottom) / 240
    first = round((part.bottom - whole.bottom) / row)
    rows = round((part.top - part.bottom) / row)
    assert part.data.shape[0] == rows
    np.testing.assert_array_equal(part.data, whole.data[first : first + rows])


def test_a_band_beyond_the_picture_shows_all_of_it() -> None:
    picture = draw(axis(), PictureSettings(min_frequency=30_000, max_frequency=40_000))

    assert picture.data.shape == (24, 10)


def test_many_cells_are_joined_and_the_loudest_is_kept() -> None:
    matrix = np.zeros((5_000, 9_000), dtype=np.float32)
    matrix[4_321, 8_765] = 1

    picture = draw(axis(matrix=matrix), PictureSettings(width=1_000))

    assert picture.data.shape == (1_024, 1_000)
    ((row, column),) = np.argwhere(picture.data == 255)
    assert row == pytest.approx(4_321 / 5_000 * 1_024, abs=1)
    assert column == pytest.approx(8_765 / 9, abs=1)


def test_a_picture_keeps_its_colours_and_stands_upright() -> None:
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[0, :] = [255, 0, 0]  # the upper edge of a PNG
    pixels[-1, :] = [0, 0, 255]

    picture = draw(axis(matrix=None, png_bytes=png(pixels)))

    assert picture.rgba is not None
    assert picture.rgba.shape == (20, 30, 4)
    assert picture.rgba[-1, 0].tolist() == [255, 0, 0, 255]
    assert picture.rgba[0, 0].tolist() == [0, 0, 255, 255]
    assert picture.data[-1, 0] == 85
    assert picture.rgba.flags.c_contiguous


def test_a_coloured_picture_is_cut_with_its_brightness() -> None:
    pixels = np.zeros((24, 30, 3), np.uint8)
    pixels[10] = 255  # from the top: row 13

    picture = draw(
        axis(matrix=None, png_bytes=png(pixels)),
        PictureSettings(min_frequency=12_000, max_frequency=15_000),
    )

    assert picture.rgba is not None
    assert picture.rgba[:, 0, 0].tolist() == [0, 255, 0]
    assert picture.data[:, 0].tolist() == [0, 255, 0]


def test_a_large_picture_is_made_smaller() -> None:
    pixels = np.zeros((2_000, 3_000, 3), np.uint8)

    picture = draw(axis(matrix=None, png_bytes=png(pixels)), PictureSettings(width=500))

    assert picture.rgba is not None
    assert picture.rgba.shape == (1_024, 500, 4)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (None, "it returned nothing"),
        ("picture", "it returned a str"),
        (np.ones((3, 3)), "it returned a ndarray"),
        ({}, "'freq_min' is missing"),
        (axis(freq_max="high"), "'freq_max' is a str"),
        (axis(freq_max=0), "are 0 and 0; let them rise"),
        (axis(freq_max=float("nan")), "let them rise"),
        (axis(freq_scale="bark"), "'freq_scale' is 'bark'"),
        (axis(freq_scale=["mel"]), "'freq_scale' is"),
        (axis(freq_scale="log", freq_max=0.5), "on the log scale"),
        (axis(freq_scale=lambda f, a, b: -f), "does not rise"),
        (axis(freq_scale=lambda f, a, b: 1), "does not rise"),
        (axis(freq_scale=lambda f, a, b: math.nan), "nan at"),
        (axis(freq_scale=lambda f, a, b: 1 / f), "failed with ZeroDivisionError"),
        (axis(matrix=None), "neither 'matrix' nor 'png_bytes'"),
        (axis(matrix=np.ones(4)), "has the shape (4,)"),
        (axis(matrix=np.ones((0, 4))), "has the shape (0, 4)"),
        (axis(matrix=[["a", "b"]]), "holds no numbers"),
        (axis(matrix=[[1, 2], [3]]), "holds no numbers"),
        (axis(matrix=np.ones((2, 2)) * 1j), "is complex"),
        (axis(matrix_scale="power"), "'matrix_scale' is 'power'"),
        (axis(matrix=None, png_bytes="x"), "'png_bytes' is a str"),
        (axis(matrix=None, png_bytes=b"no"), "cannot be read as a picture"),
    ],
)
def test_nonsense_is_told_in_one_sentence(made: Any, told: str) -> None:
    with pytest.raises(VisualizationError) as caught:
        draw(made)

    assert str(caught.value).startswith("The visualization 'Mine' gave no picture: ")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "error", [ValueError("no such band"), KeyError("x"), OSError()]
)
def test_a_function_that_fails_is_told_with_its_reason(error: Exception) -> None:
    def fn(mono, sr, width):
        raise error

    with pytest.raises(VisualizationError, match="'fn' failed with") as caught:
        gallery([fn])["fn"].draw(SOUND, RATE)

    assert type(error).__name__ in str(caught.value)
    assert caught.value.__cause__ is error


def test_a_matrix_of_nothing_is_dark() -> None:
    picture = draw(axis(matrix=np.zeros((4, 4))))

    assert np.isfinite([picture.min_db, picture.max_db]).all()


def test_levels_of_a_detail_match_those_of_the_whole() -> None:
    picture = draw(axis(matrix=[[0.1]]), PictureSettings(max_db=0))

    assert picture.max_db == 0
    assert picture.data[0, 0] == pytest.approx(229.5, abs=0.6)
