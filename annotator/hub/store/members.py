"""Members: who takes part in a project, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from annotator.errors import Forbidden, HubConflict, Refused
from annotator.hub.checks import name_key
from annotator.hub.permissions import require_scope
from annotator.hub.protocol import ROLES
from annotator.hub.store import access, clock, queue
from annotator.hub.store.audit import note
from annotator.hub.store.tables import (
    assignments,
    clips,
    leases,
    members,
    reviewers,
    users,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from annotator.hub.permissions import Caller
    from annotator.hub.store.engine import Database

__all__ = ["Member", "Members"]

_LONGEST_NAME = 80
_GIVEN = ROLES[:-1]  # a project keeps its owner


@dataclass(frozen=True)
class Member:
    """Somebody who takes part."""

    user: str
    role: str
    added_at: str


class Members:
    """Invites people to projects by their user names."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, caller: Caller, uid: str) -> list[Member]:
        """Return who takes part, the owner first."""
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            found = connection.execute(
                sa.select(users.c.name, members.c.role, members.c.added_at)
                .join(users, users.c.id == members.c.user_id)
                .where(members.c.project_id == project.id)
                .order_by(
                    sa.case((members.c.role == "owner", 0), else_=1),
                    members.c.added_at,
                    users.c.id,
                )
            )
            return [Member(row.name, row.role, row.added_at) for row in found]

    def set(self, caller: Caller, uid: str, user_name: str, role: str) -> None:
        """Invite somebody, or give a member another role.

        Parameters
        ----------
        caller, uid
            A manager, and the project.
        user_name
            Of whom.
        role
            viewer, annotator or manager; managers are made by the owner. Who becomes a
            viewer has no clips to review any more.

        Raises
        ------
        Refused
            There is no such role, or no such user.
        HubConflict
            It is the owner, who stays it.
        """
        if role not in _GIVEN:
            raise Refused((None, f"The role is one of {', '.join(_GIVEN)}."))
        with self._database.writing() as connection:
            project = access.find_and_lock(connection, caller, uid, "members")
            user_id = _user_id(connection, user_name)
            if user_id is None:
                msg = "There is no user of this name; ask an administrator to add one."
                raise Refused((None, msg))
            before = _role(connection, project.id, user_id)
            _check_rank(project.role, before, role)
            if before is None:
                connection.execute(
                    sa.insert(members).values(
                        project_id=project.id,
                        user_id=user_id,
                        role=role,
                        added_at=clock.now(),
                    )
                )
            else:
                connection.execute(
                    sa.update(members)
                    .where(
                        members.c.project_id == project.id,
                        members.c.user_id == user_id,
                    )
                    .values(role=role)
                )
            if role == "viewer":
                _take_clips(connection, project.id, user_id)
            note(connection, caller, "member.set", project.id, user=user_id, role=role)

    def remove(self, caller: Caller, uid: str, user_name: str) -> None:
        """End somebody's part in a project; what they reviewed stays.

        Clips that were theirs to review become everybody's. A member may leave without
        being a manager. It can be done in an archived project too.

        Raises
        ------
        Refused
            There is no member of that name.
        HubConflict
            It is the owner, who stays it.
        """
        with self._database.writing() as connection:
            key = name_key(user_name, _LONGEST_NAME)
            is_own = key == name_key(caller.user.name, _LONGEST_NAME)
            action = "view" if is_own else "dismiss"
            project = access.find_and_lock(connection, caller, uid, action)
            require_scope(caller, "project:write")
            user_id = _user_id(connection, user_name, active=False)
            before = None if user_id is None else _role(connection, project.id, user_id)
            if user_id is None or before is None:
                raise Refused((None, "There is no member of this name."))
            _check_rank("owner" if is_own else project.role, before, "")
            _take_clips(connection, project.id, user_id)
            connection.execute(
                sa.delete(members).where(
                    members.c.project_id == project.id, members.c.user_id == user_id
                )
            )
            note(connection, caller, "member.remove", project.id, user=user_id)


def _take_clips(connection: Connection, project_id: int, user_id: int) -> None:
    """Let others have the clips that were to be reviewed by somebody."""
    of_project = sa.select(clips.c.id).where(clips.c.project_id == project_id)
    connection.execute(
        sa.delete(reviewers).where(
            reviewers.c.project_id == project_id, reviewers.c.user_id == user_id
        )
    )
    for table in (leases, assignments):
        connection.execute(
            sa.delete(table).where(
                table.c.user_id == user_id, table.c.clip_id.in_(of_project)
            )
        )
    queue.forget_places(connection, project_id)


def _check_rank(mine: str, before: str | None, after: str) -> None:
    if before == "owner":
        msg = "The owner of a project stays its owner, and stays in it."
        raise HubConflict(msg)
    if mine != "owner" and "manager" in (before, after):
        msg = "Only the owner of a project makes and removes its managers."
        raise Forbidden(msg)


def _user_id(connection: Connection, name: str, *, active: bool = True) -> int | None:
    where = [users.c.name_key == name_key(name, _LONGEST_NAME)]
    if active:
        where.append(users.c.is_active)
    found = connection.scalar(sa.select(users.c.id).where(*where))
    return None if found is None else int(found)


def _role(connection: Connection, project_id: int, user_id: int) -> str | None:
    found = connection.scalar(
        sa.select(members.c.role).where(
            members.c.project_id == project_id, members.c.user_id == user_id
        )
    )
    return None if found is None else str(found)
