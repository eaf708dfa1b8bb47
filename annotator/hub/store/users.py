"""Users: people who may log in, and their passwords (argon2id)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from annotator.errors import Forbidden, HubConflict, Refused
from annotator.hub.checks import clean_name, name_key
from annotator.hub.permissions import User
from annotator.hub.store import clock
from annotator.hub.store.audit import note
from annotator.hub.store.tables import tokens, users, web_sessions

if TYPE_CHECKING:
    from argon2 import PasswordHasher
    from sqlalchemy.engine import Connection

    from annotator.hub.permissions import Caller
    from annotator.hub.store.engine import Database

__all__ = ["Users"]

_LONGEST_NAME = 80
_PASSWORD = (10, 1_000)  # characters
_MEMORY = 19_456  # KiB; with 2 passes what OWASP's cheat sheet asks of argon2id


class Users:
    """Adds people, and checks their passwords."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def n(self) -> int:
        """Return how many users there are."""
        with self._database.reading() as connection:
            count = sa.select(sa.func.count()).select_from(users)
            return int(connection.scalar(count) or 0)

    def add(self, name: str, password: str, *, is_admin: bool = False) -> User:
        """Add somebody.

        Parameters
        ----------
        name
            1 to 80 characters in one line; unique without regard to case.
        password
            10 characters or more.
        is_admin
            Whether it is an administrator of the hub.

        Raises
        ------
        Refused
            The name or the password is not of that kind.
        HubConflict
            There is a user of that name.
        """
        name = clean_name(name, _LONGEST_NAME)
        if ":" in name or "/" in name:
            raise Refused((None, "The name has neither ':' nor '/' in it."))
        hashed = _hashed(password)
        try:
            with self._database.writing() as connection:
                key = connection.execute(
                    sa.insert(users)
                    .values(
                        name=name,
                        name_key=_key(name),
                        password_hash=hashed,
                        is_admin=is_admin,
                        is_active=True,
                        created_at=clock.now(),
                    )
                    .returning(users.c.id)
                ).scalar_one()
                note(connection, None, "user.add", user=key, is_admin=is_admin)
        except IntegrityError as err:
            msg = "There is a user of this name."
            raise HubConflict(msg) from err
        return User(int(key), name, is_admin)

    def check(self, name: str, password: str) -> User | None:
        """Return the user of a name and a password; None if they do not fit.

        It takes as long for a name that nobody has.
        """
        from argon2.exceptions import InvalidHashError, VerifyMismatchError

        hashed = _nobodys()  # made at the first check of the process, whoever comes
        with self._database.reading() as connection:
            row = connection.execute(
                sa.select(users).where(
                    users.c.name_key == _key(name), users.c.is_active
                )
            ).one_or_none()
        if row is not None:
            hashed = row.password_hash
        try:
            _hasher().verify(hashed, password[: _PASSWORD[1] + 1])
        except (VerifyMismatchError, InvalidHashError, UnicodeEncodeError):
            return None
        if row is None:
            return None
        if _hasher().check_needs_rehash(hashed):
            self._set(row.id, password_hash=_hashed(password))
        return _user(row)

    def get(self, user_id: int) -> User | None:
        """Return a user who may log in; None if there is none."""
        return self._one(users.c.id == user_id)

    def by_name(self, name: str) -> User | None:
        """Return a user who may log in, by the name in whatever case."""
        return self._one(users.c.name_key == _key(name))

    def set_password(self, user: User, password: str) -> None:
        """Give somebody another password; all pages must log in again."""
        hashed = _hashed(password)
        with self._database.writing() as connection:
            connection.execute(
                sa.update(users)
                .where(users.c.id == user.id)
                .values(password_hash=hashed)
            )
            _end_sessions(connection, user.id)
            note(connection, None, "user.password", user=user.id)

    def deactivate(self, user: User) -> None:
        """Let somebody in no more, by page or token; what they did stays."""
        with self._database.writing() as connection:
            connection.execute(
                sa.update(users).where(users.c.id == user.id).values(is_active=False)
            )
            _end_sessions(connection, user.id)
            connection.execute(sa.delete(tokens).where(tokens.c.user_id == user.id))
            note(connection, None, "user.deactivate", user=user.id)

    def list(self, caller: Caller) -> list[User]:
        """Return all who may log in; for administrators.

        Raises
        ------
        Forbidden
            The caller is none.
        """
        if not caller.user.is_admin or "admin" not in caller.scopes:
            msg = "Only administrators of the hub see all of its users."
            raise Forbidden(msg)
        with self._database.reading() as connection:
            found = connection.execute(
                sa.select(users).where(users.c.is_active).order_by(users.c.name_key)
            )
            return [_user(row) for row in found]

    def _one(self, where: Any) -> User | None:
        with self._database.reading() as connection:
            row = connection.execute(
                sa.select(users).where(where, users.c.is_active)
            ).one_or_none()
        return None if row is None else _user(row)

    def _set(self, user_id: int, **values: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(
                sa.update(users).where(users.c.id == user_id).values(**values)
            )


def _end_sessions(connection: Connection, user_id: int) -> None:
    connection.execute(sa.delete(web_sessions).where(web_sessions.c.user_id == user_id))


def _user(row: Any) -> User:
    return User(int(row.id), str(row.name), bool(row.is_admin))


def _key(name: object) -> str:
    return name_key(name, _LONGEST_NAME)


def _hashed(password: object) -> str:
    least, most = _PASSWORD
    if not isinstance(password, str) or not least <= len(password) <= most:
        raise Refused((None, f"A password has {least} to {most} characters."))
    try:
        return _hasher().hash(password)
    except UnicodeEncodeError as err:
        raise Refused((None, "The password is no text.")) from err


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=_MEMORY, parallelism=1)


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this password")
