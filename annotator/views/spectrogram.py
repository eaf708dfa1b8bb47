"""The picture of a clip: a Bokeh image of bytes, its axes, its shaded buffer.

The bytes are decibels (0..255); palette and contrast are the browser's colour
mapper, so changing them moves no byte. A new clip is one change of the data source.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import numpy as np
import panel as pn
from bokeh.models import (
    BasicTicker,
    BoxAnnotation,
    ColumnDataSource,
    CustomJSTickFormatter,
    FixedTicker,
    LinearColorMapper,
    Range1d,
    Span,
)
from bokeh.plotting import figure

from annotator.signal.scales import LINEAR, FrequencyScale, scale_ticks
from annotator.views import theme

if TYPE_CHECKING:
    from annotator.session.prepare import PreparedClip

__all__ = ["SpectrogramView"]

_NOTHING = np.zeros((1, 1), dtype=np.uint8)


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
        self._source = ColumnDataSource(
            {"image": [_NOTHING], "x": [0.0], "y": [0.0], "dw": [1.0], "dh": [1.0]}
        )
        self._before = BoxAnnotation(
            right=0.0, **theme.BUFFER_SHADE, level="annotation"
        )
        self._after = BoxAnnotation(left=1.0, **theme.BUFFER_SHADE, level="annotation")
        self.figure = self._make_figure(height)
        self._pane = pn.pane.Bokeh(self.figure, sizing_mode="stretch_width", margin=0)
        self._view = pn.Column(
            self._pane,
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
        fig.image("image", source=self._source, color_mapper=self.mapper)
        fig.grid.visible = False
        fig.axis.axis_label_standoff = 4
        fig.yaxis.formatter = CustomJSTickFormatter(
            code="return (tick / 1000).toFixed(3).replace(/\\.?0+$/, '')"
        )
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

    def show_clip(self, clip: PreparedClip) -> None:
        """Put a clip into the figure; call it on the stage."""
        picture = clip.spectrogram
        bottom, top = picture.bottom, picture.top
        self._set_axis(picture.scale, picture.min_frequency, picture.max_frequency)
        self._before.right = clip.clip_start
        self._after.left = clip.clip_end
        self.figure.x_range.update(start=clip.start_time, end=clip.end_time)
        self.figure.y_range.update(start=bottom, end=top)
        self._source.data = {
            "image": [picture.data],
            "x": [picture.start_time],
            "y": [bottom],
            "dw": [picture.end_time - picture.start_time],
            "dh": [top - bottom],
        }
        self._push()

    def clear(self) -> None:
        """Take the picture away, keep the axes where they are."""
        self._source.data = {**self._source.data, "image": [_NOTHING]}
        self._push()

    def _set_axis(self, scale: FrequencyScale, low: float, high: float) -> None:
        axis = self.figure.yaxis[0]
        if scale == LINEAR:
            axis.major_label_overrides = {}
            if not isinstance(axis.ticker, BasicTicker):
                axis.ticker = BasicTicker()
            return
        ticks = scale_ticks(scale, low, high)
        axis.ticker = FixedTicker(ticks=[at for at, _ in ticks])
        axis.major_label_overrides = dict(ticks)

    def _push(self) -> None:
        # A notebook is sent direct changes of Bokeh models only when asked to.
        if pn.state.curdoc is None or pn.state.curdoc.session_context is None:
            pn.io.push_notebook(self._pane)
