"""A spectrogram as a picture for a report: axes, boxes, title, on white paper."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from annotator.errors import ParameterError
from annotator.signal.scales import scale_ticks
from annotator.visualizations.ink import (
    INK,
    PAPER,
    cut_text,
    draw_upright,
    font_of,
    font_size,
    rgb_of,
    time_ticks,
)
from annotator.visualizations.paper import frame_of
from annotator.visualizations.pixels import cell_starts, loudest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from annotator.signal.spectrogram import Spectrogram

__all__ = ["GREYS", "FigureBox", "draw_figure"]

GREYS = tuple(f"#{255 - k:02x}{255 - k:02x}{255 - k:02x}" for k in range(256))
"""From white to black: what a printer likes."""

_FAINT = "#8a9491"
_SHADE = 0.45  # how much darker the surroundings of the clip are
_MOST_PIXELS = 100_000_000


@dataclass(frozen=True)
class FigureBox:
    """A marked span of time, with or without limits of frequency.

    `start_time` and `end_time` are in seconds, the frequencies in Hz; None reaches to
    the picture's edge. One moment (both times the same) is a line.
    """

    start_time: float
    end_time: float
    min_frequency: float | None = None
    max_frequency: float | None = None
    color: str = "#43a047"
    label: str = ""


def draw_figure(  # noqa: PLR0913 - keyword-only, each with a default
    spectrogram: Spectrogram,
    *,
    boxes: Sequence[FigureBox] = (),
    title: str = "",
    palette: Sequence[str] = GREYS,
    contrast: tuple[float, float] = (-80.0, 0.0),
    bounds: tuple[float, float, float, float] | None = None,
    clip: tuple[float, float] | None = None,
    width: int = 1200,
    height: int = 400,
) -> bytes:
    """Draw a spectrogram with its axes.

    Parameters
    ----------
    spectrogram
        What is drawn. Where there are more columns or rows than pixels, the loudest
        of them shows.
    boxes
        What was marked; in their colours, over the picture.
    title
        Above the picture, cut to its width.
    palette
        Colours "#rrggbb", from the quietest to the loudest.
    contrast
        Levels of the first and of the last colour, dB below the picture's loudest
        shade.
    bounds
        Start and end in seconds, bottom and top in Hz: the part in sight. None: all.
    clip
        Start and end in seconds; what is outside of it is shaded.
    width, height
        Of the whole, px.

    Returns
    -------
    bytes
        A PNG file.

    Raises
    ------
    ParameterError
        There is no room for a picture, or nothing of it is within the bounds.
    """
    from PIL import Image, ImageDraw

    left, top, right, bottom = frame_of(width, height, has_title=bool(title))
    if right - left < 8 or bottom - top < 8 or width * height > _MOST_PIXELS:
        msg = (
            f"A figure of {width} x {height} px has no room for a picture, or too much."
        )
        raise ParameterError(msg)
    view = _View.of(spectrogram, bounds, (left, top, right, bottom))
    image = Image.new("RGB", (width, height), PAPER)
    colours = _coloured(spectrogram, view, palette, contrast)
    if clip is not None:
        _shade(colours, view, clip)
    image.paste(Image.fromarray(colours), (left, top))
    for box in boxes:
        _draw_box(image, view, box, font_size(height))
    _draw_axes(image, view, spectrogram, font_size(height))
    if title:
        canvas = ImageDraw.Draw(image)
        font = font_of(1.15 * font_size(height))
        text = cut_text(title, font, right - left)
        canvas.text((left, 0.55 * top), text, INK, font=font, anchor="lm")
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


@dataclass(frozen=True)
class _View:
    """What is in sight, and where: seconds and y coordinates to pixels."""

    t0: float
    t1: float
    y0: float
    y1: float
    box: tuple[int, int, int, int]
    spectrogram: Spectrogram

    @classmethod
    def of(
        cls,
        spectrogram: Spectrogram,
        bounds: tuple[float, float, float, float] | None,
        box: tuple[int, int, int, int],
    ) -> _View:
        t0, t1 = spectrogram.start_time, spectrogram.end_time
        y0, y1 = spectrogram.bottom, spectrogram.top
        if bounds is not None:
            low, high = spectrogram.scale.position([bounds[2], bounds[3]]).tolist()
            t0, t1 = max(t0, bounds[0]), min(t1, bounds[1])
            y0, y1 = max(y0, low), min(y1, high)
        if not (t0 < t1 and y0 < y1):
            msg = f"Nothing of the picture is within {bounds}; give wider bounds."
            raise ParameterError(msg)
        return cls(t0, t1, y0, y1, box, spectrogram)

    @property
    def size(self) -> tuple[int, int]:
        left, top, right, bottom = self.box
        return right - left, bottom - top

    def x(self, seconds: float) -> float:
        return self.box[0] + (seconds - self.t0) / (self.t1 - self.t0) * self.size[0]

    def y(self, place: float) -> float:
        return self.box[3] - (place - self.y0) / (self.y1 - self.y0) * self.size[1]

    def y_of(self, hz: float) -> float:
        return self.y(float(self.spectrogram.scale.position(hz)))


def _coloured(
    spectrogram: Spectrogram,
    view: _View,
    palette: Sequence[str],
    contrast: tuple[float, float],
) -> NDArray[np.uint8]:
    """Return the part in sight: uint8, shape (rows, columns, 3), row 0 at the top."""
    source = spectrogram
    rows, columns = source.data.shape[:2]
    per_column = (source.end_time - source.start_time) / columns
    per_row = (source.top - source.bottom) / rows
    width, height = view.size
    across = cell_starts(
        (view.t0 - source.start_time) / per_column,
        (view.t1 - source.start_time) / per_column,
        width,
        columns,
    )
    up = cell_starts(
        (view.y0 - source.bottom) / per_row,
        (view.y1 - source.bottom) / per_row,
        height,
        rows,
    )
    if source.rgba is not None:
        own: NDArray[np.uint8] = source.rgba[up[:-1]][:, across[:-1], :3]
        return np.ascontiguousarray(own[::-1])
    levels = loudest(loudest(source.data, up, 0), across, 1)[::-1]
    span = source.contrast_range
    low, high = (255.0 * (1.0 + db / span) for db in contrast)
    shades = (np.arange(256) - low) / max(high - low, 1e-9)
    lookup = np.array([rgb_of(colour) for colour in palette], dtype=np.uint8)
    chosen = np.rint(np.clip(shades, 0.0, 1.0) * (len(lookup) - 1)).astype(np.intp)
    return np.ascontiguousarray(lookup[chosen][levels])


def _shade(colours: NDArray[np.uint8], view: _View, clip: tuple[float, float]) -> None:
    columns = view.box[0] + np.arange(view.size[0]) + 0.5
    outside = (columns < view.x(clip[0])) | (columns > view.x(clip[1]))
    colours[:, outside] = (colours[:, outside] * (1.0 - _SHADE)).astype(np.uint8)


def _draw_box(image: Any, view: _View, box: FigureBox, size: int) -> None:
    from PIL import Image, ImageDraw

    width, height = view.size
    layer = Image.new("RGBA", (width, height))
    canvas = ImageDraw.Draw(layer)
    left, top = view.box[:2]
    x0, x1 = view.x(box.start_time) - left, view.x(box.end_time) - left
    y0 = 0 if box.max_frequency is None else view.y_of(box.max_frequency) - top
    y1 = height if box.min_frequency is None else view.y_of(box.min_frequency) - top
    rgb, line = rgb_of(box.color), max(2, round(size / 6))
    if x1 - x0 < 1:
        canvas.line([(x0, -line), (x0, height + line)], (*rgb, 255), line)
    else:
        # Lines of what reaches beyond the picture stay outside of it.
        whole = [
            _near(v, n, line)
            for v, n in zip((x0, y0, x1, y1), (width, height) * 2, strict=True)
        ]
        canvas.rectangle(whole, (*rgb, 46), (*rgb, 255), line)
    if box.label:
        at = (max(x0, 0) + 2 * line, max(y0, 0) + 2 * line)
        font = font_of(0.9 * size)
        canvas.text(
            at, box.label, "#ffffff", font=font, stroke_width=2, stroke_fill=rgb
        )
    image.paste(layer, (left, top), layer)


def _near(value: float, size: int, line: int) -> float:
    return min(max(value, -2.0 * line), size + 2.0 * line)


def _draw_axes(image: Any, view: _View, spectrogram: Spectrogram, size: int) -> None:
    from PIL import ImageDraw

    left, top, right, bottom = view.box
    canvas = ImageDraw.Draw(image)
    scale, font = spectrogram.scale, font_of(size)
    canvas.rectangle([left - 1, top - 1, right, bottom], outline=_FAINT)
    low, high = scale.frequency([view.y0, view.y1]).tolist()
    count = max(2, round((bottom - top) / (3.2 * size)))
    for place, label in scale_ticks(scale, low, high, count=count):
        y = view.y(place)
        canvas.line([(left - size // 3, y), (left - 1, y)], _FAINT)
        canvas.text((left - size / 2, y), label, INK, font=font, anchor="rm")
    for seconds, label in time_ticks(view.t0, view.t1, (right - left) / (6 * size)):
        x = view.x(seconds)
        canvas.line([(x, bottom), (x, bottom + size // 3)], _FAINT)
        canvas.text((x, bottom + size / 2), label, INK, font=font, anchor="mt")
    middle = ((left + right) / 2, bottom + 2.5 * size)
    canvas.text(middle, "Time (s)", INK, font=font, anchor="mm")
    name = "Frequency (kHz)" if scale.is_frequency else "Amplitude"
    draw_upright(image, name, font, (0.9 * size, (top + bottom) / 2))
