"""The audit log: who did what to whom, never with a secret."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.errors import Forbidden
from annotator.hub.store import access, clock
from annotator.hub.store.tables import audit, users

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from annotator.hub.permissions import Caller
    from annotator.hub.store.engine import Database

__all__ = ["Audit", "AuditNote", "note"]

_MOST_LISTED = 1_000


@dataclass(frozen=True)
class AuditNote:
    """One line of the audit log."""

    at: str
    by: str
    """Name of the user; "" if nobody was logged in."""
    action: str
    detail: dict[str, Any]


def note(
    connection: Connection,
    caller: Caller | None,
    action: str,
    project_id: int | None = None,
    **detail: Any,
) -> None:
    """Write down that something was done, in the transaction that does it.

    Parameters
    ----------
    connection
        Within whose transaction.
    caller
        Who did it; None: nobody who is logged in.
    action
        "noun.verb", such as "token.create".
    project_id
        Where, if it concerns a project.
    **detail
        What JSON holds; never a secret.
    """
    if caller is not None and caller.key_id is not None:
        detail["token"] = caller.key_id
    connection.execute(
        sa.insert(audit).values(
            at=clock.now(),
            user_id=None if caller is None else caller.user.id,
            project_id=project_id,
            action=action,
            detail=json.dumps(detail),
        )
    )


class Audit:
    """Reads the audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_project(self, caller: Caller, uid: str, limit: int = 100) -> list[AuditNote]:
        """List what was done to a project, newest first; for its managers."""
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "audit")
            return _listed(connection, limit, audit.c.project_id == project.id)

    def everything(self, caller: Caller, limit: int = 100) -> list[AuditNote]:
        """List what was done anywhere, newest first; for administrators."""
        if not caller.user.is_admin or "admin" not in caller.scopes:
            msg = "Only administrators of the hub see its whole audit log."
            raise Forbidden(msg)
        with self._database.reading() as connection:
            return _listed(connection, limit)


def _listed(connection: Connection, limit: int, *where: Any) -> list[AuditNote]:
    rows = connection.execute(
        sa.select(audit.c.at, users.c.name, audit.c.action, audit.c.detail)
        .outerjoin(users, users.c.id == audit.c.user_id)
        .where(*where)
        .order_by(audit.c.id.desc())
        .limit(max(0, min(limit, _MOST_LISTED)))
    )
    return [
        AuditNote(row.at, row.name or "", row.action, json.loads(row.detail))
        for row in rows
    ]
