"""Events: what people did, appended one after the other, never changed.

With each event the table of annotations follows, in the same transaction. An event acts
on annotations of its own user only: two annotators never overwrite each other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.errors import Refused
from annotator.hub.checks import check_events
from annotator.hub.protocol import MAX_BATCH
from annotator.hub.store import access, adjudications
from annotator.hub.store.appending import append, lines_of, without_known
from annotator.hub.store.tables import events, users
from annotator.hub.store.together import Together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection

    from annotator.hub.permissions import Caller
    from annotator.hub.store.appending import Line
    from annotator.hub.store.engine import Database

__all__ = ["Added", "Events", "StoredEvent"]

_MOST_LISTED = 1_000
_MOST_CHARACTERS = 5_000_000  # of JSON, in one list
_LAST = 2**63 - 1  # numbers are of 64 bits


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
    adjudicates: bool
    """Whether it says what is right, see `Events.adjudicate`."""


class Events:
    """Appends events to projects, and reads them.

    Parameters
    ----------
    database
        Of the hub.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together = Together(database)

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
        lines = self._checked(caller, uid, "annotate", sent)
        return self._together.do(
            lambda connection: _add(connection, caller, uid, "annotate", lines)[0]
        )

    def adjudicate(
        self,
        caller: Caller,
        uid: str,
        sent: Sequence[Mapping[str, Any]],
        column: str | None = None,
    ) -> Added:
        """Append a batch of events by which a manager says what is right.

        The clips of those that set rows are decided by them, in the same transaction.

        Parameters
        ----------
        caller, uid, sent
            As for `add`. One that is there already decides nothing.
        column
            Whose labels differed; None: not said.

        Raises
        ------
        Refused
            As of `add`; also where rows would replace the manager's own review.
        ProjectNotFound, Forbidden, HubConflict
            As of `add`.
        """
        lines = self._checked(caller, uid, "adjudicate", sent, column)

        def do(connection: Connection) -> Added:
            added, project_id = _add(connection, caller, uid, "adjudicate", lines)
            seqs = range(added.last_seq - added.n_new + 1, added.last_seq + 1)
            adjudications.mark(connection, project_id, seqs, column)
            return added

        return self._together.do(do)

    def _checked(
        self,
        caller: Caller,
        uid: str,
        action: str,
        sent: Sequence[Mapping[str, Any]],
        column: str | None = None,
    ) -> Sequence[Line]:
        try:
            adjudications.check_column(column)
            return _lines(sent)
        except Refused:
            with self._database.reading() as connection:
                # Who may not come in is told just that.
                access.find(connection, caller, uid, action)
            raise

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

        Returns
        -------
        list
            Fewer if they have much in them, but one at least if there is one: go on
            after the last until there is none.
        """
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            return _listed(
                connection,
                sa.and_(
                    events.c.project_id == project.id,
                    events.c.seq > max(0, min(after, _LAST)),
                ),
                events.c.seq.asc(),
                limit,
            )


def _listed(
    connection: Connection, where: Any, order: Any, limit: int
) -> list[StoredEvent]:
    found = connection.execution_options(yield_per=100).execute(
        sa.select(
            events,
            users.c.name.label("user"),
            adjudications.is_adjudication(events.c.project_id, events.c.seq).label(
                "adjudicates"
            ),
        )
        .join(users, users.c.id == events.c.user_id)
        .where(where)
        .order_by(order)
        .limit(max(0, min(limit, _MOST_LISTED)))
    )
    listed, n_characters = [], 0
    with found:
        for row in found:
            listed.append(_stored(row))
            n_characters += len(row.rows) + len(row.look)
            if n_characters > _MOST_CHARACTERS:
                break
    return listed


def _stored(row: Any) -> StoredEvent:
    return StoredEvent(
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
        bool(row.adjudicates),
    )


def _lines(sent: Sequence[Mapping[str, Any]]) -> Sequence[Line]:
    if len(sent) > MAX_BATCH:
        msg = f"A batch has at most {MAX_BATCH} events; send the others after it."
        raise Refused((None, msg))
    check_events(sent)
    return lines_of(sent)


def _add(
    connection: Connection, caller: Caller, uid: str, action: str, lines: Sequence[Line]
) -> tuple[Added, int]:
    """Append events; return what became of them, and the project's key."""
    project = access.find_and_lock(connection, caller, uid, action)
    me = caller.user.id
    fresh = without_known(connection, project.id, me, lines)
    if action == "adjudicate":
        ids = {line.values["id"] for line in fresh}
        new = [(n, one) for n, one in enumerate(lines) if one.values["id"] in ids]
        adjudications.keep_reviews(connection, project.id, me, new)
    if fresh:
        append(connection, project.id, me, project.last_seq, fresh)
    n_new = len(fresh)
    added = Added(n_new, len(lines) - n_new, project.last_seq + n_new)
    return added, project.id
