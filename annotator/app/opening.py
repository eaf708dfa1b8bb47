"""What a page shows while its project still wants to know who somebody is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.views import theme
from annotator.views.escape import error_html, plain
from annotator.views.kit import Kit
from annotator.views.secrets import SecretsDialog
from annotator.views.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from annotator.app.annotator import BioacousticAnnotator

__all__ = ["Opening"]

_CSS = """
.who { font-size: 14px; line-height: 1.5; }
.who h2 { margin: 0 0 6px; font-size: 18px; }
"""


class Opening(pn.viewable.Viewer):
    """Asks for the secrets of a project's recordings and table, then shows the review.

    Parameters
    ----------
    name
        The project's.
    questions
        Names of the secrets.
    build
        Makes the annotator from the answers, in a thread.
    """

    def __init__(
        self,
        name: str,
        questions: Sequence[str],
        build: Callable[[Mapping[str, str]], BioacousticAnnotator],
    ) -> None:
        super().__init__()
        self._name, self._build = name, build
        self._stage = Stage()
        self._annotator: BioacousticAnnotator | None = None
        self._text = pn.pane.HTML(
            stylesheets=[theme.CSS, _CSS], sizing_mode="stretch_width", margin=(5, 0)
        )
        self._dialog = SecretsDialog(
            questions, kit=Kit(material=True), answered=self._answered, can_cancel=False
        )
        self._view = pn.Column(
            pn.Column(
                self._text, self._dialog, width=480, align="center", margin=(80, 0)
            ),
            sizing_mode="stretch_width",
        )
        self._ask("Its recordings or its table lie where one must say who one is.")

    def __panel__(self) -> Any:
        return self._view

    def close(self) -> None:
        """Close the review, if it came to one."""
        if self._annotator is not None:
            self._annotator.close()

    def _ask(self, html: str) -> None:
        self._say(html)
        self._dialog.ask()

    def _say(self, html: str) -> None:
        self._text.object = f'<div class="who"><h2>{plain(self._name)}</h2>{html}</div>'

    def _answered(self, answers: Mapping[str, str]) -> None:
        self._say("Opening…")
        self._stage.work(
            lambda: self._build(answers),
            then=self._opened,
            failed=lambda error: self._ask(error_html(error)),
        )

    def _opened(self, annotator: BioacousticAnnotator) -> None:
        self._annotator = annotator
        self._view[:] = [annotator.view(material=True)]
