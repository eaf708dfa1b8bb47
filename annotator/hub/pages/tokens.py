"""One's tokens: make one, see it once, delete it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import panel as pn
import param
from panel.custom import JSComponent

from annotator.hub.pages.desk import Notice, nothing, then_ready
from annotator.hub.pages.listing import Action, listed
from annotator.hub.pages.look import card, html, moment, row
from annotator.views import theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.hub.pages.desk import Desk

__all__ = ["SecretBox", "TokensView"]

_HERE = Path(__file__).parent

_SCOPES = {
    "project:read": "See projects",
    "annotate": "Review",
    "snapshot": "Take snapshots",
    "project:write": "Change projects",
    "admin": "Manage the hub",
}
_USUAL = ["project:read", "project:write", "annotate", "snapshot"]
_DAYS = {"30 days": 30, "90 days": 90, "180 days": 180, "1 year": 365}
_SHOWN = 600.0
"""Seconds after which a box that nobody closes closes itself."""


class SecretBox(JSComponent):
    """Shows a token with a button that copies it; see secret_box.js."""

    secret = param.String(default="", doc="The token; empty: the box is closed.")
    token_name = param.String(default="", doc="What it is called.")

    _esm = _HERE / "secret_box.js"
    _stylesheets: ClassVar[list[str]] = [
        theme.CSS,
        (_HERE / "secret_box.css").read_text(encoding="utf-8"),
    ]

    def close(self) -> None:
        """Take the token out of the document."""
        self.param.update(secret="", token_name="")

    def _log(self, *_args: Any, **_options: Any) -> None:
        """Panel's log of what changes would have the token."""


class TokensView(pn.viewable.Viewer):
    """The page "Tokens"."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._shown = ""  # key id of the token in the box
        kit = desk.kit
        self.name_field = kit.text(
            "Name", placeholder="Laptop, field station …", width=240
        )
        scopes = _USUAL + (["admin"] if desk.user.is_admin else [])
        self.scopes = kit.several(
            "May be used to",
            {_SCOPES[scope]: scope for scope in scopes},
            value=list(_USUAL),
        )
        self.days = kit.choice("Valid for", _DAYS, value=90, width=130)
        self.add_button = kit.button("Add", primary=True, icon="add", width=100)
        self.add_button.on_click(lambda _event: self.add())
        self.name_field.param.watch(lambda _event: self.add(), "enter_pressed")
        self._adding = Notice()
        self.box = SecretBox(sizing_mode="stretch_width", margin=0)
        self.box.on_msg(lambda _event: self.box.close())
        self.list = listed(
            "Tokens",
            [
                ("Name", "main"),
                ("Key id", "mono"),
                ("May be used to", "wide"),
                "Made (UTC)",
                "Last used",
                "Valid until",
            ],
            actions=[
                Action(
                    "delete",
                    "Delete",
                    confirm="Programs that use it stop working. Delete it?",
                )
            ],
            empty="You have no token yet. Give one a name and press Add: "
            "a script or notebook signs in with it.",
            on_action=lambda _name, key: self._delete(key),
        )
        self._listing = Notice(quiet=True)
        self._view = pn.Column(
            html(
                '<div class="head"><h1>Tokens</h1><p>A script or a notebook signs in '
                "with a token in place of your password: "
                "<code>annotator.login(url, token)</code>.</p></div>",
                margin=(0, 0, 12, 0),
            ),
            card(
                "New token",
                row(self.name_field, self.days, self.add_button),
                self.scopes,
                self._adding,
                self.box,
            ),
            card("Your tokens", self.list, self._listing),
            sizing_mode="stretch_width",
            margin=0,
        )

    def __panel__(self) -> Any:
        return self._view

    def load(self, ready: Callable[[], None] = nothing) -> None:
        """Look at the tokens anew."""
        store = self._desk.store
        self._desk.ask(
            lambda caller: store.tokens.list(caller.user),
            then_ready(self._show, ready),
            then_ready(self._listing.tell, ready),
        )

    def leave(self) -> None:
        """Forget what was shown; another page is looked at."""
        self.box.close()

    def add(self) -> None:
        """Make a token and show it."""
        name, scopes, days = self.name_field.value, self.scopes.value, self.days.value
        self.box.close()
        if not name.strip():
            self._adding.say("Give the token a name, so that you know it again.")
            return
        if not scopes:
            self._adding.say("Choose at least one thing that it may be used for.")
            return
        store = self._desk.store
        self._desk.press(
            self.add_button,
            "Adding…",
            lambda caller: store.tokens.create(
                caller.user, name, scopes=scopes, days=days
            ),
            self._added,
            self._adding,
        )

    def _added(self, new: Any) -> None:
        self.name_field.param.update(value="", value_input="")
        self.box.token_name = new.info.name
        self.box.secret = new.secret
        self._adding.done("The token is made.")
        self._shown = key_id = new.info.key_id
        self._desk.stage.later(_SHOWN, lambda: self._expire(key_id))
        self.load()

    def _expire(self, key_id: str) -> None:
        if self._shown == key_id:
            self.box.close()

    def _delete(self, key_id: str) -> None:
        store = self._desk.store
        self._desk.ask(
            lambda caller: store.tokens.delete(caller.user, key_id),
            lambda _nothing: self._deleted(key_id),
            self._failed,
        )

    def _deleted(self, key_id: str) -> None:
        self._listing.done(f"The token {key_id} is invalid from now on.")
        if self.box.secret and self._shown == key_id:
            self.box.close()
        self.load()

    def _failed(self, error: BaseException) -> None:
        self._listing.tell(error)
        self.list.param.trigger("rows")  # the buttons are as before

    def _show(self, tokens: Any) -> None:
        self.list.rows = [
            {
                "key": info.key_id,
                "cells": [
                    info.name,
                    info.key_id,
                    ", ".join(_SCOPES.get(scope, scope) for scope in info.scopes),
                    moment(info.created_at),
                    moment(info.last_used_at),
                    moment(info.expires_at, "for ever"),
                ],
                "actions": ["delete"],
            }
            for info in tokens
        ]
