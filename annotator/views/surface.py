"""The surface over the picture: it has the pointer and the keys.

It lies exactly over the figure's frame, in the browser: zoom, pan, the playhead's
handle and what is drawn are its parts, and none of them waits for the server. Where
the view came to rest, and what was drawn, come here as messages.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import param
from panel.custom import JSComponent

from annotator.views import theme

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Surface"]

_HERE = Path(__file__).parent
_MARKS = ("marks_shape", "marks_paint", "marks_state", "marks_drag", "marks_keys")
_PARTS = (
    "models",
    "frame",
    "viewport",
    "ticks",
    "shade",
    "levels",
    "details",
    "playhead",
    *_MARKS,
    "marks",
    "surface",
)

_CSS = """
:host { position: absolute !important; inset: 0; width: 100% !important; height: 100% !important;
        margin: 0 !important; pointer-events: none; z-index: 1; overflow: hidden; }
:host > div { position: absolute; inset: 0; }
.layer { position: absolute; inset: 0; pointer-events: none; user-select: none; }
svg.surface { position: absolute; pointer-events: auto; touch-action: none; overflow: hidden; cursor: crosshair; }
.zone { position: absolute; pointer-events: auto; }
.playhead { fill: var(--playhead); stroke: var(--playhead-edge); stroke-width: 1; pointer-events: none; }
.zoom-box { fill: var(--mark-fill); stroke: var(--playhead); stroke-dasharray: 4 3; pointer-events: none; }
.readout { position: absolute; visibility: hidden; pointer-events: none; white-space: pre; font-size: 11.5px;
           font-variant-numeric: tabular-nums; padding: 1px 6px; border-radius: 4px;
           background: var(--over-picture); color: var(--playhead); }
"""


class Surface(JSComponent):
    """What a person points at, over the picture; see surface.js."""

    auto_contrast = param.Boolean(
        default=False, doc="Take the contrast from the picture's own levels."
    )
    contrast = param.List(
        default=[*theme.CONTRAST], doc="Darkest and brightest level, dB."
    )
    figure = param.String(default="", doc="Name of the figure beneath.")
    in_sight = param.List(
        default=[],
        doc="What is in sight, for parts in the browser: start and end in seconds,"
        " lowest and highest frequency in Hz (a waveform has none).",
    )
    marks = param.Dict(default={}, doc="What is drawn; see `annotator.views.marks`.")
    mode: param.Selector[str] = param.Selector(
        default="mark",
        objects=["mark", "zoom", "pan"],
        doc="What a drag does: draw, zoom into a box, or pan.",
    )
    palette = param.String(default="Magma", doc="Name of the colours.")
    palettes = param.Dict(
        default={name: list(colours) for name, colours in theme.PALETTES.items()},
        doc="256 colours by name.",
    )
    player = param.String(default="", doc="Name of the player in the document.")
    playhead = param.String(default="", doc="Name of the Span that shows the sound.")
    wish = param.Dict(
        default={},
        doc="Go there: start_time, end_time (s), min_frequency, max_frequency (Hz),"
        " each optional; or reset. A count makes it news.",
    )

    _esm = "\n".join(
        (_HERE / f"{part}.js").read_text(encoding="utf-8") for part in _PARTS
    )
    _stylesheets: ClassVar[list[str]] = [theme.CSS, _CSS, theme.MARKS_CSS]

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._listeners: dict[str, list[Callable[[dict[str, Any]], None]]] = {}
        self._wishes = 0

    def on(self, kind: str, callback: Callable[[dict[str, Any]], None]) -> None:
        """Call `callback(detail)` for each message of a kind; `detail` is a dict.

        `viewport`: the view came to rest at t0, t1 (s), y0, y1 (y coordinates) of
        the picture's `revision`, `zoomed` or not, `width` px wide.
        """
        self._listeners.setdefault(kind, []).append(callback)

    def goto(self, bounds: dict[str, float | None]) -> None:
        """Bring a part of the picture into sight.

        Parameters
        ----------
        bounds
            `start_time`, `end_time` (s), `min_frequency`, `max_frequency` (Hz); what
            is left out stays.
        """
        self._wishes += 1
        self.wish = {**bounds, "count": self._wishes}

    def reset(self) -> None:
        """Bring all of the picture into sight."""
        self._wishes += 1
        self.wish = {"reset": True, "count": self._wishes}

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict) and isinstance(data.get("detail"), dict):
            for callback in self._listeners.get(str(data.get("type")), ()):
                callback(data["detail"])
