"""The REST API over a real database: what each route does."""

from __future__ import annotations

import csv
import io
import json

import pandas as pd
import pytest

from annotator.hub.protocol import SCOPES
from tests.integration.hub_api import Hub, clip, event

P = "/projects/{uid}"


@pytest.fixture
def hub(tmp_path):
    hub = Hub(f"sqlite:///{tmp_path / 'hub.db'}")
    yield hub
    hub.close()


def good(answer, status=200):
    """Return what an answer holds, which must be one of that status."""
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


# ------------------------------------------------------------ people, tokens


def test_a_token_says_whose_it_is_and_what_for(hub):
    narrow = hub.narrow("annotate", project_uids=[hub.uid])

    assert good(hub.ask("GET", "/me")) == {
        "name": "owner",
        "is_admin": False,
        "key_id": hub.tokens["owner"][5:15],
        "scopes": list(SCOPES),
        "project_uids": None,
        "protocol": 1,
    }
    assert good(hub.ask("GET", "/me", narrow))["project_uids"] == [hub.uid]
    assert good(hub.ask("GET", "/me", "admin"))["is_admin"] is True


def test_a_token_is_made_used_listed_and_deleted(hub):
    body = {"name": "laptop", "scopes": ["annotate"], "days": 7}

    made = good(hub.ask("POST", "/tokens", json=body), 201)
    used = hub.ask("GET", "/me", made["token"])
    listed = hub.ask("GET", "/tokens")
    good(hub.ask("DELETE", f"/tokens/{made['info']['key_id']}"), 204)

    assert good(used)["scopes"] == made["info"]["scopes"] == ["annotate"]
    assert "laptop" in [token["name"] for token in good(listed)]
    assert made["token"][16:] not in listed.text
    assert hub.ask("GET", "/me", made["token"]).json()["code"] == "invalid-token"


# ------------------------------------------------------------------ projects


def test_a_project_is_made_found_changed_and_put_away(hub):
    made = good(hub.ask("POST", "/projects", json={"name": "Frogs"}), 201)
    path = f"/projects/{made['uid']}"

    renamed = good(hub.ask("PATCH", path, json={"name": "Frösche", "description": "d"}))
    good(hub.ask("PATCH", path, json={"archived": True}))
    usual = good(hub.ask("GET", "/projects"))
    archived = good(hub.ask("GET", "/projects?archived=true&search=frö"))

    assert (made["role"], made["last_seq"], made["archived"]) == ("owner", 0, False)
    assert (renamed["name"], renamed["description"]) == ("Frösche", "d")
    assert [one["name"] for one in usual] == ["Owls"]
    assert archived == [good(hub.ask("GET", path))]
    assert archived[0]["archived"] is True


def test_a_name_is_taken_once(hub):
    answer = hub.ask("POST", "/projects", json={"name": "OWLS"})

    assert good(answer, 409)["code"] == "conflict"


def test_a_configuration_is_kept_and_one_that_opens_files_is_not(hub):
    text = "description:\n  title: How to review\n"

    good(hub.ask("PUT", f"{P}/config", json={"yaml": text}), 204)
    bad = hub.ask("PUT", f"{P}/config", json={"yaml": "data:\n  path: /etc/passwd\n"})

    assert good(bad, 422)["code"] == "refused"
    assert "passwd" not in bad.text
    assert good(hub.ask("GET", f"{P}/config")) == {"yaml": text}


def test_members_come_get_another_role_and_go(hub):
    roles = []

    for role in ("viewer", "annotator"):
        good(hub.ask("PUT", f"{P}/members/guest", json={"role": role}), 204)
        listed = good(hub.ask("GET", f"{P}/members", "guest"))
        roles += [one["role"] for one in listed if one["user"] == "guest"]
    good(hub.ask("DELETE", f"{P}/members/guest"), 204)

    assert roles == ["viewer", "annotator"]
    assert hub.ask("GET", f"{P}/members", "guest").status_code == 404
    assert hub.ask("DELETE", f"{P}/members/owner").status_code == 409


# --------------------------------------------------------------- clips, work


def test_clips_are_added_once_and_listed_in_pages(hub):
    sent = {"clips": [clip("c2"), clip("c3"), clip("c4")]}

    added = good(hub.ask("POST", f"{P}/clips", json=sent))
    first = good(hub.ask("GET", f"{P}/clips?limit=3"))
    rest = good(hub.ask("GET", f"{P}/clips", params={"after": first[-1]["id"]}))

    assert added == {"new": 2, "known": 1}
    assert [one["identity"] for one in first + rest] == ["c1", "c2", "c3", "c4"]
    assert {**clip("c4"), "id": rest[0]["id"], "reviews_wanted": 1} == rest[0]


def test_a_bad_clip_is_named_by_its_number(hub):
    bad = {**clip("c9"), "end_time": 0.0}

    told = good(hub.ask("POST", f"{P}/clips", json={"clips": [clip("c8"), bad]}), 422)

    assert [one["index"] for one in told["problems"]] == [1]
    assert len(good(hub.ask("GET", f"{P}/clips"))) == 2


def test_an_assignment_is_told_and_followed(hub):
    body = {"reviews_wanted": 2, "users": ["viewer", "annotator"], "blind_share": 0.0}

    unknown = hub.ask("PUT", f"{P}/assignment", json=body)
    before = good(hub.ask("GET", f"{P}/clips"))
    done = hub.ask("PUT", f"{P}/assignment", json={**body, "users": ["annotator"]})
    after = good(hub.ask("GET", f"{P}/clips"))
    told = good(hub.ask("GET", f"{P}/assignment", "manager"))

    assert told == {**body, "users": ["annotator"], "n_lacking": 1}  # c2
    assert good(unknown, 422)["problems"][0]["index"] == 0  # a viewer reviews nothing
    assert [one["reviews_wanted"] for one in before] == [1, 1]
    assert good(done) == {"reviews_wanted": 2, "users": 2, "blind_share": 0}
    assert [one["reviews_wanted"] for one in after] == [2, 2]
    assert hub.ask("POST", f"{P}/leases", "manager").status_code == 204


def test_a_clip_is_leased_kept_given_back_and_leased_again(hub):
    first = good(hub.ask("POST", f"{P}/leases", "annotator", json={"minutes": 1}))
    nothing = hub.ask("POST", f"{P}/leases", "manager")
    kept = hub.ask("POST", f"{P}/leases/renew", "annotator", json={"clip": "c2"})
    good(hub.ask("DELETE", f"{P}/leases/c2", "annotator"), 204)
    other = good(hub.ask("POST", f"{P}/leases", "manager"))
    lost = hub.ask("POST", f"{P}/leases/renew", "annotator", json={"clip": "c2"})

    assert first["clip"]["identity"] == "c2"  # c1 has its review
    assert (nothing.status_code, nothing.content) == (204, b"")
    assert good(kept)["until"] > first["until"]
    assert other["clip"] == first["clip"]
    assert good(lost, 409)["code"] == "conflict"


def test_a_clip_with_slashes_in_its_name_is_given_back(hub):
    name = "site a/2026/x?.flac#1"
    hub.ask("POST", f"{P}/clips", json={"clips": [clip(name)]})
    body = {"users": ["manager"], "clips": [name]}
    good(hub.ask("PUT", f"{P}/assignment", json=body))
    leased = good(hub.ask("POST", f"{P}/leases", "manager"))

    path = "site%20a%2F2026%2Fx%3F.flac%231"
    good(hub.ask("DELETE", f"{P}/leases/{path}", "manager"), 204)

    assert leased["clip"]["identity"] == name
    lost = hub.ask("POST", f"{P}/leases/renew", "manager", json={"clip": name})
    assert lost.status_code == 409


# ------------------------------------------------------- events, annotations


def test_events_come_once_and_are_listed_from_any_number(hub):
    sent = [event("c1", v="no", n=2**63 - 1), event("c2", v="äöü")]

    first = good(hub.ask("POST", f"{P}/events", json={"events": sent}))
    again = good(hub.ask("POST", f"{P}/events", json={"events": sent}))
    listed = good(hub.ask("GET", f"{P}/events?after=1", "viewer"))
    page = good(hub.ask("GET", f"{P}/events?limit=1"))

    assert first == {"new": 2, "known": 0, "last_seq": 3}
    assert again == {"new": 0, "known": 2, "last_seq": 3}
    assert [one["seq"] for one in listed] == [2, 3]
    assert [one["rows"] for one in listed] == [one["rows"] for one in sent]
    assert {(one["user"], one["annotator"]) for one in listed} == {("owner", "me")}
    assert [one["seq"] for one in page] == [1]


def test_a_bad_event_is_named_by_its_number_and_none_is_kept(hub):
    sent = {"events": [event(), {**event(), "kind": "KANARIENVOGEL"}, 3]}

    answer = hub.ask("POST", f"{P}/events", json=sent)

    assert [one["index"] for one in good(answer, 422)["problems"]] == [1, 2]
    assert "KANARIENVOGEL" not in answer.text
    assert good(hub.ask("GET", P))["last_seq"] == 1


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "9" * 30, '"\\ud800"'])
def test_what_no_program_can_hold_is_named_by_its_number(hub, number):
    sent = json.dumps({"events": [event(), event(v="HERE")]})

    answer = hub.ask(
        "POST",
        f"{P}/events",
        content=sent.replace('"HERE"', number),
        headers={"Content-Type": "application/json"},
    )

    assert [one["index"] for one in good(answer, 422)["problems"]] == [1]
    assert good(hub.ask("GET", P))["last_seq"] == 1


def test_a_table_is_taken_away_in_each_format(hub):
    cells = {"v": "=1+1", "score": -0.5, "deep": {"a": [1]}}
    hub.ask("POST", f"{P}/events", json={"events": [event("c2", **cells)]})

    lines = hub.ask("GET", f"{P}/annotations", "viewer")
    table = hub.ask("GET", f"{P}/annotations?format=csv")
    exact = hub.ask("GET", f"{P}/annotations?format=csv&excel_safe=false")
    parquet = hub.ask("GET", f"{P}/annotations?format=parquet")

    assert lines.headers["content-type"] == "application/x-ndjson"
    rows = [json.loads(line) for line in lines.text.splitlines()]
    assert [(row["annotator"], row["v"]) for row in rows] == [
        ("owner", "yes"),
        ("owner", "=1+1"),
    ]
    assert rows[1]["deep"] == {"a": [1]}
    safe = list(csv.DictReader(io.StringIO(table.text)))
    assert (safe[1]["v"], safe[1]["score"]) == ("'=1+1", "-0.5")
    assert safe[0]["score"] == ""  # the column came with the second row
    assert list(csv.DictReader(io.StringIO(exact.text)))[1]["v"] == "=1+1"
    frame = pd.read_parquet(io.BytesIO(parquet.content))
    assert list(frame["v"]) == ["yes", "=1+1"]
    for answer, kind in ((lines, "jsonl"), (table, "csv"), (parquet, "parquet")):
        name = f'attachment; filename="annotations.{kind}"'
        assert answer.headers["content-disposition"] == name


def test_progress_tells_counts_labels_and_agreement(hub):
    sent = {"events": [event("c1", v="no"), event("c2", v="no")]}
    hub.ask("POST", f"{P}/events", "manager", json=sent)

    plain = good(hub.ask("GET", f"{P}/progress"))
    told = good(hub.ask("GET", f"{P}/progress?column=v"))

    overall = {"n_clips": 2, "n_reviewed": 2, "n_complete": 2, "n_reviews": 3}
    overall["n_lacking"] = 0
    assert plain["overall"] == told["overall"] == overall
    days = [(day["annotator"], day["n_clips"]) for day in plain["days"]]
    assert days == [("manager", 2), ("owner", 1)]
    assert (plain["labels"], plain["agreement"]) == (None, None)
    assert told["labels"] == {"no": 2, "yes": 1}
    assert told["agreement"]["n_clips"] == 1
    (pair,) = told["agreement"]["pairs"]
    assert (pair["first"], pair["second"], pair["n_same"]) == ("manager", "owner", 0)


# ------------------------------------------------------------------ snapshots


def test_a_manager_adjudicates_and_everybody_sees_it(hub):
    path = "/projects/{uid}/disagreements"
    for who, label in (("annotator", "fox"), ("owner", "owl")):
        events = [event("c2", label=label)]
        hub.ask("POST", "/projects/{uid}/events", who, json={"events": events})
    (one,) = hub.ask("GET", path, params={"column": "label"}).json()
    assert (one["state"], one["decision"], one["changed_by"]) == ("open", None, [])

    sent = {"events": [event("c2", label="owl")], "column": "label"}
    answers = [
        hub.ask("POST", "/projects/{uid}/adjudications", "manager", json=sent).json()
        for _ in range(2)
    ]

    assert [(one["new"], one["known"]) for one in answers] == [(1, 0), (0, 1)]
    asked = {"column": "label", "state": "adjudicated"}
    (one,) = hub.ask("GET", path, "viewer", params=asked).json()
    assert one["labels"] == {"annotator": "fox", "owner": "owl"}
    assert one["decision"].pop("at").endswith("Z")
    seq = answers[0]["last_seq"]
    assert one["decision"] == {"label": "owl", "by": "manager", "seq": seq}
    asked["state"] = "open"
    assert hub.ask("GET", path, "viewer", params=asked).json() == []
    told = hub.ask("GET", "/projects/{uid}/progress", params={"column": "label"}).json()
    assert told["disagreements"] == {"open": 0, "adjudicated": 1}
    events = hub.ask("GET", "/projects/{uid}/events", params={"after": seq - 1}).json()
    assert [one["adjudicates"] for one in events] == [True]


def test_an_answer_left_empty_settles_the_column_that_was_asked_about(hub):
    for who, label in (("annotator", "fox"), ("owner", "owl")):
        events = [event("c2", label=label)]
        hub.ask("POST", "/projects/{uid}/events", who, json={"events": events})

    sent = {"events": [event("c2", label="")], "column": "label"}
    hub.ask("POST", "/projects/{uid}/adjudications", json=sent)

    asked = {"column": "label"}
    (one,) = hub.ask("GET", "/projects/{uid}/disagreements", params=asked).json()
    assert (one["state"], one["decision"]["label"]) == ("adjudicated", "")


def test_snapshots_stay_as_they_are_and_are_compared(hub):
    hub.ask("POST", f"{P}/events", json={"events": [event("c2", v="no")]})
    second = good(hub.ask("POST", f"{P}/snapshots", json={"message": "two"}), 201)

    listed = good(hub.ask("GET", f"{P}/snapshots"))
    by_name = good(hub.ask("GET", f"{P}/snapshots/first"))
    rows = hub.ask("GET", f"{P}/snapshots/first/rows").text.splitlines()
    compared = good(hub.ask("GET", f"{P}/snapshots/1/compare/2"))
    table = hub.ask("GET", f"{P}/snapshots/2/rows?format=csv")

    assert listed == [second, by_name]
    assert (by_name["number"], by_name["n_rows"], by_name["by"]) == (1, 1, "owner")
    assert [json.loads(row)["v"] for row in rows] == ["yes"]
    assert [row["v"] for row in compared["added"]] == ["no"]
    assert compared["removed"] == compared["changed"] == []
    assert table.headers["content-disposition"].endswith('"snapshot-2.csv"')
    assert hub.ask("GET", f"{P}/snapshots/3").status_code == 404
