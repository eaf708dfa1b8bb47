"""The way to a project: whoever asks must be a member, and may do just what that allows.

Every noun of the store comes through here, within its own transaction. Somebody else's
project and one that is not there are answered alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from annotator.errors import HubConflict, ProjectNotFound
from annotator.hub.checks import is_uuid
from annotator.hub.permissions import require
from annotator.hub.store.tables import members, projects, users

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from annotator.hub.permissions import Caller

__all__ = ["Access", "find", "find_and_lock", "lock", "not_found"]

_owners = users.alias("owners")
_GROWS = frozenset({"annotate", "adjudicate", "edit", "assign", "members"})
"""What an archived project does not take any more."""

_FIND = (
    sa.select(
        projects.c.id,
        projects.c.uid,
        projects.c.name,
        projects.c.description,
        _owners.c.name.label("owner"),
        members.c.role,
        projects.c.created_at,
        projects.c.archived_at,
        projects.c.last_seq,
    )
    .join(members, members.c.project_id == projects.c.id)
    .join(users, users.c.id == members.c.user_id)
    .join(_owners, _owners.c.id == projects.c.owner_id)
    .where(
        projects.c.uid == sa.bindparam("uid"),
        members.c.user_id == sa.bindparam("user_id"),
        users.c.is_active,
    )
)


@dataclass(frozen=True)
class Access:
    """A project as one of its members has it."""

    id: int
    uid: str
    name: str
    description: str
    owner: str
    role: str
    created_at: str
    archived_at: str | None
    last_seq: int


def find(connection: Connection, caller: Caller, uid: str, action: str) -> Access:
    """Return a project, if the caller may do that in it.

    Parameters
    ----------
    connection
        Within whose transaction.
    caller
        Who asks.
    uid
        Of the project.
    action
        One of `annotator.hub.permissions.ACTIONS`.

    Raises
    ------
    ProjectNotFound
        There is none, or the caller is no member, or the token is for others.
    Forbidden
        The role or the token does not allow it.
    HubConflict
        The project is archived and takes no such change.
    """
    if caller.project_uids is not None and uid not in caller.project_uids:
        raise not_found()
    if not is_uuid(uid):  # a database may fail at such a text
        raise not_found()
    row = connection.execute(
        _FIND, {"uid": uid, "user_id": caller.user.id}
    ).one_or_none()
    if row is None:
        raise not_found()
    found = Access(**row._mapping)
    require(caller, found.role, action)
    if found.archived_at is not None and action in _GROWS:
        msg = f"The project {found.name!r} is archived; its owner can take it back."
        raise HubConflict(msg)
    return found


def find_and_lock(
    connection: Connection, caller: Caller, uid: str, action: str
) -> Access:
    """Do as `find` does, and keep others from changing the project.

    What is returned stays so until the transaction ends. Who may not come in holds
    nobody up.
    """
    found = find(connection, caller, uid, action)
    if connection.dialect.name == "sqlite":
        return found  # it has one writer, and who writes sees the last state
    lock(connection, found.id)
    return find(connection, caller, uid, action)  # others may have changed it meanwhile


def lock(connection: Connection, project_id: int) -> int:
    """Keep others from changing a project until the transaction ends.

    Returns
    -------
    int
        The number of its last event.
    """
    row = connection.execute(
        sa.select(projects.c.last_seq)
        .where(projects.c.id == project_id)
        .with_for_update()  # SQLite has one writer at a time anyway
    ).one()
    return int(row.last_seq)


def not_found() -> ProjectNotFound:
    """Return the one answer to whatever cannot be seen."""
    return ProjectNotFound("There is no such project, or you are not a member of it.")
