"""Snapshots: the table of annotations as it was, under a name.

A snapshot is the number of an event and a hash of the rows: the rows themselves are in
the table of annotations, which forgets nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.errors import HubConflict, ProjectNotFound, Refused
from annotator.hub.checks import clean_name, is_text, name_key
from annotator.hub.store import access, clock, tables
from annotator.hub.store.annotations import (
    digest_of,
    output_row,
    rows_at,
)
from annotator.hub.store.audit import note
from annotator.hub.store.standing import stands_at
from annotator.hub.store.tables import snapshots, users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

    from annotator.hub.permissions import Caller
    from annotator.hub.store.engine import Database

__all__ = ["Comparison", "SnapshotInfo", "Snapshots"]

_LONGEST_NAME = 120
_LONGEST_MESSAGE = 2_000
_table = tables.annotations


@dataclass(frozen=True)
class SnapshotInfo:
    """What is known of a snapshot."""

    number: int
    name: str
    message: str
    through_seq: int
    """Number of the last event in it."""
    n_rows: int
    sha256: str
    by: str
    created_at: str


@dataclass(frozen=True)
class Comparison:
    """What changed from one snapshot to another, by annotator and annotation."""

    added: list[dict[str, Any]]
    removed: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    """As they are in the second one."""


class Snapshots:
    """Takes snapshots of projects, and reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, caller: Caller, uid: str, name: str | None = None, message: str = ""
    ) -> SnapshotInfo:
        """Take a snapshot of what the project has now.

        Parameters
        ----------
        caller, uid
            Who, of which project.
        name
            Of the snapshot; None: "Snapshot 3", by its number.
        message
            What it is for.

        Raises
        ------
        HubConflict
            The project has a snapshot of that name.
        """
        if name is not None:
            name = clean_name(name, _LONGEST_NAME)
            if name.isdecimal():
                msg = "A name of digits would be taken for a number; add a word."
                raise Refused((None, msg))
        if not is_text(message, _LONGEST_MESSAGE):
            msg = f"The message is a text of at most {_LONGEST_MESSAGE} characters."
            raise Refused((None, msg))
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "snapshot")
            if name is not None:
                _check_free(connection, project.id, name)
            # The long part without the lock: that table changes no more.
            seq = project.last_seq
            n_rows, digest = digest_of(connection, project.id, seq)
        with self._database.writing() as connection:
            project = access.find_and_lock(connection, caller, uid, "snapshot")
            number = _last_number(connection, project.id) + 1
            if name is None:
                name = _free_name(connection, project.id, number)
            else:
                _check_free(connection, project.id, name)
            info = SnapshotInfo(
                number=number,
                name=name,
                message=message,
                through_seq=seq,
                n_rows=n_rows,
                sha256=digest,
                by=caller.user.name,
                created_at=clock.now(),
            )
            values = {**info.__dict__, "user_id": caller.user.id}
            del values["by"]
            own = {"project_id": project.id, "name_key": name_key(name, _LONGEST_NAME)}
            connection.execute(sa.insert(snapshots).values({**values, **own}))
            note(connection, caller, "snapshot.create", project.id, number=number)
        return info

    def list(self, caller: Caller, uid: str) -> list[SnapshotInfo]:
        """Return the snapshots of a project, newest first."""
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            return _listed(connection, project.id)

    def get(self, caller: Caller, uid: str, which: int | str) -> SnapshotInfo:
        """Return a snapshot by its number or its name.

        Raises
        ------
        ProjectNotFound
            There is none.
        """
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            return _found(connection, project.id, which)

    def rows(
        self, caller: Caller, uid: str, which: int | str
    ) -> Iterator[dict[str, Any]]:
        """Return the rows of a snapshot; see `Annotations.rows`."""
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            snapshot = _found(connection, project.id, which)
        return rows_at(self._database, project.id, snapshot.through_seq)

    def compare(
        self, caller: Caller, uid: str, first: int | str, second: int | str
    ) -> Comparison:
        """Tell what changed from one snapshot to another."""
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            seqs = [
                _found(connection, project.id, which).through_seq
                for which in (first, second)
            ]
            before, after = (
                _changed_rows(connection, project.id, at, other)
                for at, other in (seqs, seqs[::-1])
            )
        return Comparison(
            added=[row for key, row in after.items() if key not in before],
            removed=[row for key, row in before.items() if key not in after],
            changed=[row for key, row in after.items() if before.get(key, row) != row],
        )


def _changed_rows(
    connection: Connection, project_id: int, at: int, other: int
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the rows that stand at one event, and not the same at the other."""
    found = connection.execute(
        sa.select(
            _table.c.clip,
            _table.c.annotation_id,
            _table.c.row,
            users.c.name.label("annotator"),
        )
        .join(users, users.c.id == _table.c.user_id)
        .where(
            stands_at(project_id, at),
            # Said once more, so that an index leads to what changed.
            _table.c.from_seq > other
            if at > other
            else sa.and_(_table.c.until_seq > at, _table.c.until_seq <= other),
        )
        .order_by(_table.c.from_seq, _table.c.id)
    )
    return {(row.annotator, row.annotation_id): output_row(row) for row in found}


def _last_number(connection: Connection, project_id: int) -> int:
    last = sa.select(sa.func.max(snapshots.c.number)).where(
        snapshots.c.project_id == project_id
    )
    return int(connection.scalar(last) or 0)


def _is_taken(connection: Connection, project_id: int, name: str) -> bool:
    there = sa.select(snapshots.c.number).where(
        snapshots.c.project_id == project_id,
        snapshots.c.name_key == name_key(name, _LONGEST_NAME),
    )
    return connection.scalar(there) is not None


def _check_free(connection: Connection, project_id: int, name: str) -> None:
    if _is_taken(connection, project_id, name):
        msg = "The project has a snapshot of this name; choose another one."
        raise HubConflict(msg)


def _free_name(connection: Connection, project_id: int, number: int) -> str:
    name, n_tried = f"Snapshot {number}", 1
    while _is_taken(connection, project_id, name):  # somebody chose just that
        n_tried += 1
        name = f"Snapshot {number} ({n_tried})"
    return name


def _select() -> Any:
    return sa.select(snapshots, users.c.name.label("by")).join(
        users, users.c.id == snapshots.c.user_id
    )


def _listed(connection: Connection, project_id: int) -> list[SnapshotInfo]:
    found = connection.execute(
        _select()
        .where(snapshots.c.project_id == project_id)
        .order_by(snapshots.c.number.desc())
    )
    return [_info(row) for row in found]


def _found(connection: Connection, project_id: int, which: int | str) -> SnapshotInfo:
    text = str(which).strip()
    where = (
        snapshots.c.number == int(text)
        if text.isascii() and text.isdecimal() and len(text) < 10
        else snapshots.c.name_key == name_key(text, _LONGEST_NAME)
    )
    row = connection.execute(
        _select().where(snapshots.c.project_id == project_id, where)
    ).one_or_none()
    if row is None:
        msg = "The project has no such snapshot; look at the list of them."
        raise ProjectNotFound(msg)
    return _info(row)


def _info(row: Any) -> SnapshotInfo:
    return SnapshotInfo(
        row.number,
        row.name,
        row.message,
        row.through_seq,
        row.n_rows,
        row.sha256,
        row.by,
        row.created_at,
    )
