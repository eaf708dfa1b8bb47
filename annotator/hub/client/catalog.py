"""`annotator.projects`: a hub's projects while logged in, else those of this machine."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from annotator.errors import ProjectNotFound
from annotator.hub.client.client import CLIENT, Client, Login
from annotator.hub.client.local import (
    LocalSide,
    local_name,
    local_projects,
    this_user,
)
from annotator.hub.client.project import Project
from annotator.hub.client.remote import HubSide, find, listed, make

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["Projects", "projects"]

logger = logging.getLogger(__name__)


class Projects:
    """Opens and lists projects."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __repr__(self) -> str:
        login = self._client.login
        if login is None:
            return "<Projects on this machine; annotator.login() brings a hub's>"
        return f"<Projects of {login.user} at {login.transport.url}>"

    def open(
        self, name: str, create_if_missing: bool = True, owner: str | None = None
    ) -> Project:
        """Open a project by its name, whatever the case of its letters.

        Parameters
        ----------
        name
            Your own of that name comes first, then one that is shared with you.
        create_if_missing
            Make it, quietly, if there is none.
        owner
            Open the one of this person.

        Returns
        -------
        Project
            At the hub; if you are not logged in, on this machine.

        Raises
        ------
        ProjectNotFound
            There is none and `create_if_missing` is off, or it is to be somebody else's.
        """
        name = local_name(name)
        login = self._client.login
        if login is None:
            return self._open_here(name, create_if_missing, owner)
        found = find(login.transport, login.user, name, owner)
        is_own = owner is None or owner.strip().casefold() == login.user.casefold()
        if found is None and create_if_missing and is_own:
            found = make(login.transport, login.user, name)
        if found is None:
            whose = f" of {owner}" if owner is not None else ""
            msg = f"There is no project {name!r}{whose} that you may see at this hub."
            raise ProjectNotFound(msg)
        return self._of_hub(login, found)

    def get_all_projects(self) -> list[Project]:
        """Give your own and shared projects; not logged in, those of this machine."""
        login = self._client.login
        if login is not None:
            return [self._of_hub(login, found) for found in listed(login.transport)]
        names = [feed.project for feed in self._client.feeds()] + local_projects()
        by_key = {name.casefold(): name for name in names}
        return [_of_machine(self._side(by_key[key])) for key in sorted(by_key)]

    def _of_hub(self, login: Login, found: Mapping[str, Any]) -> Project:
        transport, name = login.transport, str(found["name"])

        def send_first() -> None:
            n_waiting = login.sender.flush(transport.pace.finish, name)
            if n_waiting:
                logger.warning(
                    "%d events of this machine wait for the hub and are not in it yet.",
                    n_waiting,
                )

        side = HubSide(transport, str(found["uid"]))
        return Project(found, side, url=transport.url, before=send_first)

    # On this machine ---------------------------------------------------------------

    def _open_here(self, name: str, make_it: bool, owner: str | None) -> Project:
        side = self._side(name)
        is_own = owner is None or owner.casefold() == this_user().casefold()
        if not is_own or not (make_it or side.is_known):
            whose = f" of {owner}" if owner is not None else ""
            msg = (
                f"There is no project {name!r}{whose} on this machine, and you are not "
                "logged in to a hub: annotator.login(url, token)."
            )
            raise ProjectNotFound(msg)
        side.keep()
        return _of_machine(side)

    def _side(self, name: str) -> LocalSide:
        key = name.casefold()
        feeds = self._client.feeds()
        outputs = [feed.output for feed in feeds if feed.project.casefold() == key]
        return LocalSide(name, outputs)


def _of_machine(side: LocalSide) -> Project:
    found = {"name": side.name, "owner": this_user(), "role": "owner"}
    return Project(found, side)


projects = Projects(CLIENT)
