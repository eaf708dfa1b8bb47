"""The part in sight: its tools and numbers, and its picture at full detail."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import param
from panel.custom import JSComponent

from annotator.views import theme

if TYPE_CHECKING:
    from annotator.review.look import ViewState
    from annotator.review.prepare import ClipLoader
    from annotator.signal.spectrogram import Spectrogram
    from annotator.sources.clips import Clip
    from annotator.views.spectrogram import SpectrogramView
    from annotator.views.stage import Stage
    from annotator.views.surface import Surface

__all__ = ["Details", "ZoomBar"]

_HERE = Path(__file__).parent
_AROUND = 0.15  # of what is in sight, drawn on each side, for the next small pan
_WIDEST = 6000  # columns

_CSS = """
.zoom-bar { display: flex; align-items: center; gap: 4px; flex-wrap: wrap; min-height: 40px; }
button { height: 32px; min-width: 34px; padding: 0 8px; border-radius: 6px; cursor: pointer; font: inherit;
         border: 1px solid var(--edge); background: transparent; color: var(--ink); }
button:hover { background: var(--hover); }
button:focus-visible, input:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
button[aria-pressed=true], button[aria-expanded=true] { background: color-mix(in srgb, var(--accent) 16%, transparent); color: var(--accent);
         border-color: var(--accent); }
svg { width: 16px; height: 16px; display: block; fill: none; stroke: currentColor; stroke-width: 1.4; }
button[data-mode=zoom] path { stroke-dasharray: 2.6 1.8; }
.group { display: inline-flex; align-items: center; gap: 3px; margin-left: 4px; color: var(--muted); white-space: nowrap; }
input { width: 56px; height: 30px; box-sizing: border-box; padding: 0 5px; border: 1px solid var(--edge); border-radius: 6px;
        background: transparent; color: var(--ink); font: inherit; font-variant-numeric: tabular-nums; text-align: right; }
input:disabled { opacity: .4; }
"""


class ZoomBar(JSComponent):
    """Zoom box, pan, reset, bounds in numbers, all settings; see zoom_bar.js."""

    surface = param.String(default="", doc="Name of the surface in the document.")
    unfolded = param.Boolean(default=False, doc="Whether all settings are in sight.")

    _esm = "\n".join(
        (_HERE / f"{part}.js").read_text(encoding="utf-8")
        for part in ("models", "zoom_bar")
    )
    _stylesheets: ClassVar[list[str]] = [theme.CSS, _CSS]


class _Shown(NamedTuple):
    clip: Clip
    state: ViewState
    picture: Spectrogram


class Details:
    """Draws what is in sight at full detail, soon after it came to rest."""

    def __init__(
        self,
        spectrogram: SpectrogramView,
        surface: Surface,
        *,
        loader: ClipLoader,
        stage: Stage,
    ) -> None:
        self._spectrogram, self._loader, self._stage = spectrogram, loader, stage
        self._shown: _Shown | None = None
        self._wanted = 0  # counts what was asked for; older answers are dropped
        surface.on("viewport", self._came_to_rest)

    def of(self, clip: Clip, state: ViewState, picture: Spectrogram) -> None:
        """Draw details of this picture from now on."""
        self._wanted += 1
        self._shown = _Shown(clip, state, picture)

    def clear(self) -> None:
        """Draw none until there is a picture again."""
        self._wanted += 1
        self._shown = None

    def _came_to_rest(self, seen: dict[str, Any]) -> None:
        shown = self._shown
        revision = self._spectrogram.revision
        if shown is None or seen.get("revision") != revision:
            return
        self._wanted += 1
        edges = [seen.get(name) for name in ("t0", "t1", "y0", "y1", "width")]
        if not seen.get("zoomed") or not all(map(_is_number, edges)):
            return
        wanted = self._wanted
        span, band, columns = _part(shown.picture, *map(float, edges))  # type: ignore[arg-type]

        def draw() -> Spectrogram | None:
            if wanted != self._wanted:
                return None  # the view went on while this stood in line
            return self._loader.detail(
                shown.clip,
                replace(shown.state, width=columns),
                span,
                band,
                max_db=shown.picture.max_db,
            )

        def arrived(picture: Spectrogram | None) -> None:
            if picture is not None and wanted == self._wanted:
                self._spectrogram.show_detail(picture, revision)

        # Without a detail the picture itself is there: nothing to tell a person.
        self._stage.work(draw, then=arrived)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _part(
    picture: Spectrogram, t0: float, t1: float, y0: float, y1: float, width: float
) -> tuple[tuple[float, float], tuple[float, float] | None, int]:
    """Return span (s), band (Hz; None: all) and columns of the picture to draw."""
    dt, dy = _AROUND * (t1 - t0), _AROUND * (y1 - y0)
    span = max(t0 - dt, picture.start_time), min(t1 + dt, picture.end_time)
    band = None
    if y1 - y0 < (picture.top - picture.bottom) * (1 - 1e-6):
        edges = [max(y0 - dy, picture.bottom), min(y1 + dy, picture.top)]
        low, high = picture.scale.frequency(edges).tolist()
        band = (low, high)
    share = (span[1] - span[0]) / max(t1 - t0, 1e-9)
    return span, band, min(_WIDEST, max(100, math.ceil(width * share - 1e-6)))
