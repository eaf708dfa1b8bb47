"""The REST API over a real database: what it does."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

from tests.integration.hub_api import Hub, event

CANARY = "KANARIENVOGEL"


@pytest.fixture
def hub(tmp_path):
    hub = Hub(tmp_path)
    yield hub
    hub.store.close()


def test_a_token_says_who_one_is(hub):
    answer = hub.ask("GET", "/me").json()

    assert answer["name"] == "owner"
    assert answer["key_id"] == hub.tokens["owner"][5:15]


def test_a_project_is_made_found_renamed_and_put_away(hub):
    made = hub.ask("POST", "/projects", json={"name": "Bats"}).json()
    path = f"/projects/{made['uid']}"
    renamed = hub.ask("PATCH", path, json={"name": "Fledermäuse"}).json()
    hub.ask("PATCH", path, json={"archived": True})

    names = [one["name"] for one in hub.ask("GET", "/projects").json()]
    archived = hub.ask("GET", "/projects", params={"archived": True}).json()

    assert renamed["name"] == "Fledermäuse"
    assert names == ["Owls"]
    assert [one["name"] for one in archived] == ["Fledermäuse"]
    assert hub.ask("GET", path).json()["archived"] is True


def test_events_come_once_and_become_a_table(hub):
    sent = [event("c1", v="no", n=2**63 - 1), event("c2", v="=1+1")]

    first = hub.ask("POST", "/projects/{uid}/events", json={"events": sent}).json()
    again = hub.ask("POST", "/projects/{uid}/events", json={"events": sent}).json()
    lines = hub.ask("GET", "/projects/{uid}/annotations").text.splitlines()

    assert first == {"new": 2, "known": 0, "last_seq": 3}
    assert again == {"new": 0, "known": 2, "last_seq": 3}
    assert [json.loads(line)["v"] for line in lines] == ["yes", "no", "=1+1"]
    assert json.loads(lines[1])["n"] == 2**63 - 1


def test_a_table_is_taken_away_in_each_format(hub):
    hub.ask("POST", "/projects/{uid}/events", json={"events": [event("c2", v="=1+1")]})
    path = "/projects/{uid}/annotations"

    csv = hub.ask("GET", path, params={"format": "csv"})
    parquet = hub.ask("GET", path, params={"format": "parquet"})

    assert "'=1+1" in csv.text  # no spreadsheet runs it
    assert "attachment" in csv.headers["content-disposition"]
    frame = pd.read_parquet(io.BytesIO(parquet.content))
    assert list(frame["v"]) == ["yes", "=1+1"]


def test_a_bad_event_is_named_by_its_number(hub):
    bad = {**event(), "kind": CANARY}

    answer = hub.ask("POST", "/projects/{uid}/events", json={"events": [event(), bad]})

    assert answer.status_code == 422
    assert [one["index"] for one in answer.json()["problems"]] == [1]
    assert CANARY not in answer.text
    assert hub.ask("GET", "/projects/{uid}").json()["last_seq"] == 1


def test_snapshots_stay_and_are_compared(hub):
    hub.ask("POST", "/projects/{uid}/events", json={"events": [event("c2", v="no")]})
    second = hub.ask("POST", "/projects/{uid}/snapshots", json={"message": "two"})

    rows = hub.ask("GET", "/projects/{uid}/snapshots/first/rows").text.splitlines()
    compared = hub.ask("GET", "/projects/{uid}/snapshots/1/compare/2").json()

    assert second.json()["number"] == 2
    assert [json.loads(row)["v"] for row in rows] == ["yes"]
    assert [row["v"] for row in compared["added"]] == ["no"]
    assert compared["removed"] == compared["changed"] == []


def test_clips_are_leased_until_nothing_is_left(hub):
    first = hub.ask("POST", "/projects/{uid}/leases", "annotator").json()
    other = hub.ask("POST", "/projects/{uid}/leases", "manager")
    hub.ask("DELETE", "/projects/{uid}/leases/c2", "annotator")
    now = hub.ask("POST", "/projects/{uid}/leases", "manager").json()

    assert first["clip"]["identity"] == "c2"  # c1 has its review
    assert other.status_code == 204
    assert now["clip"]["identity"] == "c2"


def test_a_token_is_made_used_and_deleted(hub):
    made = hub.ask("POST", "/tokens", json={"name": "laptop", "scopes": ["annotate"]})
    token = made.json()["token"]

    allowed = hub.ask("GET", "/me", token).status_code
    listed = hub.ask("GET", "/tokens")
    deleted = hub.ask("DELETE", f"/tokens/{made.json()['info']['key_id']}")

    assert (allowed, deleted.status_code) == (200, 204)
    assert token[16:] not in listed.text
    assert hub.ask("GET", "/me", token).json()["code"] == "invalid-token"


def test_a_token_makes_none_that_may_more(hub):
    token = hub.narrow("admin", "project:read", project_uids=[hub.uid])

    more = {"name": "t", "scopes": ["annotate"]}
    wider = {"name": "t", "scopes": ["project:read"], "project_uids": ["another"]}

    assert hub.ask("POST", "/tokens", token, json=more).status_code == 403
    assert hub.ask("POST", "/tokens", token, json=wider).status_code == 403
