"""A team's day: two people in their browsers and a script, at one hub at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import soundfile
import yaml

import annotator
from annotator.app import BioacousticAnnotator
from annotator.errors import InvalidToken
from annotator.hub.permissions import Caller
from tests.integration.hubs import PASSWORD, Hub
from tests.ui.driving import SECONDS, Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    # See test_hub_pages.py.
    pytest.mark.filterwarnings("ignore:reference already known"),
]

FORM = """form_config:
  select: {label: Species, column: species, items: [owl, nightjar], required: true}
default_buffer: 0
"""


class Person:
    """Somebody who signed in to the hub in a browser of their own."""

    def __init__(self, page: Any, wait_until: Any, base: str, name: str) -> None:
        self.page, self.name, self.base = page, name, base
        self.screen = Screen(page, wait_until)
        page.set_default_timeout(SECONDS * 1000)
        page.goto(f"{base}/hub", wait_until="load")
        page.locator('input[name="name"]').fill(name)
        page.locator('input[name="password"]').fill(PASSWORD)
        self.press("Sign in")
        page.get_by_role("heading", name="Projects", exact=True).wait_for()

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def write(self, label: str, text: str) -> None:
        """Fill in a field."""
        self.page.get_by_role("textbox", name=label, exact=True).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.page.get_by_role("combobox", name=label).click()
        self.page.locator("[role=listbox] li").get_by_text(option, exact=True).click()

    def tick(self, label: str) -> None:
        """Tick a box."""
        self.page.get_by_role("checkbox", name=label, exact=True).check()

    def see(self, text: str) -> None:
        """Wait until a text is in sight."""
        self.page.get_by_text(text).locator("visible=true").first.wait_for()

    def open(self, project: str) -> None:
        """Go to a project that is listed."""
        self.page.goto(f"{self.base}/hub", wait_until="load")
        self.press(project)
        self.page.get_by_role("heading", name=project, exact=True).wait_for()

    def make_token(self, name: str) -> str:
        """Make a token on the page Tokens, and return what it shows."""
        self.press("Tokens")
        self.page.get_by_role("heading", name="Tokens", exact=True).wait_for()
        self.write("Name", name)
        self.press("Add")
        shown = self.page.locator("code.secret").filter(has_text="annh_")
        shown.wait_for()
        secret = shown.inner_text()
        self.press("Done")
        return secret

    def answer(self, clip: str, label: str) -> None:
        """Say what is in the clip that the hub gave."""
        self.screen.current.filter(has_text=clip).wait_for()
        self.press(label)
        self.press("Submit")


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Return a folder with a recording of four seconds."""
    folder = tmp_path / "audio"
    folder.mkdir()
    times = np.arange(32_000) / 8_000
    soundfile.write(folder / "a.wav", 0.2 * np.sin(2_000 * np.pi * times), 8_000)
    return folder


@pytest.fixture
def hub(
    tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hub]:
    """Return a hub with the two people."""
    monkeypatch.setenv("ANNOTATOR_HUB_AUDIO", str(recordings))
    monkeypatch.setenv("ANNOTATOR_HUB_REVIEWS", str(tmp_path / "reviews"))
    hub = Hub(f"sqlite:///{tmp_path / 'hub.db'}", tmp_path)
    for name in ("ann", "bo"):
        hub.add(name)
    hub.start()
    yield hub
    hub.stop()


@pytest.fixture
def people(
    hub: Hub, another_page: Callable[[], Any], wait_until: Any
) -> SimpleNamespace:
    """Return both, signed in."""
    ann, bo = (
        Person(another_page(), wait_until, hub.base, name) for name in ("ann", "bo")
    )
    return SimpleNamespace(ann=ann, bo=bo)


@pytest.fixture
def until(wait_until: Callable[..., None]) -> Callable[[Callable[[], Any]], None]:
    """Return a function that waits for a condition, patiently."""
    return lambda condition: wait_until(condition, SECONDS)


@pytest.fixture(autouse=True)
def logged_out() -> Iterator[None]:
    yield
    annotator.logout(timeout=0)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a table of three clips."""
    path = tmp_path / "clips.csv"
    frame = pd.DataFrame({"id": ["c1", "c2", "c3"], "recording": "a.wav"})
    frame.assign(start_time=range(3), end_time=range(1, 4)).to_csv(path, index=False)
    return path


@pytest.fixture
def script(
    table: Path, recordings: Path, tmp_path: Path
) -> Iterator[BioacousticAnnotator]:
    """Return what a person has in Python for the same clips."""
    ba = BioacousticAnnotator(
        data=str(table),
        data_index_column="id",
        audio={"column": "recording", "prefix": str(recordings)},
        output=str(tmp_path / "python" / "reviews.csv"),
        annotator="ann",
        project_name="Marsh owls",
        form_config=yaml.safe_load(FORM)["form_config"],
    )
    yield ba
    ba.close()


def set_up(ann: Person, table: Path) -> None:
    """Share the project, write its form, load clips, and assign them."""
    ann.open("Marsh owls")
    ann.press("Members")
    ann.write("User name", "bo")
    ann.press("Invite")
    ann.see("bo is annotator of this project")
    ann.press("Clips")
    ann.page.locator("input[type=file]").set_input_files(table)
    ann.choose("Name of the clip", "id")
    ann.press("Add 3 clips")
    ann.see("3 clips added")
    ann.choose("Reviews each clip wants", "2")
    ann.page.get_by_role("button", name="Set", exact=True).first.click()
    ann.see("3 clips now: 2 reviews.")
    ann.tick("ann")
    ann.tick("bo")
    ann.press("Assign")
    ann.see("3 clips now reviewed by ann, bo.")
    ann.press("Settings")
    ann.page.locator("textarea >> visible=true").first.fill(FORM)
    ann.press("Save")
    ann.see("Saved. It holds for all")


def adjudicate(ann: Person) -> None:
    """Say what is right about the one clip on which the two do not agree."""
    ann.press("Agreement")
    ann.see("ann: owl · bo: nightjar")
    ann.press("Adjudicate 1 clip")
    ann.screen.until_ready(1.0)
    ann.answer("c2", "nightjar")
    ann.see("✓ Saved")
    ann.press("Back to the project")
    ann.see("0 open, 1 settled")


def test_two_people_and_a_script_review_one_project(
    hub: Hub, people: Any, table: Path, script: Any, until: Any
) -> None:
    ann, bo = people.ann, people.bo
    caller = Caller(hub.store.users.by_name("ann"))

    annotator.login(hub.base, ann.make_token("laptop"))
    project = annotator.projects.open("Marsh owls")
    info = hub.store.projects.find(caller, "Marsh owls")
    set_up(ann, table)

    # Ann says in Python what the first two clips hold, and in her browser the third.
    bo.open("Marsh owls")
    bo.press("Review in the browser")
    bo.screen.until_ready(0.0)
    script.session.submit({"species": "owl"})
    bo.answer("c1", "owl")
    script.session.submit({"species": "owl"})
    bo.answer("c2", "nightjar")
    until(lambda: len(hub.store.events.list(caller, info.uid)) == 4)
    ann.press("Review in the browser")
    ann.screen.until_ready(2.0)
    ann.answer("c3", "nightjar")
    bo.answer("c3", "nightjar")
    for person in (ann, bo):
        person.see("Nothing is left for you in this project")

    ann.press("Back to the project")
    adjudicate(ann)
    ann.press("Snapshots")
    ann.write("Name", "Paper")
    ann.press("Take snapshot")
    ann.see("Paper has 7 rows")

    frame = project.snapshots.get("Paper").to_frame()
    rows = frame[["clip", "annotator", "species"]].itertuples(index=False)
    assert sorted(map(tuple, rows)) == [
        ("c1", "ann", "owl"),
        ("c1", "bo", "owl"),
        ("c2", "ann", "nightjar"),
        ("c2", "ann", "owl"),
        ("c2", "bo", "nightjar"),
        ("c3", "ann", "nightjar"),
        ("c3", "bo", "nightjar"),
    ]
    (decided,) = frame[frame["adjudicated"].eq(True)].to_dict("records")
    assert (decided["clip"], decided["species"]) == ("c2", "nightjar")


def test_a_token_deleted_on_the_page_stops_the_script_and_loses_nothing(
    hub: Hub, people: Any, script: Any, until: Any
) -> None:
    ann, caller = people.ann, Caller(hub.store.users.by_name("ann"))
    annotator.login(hub.base, ann.make_token("laptop"))
    project = annotator.projects.open("Marsh owls")
    script.session.submit({"species": "owl"})
    info = hub.store.projects.find(caller, "Marsh owls")
    until(lambda: len(hub.store.events.list(caller, info.uid)) == 1)

    ann.page.get_by_role("button", name="Delete: laptop").click()
    ann.press("Delete")
    ann.see("You have no token yet")

    for ask in (annotator.projects.get_all_projects, project.to_frame):
        with pytest.raises(InvalidToken):
            ask()
    script.session.submit({"species": "nightjar"})
    # Annotators that other tests left open may have something to send, too.
    assert annotator.logout(timeout=1) >= 1

    annotator.login(hub.base, ann.make_token("laptop, again"))
    until(lambda: len(hub.store.events.list(caller, info.uid)) == 2)
    assert list(annotator.projects.open("Marsh owls").to_frame()["species"]) == [
        "owl",
        "nightjar",
    ]
