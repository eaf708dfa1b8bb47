"""Events: what people did, appended one after the other, never changed.

With each event the table of annotations follows, in the same transaction. An event acts
on annotations of its own user only: two annotators never overwrite each other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.annotations.cells import dumps
from annotator.errors import Refused
from annotator.hub.checks import check_events
from annotator.hub.protocol import MAX_BATCH
from annotator.hub.store import access, clock, tables
from annotator.hub.store.tables import events, projects, users

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection

    from annotator.hub.permissions import Caller
    from annotator.hub.store.engine import Database

__all__ = ["Added", "Events", "StoredEvent"]

_MOST_LISTED = 1_000
_rows = tables.annotations


@dataclass(frozen=True)
class Added:
    """What became of a batch."""

    n_new: int
    n_known: int
    """Events that were there already, sent again."""
    last_seq: int
    """Number of the project's last event."""


@dataclass(frozen=True)
class StoredEvent:
    """An event, its number, and who sent it when."""

    seq: int
    id: str
    clip: str
    user: str
    annotator: str
    """What the sender's machine called the person."""
    kind: str
    rows: list[dict[str, Any]]
    look: dict[str, Any]
    created_at: str
    received_at: str
    app_version: str
    config: str


class Events:
    """Appends events to projects, and reads them.

    Parameters
    ----------
    database
        Of the hub.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, caller: Caller, uid: str, sent: Sequence[Mapping[str, Any]]) -> Added:
        """Append a batch: all of it, or nothing.

        Parameters
        ----------
        caller
            Who did it, whatever the events say.
        uid
            Of the project.
        sent
            Events as the annotator's log has them, at most `MAX_BATCH`. One that is
            there already is counted, and changes nothing.

        Raises
        ------
        Refused
            One of them cannot be kept; it tells which, and nothing was stored.
        ProjectNotFound, Forbidden, HubConflict
            The caller may not, or the project is archived.
        """
        if len(sent) > MAX_BATCH:
            msg = f"A batch has at most {MAX_BATCH} events; send the others after it."
            raise Refused((None, msg))
        with self._database.reading() as connection:
            access.find(connection, caller, uid, "annotate")  # before any work is done
        check_events(sent)
        with self._database.writing() as connection:
            project = access.find(connection, caller, uid, "annotate")
            seq = access.lock(connection, project.id)
            fresh = _without_known(connection, project.id, sent)
            if fresh:
                _append(connection, project.id, caller.user.id, seq, fresh)
        return Added(len(fresh), len(sent) - len(fresh), seq + len(fresh))

    def latest(self, caller: Caller, uid: str, limit: int = 20) -> list[StoredEvent]:
        """Return the last events, newest first."""
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            return _listed(
                connection,
                events.c.project_id == project.id,
                events.c.seq.desc(),
                limit,
            )

    def list(
        self, caller: Caller, uid: str, after: int = 0, limit: int = _MOST_LISTED
    ) -> list[StoredEvent]:
        """Return events in their order.

        Parameters
        ----------
        caller, uid
            Who asks, for which project.
        after
            Those with a greater number only.
        limit
            At most so many, and at most 1,000.
        """
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            return _listed(
                connection,
                sa.and_(events.c.project_id == project.id, events.c.seq > after),
                events.c.seq.asc(),
                limit,
            )


def _listed(
    connection: Connection, where: Any, order: Any, limit: int
) -> list[StoredEvent]:
    found = connection.execute(
        sa.select(events, users.c.name.label("user"))
        .join(users, users.c.id == events.c.user_id)
        .where(where)
        .order_by(order)
        .limit(max(0, min(limit, _MOST_LISTED)))
    )
    return [
        StoredEvent(
            row.seq,
            row.id,
            row.clip,
            row.user,
            row.annotator,
            row.kind,
            json.loads(row.rows),
            json.loads(row.look),
            row.created_at,
            row.received_at,
            row.app_version,
            row.config,
        )
        for row in found
    ]


def _without_known(
    connection: Connection, project_id: int, sent: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return the events that are not there yet, each once."""
    by_id = {event["id"]: event for event in sent}
    known = connection.scalars(
        sa.select(events.c.id).where(
            events.c.project_id == project_id, events.c.id.in_(by_id)
        )
    )
    for one in known:
        del by_id[one]
    return list(by_id.values())


def _append(
    connection: Connection,
    project_id: int,
    user_id: int,
    seq: int,
    fresh: Sequence[Mapping[str, Any]],
) -> None:
    """Write events and what follows from them; the project is locked."""
    now = clock.now()
    lines = []
    for number, event in enumerate(fresh, start=seq + 1):
        lines.append(
            {
                "project_id": project_id,
                "seq": number,
                "id": event["id"],
                "clip": event.get("clip", ""),
                "user_id": user_id,
                "annotator": event.get("annotator", ""),
                "kind": event["kind"],
                "rows": dumps(event["rows"]),
                "look": dumps(event.get("look", {})),
                "created_at": event["created_at"],
                "received_at": now,
                "app_version": event.get("app_version", ""),
                "config": event.get("config", ""),
            }
        )
    connection.execute(sa.insert(events), lines)
    for number, event in enumerate(fresh, start=seq + 1):
        _follow(connection, project_id, user_id, number, event)
    connection.execute(
        sa.update(projects)
        .where(projects.c.id == project_id)
        .values(last_seq=seq + len(fresh))
    )


def _follow(
    connection: Connection,
    project_id: int,
    user_id: int,
    seq: int,
    event: Mapping[str, Any],
) -> None:
    """Let the table of annotations follow one event."""
    rows = event["rows"]
    if event["kind"] == "skip" or not rows:
        return
    connection.execute(
        sa.update(_rows)
        .where(
            _rows.c.project_id == project_id,
            _rows.c.annotation_id.in_([row["annotation_id"] for row in rows]),
            _rows.c.user_id == user_id,
            _rows.c.until_seq.is_(None),
        )
        .values(until_seq=seq)
    )
    if event["kind"] == "set":
        lines = [
            {
                "project_id": project_id,
                "annotation_id": row["annotation_id"],
                "clip": event.get("clip", ""),
                "user_id": user_id,
                "from_seq": seq,
                "row": dumps(row),
            }
            for row in rows
        ]
        connection.execute(sa.insert(_rows), lines)
