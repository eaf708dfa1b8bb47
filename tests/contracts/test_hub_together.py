"""Changes of several threads at once, on each database: each is made, or tells why not."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from annotator.errors import HubConflict
from annotator.hub.store import clock, tables
from annotator.hub.store.together import Together
from tests.doubles.databases import database  # noqa: F401 (a fixture)


class Notes:
    """Writes lines into a table, some of which go wrong."""

    def __init__(self, database):  # noqa: F811
        self.database, self.together = database, Together(database)
        self.transactions = 0
        sa.event.listen(database.engine, "commit", self._committed)

    def _committed(self, connection):
        if connection.get_execution_options().get("writes"):
            self.transactions += 1

    def write(self, text, error=None):
        def work(connection):
            line = {"at": clock.now(), "action": text, "detail": "{}"}
            connection.execute(sa.insert(tables.audit).values(line))
            if error is not None:
                raise error
            return text

        return self.together.do(work)

    def lines(self):
        with self.database.reading() as connection:
            found = connection.scalars(sa.select(tables.audit.c.action))
            return sorted(found)

    def write_at_once(self, *given):
        """Write while somebody else is at it, so that all of them wait together."""
        started = threading.Event()
        go_on = threading.Event()

        def slow(connection):
            started.set()
            assert go_on.wait(30)

        with ThreadPoolExecutor(1 + len(given)) as pool:
            first = pool.submit(self.together.do, slow)
            assert started.wait(30)
            others = [pool.submit(self.write, *each) for each in given]
            if self.database.is_sqlite:
                self.wait_for(len(given))
            go_on.set()
            first.result(30)
            return [each.exception(30) or each.result() for each in others]

    def wait_for(self, n_waiting):
        for _ in range(30_000):
            if len(self.together._waiting) >= n_waiting:
                return
            threading.Event().wait(0.001)
        pytest.fail("not all of them wait")


@pytest.fixture
def notes(database):  # noqa: F811
    return Notes(database)


class TestTogether:
    def test_one_alone(self, notes):
        assert notes.write("a") == "a"
        with pytest.raises(HubConflict, match="taken"):
            notes.write("b", HubConflict("taken"))
        with pytest.raises(ZeroDivisionError):
            notes.write("c", ZeroDivisionError())

        assert notes.lines() == ["a"]

    def test_what_waits_goes_together(self, notes, database):  # noqa: F811
        found = notes.write_at_once(*[(str(n),) for n in range(9)])

        assert found == notes.lines() == [str(n) for n in range(9)]
        if database.is_sqlite:
            assert notes.transactions == 2

    def test_who_is_refused_alone_is_refused(self, notes, database):  # noqa: F811
        error = HubConflict("taken")

        found = notes.write_at_once(("a",), ("b", error), ("c",))

        assert found == ["a", error, "c"]
        assert notes.lines() == ["a", "c"]
        if database.is_sqlite:
            assert notes.transactions == 2

    def test_what_breaks_breaks_nobody_else_s(self, notes, database):  # noqa: F811
        error = ZeroDivisionError()

        found = notes.write_at_once(("a",), ("b", error), ("c",))

        assert found == ["a", error, "c"]
        assert notes.lines() == ["a", "c"]
        if database.is_sqlite:  # after which each was alone
            assert notes.transactions == 3

    def test_what_the_disk_refuses_is_not_said_to_be_safe(self, notes, database):  # noqa: F811
        if not database.is_sqlite:
            pytest.skip("each has its own transaction there")
        full = OSError("disk full")

        def refuse(connection):
            writes = connection.get_execution_options().get("writes")
            if writes and notes.transactions > 1:  # the slow one's is the first
                raise full

        sa.event.listen(database.engine, "commit", refuse)
        try:
            found = notes.write_at_once(("a",), ("b",))
        finally:
            sa.event.remove(database.engine, "commit", refuse)

        assert found == [full, full]
        assert notes.lines() == []
        assert notes.write("c") == "c"
