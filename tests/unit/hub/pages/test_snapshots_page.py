from __future__ import annotations

import base64
import csv
import io

import pytest

from tests.unit.hub.pages.samples import event


@pytest.fixture
def page(owls, hub_of):
    owls.ana.store.events.add(
        owls.ana.caller, owls.uid, [event("clip-0", "ana", species="=1+1")]
    )
    hub = hub_of(owls.ana)
    hub.project(owls.uid)
    hub.shown.turn_to("Snapshots")
    return hub.shown.tabs["Snapshots"]


def take(page, name="", message=""):
    page.name_field.value, page.message.value = name, message
    page.create()


def test_a_snapshot_is_taken_with_a_message(page, owls, store, texts_of):
    take(page, "Paper", "Table 2")

    (info,) = store.snapshots.list(owls.ana.caller, owls.uid)
    assert (info.name, info.message, info.n_rows) == ("Paper", "Table 2", 1)
    assert page.list.rows[0]["cells"][:4] == ["1", "Paper", "Table 2", "1"]
    assert "Paper has 1 row." in texts_of(page)


def test_without_a_name_it_has_its_number(page):
    take(page)

    assert page.list.rows[0]["cells"][1] == "Snapshot 1"


def test_a_name_that_is_taken_is_a_sentence(page, texts_of):
    take(page, "Paper")
    take(page, "paper")

    assert "has a snapshot of this name" in texts_of(page)
    assert len(page.list.rows) == 1


def test_two_are_compared(page, owls, store):
    take(page, "Before")
    store.events.add(owls.ben.caller, owls.uid, [event("clip-1", "ben", species="owl")])
    take(page, "After")

    assert (page.first.value, page.second.value) == (1, 2)
    page.compare()

    assert "<b>1</b><span>added" in page._counts.object
    assert page.changes.rows[0]["cells"] == ["added", "clip-1", "ben", "species: owl"]
    page.first.value = 2
    page.compare()
    assert page.changes.rows == []
    assert "hold the same" in page.changes.empty_text


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_it_is_handed_over_as_a_file_and_is_in_no_model(
    page, monkeypatch, kind, texts_of
):
    sent = []
    monkeypatch.setattr(
        type(page.list), "_send_msg", lambda self, data: sent.append(data)
    )
    take(page)

    page._save(kind, "1")

    (message,) = sent
    assert message["name"] == f"snapshot-1.{kind}"
    content = base64.b64decode(message["content"])
    assert b"clip-0" in content
    assert message["content"] not in texts_of(page)
    if kind == "csv":
        (row,) = csv.DictReader(io.StringIO(content.decode()))
        assert row["species"] == "'=1+1"


def test_one_snapshot_cannot_be_compared(page):
    take(page)

    assert page.compare_button.disabled


def test_who_only_looks_takes_none(owls, hub_of, texts_of):
    hub = hub_of(owls.vera)
    hub.project(owls.uid)
    hub.shown.turn_to("Snapshots")

    assert "New snapshot" not in texts_of(hub.shown.tabs["Snapshots"])
