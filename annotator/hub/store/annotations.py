"""The table of a project's annotations, now or at any event before."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.hub.store import access, tables
from annotator.hub.store.adjudications import decisions_at
from annotator.hub.store.standing import stands_at
from annotator.hub.store.tables import users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

    from annotator.hub.permissions import Caller
    from annotator.hub.store.engine import Database

__all__ = ["Annotations", "digest_of", "output_row", "rows_at"]

_table = tables.annotations
_AT_ONCE = 1_000  # rows in memory
_ROWS = sa.select(
    _table.c.id,
    _table.c.from_seq,
    _table.c.clip,
    _table.c.annotation_id,
    _table.c.row,
    users.c.name.label("annotator"),
).join(users, users.c.id == _table.c.user_id)


class Annotations:
    """Reads the annotations of projects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(
        self, caller: Caller, uid: str, through_seq: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """Return the rows of a project's table, in the order in which they were written.

        They are fetched while they are asked for, some at a time.

        Parameters
        ----------
        caller, uid
            Who asks, for which project.
        through_seq
            As it was after this event; None: as it is.

        Returns
        -------
        iterator of dict
            clip, annotator (the user's name), annotation_id, created_at, and what the
            form wrote; in rows by which a clip was decided, adjudicated: True. Columns
            `clip` and `adjudicated` of the form are `clip_of_row` and so on.
        """
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
        seq = project.last_seq
        if through_seq is not None:
            seq = max(0, min(seq, through_seq))  # what is to come is not there yet
        return rows_at(self._database, project.id, seq)


def rows_at(database: Database, project_id: int, seq: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table as it was after an event, at most the last one.

    That table changes no more, so each page of it is read by itself: nobody who reads
    slowly keeps a connection, or an old state of the database.
    """
    with database.reading() as connection:
        decisions = decisions_at(connection, project_id, seq)
    decided = {decision.seq for decision in decisions.values()}
    last = (0, 0)
    while True:
        query = (
            _ROWS.where(
                stands_at(project_id, seq),
                sa.tuple_(_table.c.from_seq, _table.c.id) > last,
            )
            .order_by(_table.c.from_seq, _table.c.id)
            .limit(_AT_ONCE)
        )
        with database.reading() as connection:
            page = connection.execute(query).all()
        if not page:
            return
        last = (page[-1].from_seq, page[-1].id)
        for row in page:
            made = output_row(row)
            yield {**made, "adjudicated": True} if row.from_seq in decided else made


def output_row(row: Any) -> dict[str, Any]:
    """Return a row as people get it.

    Who made it is the hub's word, whatever their machine wrote.
    """
    written = json.loads(row.row)
    for name in ("clip", "adjudicated"):
        if name in written:
            written[f"{name}_of_row"] = written.pop(name)
    own = {
        "clip": row.clip,
        "annotator": row.annotator,
        "annotation_id": row.annotation_id,
        "created_at": written.get("created_at"),
    }
    return {**own, **{name: cell for name, cell in written.items() if name not in own}}


def digest_of(connection: Connection, project_id: int, seq: int) -> tuple[int, str]:
    """Return how many rows the table had after an event, and their SHA-256.

    It is taken over a line for each row, in their order: the user's name, the clip and
    the row's JSON as they are stored, with tabs between and a line feed behind. None of
    the three can hold either.
    """
    line = users.c.name + "\t" + _table.c.clip + "\t" + _table.c.row
    found = connection.execution_options(yield_per=_AT_ONCE).scalars(
        sa.select(line)
        .select_from(_table)
        .join(users, users.c.id == _table.c.user_id)
        .where(stands_at(project_id, seq))
        .order_by(_table.c.from_seq, _table.c.id)
    )
    n_rows, digest = 0, hashlib.sha256()
    for lines in found.partitions():
        n_rows += len(lines)
        digest.update(("\n".join(lines) + "\n").encode())
    return n_rows, digest.hexdigest()
