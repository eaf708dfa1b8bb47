"""Snapshots: the table of annotations as it was, under a name.

A snapshot is the number of an event and a hash of the rows: the rows themselves are in
the table of annotations, which forgets nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from annotator.errors import HubConflict, ProjectNotFound, Refused
from annotator.hub.checks import clean_name, is_text
from annotator.hub.store import access, clock, tables
from annotator.hub.store.annotations import digest_of, rows_at
from annotator.hub.store.audit import note
from annotator.hub.store.tables import snapshots, users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

    from annotator.hub.permissions import Caller
    from annotator.hub.store.engine import Database

__all__ = ["Comparison", "SnapshotInfo", "Snapshots"]

_LONGEST_NAME = 120
_LONGEST_MESSAGE = 2_000
_rows = tables.annotations


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
        # The long part first: others may go on writing meanwhile.
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "snapshot")
            seq = project.last_seq
            n_rows, digest = digest_of(connection, project.id, seq)
        try:
            with self._database.writing() as connection:
                project = access.find(connection, caller, uid, "snapshot")
                access.lock(connection, project.id)
                last = sa.select(sa.func.max(snapshots.c.number)).where(
                    snapshots.c.project_id == project.id
                )
                number = (connection.scalar(last) or 0) + 1
                name = name or f"Snapshot {number}"
                values = {
                    "number": number,
                    "name": name,
                    "message": message,
                    "through_seq": seq,
                    "n_rows": n_rows,
                    "sha256": digest,
                    "created_at": clock.now(),
                }
                connection.execute(
                    sa.insert(snapshots).values(
                        project_id=project.id,
                        name_key=name.casefold()[:_LONGEST_NAME],
                        user_id=caller.user.id,
                        **values,
                    )
                )
                note(connection, caller, "snapshot.create", project.id, number=number)
        except IntegrityError as err:
            msg = "The project has a snapshot of this name; choose another one."
            raise HubConflict(msg) from err
        return SnapshotInfo(by=caller.user.name, **values)  # type: ignore[arg-type]

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
        """Yield the rows of a snapshot; see `Annotations.rows`."""
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            snapshot = _found(connection, project.id, which)
            yield from rows_at(connection, project.id, snapshot.through_seq)

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

    def stands(seq: int) -> Any:
        return sa.and_(
            _rows.c.from_seq <= seq,
            sa.or_(_rows.c.until_seq.is_(None), _rows.c.until_seq > seq),
        )

    found = connection.execute(
        sa.select(_rows.c.clip, _rows.c.annotation_id, _rows.c.row, users.c.name)
        .join(users, users.c.id == _rows.c.user_id)
        .where(_rows.c.project_id == project_id, stands(at), sa.not_(stands(other)))
        .order_by(_rows.c.id)
    )
    return {
        (row.name, row.annotation_id): {
            "clip": row.clip,
            "annotator": row.name,
            **json.loads(row.row),
        }
        for row in found
    }


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
        else snapshots.c.name_key == text.casefold()[:_LONGEST_NAME]
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
