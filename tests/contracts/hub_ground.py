"""A hub's database with people, a project, clips, and what happens to them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.hub.permissions import Caller, User
from annotator.hub.store import tables
from annotator.hub.store.clips import Clips
from annotator.hub.store.events import Events

if TYPE_CHECKING:
    from annotator.hub.store.engine import Database

__all__ = ["Ground", "clip"]

_THEN = "2026-03-01T06:30:00.000Z"


def clip(number: int, **other: Any) -> dict[str, Any]:
    """Return a clip as it is sent to the hub."""
    own = {
        "identity": f"clip-{number}",
        "recording": f"site-a/{number}.flac",
        "start_time": 3.0 * number,
        "end_time": 3.0 * number + 3.0,
        "row": {"confidence": 0.5},
    }
    return {**own, **other}


def _sent(identity: str, kind: str, *rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "clip": identity,
        "kind": kind,
        "rows": list(rows),
        "created_at": _THEN,
    }


class Ground:
    """One project, whose owner is Olga, and what happens in it."""

    def __init__(self, database: Database, name: str = "Owls") -> None:
        self.database = database
        self.uid = str(uuid.uuid4())
        self.olga = self.person("olga" if name == "Owls" else f"olga of {name}")
        with database.writing() as connection:
            self.id = connection.execute(
                sa.insert(tables.projects)
                .values(
                    uid=self.uid,
                    owner_id=self.olga.user.id,
                    name=name,
                    name_key=name.casefold(),
                    description="",
                    config="",
                    created_at=_THEN,
                    last_seq=0,
                )
                .returning(tables.projects.c.id)
            ).scalar_one()
        self.join(self.olga, "owner")

    def person(self, name: str, role: str | None = None, **options: Any) -> Caller:
        """Add a user, and make them a member if there is a role."""
        with self.database.writing() as connection:
            user_id = connection.execute(
                sa.insert(tables.users)
                .values(
                    name=name,
                    name_key=name.casefold(),
                    password_hash="",
                    is_admin=False,
                    is_active=True,
                    created_at=_THEN,
                )
                .returning(tables.users.c.id)
            ).scalar_one()
        caller = Caller(User(user_id, name), **options)
        if role is not None:
            self.join(caller, role)
        return caller

    def join(self, caller: Caller, role: str) -> None:
        """Make somebody a member."""
        with self.database.writing() as connection:
            connection.execute(
                sa.insert(tables.members).values(
                    project_id=self.id,
                    user_id=caller.user.id,
                    role=role,
                    added_at=_THEN,
                )
            )

    def add(self, n_clips: int, **options: Any) -> None:
        """Add the clips 0, 1, ..."""
        rows = [clip(number, **options) for number in range(n_clips)]
        Clips(self.database).add(self.olga, self.uid, rows)

    def event(
        self, caller: Caller, identity: str, kind: str, *rows: dict[str, Any]
    ) -> None:
        """Let something happen to a clip."""
        Events(self.database).add(caller, self.uid, [_sent(identity, kind, *rows)])

    def adjudicate(
        self, caller: Caller, identity: str, column: str | None = "label", **cells: Any
    ) -> dict[str, Any]:
        """Let somebody decide about a clip; return the event."""
        row = {"annotation_id": str(uuid.uuid4()), **cells}
        sent = _sent(identity, "set", row)
        Events(self.database).adjudicate(caller, self.uid, [sent], column)
        return sent

    def review(
        self, caller: Caller, identity: str, annotation_id: str = "", **cells: Any
    ) -> None:
        """Add a row of somebody about a clip."""
        row = {"annotation_id": annotation_id or str(uuid.uuid4()), **cells}
        self.event(caller, identity, "set", row)

    def withdraw(self, caller: Caller, identity: str) -> None:
        """Delete somebody's rows about a clip."""
        rows = tables.annotations.c
        standing = sa.select(rows.annotation_id).where(
            rows.project_id == self.id,
            rows.clip == identity,
            rows.user_id == caller.user.id,
            rows.until_seq.is_(None),
        )
        with self.database.reading() as connection:
            ids = connection.scalars(standing).all()
        self.event(caller, identity, "delete", *({"annotation_id": one} for one in ids))

    def expire_leases(self) -> None:
        """Let the time of all leases be over."""
        with self.database.writing() as connection:
            connection.execute(sa.update(tables.leases).values(until=_THEN))
