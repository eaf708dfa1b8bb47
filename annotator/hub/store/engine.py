"""The connection to the database: many readers, and writers one after the other.

SQLite takes one writer at a time. Left to itself it makes the others try again and
again, and some wait for seconds; a queue in this process serves them in their order.
PostgreSQL takes many; what must not happen twice is guarded by a lock on the project's
row (see `projects.lock`).
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

__all__ = ["Database"]

_BUSY = 30_000  # ms that SQLite waits for another process


class Database:
    """Connections to one database.

    Parameters
    ----------
    url
        SQLAlchemy's address of it: ``sqlite:////srv/hub/hub.db``,
        ``postgresql+psycopg://user@host/name``.
    """

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        if self.url.drivername in ("postgres", "postgresql"):
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {}
        if self.is_sqlite:
            options["connect_args"] = {"check_same_thread": False}
        else:
            options.update(pool_pre_ping=True, pool_size=10, max_overflow=20)
            if "options" not in self.url.query:
                # To compile a search for the next clip took 0.9 s, to run it 1 ms.
                options["connect_args"] = {"options": "-c jit=off"}
        self.engine = sa.create_engine(self.url, **options)
        self._turn = _Turn()
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    def __repr__(self) -> str:
        return f"<Database {self.url.render_as_string(hide_password=True)}>"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ"
                )
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are all there afterwards, or none."""
        if not self.is_sqlite:
            with self.engine.begin() as connection:
                yield connection
            return
        with (
            self._turn,
            self.engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


class _Turn:
    """A lock that is given in the order in which it was asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def __enter__(self) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Event()
            self._waiting.append(mine)
        mine.wait()

    def __exit__(self, *_error: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()  # handed over, never free between
            else:
                self._taken = False


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own idea of transactions begins them too late.
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in (
        "journal_mode=WAL",
        "synchronous=FULL",  # an answer that was acknowledged survives a power cut
        "foreign_keys=ON",
        f"busy_timeout={_BUSY}",
        "cache_size=-64000",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
