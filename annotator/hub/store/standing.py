"""Which rows of annotations stood after an event."""

from __future__ import annotations

import sqlalchemy as sa

from annotator.hub.store import tables

__all__ = ["stands_at"]

_table = tables.annotations


def stands_at(project_id: int, seq: int) -> sa.ColumnElement[bool]:
    """Return the condition that a row of a project stood after an event."""
    return sa.and_(
        _table.c.project_id == project_id,
        _table.c.from_seq <= seq,
        sa.or_(_table.c.until_seq.is_(None), _table.c.until_seq > seq),
    )
