"""Spectrograms as files: what stands where on the paper."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from annotator.errors import ParameterError
from annotator.signal.scales import AMPLITUDE, LINEAR, LOG, MEL, table_scale
from annotator.signal.spectrogram import Spectrogram
from annotator.visualizations.figure import FigureBox, draw_figure
from annotator.visualizations.paper import frame_of
from annotator.visualizations.pixels import cell_starts, loudest

BLACK_TO_WHITE = tuple(f"#{k:02x}{k:02x}{k:02x}" for k in range(256))
SQUARE_ROOT = table_scale(
    lambda f, low, high: ((f - low) / (high - low)) ** 0.5, 0, 8000, name="root"
)


def picture(
    data: np.ndarray, scale=LINEAR, low=100.0, high=8000.0, **more
) -> Spectrogram:
    return Spectrogram(data, scale, low, high, 10.0, 20.0, -100.0, 0.0, **more)


def flat(level: int = 0, shape: tuple[int, int] = (64, 128)) -> np.ndarray:
    return np.full(shape, level, dtype=np.uint8)


def inside(png: bytes, has_title: bool = False) -> np.ndarray:
    """Return the pixels within the axes."""
    image = Image.open(BytesIO(png)).convert("RGB")
    left, top, right, bottom = frame_of(*image.size, has_title=has_title)
    return np.asarray(image)[top:bottom, left:right].astype(int)


def greenness(pixels: np.ndarray) -> np.ndarray:
    return pixels[..., 1] - pixels[..., 0]


def test_it_is_a_png_of_the_asked_size():
    image = Image.open(BytesIO(draw_figure(picture(flat()), width=640, height=300)))

    assert (image.format, image.size) == ("PNG", (640, 300))


def test_low_is_at_the_bottom_and_early_at_the_left():
    data = flat()
    data[0, 0] = 255

    pixels = inside(draw_figure(picture(data), palette=BLACK_TO_WHITE))[..., 0]

    row, column = np.unravel_index(pixels.argmax(), pixels.shape)
    assert pixels[row, column] == 255
    assert row > 0.98 * pixels.shape[0] - 2
    assert column < 0.01 * pixels.shape[1]


def test_one_loud_cell_of_a_large_picture_is_seen():
    data = flat(0, (2048, 20_000))
    data[1000, 12_345] = 255

    pixels = inside(draw_figure(picture(data), palette=BLACK_TO_WHITE, width=500))

    assert (pixels[..., 0] == 255).sum() == 1
    assert pixels[..., 0].max(axis=0).argmax() == int(0.61725 * pixels.shape[1])


@pytest.mark.parametrize("scale", [LINEAR, MEL, LOG, SQUARE_ROOT], ids=lambda s: s.name)
@pytest.mark.parametrize("bounds", [None, (12.0, 16.0, 1000.0, 5000.0)])
def test_a_box_lies_where_its_frequencies_are_to_the_pixel(scale, bounds):
    spectrogram = picture(flat(), scale)
    box = FigureBox(13.0, 15.0, 2000.0, 4000.0, "#00ff00")

    pixels = greenness(inside(draw_figure(spectrogram, boxes=[box], bounds=bounds)))

    t0, t1, low, high = bounds or (10.0, 20.0, 100.0, 8000.0)
    height, width = pixels.shape
    y0, y1, y2, y3 = (float(scale.position(f)) for f in (low, 2000, 4000, high))
    rows, columns = (np.flatnonzero((pixels > 150).sum(axis=a) > 50) for a in (1, 0))
    assert columns[0] == pytest.approx((13 - t0) / (t1 - t0) * width, abs=2)
    assert columns[-1] == pytest.approx((15 - t0) / (t1 - t0) * width, abs=2)
    assert rows[0] == pytest.approx((y3 - y2) / (y3 - y0) * height, abs=2)
    assert rows[-1] == pytest.approx((y3 - y1) / (y3 - y0) * height, abs=2)


def test_a_span_without_frequencies_reaches_over_the_whole_height():
    pixels = greenness(
        inside(draw_figure(picture(flat()), boxes=[FigureBox(12, 14, color="#00ff00")]))
    )

    column = pixels[:, int(0.3 * pixels.shape[1])]
    assert (column > 20).all()


def test_one_moment_is_a_line():
    pixels = greenness(
        inside(draw_figure(picture(flat()), boxes=[FigureBox(15, 15, color="#00ff00")]))
    )

    inked = np.flatnonzero((pixels > 150).all(axis=0))
    assert inked.mean() == pytest.approx(0.5 * pixels.shape[1], abs=2)
    assert 1 <= len(inked) <= 4


def test_what_reaches_beyond_the_picture_is_cut_at_its_edge():
    box = FigureBox(0, 100, 10, 90_000, "#00ff00")

    image = Image.open(BytesIO(draw_figure(picture(flat(255)), boxes=[box])))

    green = greenness(np.asarray(image).astype(int)) > 60
    left, top, right, bottom = frame_of(*image.size)
    green[top:bottom, left:right] = False
    assert not green.any()


def test_contrast_is_relative_to_the_loudest_shade():
    levels = np.tile(np.array([0, 127, 255], dtype=np.uint8), (64, 1))
    pixels = inside(
        draw_figure(picture(levels), palette=BLACK_TO_WHITE, contrast=(-75.0, -25.0))
    )[10, :, 0]

    thirds = [pixels[int(part * len(pixels))] for part in (1 / 6, 1 / 2, 5 / 6)]
    assert thirds == [0, pytest.approx(127, abs=1), 255]


def test_what_is_outside_of_the_clip_is_darker():
    pixels = inside(
        draw_figure(picture(flat(255)), palette=BLACK_TO_WHITE, clip=(12, 15))
    )

    row = pixels[20, :, 0]
    light = np.flatnonzero(row == 255)
    assert light[0] == pytest.approx(0.2 * len(row), abs=1)
    assert light[-1] == pytest.approx(0.5 * len(row), abs=1)
    assert set(np.delete(row, light)) == {140}


def test_bounds_zoom_into_the_picture():
    data = flat()
    data[:, 64:] = 255

    pixels = inside(
        draw_figure(
            picture(data), palette=BLACK_TO_WHITE, bounds=(14.0, 16.0, 100.0, 8000.0)
        )
    )[5, :, 0]

    assert np.flatnonzero(pixels)[0] == pytest.approx(len(pixels) / 2, abs=1)


def test_colours_of_its_own_are_kept():
    rgba = np.zeros((64, 128, 4), dtype=np.uint8)
    rgba[:32, :, 0] = 200  # the lower half is red
    rgba[..., 3] = 255

    pixels = inside(draw_figure(picture(flat(), rgba=rgba)))

    assert pixels[-5, 50].tolist() == [200, 0, 0]
    assert pixels[5, 50].tolist() == [0, 0, 0]


@pytest.mark.parametrize("scale", [LINEAR, MEL, LOG, AMPLITUDE], ids=lambda s: s.name)
def test_every_axis_has_its_numbers(scale):
    low, high = (-1.0, 1.0) if scale is AMPLITUDE else (100.0, 8000.0)
    image = Image.open(BytesIO(draw_figure(picture(flat(), scale, low, high))))

    left, top, _, bottom = frame_of(*image.size)
    gray = np.asarray(image.convert("L"))
    ticks = gray[top:bottom, left - 3] < 200
    assert 3 <= np.count_nonzero(np.diff(ticks.astype(int)) == 1) <= 14
    assert (gray[:, : left - 20] < 128).any()


def test_a_title_of_any_length_and_script_fits():
    png = draw_figure(picture(flat()), title="Ünï <b>çödé</b> 鳥\n" * 40, width=500)

    image = Image.open(BytesIO(png)).convert("L")
    left, top, right, _ = frame_of(*image.size, has_title=True)
    pixels = np.asarray(image)
    assert (pixels[: top - 2, left:right] < 128).any()
    assert (pixels[: top - 2, right + 2 :] > 200).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"width": 40, "height": 300}, "no room"),
        ({"width": 100_000, "height": 100_000}, "no room"),
        ({"bounds": (30.0, 40.0, 0.0, 8000.0)}, "Nothing of the picture"),
    ],
)
def test_a_figure_of_nothing_is_refused(options, says):
    with pytest.raises(ParameterError, match=says):
        draw_figure(picture(flat()), **options)


@given(
    cells=st.integers(1, 60),
    pixels=st.integers(1, 90),
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_every_cell_in_sight_is_in_a_pixel_and_no_other_is(cells, pixels, ends):
    first, last = (cells * end for end in sorted(ends))
    if last - first < 1e-6:
        return
    levels = np.arange(cells, dtype=np.uint8)[None]

    starts = cell_starts(first, last, pixels, cells)
    shown = loudest(levels, starts, 1)

    assert shown.shape == (1, pixels)
    assert shown.min() >= np.floor(first + 1e-9) - 1e-9
    assert shown.max() == min(cells, max(np.ceil(last - 1e-9), shown.min() + 1)) - 1
