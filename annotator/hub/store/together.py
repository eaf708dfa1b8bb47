"""Changes of several threads in one transaction: the disk is waited for once.

A change is safe when the disk says so, which takes milliseconds, and a SQLite file has
one writer. While one transaction is on its way to the disk, what comes meanwhile gathers,
and goes together in the next. PostgreSQL does that by itself.
"""

from __future__ import annotations

import threading
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from annotator.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import Connection

    from annotator.hub.store.engine import Database

__all__ = ["Together"]

_MOST = 32  # changes in one transaction

T = TypeVar("T")


class Together:
    """Makes changes, those that wait together.

    Parameters
    ----------
    database
        Of the hub.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[_Change[object]] = deque()
        self._at_work = threading.Lock()

    def do(self, work: Callable[[Connection], T]) -> T:
        """Make a change; it is safe when this returns.

        Parameters
        ----------
        work
            Makes it, given a connection that writes. It may be called by another
            thread, and once more if somebody else's change went wrong. What it changed
            is taken back if it raises a `HubError`, which is raised here.
        """
        if not self._database.is_sqlite:
            with self._database.writing() as connection:
                return work(connection)
        mine = _Change(work)
        self._waiting.append(mine)  # type: ignore[arg-type]
        with self._at_work:
            while not mine.is_done:  # or somebody else made it meanwhile
                self._make_some()
        return mine.outcome()

    def _make_some(self) -> None:
        n_now = min(len(self._waiting), _MOST)
        some = [self._waiting.popleft() for _ in range(n_now)]
        try:
            if len(some) == 1 or not self._make_together(some):
                for change in some:
                    self._make(change)
        finally:
            for change in some:
                change.is_done = True

    def _make_together(self, some: Sequence[_Change[object]]) -> bool:
        """Make changes in one transaction; tell whether that was possible.

        After any other error the database may have ended the transaction by itself.
        """
        told: list[Callable[[], None]] = []  # first when the disk has them all
        try:
            with self._database.writing() as connection:
                for change in some:
                    try:
                        with connection.begin_nested():
                            result = change.work(connection)
                    except HubError as err:
                        told.append(partial(change.raised, err))
                    else:
                        told.append(partial(change.returned, result))
        except Exception:  # noqa: BLE001 - each is made again by itself, and tells its own
            return False
        for tell in told:
            tell()
        return True

    def _make(self, change: _Change[object]) -> None:
        try:
            with self._database.writing() as connection:
                result = change.work(connection)
        except Exception as err:  # noqa: BLE001 - raised in the thread that asked
            change.raised(err)
        else:
            change.returned(result)


class _Change(Generic[T]):
    """A change that somebody waits for."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self.work = work
        self.is_done = False
        self._result: T | None = None
        self._error: BaseException | None = InterruptedError("The hub was stopped.")

    def returned(self, result: T) -> None:
        self._result, self._error = result, None

    def raised(self, error: BaseException) -> None:
        self._result, self._error = None, error

    def outcome(self) -> T:
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]
