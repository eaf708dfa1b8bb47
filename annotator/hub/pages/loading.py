"""Load clips from a table: send or name it, say what its columns mean, look, add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.annotations.cells import to_text
from annotator.hub import clip_import
from annotator.hub.clip_import import Columns, Found
from annotator.hub.pages.desk import Notice
from annotator.hub.pages.listing import listed
from annotator.hub.pages.look import NARROW_CSS, card, html, number, row
from annotator.views.escape import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from annotator.hub.pages.desk import Desk
    from annotator.hub.permissions import Caller
    from annotator.hub.store.projects import ProjectInfo

__all__ = ["LoadingView"]

_PREVIEW = 6  # rows
_MOST_COLUMNS = 8
_MOST_SHOWN = 12  # problems
_AT_ONCE = 5_000  # clips in one transaction
_NONE = "(none)"


class LoadingView(pn.viewable.Viewer):
    """The card "Load clips".

    Parameters
    ----------
    desk
        Asks the store.
    project
        Which gets the clips.
    on_added
        Called after clips were added.
    """

    def __init__(
        self, desk: Desk, project: ProjectInfo, on_added: Callable[[], None]
    ) -> None:
        super().__init__()
        self._desk, self._project, self._on_added = desk, project, on_added
        self._frame: pd.DataFrame | None = None
        self._found: Found | None = None
        self._asked = 0
        kit = desk.kit
        self.upload = kit.upload(
            "Choose a file",
            accept=".csv,.parquet,.jsonl,.ndjson",
            largest=clip_import.LARGEST,
            width=220,
        )
        self.upload.param.watch(lambda _event: self._take_upload(), "value")
        self.address = kit.text(
            "Or an address", placeholder="https://… or s3://… or gs://…", width=400
        )
        self.fetch_button = kit.button("Fetch", width=100)
        self.fetch_button.on_click(lambda _event: self.fetch())
        self._reading = Notice(quiet=True)
        self.columns = {
            name: kit.choice(label, [_NONE], value=_NONE, width=170)
            for name, label in (
                ("recording", "Recording"),
                ("start_time", "Start time (s)"),
                ("end_time", "End time (s)"),
                ("duration", "or duration (s)"),
                ("index", "Name of the clip"),
            )
        }
        for widget in self.columns.values():
            widget.param.watch(lambda _event: self._look(), "value")
        self.preview = listed(
            "The first rows", [], empty="The table has no rows.", height="240px"
        )
        self.problems = html("")
        self.add_button = kit.button(
            "Add clips", primary=True, icon="add", width=190, disabled=True
        )
        self.add_button.on_click(lambda _event: self.add())
        self._adding = Notice()
        self._mapping = pn.Column(
            html('<p class="hint">Which columns mean what:</p>'),
            row(*self.columns.values()),
            self.preview,
            self.problems,
            row(self.add_button),
            sizing_mode="stretch_width",
            stylesheets=[NARROW_CSS],
            margin=0,
            visible=False,
        )
        self._view = card(
            "Load clips",
            row(self.upload, self.address, self.fetch_button),
            self._reading,
            self._mapping,
            self._adding,
            note="A CSV, Parquet or JSONL table of at most 50 MB with a row for each "
            "clip: its recording, and where it begins and ends. Recordings are "
            "addresses (https://, s3://, gs://)"
            + (
                ", or paths in the folder that this hub shares."
                if desk.places.audio_root
                else "."
            ),
        )

    def __panel__(self) -> Any:
        return self._view

    # ----------------------------------------------------------- the table

    def _take_upload(self) -> None:
        content, name = self.upload.value, self.upload.filename
        if isinstance(content, list):  # as the widget gives several
            content = content[0] if content else None
            name = name[0] if isinstance(name, list) and name else name
        if not content:
            return
        self._reading.say(f"Reading {name}…")
        self._desk.ask(
            lambda _caller: clip_import.read_upload(content, str(name)),
            self._take,
            self._fail,
        )
        self.upload.value = None  # not kept twice, and the same file may come again

    def fetch(self) -> None:
        """Read the table at the address that stands there."""
        address = self.address.value.strip()
        if not address:
            self._reading.say("Give the address of a table.")
            return
        places = self._desk.places
        self._desk.press(
            self.fetch_button,
            "Fetching…",
            lambda _caller: clip_import.read_address(address, places),
            self._take,
            self._reading,
        )

    def _fail(self, error: BaseException) -> None:
        self._frame = self._found = None
        self._mapping.visible = False
        self._reading.tell(error)

    def _take(self, frame: pd.DataFrame) -> None:
        self._frame, self._found = None, None
        names = [str(name) for name in frame.columns]
        guessed = vars(clip_import.guess_columns(frame))
        for name, widget in self.columns.items():
            widget.options = [_NONE, *names]
            widget.value = guessed[name] or _NONE
        self._frame = frame
        self.preview.param.update(
            columns=[{"label": name, "kind": ""} for name in names[:_MOST_COLUMNS]],
            rows=[
                {
                    "key": str(position),
                    "cells": [to_text(_cell(value)) for value in line[:_MOST_COLUMNS]],
                    "actions": [],
                }
                for position, line in enumerate(
                    frame.head(_PREVIEW).to_numpy().tolist()
                )
            ],
        )
        rows, columns = number(len(frame), "row"), number(len(names), "column")
        self._reading.say(f"The table has {rows} and {columns}.")
        self._adding.clear()
        self._mapping.visible = True
        self._look()

    # ----------------------------------------------------------- the clips

    def _look(self) -> None:
        frame = self._frame
        if frame is None:
            return
        chosen = {
            name: "" if widget.value == _NONE else str(widget.value)
            for name, widget in self.columns.items()
        }
        columns, places = Columns(**chosen), self._desk.places
        self._asked += 1
        asked = self._asked
        self.add_button.param.update(disabled=True, label="Looking…")
        self._desk.ask(
            lambda _caller: clip_import.clips_of(frame, columns, places),
            lambda found: self._show(asked, found),
            lambda error: self._show_error(asked, error),
        )

    def _show_error(self, asked: int, error: BaseException) -> None:
        if asked == self._asked:
            self._found = None
            self.add_button.label = "Add clips"
            self.problems.object = ""
            self._adding.tell(error)

    def _show(self, asked: int, found: Found) -> None:
        if asked != self._asked:
            return  # other columns meanwhile
        self._found = found
        self._adding.clear()
        some = found.problems[:_MOST_SHOWN]
        if found.n_wrong > len(some):
            some = [*some, f"… and {number(found.n_wrong - len(some), 'row')} more"]
        lines = "".join(f"<li>{plain(sentence)}</li>" for sentence in some)
        self.problems.object = (
            '<p class="hint">These rows are no clips and will be left out:</p>'
            f'<ul class="problems">{lines}</ul>'
            if lines
            else ""
        )
        n_clips = len(found.clips)
        self.add_button.param.update(
            disabled=not n_clips, label=f"Add {number(n_clips, 'clip')}"
        )

    def add(self) -> None:
        """Add the clips that were found."""
        found = self._found
        if found is None or not found.clips:
            return
        store, uid = self._desk.store, self._project.uid

        def send(caller: Caller) -> int:
            return sum(
                store.clips.add(caller, uid, found.clips[begin : begin + _AT_ONCE])
                for begin in range(0, len(found.clips), _AT_ONCE)
            )

        self._desk.press(
            self.add_button,
            "Adding…",
            send,
            lambda n_new: self._added(n_new, len(found.clips)),
            self._adding,
        )

    def _added(self, n_new: int, n_sent: int) -> None:
        self._frame = self._found = None
        self._mapping.visible = False
        self._reading.clear()
        self.address.param.update(value="", value_input="")
        n_known = n_sent - n_new
        known = f" {n_known:,} were there already." if n_known else ""
        self._adding.done(f"{number(n_new, 'clip')} added.{known}")
        self._on_added()


def _cell(value: Any) -> Any:
    return None if value is None or value != value else value  # NaN
