"""Tokens of the hub's users: made once, shown once, deleted at once."""

from __future__ import annotations

import contextlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from annotator.errors import InvalidToken, Refused
from annotator.hub import tokens as secret
from annotator.hub.checks import clean_name
from annotator.hub.permissions import Caller, User
from annotator.hub.protocol import SCOPES
from annotator.hub.store import clock
from annotator.hub.store.audit import note
from annotator.hub.store.tables import tokens, users

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from annotator.hub.store.engine import Database

__all__ = ["NewToken", "TokenInfo", "Tokens"]

_LONGEST_NAME = 80
_MOST_DAYS = 3_650
_MOST = 100  # of one user
_NOTED_EVERY = 1.0  # minutes


@dataclass(frozen=True)
class TokenInfo:
    """What may be known of a token."""

    key_id: str
    name: str
    scopes: tuple[str, ...]
    project_uids: tuple[str, ...] | None
    """Projects it is for; None: all of the user's."""
    created_at: str
    expires_at: str | None
    last_used_at: str | None


@dataclass(frozen=True, repr=False)
class NewToken:
    """A token, for the one time that it is shown."""

    secret: str
    info: TokenInfo

    def __repr__(self) -> str:
        return f"<NewToken {self.info.key_id}>"

    def __reduce__(self) -> Any:
        msg = "A token is not written anywhere."
        raise TypeError(msg)


class Tokens:
    """Makes tokens, checks and deletes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        user: User,
        name: str,
        scopes: Iterable[str] = SCOPES[:-1],
        *,
        days: float | None = 90,
        project_uids: Sequence[str] | None = None,
    ) -> NewToken:
        """Make a token.

        Parameters
        ----------
        user
            Whose.
        name
            What it is for, 1 to 80 characters.
        scopes
            Some of `annotator.hub.protocol.SCOPES`.
        days
            How long it is valid; None: until it is deleted.
        project_uids
            Projects it is for; None: all of the user's.

        Raises
        ------
        Refused
            One of these is not of its kind, or the user has 100 tokens.
        """
        name = clean_name(name, _LONGEST_NAME)
        wanted = set(scopes)
        if not wanted or not wanted <= set(SCOPES):
            raise Refused((None, f"Scopes are one or more of {', '.join(SCOPES)}."))
        if days is not None and not 0 < days <= _MOST_DAYS:
            raise Refused((None, f"A token is valid for 1 to {_MOST_DAYS} days."))
        token = secret.make()
        values = {
            "key_id": secret.key_id_of(token),
            "name": name,
            "scopes": " ".join(scope for scope in SCOPES if scope in wanted),
            "project_uids": None
            if project_uids is None
            else json.dumps([*project_uids]),
            "created_at": clock.now(),
            "expires_at": None if days is None else clock.after(days=days),
            "last_used_at": None,
        }
        with self._database.writing() as connection:
            count = sa.select(sa.func.count()).where(tokens.c.user_id == user.id)
            if (connection.scalar(count) or 0) >= _MOST:
                msg = f"You have {_MOST} tokens; delete those that you do not use."
                raise Refused((None, msg))
            connection.execute(
                sa.insert(tokens).values(
                    user_id=user.id, digest=secret.digest(token), **values
                )
            )
            note(connection, Caller(user), "token.create", key_id=values["key_id"])
        return NewToken(token, _info(values))

    def delete(self, user: User, key_id: str) -> None:
        """Make a token invalid from now on.

        Raises
        ------
        Refused
            The user has no such token.
        """
        with self._database.writing() as connection:
            gone = connection.execute(
                sa.delete(tokens).where(
                    tokens.c.key_id == key_id, tokens.c.user_id == user.id
                )
            )
            if not gone.rowcount:
                raise Refused((None, "You have no such token."))
            note(connection, Caller(user), "token.delete", key_id=key_id)

    def check(self, token: object) -> Caller:
        """Return who shows this token, and what it is for.

        Raises
        ------
        InvalidToken
            There is none, it was deleted, its time is over, or its user is gone.
        """
        key_id = secret.key_id_of(token)
        if key_id is None or not isinstance(token, str):
            raise _invalid()
        with self._database.reading() as connection:
            row = connection.execute(
                sa.select(tokens, users.c.name.label("user_name"), users.c.is_admin)
                .join(users, users.c.id == tokens.c.user_id)
                .where(tokens.c.key_id == key_id, users.c.is_active)
            ).one_or_none()
        kept = "0" * 64 if row is None else row.digest
        fits = hmac.compare_digest(secret.digest(token), kept)
        now = clock.now()
        if row is None or not fits or (row.expires_at and row.expires_at <= now):
            raise _invalid()
        before = clock.after(minutes=-_NOTED_EVERY)
        if (row.last_used_at or "") < before:
            self._note_use(key_id, now, before)
        uids = row.project_uids and frozenset(json.loads(row.project_uids))
        return Caller(
            User(row.user_id, row.user_name, bool(row.is_admin)),
            frozenset(row.scopes.split()),
            uids if row.project_uids is not None else None,
            key_id,
        )

    def _note_use(self, key_id: str, now: str, before: str) -> None:
        # Nice to know; no reason to refuse somebody. Of many at once the first notes it.
        last = tokens.c.last_used_at
        with (
            contextlib.suppress(SQLAlchemyError),
            self._database.writing() as connection,
        ):
            connection.execute(
                sa.update(tokens)
                .where(tokens.c.key_id == key_id, last.is_(None) | (last < before))
                .values(last_used_at=now)
            )

    def list(self, user: User) -> list[TokenInfo]:
        """Return what is known of a user's tokens, newest first."""
        with self._database.reading() as connection:
            found = connection.execute(
                sa.select(tokens)
                .where(tokens.c.user_id == user.id)
                .order_by(tokens.c.created_at.desc(), tokens.c.key_id)
            )
            return [_info(row._mapping) for row in found]


def _info(row: Any) -> TokenInfo:
    uids = row["project_uids"]
    return TokenInfo(
        row["key_id"],
        row["name"],
        tuple(row["scopes"].split()),
        None if uids is None else tuple(json.loads(uids)),
        row["created_at"],
        row["expires_at"],
        row["last_used_at"],
    )


def _invalid() -> InvalidToken:
    return InvalidToken("The token is not valid: it was deleted, or its time is over.")
