"""The sender on bad days: losses, refusals, pauses, kills. Nothing lost, nothing twice."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

import annotator
from annotator.annotations.store import AnnotationStore
from annotator.hub.client.client import CLIENT
from tests.doubles.hub import Fault, HubDouble
from tests.doubles.hub_client import QUICK, Reviewer, quick_client, until


@pytest.fixture
def hub():
    with HubDouble() as hub, quick_client(replace(QUICK, batch=20)):
        yield hub


@pytest.fixture
def output(tmp_path):
    return tmp_path / "reviews.csv"


@pytest.fixture
def reviewer(hub, output):
    with Reviewer(output) as reviewer:
        yield reviewer


@pytest.fixture
def logged_in(hub):
    return annotator.login(hub.origin, hub.token("maria"))


def logged_ids(output):
    lines = output.with_name(output.name + ".log").read_text("utf-8").splitlines()
    return [json.loads(line)["id"] for line in lines]


def in_order(clips):
    return clips == [str(number) for number in range(len(clips))]


# --------------------------------------------------------------- the network


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_losses_both_ways_everything_is_stored_once_and_in_order(
    hub, tmp_path, seed
):
    hub.rng.seed(seed)
    hub.lost_requests = hub.lost_answers = 0.3
    CLIENT.pace = replace(QUICK, batch=5, attempts=20)
    annotator.login(hub.origin, hub.token("maria"))

    with Reviewer(tmp_path / "a.csv") as one, Reviewer(tmp_path / "b.csv") as other:
        for number in range(100):
            one.submit(f"a{number}")
            other.submit(f"b{number}")
        other.store.delete("b7")
        one.until_sent(100)
        other.until_sent(101)

    clips = hub.clips("Owls")
    ids = list(hub.project("Owls").events)
    assert Counter(ids) == Counter(
        logged_ids(tmp_path / "a.csv") + logged_ids(tmp_path / "b.csv")
    )
    assert [clip for clip in clips if clip[0] == "a"] == [f"a{n}" for n in range(100)]
    assert [clip for clip in clips if clip[0] == "b"][-1] == "b7"
    # It did lose some, and some were sent twice.
    sent = [request for request in hub.requests if request.n_events]
    assert sum(request.status == 0 for request in sent) > 10
    assert sum(request.n_events for request in sent if request.status) > 201


def test_a_network_that_is_gone_never_disturbs_a_submit_and_comes_back(
    hub, logged_in, reviewer
):
    reviewer.submit(0)
    reviewer.until_sent(1)
    hub.lost_requests = 1.0
    reviewer.submit(1, 2)
    until(lambda: reviewer.state.trouble)

    reviewer.submit(3)
    until(lambda: reviewer.state.waiting == 3)
    summary = reviewer.state.summary
    hub.lost_requests = 0.0
    reviewer.until_sent(4)

    assert summary == "Hub: not reached, 3 waiting, 1 sent"
    assert reviewer.state.summary == "Hub: 4 sent"
    assert in_order(hub.clips("Owls"))


@pytest.mark.parametrize("n_rounds", [1, 5])
def test_pauses_grow_while_nobody_answers(hub, reviewer, n_rounds):
    asked: list[int] = []

    class Slow(type(QUICK)):
        def pause(self, n_failures):
            asked.append(n_failures)
            return 0.001

    annotator.logout()
    CLIENT.pace = Slow(**vars(QUICK))
    annotator.login(hub.origin, hub.token("maria"))
    hub.always = Fault(503, path="/events")
    reviewer.submit(0)

    until(lambda: len(asked) >= n_rounds)
    hub.always = None
    reviewer.until_sent(1)
    assert asked[:n_rounds] == list(range(1, n_rounds + 1))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_hub_in_trouble_is_asked_again(hub, logged_in, reviewer, status):
    hub.faults.extend(Fault(status, path="/events") for _ in range(3))

    reviewer.submit(0)
    reviewer.until_sent(1)

    assert reviewer.state.trouble == ""
    assert hub.clips("Owls") == ["0"]


@pytest.mark.parametrize("body", [{}, {"new": 0, "known": 0}, {"new": "1"}, [1], "ok"])
def test_an_answer_that_does_not_count_the_events_is_none(
    hub, logged_in, reviewer, body
):
    hub.faults.append(Fault(200, path="/events", body=body))

    reviewer.submit(0)
    reviewer.until_sent(1)

    assert hub.clips("Owls") == ["0"]


def test_a_hotels_login_page_takes_no_events(hub, logged_in, reviewer):
    hub.faults.append(
        Fault(200, path="/events", body={"new": 1, "known": 0}, is_hub=False)
    )

    reviewer.submit(0)
    reviewer.until_sent(1)

    assert hub.clips("Owls") == ["0"]


def test_a_pause_that_the_hub_asks_for_is_kept(hub, logged_in, reviewer):
    reviewer.submit(0)
    reviewer.until_sent(1)
    hub.faults.append(Fault(429, {"Retry-After": "3000"}, path="/events"))
    reviewer.submit(1)
    until(lambda: reviewer.state.trouble)
    n_requests = len(hub.requests)
    reviewer.submit(2)
    until(lambda: reviewer.state.waiting == 2)
    trouble, is_kept = reviewer.state.trouble, len(hub.requests) == n_requests

    n_waiting = annotator.logout()  # a person may ask at once all the same

    assert is_kept
    assert "asks for a pause" in trouble
    assert n_waiting == 0
    assert hub.clips("Owls") == ["0", "1", "2"]


def test_what_is_submitted_and_closed_while_the_hub_fails_is_sent(hub, output):
    reviewer, really = Reviewer(output), hub.answer

    def answer(method, path, *rest):
        if path != "/projects":
            return really(method, path, *rest)
        hub.answer = really
        with reviewer:
            reviewer.submit("a")
        return "no list"

    hub.answer = answer
    annotator.login(hub.origin, hub.token("maria"))

    until(lambda: hub.clips("Owls") == ["a"])


# -------------------------------------------------------------- refusals


@pytest.mark.parametrize("names_the_bad", [True, False])
def test_a_bad_event_is_set_aside_and_shown_and_the_others_go_on(
    hub, output, names_the_bad
):
    hub.names_the_bad = names_the_bad
    hub.refuses = lambda e: "No such clip." if e["clip"] in {"3", "17"} else None
    with Reviewer(output) as reviewer:
        reviewer.submit(*range(40))
        annotator.login(hub.origin, hub.token("maria"))
        reviewer.until_sent(38, aside=2)

        good = [str(n) for n in range(40) if n not in {3, 17}]
        assert hub.clips("Owls") == good
        assert reviewer.state.summary == "Hub: 38 sent, 2 set aside"
        lines = reviewer.state.set_aside
        assert [line.partition(" of ")[2] for line in lines] == [
            "clip 3: No such clip.",
            "clip 17: No such clip.",
        ]
        n_requests = sum(request.n_events > 0 for request in hub.requests)
        assert n_requests <= (4 if names_the_bad else 24)


def test_what_is_set_aside_stays_so_after_a_restart(hub, output):
    hub.refuses = lambda event: "No such clip." if event["clip"] == "1" else None
    for clips in ([0, 1], [2]):
        annotator.login(hub.origin, hub.token("maria"))
        with Reviewer(output) as reviewer:
            reviewer.submit(*clips)
            reviewer.until_sent(clips[-1], aside=1)
        annotator.logout()

    assert hub.clips("Owls") == ["0", "2"]
    file = json.loads(output.with_name("reviews.csv.hub.json").read_text("utf-8"))
    (author,) = file[hub.origin][hub.project("Owls").uid].values()
    assert author["sent"] == 2
    assert [why.rpartition(": ")[2] for why in author["aside"].values()] == [
        "No such clip."
    ]


def test_a_batch_that_is_too_large_is_halved(hub, logged_in, reviewer):
    reviewer.submit(0)
    reviewer.until_sent(1)
    hub.faults.extend(Fault(413, path="/events") for _ in range(3))
    annotator.logout()
    reviewer.submit(*range(1, 9))
    annotator.login(hub.origin, hub.token("maria"))
    reviewer.until_sent(9)

    # 8, 4 and 2 were too many.
    sizes = [request.n_events for request in hub.requests if request.n_events > 0]
    assert sizes == [1, 8, 4, 2, 1, 1, 2, 4]
    assert reviewer.state.set_aside == []
    assert in_order(hub.clips("Owls"))


def test_an_event_that_json_cannot_hold_is_set_aside_here(hub, logged_in, output):
    with AnnotationStore(output, columns=["label"], annotator="maria") as store:
        store.submit("a", [{"label": "X"}])
        text = store.log_path.read_text("utf-8")
    path = output.with_name("reviews.csv.log")
    path.write_text(text.replace('"X"', "NaN") + text.replace('"id":"0', '"id":"1', 1))

    with Reviewer(output) as reviewer:
        reviewer.until_sent(1, aside=1)

    assert hub.clips("Owls") == ["a"]
    assert "JSON cannot" in reviewer.state.set_aside[0]


def test_a_role_that_may_not_write_pauses_until_it_may(hub, logged_in, output):
    project = hub.add("Owls", owner="chen", maria="viewer")
    with (
        Reviewer(output) as reviewer,
        Reviewer(output.with_name("b.csv"), project="Frogs") as frogs,
    ):
        reviewer.submit(0, 1)
        frogs.submit("f")
        until(lambda: reviewer.state.paused)
        frogs.until_sent(1)  # other projects go on
        reviewer.submit(2)
        until(lambda: reviewer.state.waiting == 3)
        summary, why = reviewer.state.summary, reviewer.state.details

        project.members["maria"] = "annotator"
        reviewer.until_sent(3)

    assert summary == "Hub: paused, 3 waiting, 0 sent"
    assert why == "Your role in this project is viewer."
    assert hub.clips("Owls", "chen") == ["0", "1", "2"]


def test_a_hub_that_is_too_new_pauses(hub, logged_in, reviewer):
    hub.always = Fault(426, path="/events", body={"code": "client-too-old"})
    reviewer.submit(0)
    until(lambda: reviewer.state.paused)

    assert "pip install --upgrade" in reviewer.state.paused
    hub.always = None
    reviewer.until_sent(1)
