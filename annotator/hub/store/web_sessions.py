"""Web sessions: who is signed in in a browser; its cookie is kept as a digest."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

import sqlalchemy as sa

from annotator.hub.permissions import User
from annotator.hub.store import clock
from annotator.hub.store.tables import users, web_sessions

if TYPE_CHECKING:
    from annotator.hub.store.engine import Database

__all__ = ["WebSessions"]


class WebSessions:
    """Begins, checks and ends the sessions of browsers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, user: User, hours: float = 12) -> str:
        """Begin a session; return its cookie, 32 random bytes as text."""
        cookie, now = secrets.token_urlsafe(32), clock.now()
        with self._database.writing() as connection:
            connection.execute(
                sa.delete(web_sessions).where(web_sessions.c.expires_at <= now)
            )
            connection.execute(
                sa.insert(web_sessions).values(
                    digest=_digest(cookie),
                    user_id=user.id,
                    created_at=now,
                    expires_at=clock.after(hours=hours),
                )
            )
        return cookie

    def check(self, cookie: str) -> User | None:
        """Return who is signed in with a cookie; None if nobody is."""
        with self._database.reading() as connection:
            row = connection.execute(
                sa.select(users)
                .join(web_sessions, web_sessions.c.user_id == users.c.id)
                .where(
                    web_sessions.c.digest == _digest(cookie),
                    web_sessions.c.expires_at > clock.now(),
                    users.c.is_active,
                )
            ).one_or_none()
        return None if row is None else User(row.id, row.name, bool(row.is_admin))

    def delete(self, cookie: str) -> None:
        """End one session."""
        with self._database.writing() as connection:
            connection.execute(
                sa.delete(web_sessions).where(web_sessions.c.digest == _digest(cookie))
            )

    def delete_all(self, user: User) -> None:
        """End all sessions of a user."""
        with self._database.writing() as connection:
            connection.execute(
                sa.delete(web_sessions).where(web_sessions.c.user_id == user.id)
            )


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest()
