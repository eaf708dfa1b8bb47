"""What a person changed in the output file by hand, told from what a crash left.

Three states are compared by annotation_id: the file as we last wrote it (the
*base*), the file as it is, and the log. Only what differs from everything
that the log says may stand in the file is an edit.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from annotator.annotations.cells import row_key, to_text
from annotator.annotations.events import PROVENANCE, Event, Row, identity, new_id
from annotator.annotations.ledger import Ledger
from annotator.annotations.table import Table, TableFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from annotator.annotations.log import EventLog

__all__ = ["Edits", "find_edits", "since_written", "without_torn_row"]

# Nobody edits these, and a row that we took in gets its own: compared, it would
# be taken in again until the file is written anew.
_IGNORED = frozenset(PROVENANCE)
Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Edits:
    """Rows to set, each with an annotation_id, and ids to delete.

    A row that was edited comes without annotator, time and version: the
    store fills them in.
    """

    sets: list[Row] = field(default_factory=list)
    deletes: list[str] = field(default_factory=list)


def without_torn_row(table: Table, since: Sequence[Event], fmt: TableFormat) -> Table:
    """Leave out a last row that a crash cut short; the log has the whole one."""
    if not table.unfinished or not table.rows:
        return table
    start = table.unfinished.encode()
    written = (
        (fmt.render_rows(table.columns, [row]) or b"").startswith(start)
        for event in since
        for row in event.rows
    )
    if len(table.rows[-1]) < len(table.columns) or any(written):
        return Table(table.columns, table.rows[:-1])
    return table


def since_written(
    log: EventLog, ledger: Ledger, event: str | None
) -> tuple[Mapping[str, Row], list[Event]]:
    """Give the rows of a file that was written after an event, and what followed.

    The log's lock is held, with everything read into the ledger.
    """
    if event and event == ledger.last_event:
        return dict(ledger.rows), []  # the usual case: not all is read again
    before, since = log.split(event)
    return Ledger(before).rows, since


def find_edits(
    table: Table,
    *,
    base: Mapping[str, Row],
    since: Sequence[Event],
    now: Mapping[str, Row],
    index_column: str,
    annotator: str = "",
) -> Edits:
    """Compare the file with the log.

    Parameters
    ----------
    table
        The file as it is. Columns that it lacks are not compared.
    base
        Rows by id that the file held when we last wrote it.
    since
        Events after that: their rows may be in the file already, or not yet.
    now
        Rows by id that the log says stand.
    index_column
        Column by which a changed row without an id is told to be the same.
    annotator
        Whose the rows are that have no id yet.
    """
    history = _History(table.columns, base, since)
    found_ids = _find_ids(table, history, index_column)
    rows = [
        (key or new_id(annotator), row)
        for key, row in zip(found_ids, table.rows, strict=True)
    ]
    edits = Edits()
    for key, row in rows:
        if not history.knows(key):
            edits.sets.append({**row, "annotation_id": key})
        elif history.content(row) not in history.versions[key]:
            edits.sets.append(_edited(row, history.first[key], now.get(key)))
    found = {key for key, _ in rows}
    edits.deletes.extend(
        key
        for key in base
        if key in now and key not in found and key not in history.touched
    )
    return edits


class _History:
    """Every content that the log says a row had since the base."""

    def __init__(
        self, columns: Sequence[str], base: Mapping[str, Row], since: Sequence[Event]
    ) -> None:
        self._compared = [name for name in columns if name not in _IGNORED]
        self.versions: dict[str, list[Key]] = defaultdict(list)
        self.first: dict[str, Row] = {}  # the base's, if it is in there
        self.touched: set[str] = set()
        for key, row in base.items():
            self._add(key, row)
        for event in since:
            self.touched.update(event.ids)
            for row in event.rows:
                self._add(str(row["annotation_id"]), row)

    def _add(self, key: str, row: Row) -> None:
        self.versions[key].append(self.content(row))
        self.first.setdefault(key, row)

    def knows(self, key: str) -> bool:
        return key in self.first

    def by_content(self, taken: set[str]) -> dict[Key, deque[str]]:
        """List the ids that are not taken, by every content that they had."""
        pool: dict[Key, deque[str]] = defaultdict(deque)
        for key, versions in self.versions.items():
            if key not in taken:
                for version in dict.fromkeys(versions):
                    pool[version].append(key)
        return pool

    def by_clip(self, taken: set[str], index_column: str) -> dict[str, deque[str]]:
        """List the base's ids that are not taken, by their row's clip."""
        pool: dict[str, deque[str]] = defaultdict(deque)
        for key, row in self.first.items():
            if key not in taken and key not in self.touched:
                pool[identity(row.get(index_column))].append(key)
        return pool

    def content(self, row: Mapping[str, Any]) -> Key:
        return row_key({name: row.get(name) for name in self._compared})


def _find_ids(table: Table, history: _History, index_column: str) -> list[str]:
    """Find each row's id: its own, else by content, else by clip and order."""
    ids: list[str] = []
    taken: set[str] = set()
    for row in table.rows:
        key = to_text(row.get("annotation_id"))
        ids.append("" if key in taken else key)  # a copied line is a new row
        taken.add(key)
    if "" in ids and history.first:
        _match(ids, history.by_content(taken), table.rows, history.content)
        taken.update(ids)
        pool = history.by_clip(taken, index_column)
        _match(ids, pool, table.rows, lambda row: identity(row.get(index_column)))
    return ids


def _match(
    ids: list[str],
    pool: dict[Any, deque[str]],
    rows: Sequence[Row],
    mark: Callable[[Row], Any],
) -> None:
    """Give rows without an id the next one that the pool has for their mark."""
    used = set(ids)
    for position, row in enumerate(rows):
        waiting = None if ids[position] else pool.get(mark(row))
        while waiting and not ids[position]:
            key = waiting.popleft()  # an id waits under each of its contents
            if key not in used:
                ids[position] = key
                used.add(key)


def _edited(row: Row, before: Row, now: Row | None) -> Row:
    """Lay the cells that differ from `before` over what stands now."""
    changed = {
        name: cell
        for name, cell in row.items()
        if name not in _IGNORED
        and row_key({name: cell}) != row_key({name: before.get(name)})
    }
    stamp = dict.fromkeys(_IGNORED - {"annotation_id"})
    return {**(now or before), **stamp, **changed}
