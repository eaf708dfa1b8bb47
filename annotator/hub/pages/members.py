"""Who takes part in a project, and as what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.hub.pages.desk import Notice, nothing, then_ready
from annotator.hub.pages.listing import Action, listed
from annotator.hub.pages.look import card, html, moment, row
from annotator.hub.permissions import is_at_least

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.hub.pages.desk import Desk
    from annotator.hub.store.projects import ProjectInfo

__all__ = ["MembersView"]

_ROLES = {
    "Annotator": "annotator",
    "Viewer": "viewer",
    "Manager": "manager",
}
_WHAT = (
    "<b>Viewers</b> look, <b>annotators</b> review and take snapshots, <b>managers</b> "
    "load clips, assign them and invite people, the <b>owner</b> archives the project."
)


class MembersView(pn.viewable.Viewer):
    """The tab "Members".

    Parameters
    ----------
    desk
        Asks the store.
    project
        Whose members they are.
    on_left
        Called when the person has left the project.
    """

    def __init__(
        self, desk: Desk, project: ProjectInfo, on_left: Callable[[], None]
    ) -> None:
        super().__init__()
        self._desk, self._project, self._on_left = desk, project, on_left
        self._is_manager = is_at_least(project.role, "manager")
        kit = desk.kit
        self.name_field = kit.text(
            "User name", placeholder="As they sign in", width=240
        )
        roles = {
            label: role
            for label, role in _ROLES.items()
            if role != "manager" or project.role == "owner"
        }
        self.role = kit.choice("Role", roles, value="annotator", width=150)
        self.invite_button = kit.button("Invite", primary=True, icon="add", width=110)
        self.invite_button.on_click(lambda _event: self.invite())
        self.name_field.param.watch(lambda _event: self.invite(), "enter_pressed")
        self._inviting, self._listing = Notice(), Notice(quiet=True)
        self.list = listed(
            "Members",
            [("Name", "main"), ("Role", "chips"), ("Since (UTC)", "muted")],
            actions=[
                Action("change", "Change role", tip="Choose the new role above"),
                Action("remove", "Remove", confirm="What they reviewed stays. Remove?"),
                Action("leave", "Leave", confirm="Leave this project?"),
            ],
            on_action=self._act,
        )
        parts: list[Any] = [card("Members", self.list, self._listing)]
        if self._is_manager and not project.archived:
            parts.insert(
                0,
                card(
                    "Invite somebody",
                    row(self.name_field, self.role, self.invite_button),
                    self._inviting,
                    html(f'<p class="hint">{_WHAT}</p>'),
                ),
            )
        self._view = pn.Column(*parts, sizing_mode="stretch_width", margin=0)

    def __panel__(self) -> Any:
        return self._view

    def load(self, ready: Callable[[], None] = nothing) -> None:
        """Look at the members anew."""
        store, uid = self._desk.store, self._project.uid
        self._desk.ask(
            lambda caller: store.members.list(caller, uid),
            then_ready(self._show, ready),
            then_ready(self._listing.tell, ready),
        )

    def invite(self) -> None:
        """Invite whoever is named, or give them the chosen role."""
        name, role = self.name_field.value.strip(), self.role.value
        if not name:
            self._inviting.say("Give the name with which they sign in.")
            return
        store, uid = self._desk.store, self._project.uid
        self._desk.press(
            self.invite_button,
            "Inviting…",
            lambda caller: store.members.set(caller, uid, name, role),
            lambda _nothing: self._invited(name, role),
            self._inviting,
        )

    def _invited(self, name: str, role: str) -> None:
        self.name_field.param.update(value="", value_input="")
        self.invite_button.label = "Invite"
        self._inviting.done(f"{name} is {role} of this project.")
        self.load()

    def _act(self, action: str, name: str) -> None:
        if action == "change":
            self.name_field.param.update(value=name, value_input=name)
            self.invite_button.label = "Change"
            self._inviting.say(f"Choose the new role of {name}, and press Change.")
            return
        store, uid = self._desk.store, self._project.uid
        self._desk.ask(
            lambda caller: store.members.remove(caller, uid, name),
            lambda _nothing: self._removed(name),
            self._failed,
        )

    def _removed(self, name: str) -> None:
        if name == self._desk.user.name:
            self._on_left()
            return
        self._listing.done(f"{name} is no member any more.")
        self.load()

    def _failed(self, error: BaseException) -> None:
        self._listing.tell(error)
        self.list.param.trigger("rows")  # the buttons are as before

    def _show(self, members: Any) -> None:
        self.list.rows = [
            {
                "key": member.user,
                "cells": [member.user, member.role, moment(member.added_at)],
                "actions": self._actions_on(member),
            }
            for member in members
        ]

    def _actions_on(self, member: Any) -> list[str]:
        if member.role == "owner":
            return []
        if member.user == self._desk.user.name:
            return ["leave"]
        is_above = self._project.role == "owner" or member.role != "manager"
        return ["change", "remove"] if self._is_manager and is_above else []
