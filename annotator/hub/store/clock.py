"""Times as the database keeps them: text that sorts as time does."""

from __future__ import annotations

import datetime as dt

__all__ = ["after", "now"]


def now() -> str:
    """Return the time, UTC, ISO 8601 with milliseconds: 2026-03-01T06:30:00.000Z."""
    return _text(dt.datetime.now(dt.UTC))


def after(**span: float) -> str:
    """Return the time in a while: ``after(minutes=15)``; what `timedelta` takes."""
    return _text(dt.datetime.now(dt.UTC) + dt.timedelta(**span))


def _text(time: dt.datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
