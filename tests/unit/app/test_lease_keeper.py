"""Keeping a clip while a person is at it, on a real store; time is made to pass."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from annotator.app import lease_keeper
from annotator.app.lease_keeper import LeaseKeeper
from annotator.errors import HubUnreachable
from annotator.hub.store import tables
from tests.unit.hub.pages.samples import event

MINUTE = 60.0


class Time:
    """A clock that stands until it is moved on, with all leases."""

    def __init__(self, store):
        self.now, self._database = 0.0, store.database

    def __call__(self):
        return self.now

    def pass_minutes(self, minutes):
        self.now += minutes * MINUTE
        with self._database.writing() as connection:
            leases = tables.leases.c
            for row in connection.execute(sa.select(tables.leases)).all():
                until = earlier(row.until, minutes)
                own = (leases.clip_id == row.clip_id, leases.slot == row.slot)
                change = sa.update(tables.leases).where(*own).values(until=until)
                connection.execute(change)


def earlier(time, minutes):
    moved = datetime.fromisoformat(time) - timedelta(minutes=minutes)
    return moved.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture
def time(store):
    return Time(store)


@pytest.fixture
def lost():
    return []


@pytest.fixture
def keeper(owls, time, lost):
    keeper = LeaseKeeper(owls.ana, owls.uid, lost=lost.append, clock=time)
    yield keeper
    keeper.close()


@pytest.fixture
def next_of_ben(store, owls):
    """Return a function: the clip that Ben gets; he keeps none."""

    def ask():
        lease = store.leases.next(owls.ben.caller, owls.uid)
        store.leases.release(owls.ben.caller, owls.uid, lease.clip.identity)
        return lease.clip.identity

    return ask


def test_a_clip_stays_one_s_own_for_an_hour_of_thought(keeper, time, next_of_ben):
    assert keeper.next() == "clip-0"

    for _ in range(12):
        time.pass_minutes(5)
        keeper.renew()
        assert next_of_ben() == "clip-1"


def test_a_forgotten_tab_holds_no_clip_for_ever(keeper, time, next_of_ben):
    keeper.next()

    for _ in range(16):
        time.pass_minutes(5)
        keeper.renew()

    assert next_of_ben() == "clip-0"


def test_whoever_does_something_keeps_the_clip_longer(keeper, time, next_of_ben):
    keeper.next()

    for _ in range(30):
        time.pass_minutes(5)
        keeper.note_deed()
        keeper.renew()

    assert next_of_ben() == "clip-1"


def test_who_comes_back_in_time_has_the_clip_again(keeper, time, next_of_ben):
    keeper.next()
    time.pass_minutes(100)
    keeper.renew()

    keeper.note_deed()
    keeper.renew()

    assert next_of_ben() == "clip-1"


def test_a_clip_that_went_to_another_is_told_once(
    store, owls, keeper, time, lost, next_of_ben
):
    keeper.next()
    time.pass_minutes(16)
    assert store.leases.next(owls.ben.caller, owls.uid).clip.identity == "clip-0"

    keeper.renew()
    keeper.renew()

    assert lost == ["clip-0"]
    assert keeper.next() == "clip-1"


def test_a_hub_that_cannot_be_asked_is_asked_again(
    store, keeper, time, lost, next_of_ben, monkeypatch
):
    keeper.next()
    renew = store.leases.renew

    def away(*_args):
        raise sa.exc.OperationalError(None, {}, Exception())

    monkeypatch.setattr(store.leases, "renew", away)
    time.pass_minutes(10)
    keeper.renew()
    monkeypatch.setattr(store.leases, "renew", renew)
    keeper.renew()
    time.pass_minutes(10)

    assert lost == []
    assert next_of_ben() == "clip-1"


def test_who_is_signed_out_renews_nothing(owls, keeper, time, lost, next_of_ben):
    keeper.next()
    owls.ana.is_gone = True
    time.pass_minutes(10)
    keeper.renew()
    time.pass_minutes(6)

    assert lost == []
    assert next_of_ben() == "clip-0"


def test_a_database_that_is_away_is_an_error_of_ours(store, keeper, monkeypatch):
    def away(*_args):
        raise sa.exc.OperationalError(None, {}, Exception())

    monkeypatch.setattr(store.leases, "next", away)

    with pytest.raises(HubUnreachable, match="does not answer"):
        keeper.next()


def test_what_was_given_back_is_renewed_no_more(keeper, lost, time, next_of_ben):
    keeper.next()

    keeper.give_back("clip-0")
    keeper.renew()

    assert next_of_ben() == "clip-0"
    assert lost == []


def test_nothing_is_renewed_when_nothing_was_left(store, owls, keeper, lost):
    for number in range(4):
        store.events.add(
            owls.ana.caller, owls.uid, [event(f"clip-{number}", "ana", species="owl")]
        )

    assert keeper.next() is None
    keeper.renew()

    assert lost == []


def test_it_renews_by_itself_until_it_is_closed(store, owls, monkeypatch):
    monkeypatch.setattr(lease_keeper, "_PAUSE", 0.001)
    renewed, ends = threading.Semaphore(0), threading.active_count()
    renew = store.leases.renew

    def count(*args):
        renewed.release()
        return renew(*args)

    monkeypatch.setattr(store.leases, "renew", count)
    keeper = LeaseKeeper(owls.ana, owls.uid, lost=pytest.fail)
    keeper.next()

    assert all(renewed.acquire(timeout=20) for _ in range(3))
    (thread,) = [one for one in threading.enumerate() if one.name == "annotator-lease"]
    keeper.close()
    thread.join(20)
    assert threading.active_count() == ends
    with store.database.reading() as connection:
        assert connection.execute(sa.select(tables.leases)).all() == []


def test_a_renewal_may_fail_twice():
    assert lease_keeper._PAUSE * 3 <= 15 * MINUTE
