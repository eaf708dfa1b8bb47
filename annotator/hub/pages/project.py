"""A project: its head, and a tab for each thing one does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import panel as pn

from annotator.hub.pages.agreement import AgreementView
from annotator.hub.pages.assignment import ClipsView
from annotator.hub.pages.deck import Deck
from annotator.hub.pages.desk import Notice, nothing
from annotator.hub.pages.look import chip, html
from annotator.hub.pages.members import MembersView
from annotator.hub.pages.progress import ProgressView
from annotator.hub.pages.settings import SettingsView
from annotator.hub.pages.snapshots import SnapshotsView
from annotator.hub.permissions import is_at_least
from annotator.views.escape import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from annotator.hub.pages.desk import Desk
    from annotator.hub.store.disagreements import Disagreement
    from annotator.hub.store.projects import ProjectInfo

__all__ = ["Doors", "ProjectView"]


class Doors(Protocol):
    """Where one can go from a project."""

    def projects(self) -> None:
        """To all projects."""

    def project(self, uid: str) -> None:
        """To a project, looked up anew."""

    def review(self, project: ProjectInfo, button: Any, notice: Notice) -> None:
        """To the review of its clips."""

    def adjudicate(
        self, view: ProjectView, clips: Sequence[Disagreement], column: str
    ) -> None:
        """To the review of clips about which annotators disagree, and back to here."""


class ProjectView(pn.viewable.Viewer):
    """The page of one project.

    Parameters
    ----------
    desk
        Asks the store.
    project
        Which one.
    doors
        Where one can go from here.
    """

    def __init__(self, desk: Desk, project: ProjectInfo, doors: Doors) -> None:
        super().__init__()
        self._desk, self.project, self._doors = desk, project, doors
        kit = desk.kit
        self.notice = Notice(quiet=True)
        back = kit.button("Projects", icon="arrow_back", width=110)
        back.on_click(lambda _event: doors.projects())
        may_review = is_at_least(project.role, "annotator") and not project.archived
        self.review_button = kit.button(
            "Review in the browser",
            primary=True,
            icon="graphic_eq",
            width=210,
            disabled=not may_review,
        )
        self.review_button.on_click(
            lambda _event: doors.review(project, self.review_button, self.notice)
        )
        self._makers: dict[str, Callable[[], Any]] = {
            "Overview": lambda: ProgressView(desk, project),
            "Clips": lambda: ClipsView(desk, project),
            "Agreement": lambda: AgreementView(desk, project, self._adjudicate),
            "Snapshots": lambda: SnapshotsView(desk, project),
            "Members": lambda: MembersView(desk, project, doors.projects),
            "Settings": lambda: SettingsView(
                desk, project, lambda: doors.project(project.uid)
            ),
        }
        self.tabs: dict[str, Any] = {}  # those that were looked at
        self.switcher = kit.switcher(
            "Part of the project", list(self._makers), value="Overview", margin=(4, 4)
        )
        self.switcher.param.watch(lambda _event: self.load(), "value")
        self._content = Deck(margin=(8, 0))
        self._view = pn.Column(
            pn.Row(
                back,
                html(_head(project), margin=(2, 6)),
                self.review_button,
                sizing_mode="stretch_width",
                stylesheets=[":host { flex-wrap: wrap; } :host > * { min-width: 0; }"],
                margin=0,
            ),
            self.notice,
            self.switcher,
            self._content,
            sizing_mode="stretch_width",
            margin=0,
        )

    def __panel__(self) -> Any:
        return self._view

    def turn_to(self, name: str) -> None:
        """Show a tab, looked at anew."""
        if self.switcher.value != name:
            self.switcher.value = name  # and that comes here again
        else:
            self.load()

    def load(self, ready: Callable[[], None] = nothing) -> None:
        """Look at the tab anew, and show it once it is there."""
        name = self.switcher.value
        if name not in self.tabs:
            self.tabs[name] = self._makers[name]()
        tab = self.tabs[name]

        def show() -> None:
            if name == self.switcher.value:
                self._content.bring(tab)
            ready()

        tab.load(show)

    def leave(self) -> None:
        """Forget what went well or wrong here."""
        self.notice.clear()

    def _adjudicate(self, clips: Sequence[Disagreement], column: str) -> None:
        self._doors.adjudicate(self, clips, column)


def _head(project: ProjectInfo) -> str:
    archived = chip("archived", "warn") if project.archived else ""
    about = f"<p>{plain(project.description)}</p>" if project.description else ""
    return (
        f'<div class="head"><h1>{plain(project.name)}</h1>'
        f"{chip(project.role, 'strong')}{archived}"
        f'<span class="muted">of {plain(project.owner)}</span>{about}</div>'
    )
