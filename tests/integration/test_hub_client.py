"""`annotator.login` and its companions against a hub: each line of what they promise."""

from __future__ import annotations

import sys

import pandas as pd
import pytest

import annotator
from annotator.errors import (
    HubUnreachable,
    InvalidToken,
    ParameterError,
    ProjectNotFound,
)
from tests.doubles.hub import Fault, HubDouble, token
from tests.doubles.hub_client import Reviewer, quick_client, until
from tests.doubles.web import WebServer


@pytest.fixture
def hub():
    with HubDouble() as hub, quick_client():
        yield hub


@pytest.fixture
def logged_in(hub):
    return annotator.login(hub.origin, hub.token("maria"))


@pytest.fixture
def reviewer(tmp_path, hub):
    with Reviewer(tmp_path / "reviews.csv") as reviewer:
        yield reviewer


# ----------------------------------------------------------------- login


def test_a_login_says_where_to_and_as_whom(hub, capsys):
    result = annotator.login(hub.origin + "/", hub.token("maria"))

    assert isinstance(result, annotator.LoginResult)
    assert result.connected
    assert (result.user, result.url) == ("maria", hub.origin)
    assert result.message == (
        f"Connected to {hub.origin} as maria. "
        "Projects and annotations appear in the hub."
    )
    assert capsys.readouterr() == ("", "")  # a script is told by the result


def test_an_interactive_session_is_told_in_one_line(hub, capsys, monkeypatch):
    monkeypatch.setattr(sys, "ps1", "In : ", raising=False)

    result = annotator.login(hub.origin, hub.token("maria"))

    assert capsys.readouterr().out == result.message + "\n"


def test_what_is_not_given_comes_from_the_environment(hub, monkeypatch):
    monkeypatch.setenv("ANNOTATOR_HUB_URL", hub.origin)
    monkeypatch.setenv("ANNOTATOR_HUB_TOKEN", hub.token("chen"))

    assert annotator.login().user == "chen"
    assert annotator.login(hub.origin).user == "chen"
    assert annotator.login(token=hub.token("maria")).user == "maria"


def test_the_token_of_the_environment_is_for_its_hub_alone(hub, monkeypatch):
    monkeypatch.setenv("ANNOTATOR_HUB_URL", "https://hub.example.org")
    monkeypatch.setenv("ANNOTATOR_HUB_TOKEN", hub.token("maria"))

    with pytest.raises(ParameterError, match="pass token= too"):
        annotator.login(hub.origin)

    assert hub.requests == []


@pytest.mark.parametrize(
    ("url", "key", "missing"),
    [
        (None, token("x"), "ANNOTATOR_HUB_URL"),
        ("https://h", None, "ANNOTATOR_HUB_TOKEN"),
    ],
    ids=["no address", "no token"],
)
def test_what_is_given_nowhere_is_asked_for(url, key, missing):
    with pytest.raises(ParameterError, match=f"set {missing}"):
        annotator.login(url, key)


def test_a_wrong_or_deleted_token_is_invalid_and_the_former_login_stays(hub, logged_in):
    hub.token("chen")
    hub.delete_token("chen")

    with pytest.raises(InvalidToken, match=token("chen").split("_")[1]):
        annotator.login(hub.origin, token("chen"))
    with pytest.raises(InvalidToken, match="begins with annh_"):
        annotator.login(hub.origin, "my password")

    assert [p.name for p in annotator.projects.get_all_projects()] == []
    assert "maria" in repr(annotator.projects)


def test_a_hub_that_is_not_there_is_unreachable(hub):
    with HubDouble() as gone:
        address = gone.origin

    with pytest.raises(HubUnreachable, match="check the network and the address"):
        annotator.login(address, hub.token("maria"))


def test_a_web_server_that_is_no_hub_is_unreachable(hub):
    with (
        WebServer({"api/v1/me": b'{"name": "maria"}'}) as web,
        pytest.raises(HubUnreachable, match="not as a hub"),
    ):
        annotator.login(web.origin, hub.token("maria"))


def test_the_token_does_not_follow_to_another_address(hub):
    with HubDouble() as other:
        hub.always = Fault(302, {"Location": f"{other.origin}/api/v1/me"})
        with pytest.raises(HubUnreachable):
            annotator.login(hub.origin, hub.token("maria"))

        assert other.requests == []


def test_a_login_survives_requests_that_are_lost(hub):
    hub.faults.extend([Fault(503), Fault(502, is_hub=False)])

    assert annotator.login(hub.origin, hub.token("maria")).connected


def test_requests_say_the_version_of_the_protocol_and_nothing_of_a_netrc(
    hub, tmp_path, monkeypatch
):
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login somebody password canary\n", "utf-8")
    monkeypatch.setenv("NETRC", str(path))

    annotator.login(hub.origin, hub.token("maria"))

    (request,) = hub.requests
    assert request.headers["Annotator-Protocol"] == "1"
    assert request.headers["Authorization"] == f"Bearer {token('maria')}"


# ---------------------------------------------------------------- logout


def test_what_is_recorded_is_synchronised_until_the_logout(hub, reviewer):
    reviewer.submit("before")
    annotator.login(hub.origin, hub.token("maria"))
    reviewer.submit("during")
    n_waiting = annotator.logout()
    reviewer.submit("after")

    assert n_waiting == 0
    assert hub.clips("Owls") == ["before", "during"]
    assert not reviewer.state.connected

    annotator.login(hub.origin, hub.token("maria"))
    reviewer.until_sent(3)
    assert hub.clips("Owls") == ["before", "during", "after"]


def test_a_logout_says_how_many_events_still_wait(hub, logged_in, reviewer):
    hub.always = Fault(503)
    reviewer.submit("a", "b")

    assert annotator.logout(timeout=0.2) == 2
    assert annotator.logout() == 0  # nobody is logged in
    with pytest.raises(ProjectNotFound, match="not logged in"):
        annotator.projects.open("Frogs", create_if_missing=False)


def test_after_the_logout_the_token_is_forgotten(hub, logged_in):
    project = annotator.projects.open("Owls")
    annotator.logout()
    n_requests = len(hub.requests)

    with pytest.raises(InvalidToken, match="logged out"):
        project.to_frame()
    assert len(hub.requests) == n_requests


def test_a_session_is_a_login_and_a_logout(hub, reviewer):
    with annotator.session(hub.origin, hub.token("maria")) as result:
        assert result.user == "maria"
        reviewer.submit("a")
    reviewer.submit("b")

    assert hub.clips("Owls") == ["a"]


def test_a_session_that_ends_with_an_error_logs_out_too(hub, reviewer):
    def work():
        with annotator.session(hub.origin, hub.token("maria")):
            reviewer.submit("a")
            raise KeyError

    with pytest.raises(KeyError):
        work()

    assert hub.clips("Owls") == ["a"]
    assert "this machine" in repr(annotator.projects)


def test_a_login_at_another_hub_takes_the_place_of_the_first(hub, logged_in, reviewer):
    reviewer.submit("a")
    with HubDouble() as other:
        annotator.login(other.origin, other.token("maria"))
        reviewer.submit("b")
        reviewer.until_sent()

        assert hub.clips("Owls") == ["a"]
        assert other.clips("Owls") == ["a", "b"]
        annotator.logout()


# ------------------------------------------------------------ annotators


@pytest.fixture
def make(wav, tmp_path, hub):
    frame = pd.DataFrame({"id": [1, 2], "start_time": [0, 1], "end_time": [1, 2]})
    recording = str(wav(duration=3.0))
    made = []

    def make(name="reviews", **settings):
        made.append(
            annotator.BioacousticAnnotator(
                data=frame,
                audio=recording,
                output=str(tmp_path / f"{name}.csv"),
                data_index_column="id",
                form_config={"select": {"label": "ok", "items": ["y", "n"]}},
                **settings,
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_the_submits_of_an_annotator_appear_in_its_project(hub, logged_in, make):
    ba = make(project_name="Owls", annotator="me")

    ba.session.submit({"ok": "y"})
    until(lambda: hub.clips("Owls"))

    assert hub.clips("Owls") == ["1"]
    (event,) = hub.project("Owls").events.values()
    assert (event["user"], event["annotator"]) == ("maria", "me")
    assert event["rows"][0]["ok"] == "y"


def test_an_annotator_without_a_project_stays_on_this_machine(hub, logged_in, make):
    make(name="private").session.submit({"ok": "y"})
    ba = make(project_name="Owls")
    ba.session.submit({"ok": "n"})
    annotator.logout()

    assert [p.name for p in hub.projects.values()] == ["Owls"]
    assert hub.clips("Owls") == ["1"]


def test_a_closed_annotators_work_is_sent_all_the_same(hub, logged_in, make):
    hub.always = Fault(503)
    ba = make(project_name="Owls")
    ba.session.submit({"ok": "y"})
    ba.close()
    n_before = len(hub.requests)
    until(lambda: len(hub.requests) > n_before + 3)  # it goes on trying
    hub.always = None

    until(lambda: hub.clips("Owls") == ["1"])


def test_a_deleted_token_loses_nothing(hub, logged_in, reviewer):
    reviewer.submit("a")
    reviewer.until_sent(1)
    hub.delete_token("maria")
    reviewer.submit("b")
    until(lambda: reviewer.state.paused)

    with pytest.raises(InvalidToken):
        annotator.projects.get_all_projects()
    assert "Make another one" in reviewer.state.paused
    assert reviewer.state.waiting == 1

    annotator.login(hub.origin, hub.token("maria"))
    reviewer.until_sent(2)
    assert hub.clips("Owls") == ["a", "b"]
    assert reviewer.state.paused == ""
