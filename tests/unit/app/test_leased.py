"""A review whose clips are given one by one: what a person is told, and who waits."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from bokeh.document import Document
from panel.io.state import set_curdoc

from annotator.errors import HubUnreachable, SubmitError
from annotator.hub.store import tables
from tests.unit.app.hub_owls import OWL
from tests.unit.hub.pages.samples import clip, event


def next_of(store, owls, who):
    lease = store.leases.next(who.caller, owls.uid)
    return None if lease is None else lease.clip.identity


def let_leases_end(store):
    with store.database.writing() as connection:
        connection.execute(sa.update(tables.leases).values(until="2026-01-01T00:00Z"))


def test_while_there_are_clips_nothing_is_said(owls, open_review):
    session = open_review(owls.ana).session
    session.submit(OWL)

    assert session.notice == ""


def test_at_the_end_a_person_is_told_and_may_ask_again(store, owls, open_review):
    session = open_review(owls.ana).session
    assert next_of(store, owls, owls.ben) == "clip-1"

    for _ in range(3):
        session.submit(OWL)

    assert "Nothing is left for you" in session.notice
    assert session.n_queue == 0
    session.ask()
    assert "Nothing is left for you" in session.notice

    store.leases.release(owls.ben.caller, owls.uid, "clip-1")
    session.ask()
    assert session.notice == ""
    assert session.clip.identity == "clip-1"


def test_a_review_opens_where_nothing_is_left(store, owls, open_review):
    for number in range(4):
        found = event(f"clip-{number}", "ben", species="owl")
        store.events.add(owls.ben.caller, owls.uid, [found])

    session = open_review(owls.ana).session

    assert session.clip is None
    assert "Nothing is left for you" in session.notice


def test_a_hub_that_gives_no_clip_is_told_and_asked_again(
    store, owls, open_review, monkeypatch
):
    session = open_review(owls.ana).session
    give = store.leases.next

    def away(*_args):
        raise sa.exc.OperationalError(None, {}, Exception())

    monkeypatch.setattr(store.leases, "next", away)
    session.submit(OWL)
    assert "does not answer" in session.notice
    assert session.n_reviewed == 1

    monkeypatch.setattr(store.leases, "next", give)
    session.ask()
    assert session.notice == ""
    assert session.clip.identity == "clip-1"


def test_while_answers_are_not_in_the_hub_none_of_their_clips_is_given_again(
    store, owls, open_review, monkeypatch
):
    monkeypatch.setattr("annotator.app.hub_sending._SOON", 0.05)
    session = open_review(owls.ana).session
    add = store.events.add

    def away(*_args):
        raise sa.exc.OperationalError(None, {}, Exception())

    monkeypatch.setattr(store.events, "add", away)
    session.skip()
    assert "not in the hub yet" in session.notice
    assert session.n_queue == 0

    monkeypatch.setattr(store.events, "add", add)
    monkeypatch.setattr("annotator.app.hub_sending._SOON", 20.0)
    session.ask()
    assert session.clip.identity == "clip-1"


def test_clips_that_were_added_meanwhile_are_told_and_not_held(
    store, owls, open_review
):
    session = open_review(owls.ana).session
    store.clips.add(owls.ana.caller, owls.uid, [clip(9)])

    for _ in range(4):
        session.submit(OWL)

    assert "open the review again" in session.notice
    assert next_of(store, owls, owls.ben) == "clip-9"


def test_a_skipped_clip_is_another_s_at_once(store, owls, open_review, monkeypatch):
    session = open_review(owls.ana).session
    asked = []
    give = store.leases.next

    def give_late(caller, uid):
        asked.append(next_of_ben())
        return give(caller, uid)

    def next_of_ben():
        return give(owls.ben.caller, owls.uid).clip.identity

    monkeypatch.setattr(store.leases, "next", give_late)
    session.skip()

    assert asked == ["clip-0"]
    assert session.clip.identity == "clip-1"


def test_a_lost_clip_is_told_and_its_answer_is_kept(store, owls, open_review):
    review = open_review(owls.ana)
    session = review.session
    let_leases_end(store)
    assert next_of(store, owls, owls.ben) == "clip-0"

    review._keeper.renew()

    assert "Another person has this clip" in session.notice
    assert session.clip.identity == "clip-0"
    session.submit(OWL)
    assert session.notice == ""
    assert session.clip.identity == "clip-1"
    (row,) = store.annotations.rows(owls.ana.caller, owls.uid)
    assert (row["clip_id"], row["annotator"]) == ("clip-0", "ana")


def test_a_lost_clip_may_be_left(store, owls, open_review):
    review = open_review(owls.ana)
    let_leases_end(store)
    next_of(store, owls, owls.ben)
    review._keeper.renew()

    review.session.ask()

    assert review.session.notice == ""
    assert review.session.clip.identity == "clip-1"
    assert list(store.annotations.rows(owls.ana.caller, owls.uid)) == []


def test_a_clip_that_was_just_reviewed_is_not_told_as_lost(store, owls, open_review):
    session = open_review(owls.ana).session
    session.submit(OWL)

    session.lose("clip-0")
    session.lose("of another table")

    assert session.notice == ""


def test_a_review_that_is_closed_renews_nothing(store, owls, open_review):
    review = open_review(owls.ana)
    review.close()

    review._keeper.renew()

    assert next_of(store, owls, owls.ben) == "clip-0"


def test_views_do_not_wait_for_a_hub_that_is_slow(
    store, owls, open_review, monkeypatch
):
    session = open_review(owls.ana).session
    seen = []
    session.param.watch(lambda event: seen.append(event.new.identity), "clip")
    give, asked, go = store.leases.next, threading.Event(), threading.Event()

    def slowly(*args):
        asked.set()
        assert go.wait(20)
        return give(*args)

    monkeypatch.setattr(store.leases, "next", slowly)
    submits = threading.Thread(target=session.submit, args=(OWL,))
    submits.start()
    assert asked.wait(20)

    looks = threading.Thread(target=session.page, args=(0, 20))
    looks.start()
    looks.join(20)
    assert not looks.is_alive()
    assert session.clip.identity == "clip-0"  # until the next one is there
    assert session.n_reviewed == 0
    go.set()
    submits.join(20)

    assert seen == ["clip-1"]
    assert session.n_reviewed == 1


def test_answers_that_are_wrong_ask_for_nothing(owls, open_review, store, monkeypatch):
    session = open_review(owls.ana).session
    monkeypatch.setattr(store.leases, "next", pytest.fail)

    with pytest.raises(SubmitError):
        session.submit({"species": "wind"})

    assert session.clip.identity == "clip-0"


def test_an_error_of_the_hub_is_no_error_of_the_submit(owls, open_review, monkeypatch):
    review = open_review(owls.ana)

    def refuse():
        msg = "Not now."
        raise HubUnreachable(msg)

    monkeypatch.setattr(review._keeper, "next", refuse)
    review.session.submit(OWL)

    assert review.session.notice == "No next clip was given. Not now."


def test_whatever_moves_on_the_page_is_a_deed(owls, open_review, monkeypatch):
    review, document, deeds = open_review(owls.ana), Document(), []
    monkeypatch.setattr(review._keeper, "note_deed", lambda: deeds.append(1))

    with set_curdoc(document):
        review.view()
    assert deeds == []
    document.title = "as if somebody typed"

    assert deeds == [1]
