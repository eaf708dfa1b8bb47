"""The token is in memory alone: in no file, log, message, repr or traceback."""

from __future__ import annotations

import http.client
import json
import logging
import pickle
import traceback

import pandas as pd
import pytest

import annotator
from annotator.errors import AnnotatorError, InvalidToken
from annotator.hub.client.client import CLIENT
from tests.doubles.hub import Fault, HubDouble, token
from tests.doubles.hub_client import Reviewer, quick_client, until

SECRET = token("maria").split("_")[2]
KEY = token("maria").split("_")[1]


@pytest.fixture
def hub():
    with HubDouble() as hub, quick_client():
        yield hub


@pytest.fixture
def login(hub):
    """Log in, without the token in a variable of the test."""
    hub.token("maria")
    return lambda: annotator.login(hub.origin, token("maria"))


def told_by(error):
    """Return what a traceback tells that shows the variables of each call.

    Of the tests' own calls only what they do is left out: they know the token.
    """
    texts = [str(error), repr(error), repr(error.args), repr(vars(error))]
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    while told is not None:
        texts += ["".join(told.format_exception_only())]
        for frame in told.stack:
            if "/tests/" not in frame.filename:
                texts += [str(frame.line), *(frame.locals or {}).values()]
        told = told.__cause__ or told.__context__
    return "\n".join(texts)


def caught(function, *kinds):
    with pytest.raises(kinds or AnnotatorError) as found:
        function()
    return found.value


def test_a_traceback_of_a_library_would_tell(hub):
    """The look that the other tests take does find a token."""
    import requests

    bearer = {"Authorization": f"Bearer {token('maria')}"}
    hub.lost_requests = 1.0

    def ask():
        requests.get(f"{hub.origin}/api/v1/me", headers=bearer, timeout=10)

    assert SECRET in told_by(caught(ask, requests.RequestException))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(401, body={"detail": f"no token {token('maria')}"}),
        Fault(403, body={"detail": f"no token {token('maria')}"}),
        Fault(404, body={"detail": token("maria")}),
        Fault(409, body={"title": token("maria")}),
        Fault(422, body={"problems": [{"index": 0, "reason": token("maria")}]}),
        Fault(429, body={"detail": token("maria")}),
        Fault(500, body={"detail": token("maria")}),
        Fault(302, {"Location": f"/{token('maria')}"}),
        Fault(200, body={"name": ""}),
    ],
    ids=lambda fault: str(fault.status),
)
def test_no_error_of_the_hub_tells_it(hub, login, fault):
    hub.always = fault

    assert SECRET not in told_by(caught(login))


def test_no_failure_of_the_network_tells_it(hub, login):
    hub.lost_requests = 1.0

    error = caught(login)

    assert SECRET not in told_by(error)
    assert error.__cause__ is error.__context__ is None  # it holds the request


@pytest.mark.parametrize("step", ["connect", "_send_output", "getresponse"])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, MemoryError, RuntimeError])
def test_no_interruption_tells_it(hub, login, monkeypatch, step, kind):
    really = getattr(http.client.HTTPConnection, step)

    def interrupted(self, *arguments, **options):
        if step == "connect":
            raise kind
        really(self, *arguments, **options)
        raise kind

    monkeypatch.setattr(http.client.HTTPConnection, step, interrupted)
    if step == "connect":
        import urllib3

        monkeypatch.setattr(urllib3.connection.HTTPConnection, step, interrupted)

    assert SECRET not in told_by(caught(login, kind, AnnotatorError))


@pytest.mark.parametrize("cut", [1, 5])
def test_a_token_that_was_copied_in_part_is_not_told_either(hub, cut):
    def login():
        annotator.login(hub.origin, token("maria")[:-cut])

    error = caught(login, InvalidToken)

    assert SECRET[:-cut] not in told_by(error)


def test_no_repr_tells_it_but_the_key_id_is_shown(hub, login):
    result = login()
    project = annotator.projects.open("Owls")
    current = CLIENT.login
    shown = [
        repr(each)
        for each in (
            result,
            project,
            project.add_snapshot(),
            project.snapshots.list(),
            annotator.projects,
            current,
            current.transport,
            current.transport.bearer,
            current.transport._open().headers,
            vars(current),
            vars(current.transport),
            vars(current.sender),
            vars(CLIENT),
        )
    ]

    assert SECRET not in "".join(shown)
    assert KEY in repr(current)
    assert KEY in repr(current.transport)


def test_nothing_that_holds_it_is_pickled(hub, login):
    login()
    project = annotator.projects.open("Owls")

    for each in (
        CLIENT.login,
        CLIENT.login.transport.bearer,
        project,
        project.snapshots,
    ):
        with pytest.raises((TypeError, pickle.PicklingError)):
            pickle.dumps(each)


def test_no_file_and_no_log_tells_it(hub, login, tmp_path, caplog, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.DEBUG)
    hub.refuses = lambda e: f"not {token('maria')}" if e["clip"] == "b" else None
    with Reviewer(tmp_path / "reviews.csv") as reviewer:
        reviewer.submit("a", "b")
        login()
        reviewer.until_sent(1)
        hub.faults.append(Fault(500, path="/events"))
        reviewer.submit("c")
        reviewer.until_sent(2)
        hub.delete_token("maria")
        reviewer.submit("d")
        until(lambda: reviewer.state.paused)
        shown = json.dumps(
            [reviewer.state.paused, reviewer.state.set_aside, reviewer.state.summary]
        )
        annotator.logout(timeout=0)

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"reviews.csv.log", "reviews.csv.hub.json"}
    texts = [path.read_text("utf-8", "replace") for path in files]
    records = [f"{r.getMessage()} {vars(r)}" for r in caplog.records]
    assert any("/api/v1/projects" in text for text in records)  # the look does see them
    for text in (*texts, *records, *capfd.readouterr(), shown):
        assert SECRET not in text
    assert KEY in shown


def test_an_annotator_does_not_tell_it(hub, login, wav, tmp_path):
    login()
    ba = annotator.BioacousticAnnotator(
        data=pd.DataFrame({"id": [1], "start_time": [0], "end_time": [1]}),
        audio=str(wav()),
        output=str(tmp_path / "reviews.csv"),
        data_index_column="id",
        form_config={"select": {"label": "ok", "items": ["y", "n"]}},
        project_name="Owls",
    )
    ba.session.submit({"ok": "y"})
    path = ba.save_as_project("review", str(tmp_path))

    text = repr(ba) + ba.describe(print_config=False) + path.read_text("utf-8")
    assert SECRET not in text + repr(ba.configuration)
    ba.close()
