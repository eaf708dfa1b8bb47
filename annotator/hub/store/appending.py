"""How events come into the database, and the table of annotations with them.

Whatever the size of a batch, it takes the same few statements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.annotations.cells import dumps
from annotator.errors import Refused
from annotator.hub.store import clock, tables
from annotator.hub.store.tables import events, projects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection

__all__ = ["Line", "append", "lines_of", "without_known"]

_table = tables.annotations

_LONGEST = 1_000_000  # characters of an event's rows and look

_KNOWN = sa.select(events.c.id, events.c.user_id).where(
    events.c.project_id == sa.bindparam("project"),
    events.c.id.in_(sa.bindparam("ids", expanding=True)),
)
_END = (
    sa.update(_table)
    .where(
        _table.c.project_id == sa.bindparam("project"),
        _table.c.annotation_id == sa.bindparam("one"),
        _table.c.user_id == sa.bindparam("user"),
        _table.c.until_seq.is_(None),
    )
    .values(until_seq=sa.bindparam("seq"))
)
_COUNT = (
    sa.update(projects)
    .where(projects.c.id == sa.bindparam("project"))
    .values(last_seq=sa.bindparam("seq"))
)
_ADD_EVENTS = sa.insert(events)
_ADD_ROWS = sa.insert(_table)


@dataclass(frozen=True)
class Line:
    """An event as the database keeps it, but for its number and its user."""

    values: dict[str, Any]
    """Columns of `events`."""
    rows: Sequence[tuple[str, str]]
    """Id and JSON of each row."""


def lines_of(sent: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Make events, which were checked, what the database keeps.

    Raises
    ------
    Refused
        One has too much in it.
    """
    lines = [_line(event) for event in sent]
    reason = f"An event has at most {_LONGEST:,} characters of JSON."
    problems = [
        (index, reason)
        for index, line in enumerate(lines)
        if len(line.values["rows"]) + len(line.values["look"]) > _LONGEST
    ]
    if problems:
        raise Refused(*problems)
    return lines


def _line(event: Mapping[str, Any]) -> Line:
    at = event["created_at"]
    rows = event["rows"]
    return Line(
        values={
            "id": event["id"],
            "clip": event.get("clip", ""),
            "annotator": event.get("annotator", ""),
            "kind": event["kind"],
            "rows": dumps(rows),
            "look": dumps(event.get("look", {})),
            "created_at": at,
            "app_version": event.get("app_version", ""),
            "config": event.get("config", ""),
        },
        rows=[
            # Each row of the table says when it was made.
            (
                row["annotation_id"],
                dumps({**row, "created_at": row.get("created_at") or at}),
            )
            for row in rows
        ],
    )


def without_known(
    connection: Connection, project_id: int, user_id: int, lines: Sequence[Line]
) -> list[Line]:
    """Return the events that are not there yet, each once.

    Raises
    ------
    Refused
        An event of that id is there, from somebody else.
    """
    ids = [line.values["id"] for line in lines]
    found = connection.execute(_KNOWN, {"project": project_id, "ids": ids})
    users = {row.id: row.user_id for row in found}
    # To count it as known would lose the person's work without a word.
    reason = "Somebody else sent an event of this id; give it another one."
    taken = [i for i, one in enumerate(ids) if users.get(one, user_id) != user_id]
    if taken:
        raise Refused(*((index, reason) for index in taken))
    by_id = {line.values["id"]: line for line in reversed(lines)}  # the first counts
    return [line for one, line in reversed(by_id.items()) if one not in users]


def append(
    connection: Connection,
    project_id: int,
    user_id: int,
    seq: int,
    lines: Sequence[Line],
) -> None:
    """Write new events and what follows from them; the project is locked.

    Parameters
    ----------
    connection
        One that writes.
    project_id, user_id
        Where, and whose events they are.
    seq
        Number of the project's last event.
    lines
        At least one.
    """
    own = {"project_id": project_id, "user_id": user_id}
    new = {**own, "received_at": clock.now()}
    connection.execute(
        _ADD_EVENTS,
        [{**line.values, **new, "seq": n} for n, line in enumerate(lines, seq + 1)],
    )
    ended, begun = _changes(lines, seq)
    if ended:
        where = {"project": project_id, "user": user_id}
        connection.execute(
            _END, [{**where, "one": one, "seq": n} for one, n in ended.items()]
        )
    if begun:
        connection.execute(_ADD_ROWS, [{**own, **row} for row in begun])
    connection.execute(_COUNT, {"project": project_id, "seq": seq + len(lines)})


def _changes(
    lines: Sequence[Line], seq: int
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Tell at which events what stood before ends, and which rows begin.

    A row that the same batch replaces or removes again ends within it.
    """
    ended: dict[str, int] = {}
    begun: list[dict[str, Any]] = []
    standing: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(lines, seq + 1):
        kind = line.values["kind"]
        if kind == "skip":
            continue
        for one, text in line.rows:
            earlier = standing.pop(one, None)
            if earlier is None:
                ended.setdefault(one, number)
            else:
                earlier["until_seq"] = number
            if kind == "set":
                row = {
                    "annotation_id": one,
                    "clip": line.values["clip"],
                    "from_seq": number,
                    "until_seq": None,
                    "row": text,
                }
                standing[one] = row
                begun.append(row)
    return ended, begun
