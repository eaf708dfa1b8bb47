"""Leases when many ask at once, and what a search for the next clip costs."""

from __future__ import annotations

import contextlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from annotator.hub.store import tables
from annotator.hub.store.clips import Clips
from annotator.hub.store.engine import Database
from annotator.hub.store.events import Events
from annotator.hub.store.leases import Leases
from tests.contracts.hub_ground import Ground
from tests.contracts.hub_people import event, row
from tests.doubles.databases import database

__all__ = ["database"]  # a fixture


class TestCost:
    """What a look-up costs must not grow with the clips that are behind one."""

    @pytest.fixture
    def steps(self, tmp_path):
        """Return a function: what a look-up costs when so many clips are reviewed."""

        def count(n_behind, who="ada"):
            database = Database(f"sqlite:///{tmp_path}/{who}{n_behind}.db")
            tables.metadata.create_all(database.engine)
            ground, leases = Ground(database), Leases(database)
            people = {name: ground.person(name, "annotator") for name in ("ada", "bob")}
            ground.add(n_behind + 5)
            if who == "ada":  # who alone reviewed them; else they are complete
                Clips(database).set_reviews(ground.olga, ground.uid, 2)
            sent = [event(f"clip-{n}", row(f"row-{n}")) for n in range(n_behind)]
            for begin in range(0, n_behind, 200):
                part = sent[begin : begin + 200]
                Events(database).add(people["ada"], ground.uid, part)
            leases.next(people[who], ground.uid)
            leases.release(people[who], ground.uid, leased(database))
            with steps_of(database) as steps:
                leases.next(people[who], ground.uid)
            database.close()
            return len(steps)

        return count

    @pytest.mark.parametrize("who", ["ada", "bob"])
    def test_a_search_goes_on_where_the_last_one_ended(self, steps, who):
        assert steps(2_000, who) <= 1.5 * steps(20, who)

    def test_postgresql_compiles_no_search(self, database):
        if database.is_sqlite:
            pytest.skip("SQLite compiles nothing")
        with database.reading() as connection:
            assert connection.exec_driver_sql("SHOW jit").scalar() == "off"


@contextlib.contextmanager
def steps_of(database):
    """Count steps of SQLite's machine, in hundreds."""
    steps = []

    def begin(connection, *_):
        connection.set_progress_handler(lambda: steps.append(1), 100)

    sa.event.listen(database.engine, "checkout", begin)
    yield steps
    sa.event.remove(database.engine, "checkout", begin)


def leased(database):
    query = sa.select(tables.clips.c.identity).where(
        tables.clips.c.id == tables.leases.c.clip_id
    )
    with database.reading() as connection:
        return connection.execute(query).scalar_one()


class TestAtOnce:
    @pytest.mark.parametrize("wanted", [1, 2])
    def test_sixteen_who_ask_at_once_get_each_clip_as_often_as_wanted(
        self, ground, clips, next_of, wanted
    ):
        people = [ground.person(f"p{number}", "annotator") for number in range(16)]
        ground.add(6)
        clips.set_reviews(ground.olga, ground.uid, wanted)

        given = Counter(at_once(next_of, people))

        n_nothing = max(0, 16 - 6 * wanted)
        assert given.pop(None, 0) == n_nothing
        assert set(given) <= set(range(6))
        assert set(given.values()) <= {wanted, wanted - 1, 1}
        assert given.total() == 16 - n_nothing

    def test_sixteen_who_review_until_nothing_is_left_do_nothing_twice(
        self, ground, clips, next_of
    ):
        people = [ground.person(f"p{number}", "annotator") for number in range(16)]
        ground.add(20)
        clips.set_reviews(ground.olga, ground.uid, 2)

        def work(who):
            while (number := next_of(who)) is not None:
                ground.review(who, f"clip-{number}")

        at_once(work, people)

        rows = tables.annotations.c
        with ground.database.reading() as connection:
            reviews = connection.execute(sa.select(rows.clip, rows.user_id)).all()
        by_clip = Counter(clip for clip, _ in reviews)
        assert len(set(reviews)) == len(reviews)
        assert by_clip == {f"clip-{number}": 2 for number in range(20)}

    def test_one_person_in_sixteen_windows_has_one_lease(self, ground, next_of):
        ada = ground.person("ada", "annotator")
        ground.add(20)

        assert at_once(next_of, [ada] * 16) == [0] * 16


def at_once(ask, people):
    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(ask, people))
