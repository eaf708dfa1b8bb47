"""The table of clips: one page of it, in the order the session keeps.

Only the rows in sight travel. Sorting and paging are the session's work, so a
table of a million rows costs a page what one of ten does. The component is our own
because a general table sorts its one page by itself, sets titles as HTML and
weighs a megabyte in a notebook.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import panel as pn
import param
from panel.custom import JSComponent

from annotator.review.session import ReviewSession
from annotator.views import theme
from annotator.views.format import cell_text, column_label

if TYPE_CHECKING:
    from annotator.views.kit import Kit
    from annotator.views.stage import Stage

__all__ = ["ClipGrid", "ClipTableView"]

_HERE = Path(__file__).parent
PAGE_SIZE = 20

_EMPTY = {
    "pending": "Every clip is reviewed. Press Sync to share the answers.",
    "reviewed": "No clip is reviewed yet. Answer the form and press Submit.",
    "all": "The table has no clips. Check the data path in the configuration.",
}


class ClipGrid(JSComponent):
    """Draws one page of rows; see clip_table.js."""

    columns = param.List(default=[], doc="One {name, label, numeric} for each column.")
    current = param.Integer(default=-1, doc="Position of the clip under review.")
    empty_text = param.String(default="", doc="What to do when there is no row.")
    n_pages = param.Integer(default=1, doc="Number of pages.")
    page = param.Integer(default=0, doc="Page in sight, from 0.")
    rows = param.List(default=[], doc="One {position, reviewed, cells} for each row.")
    sort_column = param.String(default="", doc="Column that orders the clips.")
    sort_descending = param.Boolean(default=False, doc="Largest first.")
    where = param.String(default="", doc="Which rows of how many.")

    _esm = _HERE / "clip_table.js"
    _stylesheets: ClassVar[list[str]] = [
        theme.CSS,
        (_HERE / "clip_table.css").read_text(encoding="utf-8"),
    ]


class ClipTableView(pn.viewable.Viewer):
    """Shows the clips of a session; selecting a row makes it the current one."""

    session: Any = param.ClassSelector(
        class_=ReviewSession, constant=True, doc="State shown."
    )

    def __init__(
        self, session: ReviewSession, *, kit: Kit, stage: Stage, height: int = 175
    ) -> None:
        super().__init__(session=session)
        self._stage = stage
        self._page = 0
        self._table = ClipGrid(
            sizing_mode="stretch_width",
            margin=0,
            styles={"--table-height": f"{height}px"},
        )
        self._table.on_msg(lambda event: self._on_message(event.data))
        self._views = kit.switcher(
            "Clips shown",
            {"Pending": "pending", "Reviewed": "reviewed", "All": "all"},
            value=session.view,
        )
        self._views.param.watch(self._on_view, "value")
        self._view = pn.Column(
            pn.Row(self._views, margin=0),
            self._table,
            css_classes=["clip-table"],
            stylesheets=[theme.PANEL_CSS],
            sizing_mode="stretch_width",
        )
        stage.follow(session, ["clip"], self._follow_clip)
        stage.follow(
            session,
            ["notice", "revision", "view", "sort_column", "sort_descending"],
            self._refresh,
        )
        self._follow_clip()

    def __panel__(self) -> Any:
        return self._view

    def _on_message(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "select":
            self.session.select(int(message["position"]))
        elif kind == "page":
            self._page = max(0, int(message["page"]))
            self._refresh()
        elif kind == "sort":
            self._sort(message.get("column"))

    def _sort(self, column: str | None) -> None:
        session = self.session
        again = column is not None and column == session.sort_column
        self._page = 0
        session.param.update(
            sort_column=column, sort_descending=again and not session.sort_descending
        )

    def _on_view(self, event: Any) -> None:
        self._page = 0
        self.session.view = event.new

    def _follow_clip(self) -> None:
        page = self.session.page_of(PAGE_SIZE)
        if page is not None:
            self._page = page
        self._refresh()

    def _empty_text(self) -> str:
        session = self.session
        if session.notice and session.view == "pending":
            return "You have no clip to review now."  # and why, is told above
        return _EMPTY["all" if not session.n_clips else session.view]

    def _refresh(self) -> None:
        session = self.session
        frame, n_pages, n_rows = session.page(self._page, PAGE_SIZE)
        self._page = min(self._page, max(n_pages - 1, 0))
        names = [name for name in frame.columns if not str(name).startswith("_")]
        numeric = [frame[name].dtype.kind in "iuf" for name in names]
        rows = [
            {
                "position": int(position),
                "reviewed": bool(reviewed),
                "cells": [cell_text(v, n) for v, n in zip(cells, names, strict=True)],
            }
            for position, reviewed, *cells in zip(
                frame["_position"],
                frame["_reviewed"],
                *(frame[name] for name in names),
                strict=True,
            )
        ]
        first = self._page * PAGE_SIZE
        where = f"{first + 1:,}-{first + len(rows):,} of {n_rows:,}" if rows else "0"
        self._table.param.update(
            columns=[
                {"name": str(name), "label": column_label(name), "numeric": bool(n)}
                for name, n in zip(names, numeric, strict=True)
            ],
            current=session.clip.position if session.clip is not None else -1,
            empty_text=self._empty_text(),
            n_pages=max(n_pages, 1),
            page=self._page,
            rows=rows,
            sort_column=session.sort_column or "",
            sort_descending=session.sort_descending,
            where=where,
        )
        if self._views.value != session.view:
            self._views.value = session.view
