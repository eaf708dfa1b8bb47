"""Users, projects and events for the contract tests of the hub's database."""

from __future__ import annotations

import dataclasses
import uuid
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from annotator.hub.permissions import Caller, User
from annotator.hub.store import clock, tables
from annotator.hub.store.members import Members
from annotator.hub.store.projects import Projects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from annotator.hub.store.engine import Database

__all__ = ["Team", "event", "row", "wait_for_a_lock", "with_token"]

_TIME = "2026-03-01T06:30:00.000Z"


def row(annotation_id: str, **cells: Any) -> dict[str, Any]:
    """Return an output row as the annotator's log has it."""
    return {"annotation_id": annotation_id, "created_at": _TIME, **cells}


def event(
    clip: str = "clip-1", *rows: dict[str, Any], kind: str = "set", **other: Any
) -> dict[str, Any]:
    """Return an event as a client sends it."""
    own = {"id": str(uuid.uuid4()), "clip": clip, "annotator": "me", "kind": kind}
    return {**own, "rows": list(rows), "created_at": _TIME, **other}


def with_token(
    caller: Caller, *scopes: str, uids: Iterable[str] | None = None
) -> Caller:
    """Return who asks with a token for these scopes, and these projects only."""
    only = None if uids is None else frozenset(uids)
    return dataclasses.replace(caller, scopes=frozenset(scopes), project_uids=only)


def wait_for_a_lock(database: Database) -> None:
    """Wait until somebody waits for a lock of PostgreSQL."""
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(10_000):
        with database.engine.connect() as connection:
            if connection.scalar(waiting):
                return
    pytest.fail("nobody waits")


class Team:
    """People of a hub; the project "Owls" is ada's."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ada = self.add("ada")
        self.uid = Projects(database).create(self.ada, "Owls").uid

    def add(self, name: str, role: str | None = None, **options: Any) -> Caller:
        """Add a user; a member of "Owls" if there is a role."""
        with self.database.writing() as connection:
            key = connection.execute(
                sa.insert(tables.users)
                .values(
                    name=name,
                    name_key=name.casefold(),
                    password_hash="",
                    is_admin=False,
                    is_active=True,
                    created_at=clock.now(),
                )
                .returning(tables.users.c.id)
            ).scalar_one()
        if role is not None:
            Members(self.database).set(self.ada, self.uid, name, role)
        return Caller(User(int(key), name), **options)
