"""The info card: which clip this is, and Prev/Next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import param

from annotator.config.templates import fill
from annotator.review.session import ReviewSession
from annotator.views import theme
from annotator.views.escape import plain
from annotator.views.format import clock

if TYPE_CHECKING:
    from annotator.views.kit import Kit
    from annotator.views.stage import Stage

__all__ = ["InfoCard"]

_CSS = """
:host { overflow: hidden; }
.line { display: flex; gap: 14px; align-items: center; white-space: nowrap; overflow: hidden; min-height: 30px; line-height: 30px; }
.title { font-size: 15px; font-weight: 650; overflow: hidden; text-overflow: ellipsis; }
.times { color: var(--muted); font-variant-numeric: tabular-nums; flex: none; }
.text { color: var(--muted); overflow: hidden; text-overflow: ellipsis; }
.mark { color: var(--good); font-weight: 600; flex: none; }
"""


class InfoCard(pn.viewable.Viewer):
    """One line about the current clip, from the `[[column]]` templates."""

    session: Any = param.ClassSelector(
        class_=ReviewSession, constant=True, doc="State shown."
    )

    def __init__(
        self,
        session: ReviewSession,
        *,
        kit: Kit,
        stage: Stage,
        title: str = "",
        text: str = "",
        height: int = 34,
    ) -> None:
        super().__init__(session=session)
        self._title, self._text = title, text
        self._line = pn.pane.HTML(
            "",
            stylesheets=[theme.CSS, _CSS],
            sizing_mode="stretch_width",
            margin=(2, 4),
            enable_streaming=False,
        )
        previous = kit.button("◀", width=40, description="Previous clip (↑)")
        following = kit.button("▶", width=40, description="Next clip (↓)")
        previous.on_click(lambda _event: self.session.previous())
        following.on_click(lambda _event: self.session.next())
        self._view = pn.Row(
            self._line,
            previous,
            following,
            css_classes=["info-card"],
            stylesheets=[
                theme.PANEL_CSS,
                ":host { padding: 2px 8px; align-items: center !important; } :host > * { align-self: center; }",
            ],
            sizing_mode="stretch_width",
            min_height=height + 12,
        )
        stage.follow(session, ["clip", "revision"], self._refresh)
        self._refresh()

    def __panel__(self) -> Any:
        return self._view

    def _refresh(self) -> None:
        clip = self.session.clip
        if clip is None:
            self._line.object = (
                '<div class="line"><span class="text">No clip selected</span></div>'
            )
            return
        title = (
            fill(self._title, clip.row) if self._title else f"Clip {clip.position + 1}"
        )
        text = fill(self._text, clip.row) if self._text else ""
        reviewed = self.session.is_reviewed(clip.position)
        self._line.object = (
            f'<div class="line"><span class="title">{plain(title)}</span>'
            f'<span class="times">{clock(clip.start_time)} - {clock(clip.end_time)}</span>'
            f'<span class="text" title="{plain(text)}">{plain(text)}</span>'
            + ('<span class="mark">✓ reviewed</span>' if reviewed else "")
            + "</div>"
        )
