"""One's projects, own and shared: find one, open it, make one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.hub.pages.desk import Notice, nothing, then_ready
from annotator.hub.pages.listing import listed
from annotator.hub.pages.look import card, html, moment, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.hub.pages.desk import Desk

__all__ = ["ProjectsView"]

_NONE = (
    "You have no project yet. Make one above, or ask somebody to invite you by your "
    "user name."
)
_NONE_FOUND = "No project has this in its name or its owner's. Search for less of it."
_NONE_ARCHIVED = "No project is archived."


class ProjectsView(pn.viewable.Viewer):
    """The page "Projects".

    Parameters
    ----------
    desk
        Asks the store.
    on_open
        Called with the uid of the project that somebody opens.
    """

    def __init__(self, desk: Desk, on_open: Callable[[str], None]) -> None:
        super().__init__()
        self._desk, self._open = desk, on_open
        self._asked = 0
        kit = desk.kit
        self.search = kit.text("Search", placeholder="Name or owner", width=260)
        self.search.param.watch(lambda _event: self.load(), "value_input")
        self.kind = kit.switcher(
            "Which", {"Active": False, "Archived": True}, value=False, margin=(6, 4)
        )
        self.kind.param.watch(lambda _event: self.load(), "value")
        self.name_field = kit.text("Name", placeholder="Owls of the valley", width=260)
        self.description = kit.text(
            "Description", placeholder="What it is about (optional)", width=420
        )
        self.create_button = kit.button("Create", primary=True, icon="add", width=110)
        self.create_button.on_click(lambda _event: self.create())
        self.name_field.param.watch(lambda _event: self.create(), "enter_pressed")
        self._making, self._listing = Notice(), Notice(quiet=True)
        self.list = listed(
            "Projects",
            [
                "Name",
                ("Description", "muted"),
                "Owner",
                ("Your role", "chips"),
                ("Events", "number"),
                ("Made (UTC)", "muted"),
            ],
            on_open=on_open,
        )
        self._view = pn.Column(
            html(
                '<div class="head"><h1>Projects</h1><p>What your team reviews: '
                "clips, who reviews them, and what came of it.</p></div>",
                margin=(0, 0, 12, 0),
            ),
            card(
                "New project",
                row(self.name_field, self.description, self.create_button),
                self._making,
            ),
            card(
                "Your projects", row(self.search, self.kind), self.list, self._listing
            ),
            sizing_mode="stretch_width",
            margin=0,
        )

    def __panel__(self) -> Any:
        return self._view

    def load(self, ready: Callable[[], None] = nothing) -> None:
        """Look at the projects anew."""
        search, archived = self.search.value_input, self.kind.value
        self._asked += 1
        asked = self._asked
        store = self._desk.store
        self._desk.ask(
            lambda caller: store.projects.list(caller, search, archived=archived),
            then_ready(lambda found: self._show(found, asked), ready),
            then_ready(self._listing.tell, ready),
        )

    def leave(self) -> None:
        """Forget what went well or wrong here."""
        self._making.clear()

    def create(self) -> None:
        """Make a project, and open it."""
        name, description = self.name_field.value, self.description.value
        if not name.strip():
            self._making.say("Give the project a name.")
            return
        store = self._desk.store
        self._desk.press(
            self.create_button,
            "Creating…",
            lambda caller: store.projects.create(caller, name, description),
            self._created,
            self._making,
        )

    def _created(self, project: Any) -> None:
        for field in (self.name_field, self.description):
            field.param.update(value="", value_input="")
        self._open(project.uid)

    def _show(self, found: Any, asked: int) -> None:
        if asked != self._asked:
            return  # somebody typed on
        self._listing.clear()
        empty = _NONE_ARCHIVED if self.kind.value else _NONE
        self.list.param.update(
            empty_text=_NONE_FOUND if self.search.value_input else empty,
            rows=[
                {
                    "key": project.uid,
                    "cells": [
                        project.name,
                        project.description,
                        "you"
                        if project.owner == self._desk.user.name
                        else project.owner,
                        project.role,
                        f"{project.last_seq:,}",
                        moment(project.created_at),
                    ],
                    "actions": [],
                }
                for project in found
            ],
        )
