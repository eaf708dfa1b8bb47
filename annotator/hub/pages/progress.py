"""How far a project is: numbers, reviews a day, labels, what happened last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.hub.pages.day_plot import DayPlot
from annotator.hub.pages.desk import Notice, nothing, then_ready
from annotator.hub.pages.label_columns import label_columns
from annotator.hub.pages.listing import listed
from annotator.hub.pages.look import bars, card, html, moment, number
from annotator.views.escape import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.hub.pages.desk import Desk
    from annotator.hub.permissions import Caller
    from annotator.hub.store.projects import ProjectInfo

__all__ = ["ProgressView"]

_LATEST = 12  # events
_MOST_LABELS = 20
_KINDS = {"set": "reviewed", "delete": "took a review back", "skip": "skipped"}
_STEPS = (
    '<div class="steps"><b>What to do next</b><ol><li>Write the form on the tab '
    "<b>Settings</b>: what is asked about each clip.</li><li>Load clips from a table on "
    "the tab <b>Clips</b>.</li><li>Invite people on the tab <b>Members</b>.</li></ol>"
    "</div>"
)
_NO_LABELS = "Nobody has answered this question yet."
_NO_COLUMN = (
    "There is no question yet. A manager writes the form on the tab “Settings”."
)


class ProgressView(pn.viewable.Viewer):
    """The tab "Overview"."""

    def __init__(self, desk: Desk, project: ProjectInfo) -> None:
        super().__init__()
        self._desk, self._project = desk, project
        kit = desk.kit
        self.numbers = html(_tiles(None))
        self.plot = DayPlot()
        self.column = kit.choice("Question", [], width=240)
        self.column.param.watch(lambda _event: self._load_labels(), "value")
        self.labels = html("")
        self.events = listed(
            "What happened last",
            [
                ("When (UTC)", "muted"),
                ("Who", "main"),
                "What",
                ("Clip", "mono"),
                ("Answer", "wide"),
            ],
            empty="Nothing was reviewed yet. Press “Review in the browser”, or log in "
            "from a notebook with annotator.login().",
        )
        self._notice = Notice(quiet=True)
        self.steps = html(_STEPS, visible=False)
        self._view = pn.Column(
            card("Progress", self.numbers, self.steps, self._notice),
            pn.Row(
                card("Clips reviewed a day", self.plot),
                card("Labels", self.column, self.labels),
                sizing_mode="stretch_width",
                margin=0,
                stylesheets=[_PAIR_CSS],
            ),
            card("What happened last", self.events),
            sizing_mode="stretch_width",
            margin=0,
        )

    def __panel__(self) -> Any:
        return self._view

    def load(self, ready: Callable[[], None] = nothing) -> None:
        """Look at everything anew."""
        store, uid = self._desk.store, self._project.uid

        def look(caller: Caller) -> tuple[Any, ...]:
            return (
                store.progress.overall(caller, uid),
                store.progress.by_annotator_and_day(caller, uid),
                store.events.latest(caller, uid, _LATEST),
                label_columns(store, caller, uid),
            )

        self._desk.ask(look, then_ready(self._show, ready), self._notice.tell)

    def _show(self, found: tuple[Any, ...]) -> None:
        overall, days, events, columns = found
        self._notice.clear()
        self.numbers.object = _tiles(overall)
        self.plot.draw(days)
        self.events.rows = [
            {
                "key": str(event.seq),
                "cells": [
                    moment(event.received_at),
                    event.user,
                    _KINDS.get(event.kind, event.kind),
                    event.clip,
                    _answer(event, columns),
                ],
                "actions": [],
            }
            for event in events
        ]
        if list(self.column.options) != columns:
            self.column.options = columns
            if columns and self.column.value not in columns:
                self.column.value = columns[0]
        self.column.visible = bool(columns)
        is_new = not overall.n_clips and not overall.n_reviews
        self.steps.visible = is_new and self._project.role in ("owner", "manager")
        self._load_labels()

    def _load_labels(self) -> None:
        column = self.column.value
        if not column:
            self.labels.object = bars({}, _NO_COLUMN)
            return
        store, uid = self._desk.store, self._project.uid
        self._desk.ask(
            lambda caller: store.progress.label_counts(caller, uid, column),
            lambda counts: self._show_labels(column, counts),
            self._notice.tell,
        )

    def _show_labels(self, column: str, counts: dict[str, int]) -> None:
        if column == self.column.value:
            some = dict(list(counts.items())[:_MOST_LABELS])
            rest = sum(counts.values()) - sum(some.values())
            if rest:
                some[f"{len(counts) - len(some)} others"] = rest
            self.labels.object = bars(some, _NO_LABELS)


_PAIR_CSS = """
:host { display: grid !important; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 0 14px; }
:host > * { width: auto !important; min-width: 0; }
"""


def _answer(event: Any, columns: list[str]) -> str:
    if event.kind != "set":
        return ""
    found = dict.fromkeys(
        str(row[name])
        for row in event.rows
        for name in columns[:3]
        if row.get(name) not in (None, "")
    )
    return " · ".join(found)


def _tiles(overall: Any) -> str:
    if overall is None:
        counts: dict[str, int | str] = dict.fromkeys(
            ("clips", "reviewed", "complete", "reviews given"), "&ndash;"
        )
        meter = '<div class="meter"></div>'
    else:
        counts = {
            "clips": overall.n_clips,
            "reviewed at least once": overall.n_reviewed,
            "with all reviews they want": overall.n_complete,
            "reviews given": overall.n_reviews,
        }
        n_clips = max(overall.n_clips, 1)
        partly = overall.n_reviewed - min(overall.n_complete, overall.n_reviewed)
        meter = (
            '<div class="meter" role="img" aria-label="'
            f'{overall.n_complete} of {overall.n_clips} clips are complete">'
            f'<i style="width: {100 * overall.n_complete / n_clips:.2f}%"></i>'
            f'<i style="width: {100 * partly / n_clips:.2f}%"></i></div>'
        )
    tiles = "".join(
        f'<div class="tile"><b>{count if isinstance(count, str) else f"{count:,}"}</b>'
        f"<span>{name}</span></div>"
        for name, count in counts.items()
    )
    return f'<div class="tiles">{tiles}</div>{meter}{_left(overall)}'


def _left(overall: Any) -> str:
    n_left = 0 if overall is None else overall.n_clips - overall.n_complete
    if not n_left:
        return ""
    text = f"{number(n_left, 'clip')} left."
    if overall.n_lacking:
        verb = "lacks" if overall.n_lacking == 1 else "lack"
        text += (
            f" {overall.n_lacking:,} of them {verb} a person who may still review: a "
            "manager changes that on the tab “Clips”."
        )
    return f'<p class="hint">{plain(text)}</p>'
