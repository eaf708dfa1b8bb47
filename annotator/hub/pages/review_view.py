"""A review on the hub's page, and the way back from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.hub.pages.look import html
from annotator.views.escape import plain

if TYPE_CHECKING:
    from annotator.hub.store.projects import ProjectInfo

__all__ = ["ReviewView"]


class ReviewView(pn.viewable.Viewer):
    """A review, and the way back.

    Parameters
    ----------
    project
        Whose clips are reviewed.
    view
        Of the review.
    back
        Button that leads back.
    column
        About whose labels the answers decide; "": they are the person's own.
    """

    def __init__(self, project: ProjectInfo, view: Any, back: Any, column: str) -> None:
        super().__init__()
        self.back = back
        about = f'<span class="muted">Adjudicating {plain(column)}</span>'
        title = (
            f'<div class="head"><h2>{plain(project.name)}</h2>'
            f"{about if column else ''}</div>"
        )
        self._view = pn.Column(
            pn.Row(
                back,
                html(title, margin=(8, 6)),
                sizing_mode="stretch_width",
                margin=(6, 0, 0, 0),
            ),
            view,
            sizing_mode="stretch_width",
            margin=0,
        )

    def __panel__(self) -> Any:
        return self._view

    def leave(self) -> None:
        """Nothing is to be forgotten here."""
