"""Snapshots of a project: take one, compare two, save one as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.hub.exports import FORMATS, export
from annotator.hub.pages.desk import Notice, nothing, then_ready
from annotator.hub.pages.listing import Action, listed
from annotator.hub.pages.look import card, html, moment, number, row
from annotator.hub.permissions import is_at_least
from annotator.views.escape import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from annotator.hub.pages.desk import Desk
    from annotator.hub.store.projects import ProjectInfo

__all__ = ["SnapshotsView"]

_MOST_COMPARED = 200  # rows that a comparison shows
_OWN = {"clip", "clip_id", "annotator", "annotation_id", "created_at", "app_version"}


class SnapshotsView(pn.viewable.Viewer):
    """The tab "Snapshots"."""

    def __init__(self, desk: Desk, project: ProjectInfo) -> None:
        super().__init__()
        self._desk, self._project = desk, project
        kit = desk.kit
        self.name_field = kit.text("Name", placeholder="Snapshot 1, 2 …", width=220)
        self.message = kit.text(
            "Message", placeholder="What it is for (optional)", width=420
        )
        self.create_button = kit.button(
            "Take snapshot", primary=True, icon="photo_camera", width=160
        )
        self.create_button.on_click(lambda _event: self.create())
        self._taking, self._listing, self._comparing = Notice(), Notice(), Notice()
        self.list = listed(
            "Snapshots",
            [
                ("#", "number"),
                ("Name", "main"),
                ("Message", "wide"),
                ("Rows", "number"),
                ("Up to event", "number"),
                "By",
                ("Taken (UTC)", "muted"),
            ],
            actions=[
                Action(name, kind.label, tip=f"Save as {kind.label}")
                for name, kind in FORMATS.items()
            ],
            empty="There is no snapshot yet. A snapshot keeps the annotations as they "
            "are now: for a model, a paper, a talk. It never changes.",
            on_action=self._save,
        )
        self.first = kit.choice("From", {}, width=260)
        self.second = kit.choice("To", {}, width=260)
        self.compare_button = kit.button("Compare", icon="compare_arrows", width=120)
        self.compare_button.on_click(lambda _event: self.compare())
        self._counts = html("")
        self.changes = listed(
            "What changed",
            [("", "chips"), ("Clip", "mono"), "Annotator", ("Answers", "wide")],
            empty="Choose two snapshots, and press Compare.",
            height="360px",
        )
        parts: list[Any] = []
        if is_at_least(project.role, "annotator"):
            parts.append(
                card(
                    "New snapshot",
                    row(self.name_field, self.message, self.create_button),
                    self._taking,
                )
            )
        parts += [
            card("Snapshots", self.list, self._listing),
            card(
                "Compare two",
                row(self.first, self.second, self.compare_button),
                self._comparing,
                self._counts,
                self.changes,
            ),
        ]
        self._view = pn.Column(*parts, sizing_mode="stretch_width", margin=0)

    def __panel__(self) -> Any:
        return self._view

    def load(self, ready: Callable[[], None] = nothing) -> None:
        """Look at the snapshots anew."""
        store, uid = self._desk.store, self._project.uid
        self._desk.ask(
            lambda caller: store.snapshots.list(caller, uid),
            then_ready(self._show, ready),
            then_ready(self._listing.tell, ready),
        )

    def create(self) -> None:
        """Take a snapshot."""
        name, message = self.name_field.value.strip() or None, self.message.value
        store, uid = self._desk.store, self._project.uid
        self._desk.press(
            self.create_button,
            "Taking…",
            lambda caller: store.snapshots.create(caller, uid, name, message),
            self._created,
            self._taking,
        )

    def _created(self, info: Any) -> None:
        for field in (self.name_field, self.message):
            field.param.update(value="", value_input="")
        self._taking.done(f"{info.name} has {number(info.n_rows, 'row')}.")
        self.load()

    def _show(self, snapshots: Sequence[Any]) -> None:
        self.list.rows = [
            {
                "key": str(info.number),
                "cells": [
                    str(info.number),
                    info.name,
                    info.message,
                    f"{info.n_rows:,}",
                    f"{info.through_seq:,}",
                    info.by,
                    moment(info.created_at),
                ],
                "actions": list(FORMATS),
            }
            for info in snapshots
        ]
        options = {f"{info.number} · {info.name}": info.number for info in snapshots}
        numbers = list(options.values())
        if numbers and list(self.second.options.values()) != numbers:
            self.first.options = self.second.options = options
            self.first.value = numbers[min(1, len(numbers) - 1)]
            self.second.value = numbers[0]
        self.compare_button.disabled = len(numbers) < 2

    # ------------------------------------------------------------ as files

    def _save(self, kind: str, key: str) -> None:
        store, uid, which = self._desk.store, self._project.uid, int(key)
        self._listing.say("Preparing the file…")
        self._desk.ask(
            lambda caller: export(store.snapshots.rows(caller, uid, which), kind),
            lambda content: self._saved(kind, which, content),
            self._listing.tell,
        )

    def _saved(self, kind: str, which: int, content: bytes) -> None:
        name = f"snapshot-{which}.{kind}"
        self.list.hand_over(name, FORMATS[kind].mime, content)
        self._listing.done(f"{name} was handed to your browser.")

    # ------------------------------------------------------------- compare

    def compare(self) -> None:
        """Tell what changed from one snapshot to the other."""
        store, uid = self._desk.store, self._project.uid
        first, second = self.first.value, self.second.value
        self._desk.press(
            self.compare_button,
            "Comparing…",
            lambda caller: store.snapshots.compare(caller, uid, first, second),
            self._compared,
            self._comparing,
        )

    def _compared(self, found: Any) -> None:
        kinds = {
            "added": found.added,
            "removed": found.removed,
            "changed": found.changed,
        }
        self._counts.object = (
            '<div class="tiles">'
            + "".join(
                f'<div class="tile"><b>{len(rows):,}</b><span>{plain(kind)}</span></div>'
                for kind, rows in kinds.items()
            )
            + "</div>"
        )
        lines = [(kind, one) for kind, rows in kinds.items() for one in rows]
        if len(lines) > _MOST_COMPARED:
            self._comparing.say(f"The first {_MOST_COMPARED} of {len(lines):,} rows:")
        self.changes.param.update(
            empty_text="These two hold the same.",
            rows=[
                {
                    "key": str(position),
                    "cells": [
                        kind,
                        str(one.get("clip", "")),
                        str(one.get("annotator", "")),
                        _answers(one),
                    ],
                    "actions": [],
                }
                for position, (kind, one) in enumerate(lines[:_MOST_COMPARED])
            ],
        )


def _answers(one: dict[str, Any]) -> str:
    return " · ".join(
        f"{name}: {value}"
        for name, value in one.items()
        if name not in _OWN and value not in (None, "")
    )
