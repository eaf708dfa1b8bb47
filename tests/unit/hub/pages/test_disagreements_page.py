from __future__ import annotations

import pytest

from annotator.hub.member_config import EXAMPLE
from annotator.hub.pages.disagreements import _MOST_LISTED
from tests.unit.hub.pages.samples import event


@pytest.fixture
def differing(owls):
    """Return the project after Ana and Ben said different things about clips 0 to 2."""
    store = owls.ana.store
    store.projects.set_config(owls.ana.caller, owls.uid, EXAMPLE)
    for who, label in ((owls.ana, "nightjar"), (owls.ben, "owl")):
        events = [event(f"clip-{n}", who.user.name, species=label) for n in range(3)]
        store.events.add(who.caller, owls.uid, events)
    return owls


@pytest.fixture
def page_of(differing, hub_of):
    def page(who):
        hub = hub_of(who)
        hub.project(differing.uid)
        hub.shown.turn_to("Agreement")
        return hub.shown.tabs["Agreement"]

    return page


def decide(owls, clip, label="owl"):
    sent = [event(clip, "ana", species=label)]
    owls.ana.store.events.adjudicate(owls.ana.caller, owls.uid, sent, "species")


def cells(page):
    return [row["cells"] for row in page.disagreements.list.rows]


def test_what_waits_is_listed_and_what_is_settled_is_a_switch_away(differing, page_of):
    decide(differing, "clip-1")
    page = page_of(differing.ana)
    shown = page.disagreements
    said = "ana: nightjar · ben: owl"

    assert "2 open, 1 settled" in shown.counts.object
    assert cells(page) == [
        ["clip-0", said, "", "nightjar", ""],
        ["clip-2", said, "", "nightjar", ""],
    ]
    assert shown.all_button.label == "Adjudicate 2 clips"

    shown.switch.value = "adjudicated"

    (row,) = cells(page)
    assert row[:4] == ["clip-1", said, "owl", "ana"]
    assert len(row[4]) == len("2026-03-01 12:34")
    assert [column["label"] for column in shown.list.columns][2:] == [
        "Decided",
        "By",
        "When (UTC)",
    ]


def test_one_that_is_open_again_says_why(differing, page_of):
    decide(differing, "clip-1", "nightjar")
    store, ben = differing.ana.store, differing.ben
    store.events.add(ben.caller, differing.uid, [event("clip-1", "ben", species="fox")])

    (row,) = [row for row in cells(page_of(differing.ana)) if row[0] == "clip-1"]

    assert row[-1] == "nightjar by ana; since then ben"


def test_a_new_look_changes_the_list_in_its_place(differing, page_of):
    page = page_of(differing.ana)
    shown, before = page.disagreements, page.disagreements.list
    shown.switch.value = "adjudicated"
    assert cells(page) == []

    for number in range(3):
        decide(differing, f"clip-{number}")
    page.load()

    assert shown.switch.value == "adjudicated"
    assert "0 open, 3 settled" in shown.counts.object
    assert shown.list is before
    assert len(cells(page)) == 3
    assert shown.all_button.disabled


def test_each_role_is_offered_what_it_may(differing, page_of):
    offered = {
        who.user.name: page_of(who).disagreements
        for who in (differing.ana, differing.ben, differing.vera)
    }

    assert {
        name: [action["label"] for action in shown.list.actions]
        for name, shown in offered.items()
    } == {"ana": ["Adjudicate"], "ben": ["Review again"], "vera": []}
    assert offered["vera"].list.rows[0]["actions"] == []
    assert not offered["vera"].all_button.visible


def test_of_very_many_the_first_are_listed(differing, page_of, texts_of):
    store = differing.ana.store
    for who, label in ((differing.ana, "fox"), (differing.ben, "owl")):
        events = [
            event(f"more-{n}", who.user.name, species=label)
            for n in range(_MOST_LISTED)
        ]
        store.events.add(who.caller, differing.uid, events)
    page = page_of(differing.ana)

    assert len(cells(page)) == _MOST_LISTED
    assert f"The first {_MOST_LISTED} of {_MOST_LISTED + 3} are listed" in texts_of(
        page
    )
