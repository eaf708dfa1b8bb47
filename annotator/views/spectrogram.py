"""The picture of a clip: a Bokeh image of bytes, its axes, its shaded buffer.

The bytes are decibels (0..255); palette and contrast are the browser's colour
mapper, so changing them moves no byte. A new clip is one change of the data source,
which holds all that the browser must know about the picture:

========================  ==========================================================
image                     bytes, row 0 at the bottom
rgba                      instead, a picture with colours of its own
x, y, dw, dh              its edges: s, and y coordinates of its frequency scale
scale, axis_y, axis_hz    name of that scale, and points to go from y to Hz by lines
label                     of the axis
clip                      which clip it is; "" for none
decibels                  between the bytes 0 and 255
revision                  counts the pictures; a detail says of which it is one
========================  ==========================================================
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import numpy as np
import panel as pn
from bokeh.models import (
    BoxAnnotation,
    ColumnDataSource,
    FixedTicker,
    LinearColorMapper,
    Range1d,
    Span,
)
from bokeh.plotting import figure

from annotator.views import theme
from annotator.views.picture import PackedPicture

if TYPE_CHECKING:
    from annotator.review.prepare import PreparedClip
    from annotator.signal.spectrogram import Spectrogram

__all__ = ["SpectrogramView"]

_NOTHING = np.zeros((1, 1), dtype=np.uint8)
_CLEAR = np.zeros((1, 1), dtype=np.uint32)
_EMPTY: dict[str, list[Any]] = {
    "image": [_NOTHING],
    "rgba": [_CLEAR],
    "x": [0.0],
    "y": [0.0],
    "dw": [1.0],
    "dh": [1.0],
}
_NO_CLIP: dict[str, list[Any]] = {
    "scale": ["linear"],
    "axis_y": [[0.0, 1.0]],
    "axis_hz": [[0.0, 1.0]],
    "label": [""],
    "clip": [""],
    "clip_start": [0.0],
    "clip_end": [1.0],
    "decibels": [100.0],
    "revision": [0],
}


def _level(db: float, dynamic_range: float) -> float:
    """Byte of a level, dB below the clip's loudest value."""
    return 255.0 * (1.0 + db / dynamic_range)


class SpectrogramView(pn.viewable.Viewer):
    """Figure of one clip after another.

    Parameters
    ----------
    height
        Height of the figure, px; None: what the window has room for.
    dynamic_range
        dB between the bytes 0 and 255.
    """

    def __init__(
        self, *, height: int | None = 260, dynamic_range: float = 100.0
    ) -> None:
        super().__init__()
        self.figure_name = f"figure-{uuid.uuid4().hex}"
        self.playhead_name = f"playhead-{uuid.uuid4().hex}"
        self.dynamic_range = dynamic_range
        self.mapper = LinearColorMapper(
            palette=list(theme.PALETTES["Magma"]),
            low=_level(theme.CONTRAST[0], dynamic_range),
            high=_level(theme.CONTRAST[1], dynamic_range),
        )
        self.source = _source({**_EMPTY, **_NO_CLIP})
        self.detail = _source({**_EMPTY, "revision": [0]})
        self._slow_lines = {
            each.name: PackedPicture(source=each.name, margin=0)
            for each in (self.source, self.detail)
        }
        self._key = ""
        self.revision = 0
        shade = {**theme.BUFFER_SHADE, "level": "annotation"}
        self._before = BoxAnnotation(name="before", right=0.0, **shade)
        self._after = BoxAnnotation(name="after", left=1.0, **shade)
        self.figure = self._make_figure(height)
        self._pane = pn.pane.Bokeh(self.figure, sizing_mode="stretch_width", margin=0)
        self._view = pn.Column(
            self._pane,
            *self._slow_lines.values(),
            css_classes=["spectrogram"],
            sizing_mode="stretch_width",
            margin=0,
        )

    def __panel__(self) -> Any:
        return self._view

    def _make_figure(self, height: int | None) -> Any:
        fig: Any = figure(
            name=self.figure_name,
            height=height or 260,
            sizing_mode="stretch_width",
            stylesheets=[] if height else [theme.ROOMY_CSS],
            x_range=Range1d(start=0, end=1),
            y_range=Range1d(start=0, end=1),
            tools="",
            toolbar_location=None,
            x_axis_label="Time (s)",
            y_axis_label="Frequency (kHz)",
            # A fixed left border: labels of another width must not move the picture.
            min_border_left=62,
            min_border_right=12,
            min_border_top=6,
        )
        for name, source in (("picture", self.source), ("detail", self.detail)):
            image = fig.image("image", source=source, color_mapper=self.mapper)
            coloured = fig.image_rgba("rgba", source=source)
            image.name, coloured.name = name, f"{name}-rgba"
            image.visible = coloured.visible = name == "picture"
        fig.grid.visible = False
        fig.axis.axis_label_standoff = 4
        # Filled in the browser, which knows what is in sight; see ticks.js.
        fig.yaxis.ticker = FixedTicker(ticks=[])
        for box in (self._before, self._after):
            fig.add_layout(box)
        fig.add_layout(
            Span(
                name=self.playhead_name,
                dimension="height",
                location=0,
                level="overlay",
                line_color=theme.PLAYHEAD,
                line_width=1.5,
                visible=False,
            )
        )
        return fig

    def show_clip(self, clip: PreparedClip, key: str = "clip") -> None:
        """Put a clip into the figure; call it on the stage.

        Parameters
        ----------
        clip
            What to show.
        key
            Which clip it is: another one is seen whole, the same one in another look
            stays zoomed as it was.
        """
        picture = clip.spectrogram
        low, high = picture.min_frequency, picture.max_frequency
        points = 2 if picture.scale.name in ("linear", "amplitude") else 513
        axis_y, axis_hz = picture.scale.table(low, high, points)
        self.revision += 1
        is_new, self._key = self._key != key, key
        told = {
            **_drawn(picture),
            "scale": [picture.scale.name],
            "axis_y": [np.asarray(axis_y)],
            "axis_hz": [np.asarray(axis_hz)],
            "label": ["Frequency (kHz)" if picture.scale.is_frequency else "Amplitude"],
            "clip": [key],
            "clip_start": [clip.clip_start],
            "clip_end": [clip.clip_end],
            "decibels": [picture.contrast_range],
            "revision": [self.revision],
        }
        self._fill(self.source, told, picture.packed)
        # The browser did this already, with the picture; it is for who opens the page
        # later. Each of these would be drawn by itself, so they come last.
        self._before.right = clip.clip_start
        self._after.left = clip.clip_end
        if is_new and not picture.packed:
            self.figure.x_range.update(start=clip.start_time, end=clip.end_time)
            self.figure.y_range.update(start=picture.bottom, end=picture.top)
        self._push()

    def show_detail(self, picture: Spectrogram, revision: int) -> None:
        """Lay a part at full detail over the picture of that revision."""
        told = {**_drawn(picture), "revision": [revision]}
        self._fill(self.detail, told, picture.packed)
        self._push()

    def clear(self) -> None:
        """Take the picture away, keep the axes where they are."""
        self._key = ""
        self.revision += 1
        told = {
            **self.source.data,
            "image": [_NOTHING],
            "rgba": [_CLEAR],
            "clip": [""],
            "revision": [self.revision],
        }
        self._fill(self.source, told, b"")
        self._push()

    def _fill(self, source: Any, told: dict[str, list[Any]], packed: bytes) -> None:
        """Put columns into a data source, here or, for a slow line, in the browser."""
        line = self._slow_lines[source.name]
        if packed:
            others = {k: v[0] for k, v in told.items() if k not in ("image", "rgba")}
            line.put(packed, {k: _plain(v) for k, v in others.items()})
            return
        if line.webp:
            line.put(b"", {})
        source.data = told

    def _push(self) -> None:
        # A notebook is sent direct changes of Bokeh models only when asked to.
        if pn.state.curdoc is None or pn.state.curdoc.session_context is None:
            pn.io.push_notebook(self._pane)


def _source(data: dict[str, list[Any]]) -> Any:
    return ColumnDataSource(data, name=f"source-{uuid.uuid4().hex}")


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _drawn(picture: Spectrogram) -> dict[str, list[Any]]:
    """Return the columns of a picture, in its place."""
    rgba = picture.rgba
    return {
        "image": [picture.data if rgba is None else _NOTHING],
        "rgba": [_CLEAR if rgba is None else _packed(rgba)],
        "x": [picture.start_time],
        "y": [picture.bottom],
        "dw": [picture.end_time - picture.start_time],
        "dh": [picture.top - picture.bottom],
    }


def _packed(rgba: Any) -> Any:
    # uint8 (rows, columns, 4) -> uint32 (rows, columns), as Bokeh takes it.
    return np.ascontiguousarray(rgba).view(np.uint32)[..., 0]
