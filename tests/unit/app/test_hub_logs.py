"""What a server that died left in its logs, with a real store."""

from __future__ import annotations

import logging

import pytest

from annotator.annotations.store import AnnotationStore
from annotator.app.hub_logs import FOLDER_VARIABLE, log_folder, output_of, send_left
from tests.unit.hub.pages.samples import PASSWORD, Visitor, clip


@pytest.fixture
def ana(store):
    return Visitor(store.users.add("ana", PASSWORD), store)


@pytest.fixture
def uid(store, ana):
    uid = store.projects.create(ana.caller, "Owls").uid
    store.clips.add(ana.caller, uid, [clip(n) for n in range(4)])
    return uid


def leave(store, who, uid, *clips, name="ana", adjudicates=False):
    """Write answers into the person's log, and die."""
    folder = log_folder(store)
    output = output_of(folder, uid, who.user, adjudicates=adjudicates)
    with AnnotationStore(output, columns=["species"], annotator=name) as own:
        for one in clips:
            own.submit(one, [{"species": "owl"}])


def reviewed(store, ana, uid):
    return [row["clip"] for row in store.annotations.rows(ana.caller, uid)]


def test_it_is_sent_once(store, ana, uid):
    leave(store, ana, uid, "clip-0", "clip-1")

    assert [send_left(store), send_left(store)] == [2, 0]
    leave(store, ana, uid, "clip-2")
    assert send_left(store) == 1
    assert reviewed(store, ana, uid) == ["clip-0", "clip-1", "clip-2"]


def test_what_was_decided_decides(store, ana, uid):
    leave(store, ana, uid, "clip-0", adjudicates=True)
    leave(store, ana, uid, "clip-1")

    assert send_left(store) == 2

    rows = list(store.annotations.rows(ana.caller, uid))
    decided = {row["clip"]: row.get("adjudicated", False) for row in rows}
    assert decided == {"clip-0": True, "clip-1": False}


def test_a_cursor_that_died_with_the_server_sends_nothing_twice(store, ana, uid):
    leave(store, ana, uid, "clip-0")
    send_left(store)
    output_of(log_folder(store), uid, ana.user).with_name(
        "annotations.csv.hub.json"
    ).unlink()

    send_left(store)

    assert reviewed(store, ana, uid) == ["clip-0"]
    assert len(store.events.list(ana.caller, uid)) == 1


def test_one_who_may_no_longer_annotate_waits_and_holds_nobody_up(
    store, ana, uid, caplog
):
    ben = Visitor(store.users.add("ben", PASSWORD), store)
    store.members.set(ana.caller, uid, "ben", "viewer")
    leave(store, ben, uid, "clip-1", name="ben")
    leave(store, ana, uid, "clip-0")

    with caplog.at_level(logging.WARNING):
        assert send_left(store) == 1

    assert "1 events wait in" in caplog.text
    assert "viewer" in caplog.text
    assert reviewed(store, ana, uid) == ["clip-0"]


def test_others_databases_and_people_who_left_are_passed_over(store, ana, uid, caplog):
    ben = Visitor(store.users.add("ben", PASSWORD), store)
    leave(store, ben, uid, "clip-1", name="ben")
    leave(store, ana, "another-project", "clip-0")
    leave(store, ana, uid, "clip-2")
    store.users.deactivate(ana.user)

    with caplog.at_level(logging.WARNING):
        assert send_left(store) == 0

    assert caplog.text == ""


def test_the_folder_is_the_one_that_is_named_or_beside_the_database(
    store, tmp_path, monkeypatch
):
    assert log_folder(store) == tmp_path / "hub.db.reviews"

    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "logs"))

    assert log_folder(store) == tmp_path / "logs"
