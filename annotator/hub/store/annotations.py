"""The table of a project's annotations, now or at any event before."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.hub.store import access, tables
from annotator.hub.store.tables import users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

    from annotator.hub.permissions import Caller
    from annotator.hub.store.engine import Database

__all__ = ["Annotations", "digest_of", "rows_at"]

_table = tables.annotations
_AT_ONCE = 2_000  # rows in memory


class Annotations:
    """Reads the annotations of projects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(
        self, caller: Caller, uid: str, through_seq: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield the rows of a project's table, in the order in which they were written.

        Parameters
        ----------
        caller, uid
            Who asks, for which project.
        through_seq
            As it was after this event; None: as it is.

        Yields
        ------
        dict
            clip, annotator (the user's name), annotation_id, created_at, and what the
            form wrote.
        """
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            seq = project.last_seq if through_seq is None else through_seq
            yield from rows_at(connection, project.id, seq)


def rows_at(
    connection: Connection, project_id: int, seq: int
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table as it was after an event."""
    for row in _stored(connection, project_id, seq):
        written = json.loads(row.row)
        own = {
            "clip": row.clip,
            "annotator": row.name,
            "annotation_id": row.annotation_id,
            "created_at": written.get("created_at"),
        }
        yield {**own, **{k: v for k, v in written.items() if k not in own}}


def digest_of(connection: Connection, project_id: int, seq: int) -> tuple[int, str]:
    """Return how many rows the table had after an event, and their SHA-256.

    It is taken over a line for each row: user name, clip and the row's JSON, as they
    are stored, with tabs between.
    """
    n_rows, digest = 0, hashlib.sha256()
    for row in _stored(connection, project_id, seq):
        n_rows += 1
        digest.update(f"{row.name}\t{row.clip}\t{row.row}\n".encode())
    return n_rows, digest.hexdigest()


def _stored(connection: Connection, project_id: int, seq: int) -> Iterator[Any]:
    found = connection.execution_options(yield_per=_AT_ONCE).execute(
        sa.select(_table.c.clip, _table.c.annotation_id, _table.c.row, users.c.name)
        .join(users, users.c.id == _table.c.user_id)
        .where(
            _table.c.project_id == project_id,
            _table.c.from_seq <= seq,
            sa.or_(_table.c.until_seq.is_(None), _table.c.until_seq > seq),
        )
        .order_by(_table.c.id)
    )
    yield from found
