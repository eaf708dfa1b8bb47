"""The sender and other programs: killed ones, ones beside it, notebooks opened again."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

import annotator
from annotator.annotations.store import AnnotationStore
from annotator.hub.client.client import CLIENT
from tests.doubles.hub import Fault, HubDouble, token
from tests.doubles.hub_client import QUICK, Reviewer, quick_client

# Submits to a project, and says what is done; other programs do the same.
WORKER = """
import sys
from dataclasses import replace
from pathlib import Path
import annotator
from annotator.annotations.store import AnnotationStore
from annotator.hub.client.client import CLIENT
from annotator.hub.client.pace import Pace

url, token, path, author, start, n = sys.argv[1:]
CLIENT.pace = replace(Pace(), first=0.001, longest=0.01, idle=0.05, batch=7, attempts=30)
annotator.login(url, token)
store = AnnotationStore(path, columns=["label"], annotator=author)
CLIENT.follow(Path(path), author, "Owls")
for number in range(int(start), int(start) + int(n)):
    store.submit(str(number), [{"label": "owl"}])
    print(number, flush=True)
"""


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


def start(hub, output, first, n, code=WORKER, *, author="maria", user="maria"):
    arguments = [hub.origin, hub.token(user), str(output), author, str(first), str(n)]
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def logged_ids(output):
    lines = output.with_name(output.name + ".log").read_text("utf-8").splitlines()
    return [json.loads(line)["id"] for line in lines]


# ------------------------------------------------- processes and notebooks


@pytest.mark.slow
def test_a_program_that_is_killed_is_followed_by_another(hub, output):
    hub.lost_requests = hub.lost_answers = 0.2
    for first in (0, 1000, 2000):
        worker = start(hub, output, first, 900)
        for _ in range(40):
            worker.stdout.readline()
        worker.kill()
        worker.communicate()
    hub.lost_requests = hub.lost_answers = 0.0

    annotator.login(hub.origin, hub.token("maria"))
    with Reviewer(output) as reviewer:
        reviewer.until_sent()

    ids = list(hub.project("Owls").events)
    assert ids == logged_ids(output)
    assert len(ids) >= 120


@pytest.mark.slow
def test_two_programs_on_one_output_send_each_event_once_and_end_by_sending_all(
    hub, output
):
    hub.token("chen")
    hub.add("Owls", owner="maria", chen="annotator")
    workers = [
        start(hub, output, 0, 60),
        start(hub, output, 100, 60),  # the same person, in a second notebook
        start(hub, output, 200, 60, author="chen", user="chen"),
    ]
    for worker in workers:
        worker.communicate()

    events = hub.project("Owls").events
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert set(events) == set(logged_ids(output))
    assert len(events) == 180
    assert Counter(event["user"] for event in events.values()) == {
        "maria": 120,
        "chen": 60,
    }


def test_at_its_end_a_program_sends_what_waits(hub, output):
    worker = start(hub, output, 0, 30)
    worker.communicate()

    assert hub.clips("Owls") == [str(number) for number in range(30)]


def test_a_program_that_ends_without_a_network_says_what_waits(hub, output):
    hub.always = Fault(503, path="/events")

    worker = start(hub, output, 0, 3, WORKER.replace("batch=7", "batch=7, finish=0.1"))
    _, said = worker.communicate()

    assert worker.returncode == 0
    assert "3 events could not be sent to the hub yet" in said
    assert token("maria") not in said


def test_a_log_of_former_days_is_sent_and_not_what_others_wrote(hub, logged_in, output):
    with AnnotationStore(output, columns=["label"], annotator="maria") as store:
        for clip in "abc":
            store.submit(clip, [{"label": "owl"}])
        other = {"annotation_id": "1", "clip_id": "x", "annotator": "chen"}
        store.apply_merge([other])

    with Reviewer(output) as reviewer:
        reviewer.until_sent(3)

    assert hub.clips("Owls") == ["a", "b", "c"]


def test_what_a_program_without_a_login_records_is_sent_by_one_with(
    hub, logged_in, reviewer, output
):
    reviewer.submit("a")
    reviewer.until_sent(1)
    line = reviewer.store.log_path.read_bytes()
    with reviewer.store.log_path.open("ab") as file:  # nobody here is told
        file.write(line.replace(b'"id":"0', b'"id":"1', 1))

    reviewer.until_sent(2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_is_not_logged_in(hub, logged_in):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, repr(CLIENT.login).encode())
        os._exit(0)
    os.waitpid(child, 0)

    assert os.read(reading, 100) == b"None"
    assert CLIENT.login is not None
    os.close(reading)
    os.close(writing)


# ------------------------------------------------------------------ the bar


@pytest.mark.parametrize(
    ("is_interactive", "n", "is_shown"),
    [(True, 30, True), (True, 29, False), (False, 30, False)],
)
def test_many_events_in_an_interactive_session_have_a_bar(
    hub, output, monkeypatch, is_interactive, n, is_shown
):
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    if is_interactive:
        monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    CLIENT.pace = replace(QUICK, batch=10, bar=30)
    with Reviewer(output) as reviewer:
        reviewer.submit(*range(n))
        annotator.login(hub.origin, hub.token("maria"))
        annotator.logout()

    text = screen.getvalue()
    assert ("Sending to the hub" in text) == is_shown
    assert text == "" or "0/30" in text
    assert token("maria") not in text
