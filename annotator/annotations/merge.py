"""Three-way merge of annotations by id: what we have, what they have, what was.

The *base* is what both sides had when they were last the same. A row that
only one side changed since is taken from that side. A row that both changed
is a conflict: the one with the later `created_at` is kept. A row that one
side deleted and the other changed stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from annotator.annotations.cells import row_hash, row_key, to_text
from annotator.annotations.events import Row, time_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from annotator.annotations.table import Table

__all__ = ["Memo", "Merge", "MergeConflict", "hashes", "merge", "rows_by_id"]


@dataclass(frozen=True)
class MergeConflict:
    """One annotation that both sides changed: the row kept, and the other."""

    annotation_id: str
    kept: Row
    other: Row


@dataclass
class Merge:
    """What each side has to do so that both have the same rows.

    Attributes
    ----------
    take
        Rows that this side takes over: the others' new and changed ones.
    drop
        Ids of rows that this side removes, since the others did.
    give
        Ids of rows that the other side takes over.
    withdraw
        Ids of rows that the other side removes.
    conflicts
        Rows changed on both sides; the kept ones are in `take` or `give`.
    """

    take: list[Row] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)
    give: list[str] = field(default_factory=list)
    withdraw: list[str] = field(default_factory=list)
    conflicts: list[MergeConflict] = field(default_factory=list)


Memo = dict[str, tuple[Row, str]]
"""Hashes computed before, by id, each with its row."""


def hashes(rows: Mapping[str, Row], memo: Memo | None = None) -> dict[str, str]:
    """Give the hash of each row, by id: what is kept of a base.

    With a `memo`, rows that stand in it are not hashed again: rows are never
    changed in place.
    """
    if memo is None:
        return {key: row_hash(row) for key, row in rows.items()}
    found = {}
    for key, row in rows.items():
        known = memo.get(key)
        if known is None or known[0] is not row:
            known = memo[key] = (row, row_hash(row))
        found[key] = known[1]
    return found


def rows_by_id(table: Table) -> tuple[dict[str, Row], bool]:
    """Give the rows that have an id, and whether that is the whole table."""
    rows = table.rows
    if table.unfinished and rows and len(rows[-1]) < len(table.columns):
        rows = rows[:-1]
    found = {to_text(row.get("annotation_id")): row for row in rows}
    found.pop("", None)
    is_whole = len(found) == len(table.rows) and not (table.unfinished or table.torn)
    return found, is_whole


def merge(
    base: Mapping[str, str],
    local: Mapping[str, Row],
    remote: Mapping[str, Row],
    memo: Memo | None = None,
) -> Merge:
    """Merge two sides.

    Parameters
    ----------
    base
        Hash of each row that both sides had, by id.
    local, remote
        Rows by id.
    memo
        Hashes of local rows that were computed before.
    """
    result = Merge()
    ours, theirs = hashes(local, memo), hashes(remote)
    for key in {**ours, **theirs}:
        here, there, was = ours.get(key), theirs.get(key), base.get(key)
        if here == there:
            continue
        if here is None:
            if there == was:
                result.withdraw.append(key)
            else:
                result.take.append(remote[key])
        elif there is None:
            (result.drop if here == was else result.give).append(key)
        elif here == was:
            result.take.append(remote[key])
        elif there == was:
            result.give.append(key)
        else:
            _settle(result, key, local[key], remote[key])
    return result


def _settle(result: Merge, key: str, ours: Row, theirs: Row) -> None:
    if _order(ours) > _order(theirs):
        result.give.append(key)
        result.conflicts.append(MergeConflict(key, ours, theirs))
    else:
        result.take.append(theirs)
        result.conflicts.append(MergeConflict(key, theirs, ours))


def _order(row: Row) -> tuple[object, object]:
    # The key decides between rows of the same moment: both sides choose alike.
    return time_order(row.get("created_at")), row_key(row)
