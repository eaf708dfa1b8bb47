"""A team reviews through nginx while a server of pages and a worker of the API die."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import soundfile
import sqlalchemy as sa

import annotator
from annotator.annotations.store import AnnotationStore
from annotator.app import BioacousticAnnotator
from annotator.app.hub_logs import FOLDER_VARIABLE, output_of
from annotator.hub.permissions import Caller
from annotator.hub.store.tables import leases
from tests.doubles.hub_client import quick_client
from tests.integration.hubs import PASSWORD, Hub
from tests.integration.proxied import (
    NEEDED,
    Nginx,
    Workers,
    best_database,
    certificate,
    free_ports,
    until,
)
from tests.ui.driving import SECONDS, Screen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# 2026-11-28: see test_hub_pages.py
pytestmark = [*NEEDED, pytest.mark.filterwarnings("ignore:reference already known")]

N_CLIPS = 11
FORM = """
form_config:
  select: {label: Species, column: species, items: [owl, nightjar], required: true}
default_buffer: 0
"""
LOST = "Connection lost. Reload to go on; what you submitted is kept."


class Person:
    """Somebody with a browser of their own, who remembers what a page said is saved."""

    def __init__(self, name: str, browser: Any, team: Any) -> None:
        self.name, self.team = name, team
        self.saved: dict[str, str] = {}  # species by clip
        self.errors: list[str] = []
        self._context = browser.new_context(
            ignore_https_errors=True, viewport={"width": 1440, "height": 900}
        )
        self.page = self._context.new_page()
        self.page.set_default_timeout(SECONDS * 1000)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console",
            lambda said: (
                self.errors.append(said.text) if said.type == "error" else None
            ),
        )
        self.screen = Screen(self.page, self.wait)

    def wait(self, condition: Any, seconds: float = SECONDS) -> None:
        """Wait; the page goes on meanwhile."""

        def there() -> bool:
            self.page.wait_for_timeout(10)
            return bool(condition())

        until(there, seconds)

    def sign_in(self) -> None:
        """Sign in anew, and come to the project."""
        self._context.clear_cookies()
        self.page.goto(f"{self.team.nginx.address}/hub?project={self.team.uid}")
        self.page.get_by_label("Name").fill(self.name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("heading", name="Owls").wait_for()

    @property
    def port(self) -> int:
        """Of the server that made the page in sight."""
        (cookie,) = [
            one["value"]
            for one in self._context.cookies()
            if one["name"] == "__Host-annotator_hub"
        ]
        return self.team.nginx.ports_of("/hub?", cookie)[-1]

    def review(self) -> None:
        """Begin to review, as soon as all of the project is in sight."""
        # 2026-11-28: who is quicker than the page may be shown nothing, and Bokeh 3.9 says
        # "reference isn't known" in the browser.
        self.page.get_by_text("Clips reviewed a day").wait_for()
        self.page.get_by_role("button", name="Review in the browser").click()
        self.screen.until_ready()

    @property
    def clip(self) -> str:
        """The clip in hand; "" if there is none."""
        cells = self.screen.current.locator("td:nth-child(2)").all_inner_texts()
        return cells[0] if cells else ""

    def submit(self, species: str, *, keys: bool = False) -> None:
        """Answer, and wait until the page has gone on: then it is saved."""
        clip = self.clip
        assert clip.startswith("clip-")
        if keys:
            self.screen.press("1" if species == "owl" else "2")
            self.screen.until(self.screen.submit_button.is_enabled)
            self.page.keyboard.press("Enter")
        else:
            self.screen.answer(species)
            self.screen.submit_button.click()
        done = self.page.get_by_text("Nothing is left for you in this project")
        self.wait(lambda: self.clip not in ("", clip) or done.count())
        self.saved[clip] = species

    def close(self) -> None:
        """Leave."""
        self._context.close()


class Notebook(threading.Thread):
    """A program that submits until it is told to end, and remembers what."""

    def __init__(self, folder: Path) -> None:
        super().__init__(name="notebook")
        times = np.arange(10_000) * 1.0  # more than it comes to
        self.review = BioacousticAnnotator(
            data=pd.DataFrame(
                {"id": times, "start_time": times, "end_time": times + 1}
            ),
            data_index_column="id",
            audio=str(folder / "audio" / "a.wav"),
            output=str(folder / "notebook.csv"),
            form_config={"select": {"label": "species", "items": ["owl", "nightjar"]}},
            annotator="cy",
            project_name="Owls",
        )
        self.ids: list[str] = []
        self.ending = threading.Event()

    def run(self) -> None:
        while not self.ending.wait(0.02):  # a quick hand
            self.ids += self.review.session.submit({"species": "owl"})


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Any]:
    """Return the project Owls of ann, bo and cy, on two servers and two workers."""
    folder, ports = tmp_path, free_ports(2)
    certificate(folder)
    environment = {
        "ANNOTATOR_HUB_AUDIO": str(folder / "audio"),
        FOLDER_VARIABLE: str(folder / "reviews"),
    }
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(best_database(folder))
        hubs = [Hub(url, folder, f"hub-{n}.log", **environment) for n in range(2)]
        for hub in hubs:
            stack.callback(hub.stop)
        store = hubs[0].store
        users = {name: hubs[0].add(name) for name in ("ann", "bo", "cy", "eve")}
        caller = Caller(users["ann"])
        uid = store.projects.create(caller, "Owls").uid
        for name in ("bo", "cy", "eve"):
            store.members.set(caller, uid, name, "annotator")
        store.projects.set_config(caller, uid, FORM)
        _write_clips(store, caller, uid, folder / "audio")
        workers = Workers(url, folder / "workers.log")
        nginx = Nginx(folder, ports, workers.port)
        team = SimpleNamespace(
            hubs=dict(zip(ports, hubs, strict=True)),
            nginx=nginx,
            workers=workers,
            store=store,
            users=users,
            caller=caller,
            uid=uid,
            folder=folder,
        )
        with ThreadPoolExecutor() as pool:  # each takes seconds
            list(pool.map(lambda port: start(team, port), ports))
        stack.enter_context(workers.running())
        stack.enter_context(nginx.running())
        yield team


def _write_clips(store: Any, caller: Caller, uid: str, audio: Path) -> None:
    audio.mkdir()
    times = np.arange(8_000 * N_CLIPS) / 8_000
    sound = 0.2 * np.sin(2_000 * np.pi * times * (1 + times // 1 / N_CLIPS))
    soundfile.write(audio / "a.wav", sound, 8_000)
    clips = [
        {"identity": f"clip-{n}", "recording": "a.wav", "start_time": float(n)}
        for n in range(N_CLIPS)
    ]
    rows = [{**one, "end_time": one["start_time"] + 1, "row": {}} for one in clips]
    store.clips.add(caller, uid, rows)


def start(team: Any, port: int) -> None:
    team.hubs[port].start("--behind-proxy", "--origin", team.nginx.origin, port=port)


def leave_unsent(team: Any, name: str, clip: str) -> None:
    """Do what a server did last that died before it could send."""
    output = output_of(team.folder / "reviews", team.uid, team.users[name])
    with AnnotationStore(output, columns=["species"], annotator=name) as own:
        own.submit(clip, [{"species": "owl"}])


def rows_of(team: Any) -> list[tuple[str, str, str]]:
    return [
        (row["annotator"], row["clip"], row["species"])
        for row in team.store.annotations.rows(team.caller, team.uid)
    ]


def lease_holders(team: Any) -> list[int]:
    with team.store.database.reading() as connection:
        return list(connection.scalars(sa.select(leases.c.user_id)))


@pytest.fixture
def notebook(team: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    """Return the notebook of cy, who is logged in through nginx."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(team.folder / "cert.pem"))
    token = team.store.tokens.create(team.users["cy"], "notebook").secret
    with quick_client():
        annotator.login(team.nginx.address, token)
        notebook = Notebook(team.folder)
        notebook.start()
        yield notebook
        notebook.ending.set()
        notebook.join()
        notebook.review.close()


@pytest.fixture
def people(team: Any, browser: Any) -> Iterator[tuple[Person, Person]]:
    """Return ann and bo in the project, at different servers."""
    ann, bo = (Person(name, browser, team) for name in ("ann", "bo"))
    ann.sign_in()
    bo.sign_in()
    while bo.port == ann.port:  # where one is, is the cookie's chance
        bo.sign_in()
    yield ann, bo
    ann.close()
    bo.close()


def test_a_team_reviews_while_a_server_and_a_worker_die(
    team: Any, people: Any, notebook: Notebook
) -> None:
    ann, bo = people
    first, other = ann.port, bo.port
    for person in people:
        person.review()
    for keys in (False, True):
        ann.submit("owl", keys=keys)
        bo.submit("nightjar", keys=keys)
    assert set(team.nginx.ports_of("/api/")) == {team.workers.port}

    in_hand = ann.clip
    team.hubs[first].kill()
    team.workers.kill_one()
    leave_unsent(team, "ann", in_hand)

    banner = ann.page.get_by_role("alert").filter(has_text=LOST)
    banner.wait_for()
    bo.submit("owl")
    ann.errors.clear()  # Bokeh says there, too, that the connection is lost
    banner.get_by_role("button", name="Reload").click()
    ann.page.get_by_role("heading", name="Owls").wait_for()
    assert ann.port == other, "and signed in as before"
    ann.review()
    assert ann.clip != in_hand
    ann.saved[in_hand] = "owl"
    ann.submit("nightjar")

    leave_unsent(team, "eve", "clip-0")
    start(team, first)
    until(lambda: ("eve", "clip-0", "owl") in rows_of(team))
    team.workers.until_started(3)
    # Nobody is torn from the server that has their page, though others' go back.
    until(lambda: team.nginx.ports_of("/hub") and come_back(team, first))
    ann.submit("owl", keys=True)
    ann.page.get_by_role("button", name="Back to the project").click()
    ann.review()
    ann.submit("nightjar", keys=True)
    while bo.clip:
        bo.submit("owl", keys=True)
    assert lease_holders(team) == [team.users["ann"].id]
    ann.submit("owl")

    assert lease_holders(team) == []
    assert [said for said in ann.errors + bo.errors if "Failed to load" in said] == []
    check(team, people, notebook)


def check(team: Any, people: Any, notebook: Notebook) -> None:
    """Check that everything is in the project, once."""
    notebook.ending.set()
    notebook.join()
    assert annotator.logout(60) == 0
    rows = rows_of(team)
    for person in people:
        mine = {clip: said for name, clip, said in rows if name == person.name}
        assert mine == person.saved
    counts = Counter((name, clip) for name, clip, _ in rows)
    assert set(counts.values()) == {1}
    reviewed = [clip for name, clip, _ in rows if name in ("ann", "bo")]
    assert sorted(reviewed) == sorted(f"clip-{n}" for n in range(N_CLIPS))
    stored = [
        row["annotation_id"]
        for row in team.store.annotations.rows(team.caller, team.uid)
        if row["annotator"] == "cy"
    ]
    assert stored == notebook.ids
    seqs = [one.seq for one in all_events(team)]
    assert seqs == list(range(1, len(rows) + 1))


def all_events(team: Any) -> Iterator[Any]:
    after = 0
    while some := team.store.events.list(team.caller, team.uid, after):
        yield from some
        after = some[-1].seq


def come_back(team: Any, port: int) -> bool:
    """Tell whether nginx leads strangers to a server again; they come from this address."""
    import requests

    answers = [
        requests.get(
            f"{team.nginx.address}/health",
            cookies={"__Host-annotator_hub": f"nobody-{n}"},
            verify=str(team.folder / "cert.pem"),
            timeout=60,
        ).status_code
        for n in range(8)
    ]
    assert set(answers) == {200}
    return port in team.nginx.ports_of("/health", "nobody")[-8:]
