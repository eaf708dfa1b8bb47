"""What a person should be told about the clips they get, and the way to ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import param

from annotator.review.session import ReviewSession
from annotator.views import theme
from annotator.views.escape import plain

if TYPE_CHECKING:
    from annotator.views.kit import Kit
    from annotator.views.stage import Stage

__all__ = ["NoticeBar"]

_ASK = "Ask for the next clip"
_BAR_CSS = """
:host { padding: 4px 10px; align-items: center !important; }
:host > * { align-self: center; }
"""
_TEXT_CSS = ".text { font-size: 13.5px; line-height: 1.45; }"


class NoticeBar(pn.viewable.Viewer):
    """One sentence and a button, there only while there is something to say."""

    session: Any = param.ClassSelector(
        class_=ReviewSession, constant=True, doc="State shown."
    )

    def __init__(self, session: ReviewSession, *, kit: Kit, stage: Stage) -> None:
        super().__init__(session=session)
        self._stage = stage
        self._text = pn.pane.HTML(
            "",
            stylesheets=[theme.CSS, _TEXT_CSS],
            sizing_mode="stretch_width",
            margin=(4, 6),
        )
        self.button = kit.button(
            _ASK, primary=True, width=190, css_classes=["ask-button"]
        )
        self.button.on_click(lambda _event: self.ask())
        self._view = pn.Row(
            self._text,
            self.button,
            css_classes=["notice-bar"],
            stylesheets=[theme.PANEL_CSS, _BAR_CSS],
            sizing_mode="stretch_width",
            margin=(0, 0, theme.GAP, 0),
        )
        stage.follow(session, ["notice"], self._refresh)
        self._refresh()

    def __panel__(self) -> Any:
        return self._view

    def ask(self) -> None:
        """Ask for another clip; meanwhile the button says so."""
        if self.button.disabled:
            return
        self.button.param.update(disabled=True, label="Asking…")
        self._stage.work(
            self.session.ask,
            then=lambda _result: self._rest(),
            failed=lambda _error: self._rest(),
        )

    def _rest(self) -> None:
        self.button.param.update(disabled=False, label=_ASK)

    def _refresh(self) -> None:
        notice = self.session.notice
        self._text.object = (
            f'<div class="text" role="status">{plain(notice)}</div>' if notice else ""
        )
        self._view.visible = bool(notice)
