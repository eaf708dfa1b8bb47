"""The client against the hub's own API, not a double of it."""

from __future__ import annotations

import socket
import threading

import pytest
import uvicorn

import annotator
from annotator.errors import Forbidden, HubConflict, InvalidToken, ProjectNotFound
from annotator.hub.api import create_app
from annotator.hub.store.hub_store import HubStore
from tests.doubles.hub_client import Reviewer, quick_client, until

PASSWORD = "a quiet marsh at dawn"


class Hub:
    """A hub's database and API on 127.0.0.1."""

    def __init__(self, folder):
        self.store = HubStore.open(f"sqlite:///{folder / 'hub.db'}")
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        settings = uvicorn.Config(
            create_app(self.store), log_config=None, lifespan="off", ws="none"
        )
        self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listening]}
        )

    def __enter__(self):
        self._thread.start()
        until(lambda: self._server.started)
        return self

    def __exit__(self, *_error):
        self._server.should_exit = True
        self._thread.join()
        self._listening.close()
        self.store.close()

    def token(self, name, **options):
        user = self.store.users.by_name(name) or self.store.users.add(name, PASSWORD)
        return self.store.tokens.create(user, "notebook", **options).secret


@pytest.fixture
def hub(tmp_path):
    with Hub(tmp_path) as hub, quick_client():
        yield hub


@pytest.fixture
def reviewer(tmp_path, hub):
    with Reviewer(tmp_path / "reviews.csv") as reviewer:
        yield reviewer


def test_what_is_submitted_comes_back_in_a_snapshot(hub, reviewer):
    reviewer.submit("before")
    result = annotator.login(hub.origin, hub.token("maria"))
    reviewer.submit(*range(250))
    reviewer.store.delete("7")
    project = annotator.projects.open("owls")

    snapshot = project.snapshots.create("v1", message="first")
    reviewer.submit("after")
    now = project.to_frame()

    assert (result.user, project.name, project.role) == ("maria", "Owls", "owner")
    assert (snapshot.number, snapshot.n_rows, snapshot.by) == (1, 250, "maria")
    found = project.snapshots.get("V1")
    assert found == snapshot == project.snapshots.list()[0]
    expected = ["before", *(str(n) for n in range(250) if n != 7)]
    assert found.to_frame()["clip"].tolist() == expected
    assert now["clip"].astype(str).tolist() == [*expected, "after"]
    assert set(now["annotator"]) == {"maria"}
    assert reviewer.state.summary == "Hub: 253 sent"


def test_a_deleted_token_is_invalid_at_once_and_keeps_the_queue(hub, reviewer):
    secret = hub.token("maria")
    annotator.login(hub.origin, secret)
    reviewer.submit("a")
    reviewer.until_sent(1)
    hub.store.tokens.delete(hub.store.users.by_name("maria"), secret.split("_")[1])

    with pytest.raises(InvalidToken):
        annotator.projects.get_all_projects()
    reviewer.submit("b")
    until(lambda: reviewer.state.paused)
    annotator.login(hub.origin, hub.token("maria"))
    reviewer.until_sent(2)

    assert annotator.projects.open("Owls").to_frame()["clip"].tolist() == ["a", "b"]


def test_a_bad_event_is_named_by_the_hub_and_set_aside(hub, reviewer):
    reviewer.submit("good", "x" * 300, "fine")
    annotator.login(hub.origin, hub.token("maria"))
    reviewer.until_sent(2, aside=1)

    (line,) = reviewer.state.set_aside
    assert ": clip is a text of at most 255 characters" in line
    assert annotator.projects.open("Owls").to_frame()["clip"].tolist() == [
        "good",
        "fine",
    ]


def test_a_shared_project_is_found_and_its_roles_are_kept(hub, reviewer):
    annotator.login(hub.origin, hub.token("chen"))
    shared = annotator.projects.open("Owls")
    chen = hub.store.tokens.check(hub.token("chen"))
    hub.token("maria")
    hub.store.members.set(chen, shared.uid, "maria", "viewer")
    annotator.logout()

    annotator.login(hub.origin, hub.token("maria"))
    reviewer.submit("a")
    until(lambda: reviewer.state.paused)
    found = annotator.projects.open("Owls", owner="chen")
    with pytest.raises(Forbidden, match="viewer"):
        found.add_snapshot()
    with pytest.raises(ProjectNotFound):
        annotator.projects.open("Frogs", owner="chen")

    hub.store.members.set(chen, shared.uid, "maria", "annotator")
    reviewer.until_sent(1)
    assert found.to_frame()["annotator"].tolist() == ["maria"]


def test_names_are_taken_once_also_by_the_archive(hub):
    annotator.login(hub.origin, hub.token("maria"))
    project = annotator.projects.open("Owls")
    project.add_snapshot("v1")
    maria = hub.store.tokens.check(hub.token("maria"))
    with pytest.raises(HubConflict, match="snapshot of this name"):
        project.add_snapshot("V1")

    hub.store.projects.archive(maria, project.uid)

    with pytest.raises(HubConflict, match="in the archive"):
        annotator.projects.open("Owls")
