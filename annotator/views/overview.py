"""The strip under the player: the whole recording, its clips, and a look elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import panel as pn
import param
from panel.custom import JSComponent

from annotator.review.overview import Overview
from annotator.views import theme

if TYPE_CHECKING:
    from annotator.views.stage import Stage

__all__ = ["OverviewStrip", "OverviewView"]

_HERE = Path(__file__).parent


class OverviewStrip(JSComponent):
    """Draws a recording on one line; see overview.js."""

    ask = param.String(
        default="", doc="Label of the button that draws it; empty: none."
    )
    clip_end = param.Number(default=-1.0, doc="End of the clip, s.")
    clip_start = param.Number(default=-1.0, doc="Start of the clip, s; -1: no clip.")
    columns = param.Integer(default=0, bounds=(0, None), doc="Columns of the picture.")
    done = param.Integer(default=0, bounds=(0, None), doc="Columns that were drawn.")
    duration = param.Number(default=0.0, doc="Length, s; 0: not known yet.")
    figure = param.String(default="", doc="Name of the figure that lends its colours.")
    levels = param.Bytes(
        default=b"", doc="Rows of columns of bytes, lowest band first."
    )
    problem = param.String(default="", doc="Why there is no picture, in a sentence.")
    rows = param.Integer(default=0, bounds=(0, None), doc="Rows of the picture.")
    shown_end = param.Number(default=-1.0, doc="End of what is shown elsewhere, s.")
    shown_start = param.Number(
        default=-1.0, doc="Start of what is shown elsewhere, s; -1: the clip is shown."
    )
    ticks = param.Bytes(default=b"", doc="Clips along it: 1 reviewed, 2 pending.")

    _esm = "\n".join(
        (_HERE / f"{part}.js").read_text(encoding="utf-8")
        for part in ("models", "overview_paint", "overview")
    )
    _stylesheets: ClassVar[list[str]] = [
        theme.CSS,
        (_HERE / "overview.css").read_text(encoding="utf-8"),
    ]


class OverviewView(pn.viewable.Viewer):
    """Shows the recording around the session's clip; a click looks elsewhere."""

    overview: Any = param.ClassSelector(
        class_=Overview, constant=True, doc="State shown."
    )

    def __init__(self, overview: Overview, *, stage: Stage, figure: str) -> None:
        super().__init__(overview=overview)
        self._strip = OverviewStrip(
            figure=figure,
            sizing_mode="stretch_width",
            css_classes=["overview"],
            margin=0,
            styles=theme.FRAME_STYLE,
        )
        self._strip.on_msg(lambda event: self._on_message(event.data))
        self._shown: Any = None
        stage.follow(overview, ["strip", "duration"], self._show_picture)
        stage.follow(overview, ["problem", "unasked_size"], self._show_state)
        stage.follow(overview, ["elsewhere"], self._show_place)
        stage.follow(overview.session, ["clip", "revision"], self._show_place)
        self._show_picture()
        self._show_state()
        overview.show()

    def __panel__(self) -> Any:
        return self._strip

    def _show_picture(self) -> None:
        strip = self.overview.strip
        if strip is not self._shown or strip is None:
            self._shown = strip
            levels = (
                b"" if strip is None or not strip.n_done else strip.levels.tobytes()
            )
            rows, columns = (0, 0) if strip is None else strip.levels.shape
            done = 0 if strip is None else strip.n_done
            self._strip.param.update(
                rows=rows, columns=columns, done=done, levels=levels
            )
        self._show_place()

    def _show_state(self) -> None:
        problem, size = self.overview.problem, self.overview.unasked_size
        sentence = str(problem).strip().partition("\n")[0] if problem else ""
        self._strip.param.update(
            problem=sentence or ("The recording cannot be drawn." if problem else ""),
            ask=f"Draw the whole recording ({_size(size)})" if size else "",
        )

    def _show_place(self) -> None:
        clip, shown = self.overview.session.clip, self.overview.shown()
        has_place = clip is not None and not clip.problem
        is_elsewhere = has_place and self.overview.elsewhere is not None
        self._strip.param.update(
            clip_start=clip.start_time if has_place else -1.0,
            clip_end=clip.end_time if has_place else -1.0,
            shown_start=shown.start_time if is_elsewhere else -1.0,
            shown_end=shown.end_time if is_elsewhere else -1.0,
            duration=self.overview.duration,
            ticks=self.overview.ticks().tobytes(),
        )

    def _on_message(self, message: Any) -> None:
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "look":
            self.overview.look_at(float(message["time"]))
        elif kind == "back":
            self.overview.come_back()
        elif kind == "draw":
            self.overview.draw()


def _size(n_bytes: int) -> str:
    """Write bytes as people do.

    Examples
    --------
    >>> _size(1_230_000_000), _size(81_000_000)
    ('1.2 GB', '81 MB')
    """
    if n_bytes >= 1_000_000_000:
        return f"{n_bytes / 1e9:.1f} GB"
    return f"{n_bytes / 1e6:.0f} MB"
