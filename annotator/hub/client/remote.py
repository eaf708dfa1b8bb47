"""A project's side at a hub: what its routes answer, as our values."""

from __future__ import annotations

from typing import Any

from annotator.errors import HubConflict, HubUnreachable, ProjectNotFound
from annotator.hub.client.transport import Transport, route

__all__ = ["HubSide", "find", "find_or_make", "listed", "make", "missing", "name_of"]

Json = dict[str, Any]
_JSONL = {"format": "jsonl"}


def name_of(me: object) -> str:
    """Give the user's name out of the answer to /me."""
    name = me.get("name") if isinstance(me, dict) else None
    if not isinstance(name, str) or not name:
        msg = "The hub does not say who the token belongs to; is it one?"
        raise HubUnreachable(msg)
    return name


def listed(transport: Transport) -> list[Json]:
    """Give one's own and shared projects, in the hub's order."""
    return _items(transport, transport.get("/projects"), "projects", "uid", "name")


def find(transport: Transport, user: str, name: str, owner: str | None) -> Json | None:
    """Find a project by its name: one's own first, or the one of an owner.

    Upper and lower case are the same to a hub, in names of projects and of users.
    """
    key = name.strip().casefold()
    found = [
        project
        for project in listed(transport)
        if str(project["name"]).casefold() == key
        and (owner is None or _same(project.get("owner"), owner))
    ]
    own = [project for project in found if _same(project.get("owner"), user)]
    return next(iter([*own, *found]), None)


def make(transport: Transport, user: str, name: str) -> Json:
    """Make a project of one's own; one that somebody made just now is as good.

    Raises
    ------
    HubConflict
        The name is taken by a project that is put away.
    """
    try:
        found = transport.send("POST", "/projects", {"name": name})
    except HubConflict as err:
        known = find(transport, user, name, user)
        if known is not None:
            return known
        msg = (
            f"You have a project {name!r} in the archive; take it back on the hub's "
            "page Projects, or choose another name."
        )
        raise HubConflict(msg) from err
    return _checked(transport, found, "uid", "name")


def find_or_make(transport: Transport, user: str, name: str) -> str:
    """Give the uid of the project with a name; make it if it is missing."""
    found = find(transport, user, name, None) or make(transport, user, name)
    return str(found["uid"])


class HubSide:
    """What a `Project` asks of a hub.

    Parameters
    ----------
    transport
        The hub.
    uid
        Of the project.
    """

    def __init__(self, transport: Transport, uid: str) -> None:
        self._transport, self._uid = transport, uid

    def rows(self) -> list[Json]:
        """Give the annotations as they are now."""
        return self._transport.rows(self._route("annotations"), _JSONL)

    def snapshots(self) -> list[Json]:
        """Give what is known of each snapshot, newest first."""
        found = self._transport.get(self._route("snapshots"))
        every = _items(self._transport, found, "snapshots", "number", "name")
        return sorted(every, key=lambda one: int(one["number"]), reverse=True)

    def snapshot(self, which: int | str) -> Json:
        """Give what is known of one, by number or name."""
        text = str(which).strip()
        for one in self.snapshots():
            number, name = str(one["number"]), str(one["name"])
            if text == number or text.casefold() == name.casefold():
                return one
        raise missing(text)

    def create(self, name: str | None, message: str) -> Json:
        """Make a snapshot of what the hub has now."""
        body = {"message": message, **({} if name is None else {"name": name})}
        found = self._transport.send("POST", self._route("snapshots"), body)
        return _checked(self._transport, found, "number", "name")

    def snapshot_rows(self, number: int) -> list[Json]:
        """Give the annotations of a snapshot."""
        return self._transport.rows(self._route("snapshots", number, "rows"), _JSONL)

    def _route(self, *parts: object) -> str:
        return route("projects", self._uid, *parts)


def missing(which: str) -> ProjectNotFound:
    """Return the error of a snapshot that is not there."""
    msg = f"The project has no snapshot {which!r}; project.snapshots.list() has them."
    return ProjectNotFound(msg)


def _same(one: object, other: str) -> bool:
    return isinstance(one, str) and one.casefold() == other.strip().casefold()


def _items(transport: Transport, found: Any, name: str, *keys: str) -> list[Json]:
    every = found.get(name) if isinstance(found, dict) else found
    if not isinstance(every, list):
        raise _unreadable(transport)
    return [_checked(transport, one, *keys) for one in every]


def _checked(transport: Transport, found: Any, *keys: str) -> Json:
    if not isinstance(found, dict) or not all(key in found for key in keys):
        raise _unreadable(transport)
    return found


def _unreadable(transport: Transport) -> HubUnreachable:
    msg = f"The hub {transport.url} gave an answer that cannot be read."
    return HubUnreachable(msg)
