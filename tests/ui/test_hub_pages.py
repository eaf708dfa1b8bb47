"""The hub's page in a browser: what a person presses, and what is in the store then."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile

from annotator.app.hub_review import ReviewMaker
from annotator.hub.pages.page import hub_page
from annotator.hub.places import Places
from annotator.hub.store.hub_store import HubStore
from tests.ui.driving import SECONDS, Screen
from tests.unit.hub.pages.samples import PASSWORD, Visitor, clip, event

if TYPE_CHECKING:
    from pathlib import Path

# 2026-11-28: BokehJS 3.9 takes models that the server added for news of its own, until
# it sends its next message, and the server then says that it knows them,
# https://github.com/bokeh/bokeh/blob/3.9.2/bokehjs/src/lib/document/document.ts
pytestmark = pytest.mark.filterwarnings("ignore:reference already known")

FORM = """
form_config:
  select: {label: Species, column: species, items: [owl, nightjar], required: true}
default_buffer: 0
"""
PAYLOAD = '<img src=x onerror="window.pwned=1">'

_EVERYTHING = """() => {
  const told = document.documentElement.outerHTML.split();
  for (const el of document.querySelectorAll("*")) told.push(el.shadowRoot?.innerHTML ?? "");
  for (const doc of Bokeh.documents)
    for (const model of doc._all_models.values())
      for (const value of Object.values(model.attributes)) told.push(String(value));
  return told.join();
}"""


@pytest.fixture
def hub(tmp_path: Path, page: Any, serve: Any, wait_until: Any) -> Any:
    """Return the hub of Ana, open in the browser; Ben is another user."""
    store = HubStore.open(f"sqlite:///{tmp_path / 'hub.db'}")
    ana, ben = (
        Visitor(store.users.add(name, PASSWORD), store) for name in ("ana", "ben")
    )
    audio = tmp_path / "audio"
    audio.mkdir()
    places = Places(audio_root=audio)
    make = ReviewMaker(places, tmp_path / "reviews")
    address = serve(lambda: hub_page(ana, make_review=make, places=places))
    page.set_default_timeout(SECONDS * 1000)

    def go(query: str = "") -> None:
        page.goto(address + query, wait_until="load")
        page.locator("h1 >> visible=true").first.wait_for()

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    def write(label: str, text: str) -> None:
        page.get_by_role("textbox", name=label, exact=True).fill(text)

    yield SimpleNamespace(
        store=store,
        ana=ana,
        ben=ben,
        audio=audio,
        go=go,
        press=press,
        write=write,
        page=page,
        until=lambda condition: wait_until(condition, SECONDS),
        screen=Screen(page, wait_until),
    )
    store.close()


def test_a_token_is_made_seen_once_and_deleted(hub: Any) -> None:
    page = hub.page
    hub.go()
    hub.press("Tokens")
    page.get_by_text("You have no token yet").wait_for()
    hub.write("Name", "Laptop")
    hub.press("Add")
    shown = page.locator("code.secret")
    shown.filter(has_text="annh_").wait_for()
    secret = shown.inner_text()
    assert secret in page.evaluate(_EVERYTHING)

    assert hub.store.tokens.check(secret).user == hub.ana.user

    hub.press("Done")
    page.get_by_role("alertdialog").wait_for(state="hidden")
    hub.until(lambda: secret not in page.evaluate(_EVERYTHING))

    page.get_by_role("button", name="Delete: Laptop").click()
    assert hub.store.tokens.list(hub.ana.user)  # it asks first
    hub.press("Delete")
    hub.until(lambda: not hub.store.tokens.list(hub.ana.user))
    page.get_by_text("You have no token yet").wait_for()


def test_a_project_from_its_making_to_a_snapshot(hub: Any, tmp_path: Path) -> None:
    store, page, caller = hub.store, hub.page, hub.ana.caller
    hub.go()
    hub.write("Name", "Owls")
    hub.press("Create")
    page.get_by_role("heading", name="Owls").wait_for()
    (project,) = store.projects.list(caller)

    hub.press("Members")
    hub.write("User name", "ben")
    hub.press("Invite")
    hub.until(lambda: len(store.members.list(caller, project.uid)) == 2)
    page.get_by_text("ben is annotator of this project").wait_for()

    table = tmp_path / "clips.csv"
    table.write_text(
        "recording,start_time,end_time\na.wav,0,1\na.wav,1,2\n/etc/x,0,1\n"
    )
    hub.press("Clips")
    page.get_by_text("The project has no clips yet").wait_for()
    page.locator("input[type=file]").set_input_files(table)
    page.get_by_text("Row 3: The path leads out").wait_for()
    hub.press("Add 2 clips")
    hub.until(lambda: store.clips.n(caller, project.uid) == 2)
    page.get_by_text("2 clips added").wait_for()

    hub.press("Settings")
    hub.press("Insert an example")
    page.get_by_text("Save keeps it").wait_for()
    hub.press("Save")
    hub.until(lambda: "species" in store.projects.config(caller, project.uid))

    hub.press("Snapshots")
    page.get_by_role("heading", name="New snapshot").wait_for()
    hub.write("Name", "Paper")
    hub.write("Message", "Table 2")
    hub.press("Take snapshot")
    hub.until(lambda: store.snapshots.list(caller, project.uid))
    (info,) = store.snapshots.list(caller, project.uid)
    assert (info.name, info.message, info.n_rows) == ("Paper", "Table 2", 0)
    page.get_by_text("Paper has 0 rows").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("^CSV")).click()
    assert download.value.suggested_filename == "snapshot-1.csv"


def test_a_clip_is_reviewed_and_the_next_is_given(hub: Any) -> None:
    store, page, caller = hub.store, hub.page, hub.ana.caller
    times = np.arange(48_000) / 8_000
    soundfile.write(hub.audio / "a.wav", 0.2 * np.sin(2_000 * np.pi * times), 8_000)
    project = store.projects.create(caller, "Owls")
    store.projects.set_config(caller, project.uid, FORM)
    times = {"start_time": 0.0, "end_time": 1.0}
    clips = [clip(n, recording="a.wav", **times) for n in range(2)]
    store.clips.add(caller, project.uid, clips)
    hub.go(f"?project={project.uid}")

    hub.press("Review in the browser")
    hub.screen.until_ready(0.0)
    for number in range(2):
        page.locator(".clip-table").get_by_text(f"clip-{number}").wait_for()
        hub.press("owl")
        hub.press("Submit")
        hub.until(lambda: len(store.events.list(caller, project.uid)) == number + 1)  # noqa: B023

    page.get_by_text("Nothing is left for you in this project").wait_for()
    hub.press("Back to the project")
    page.get_by_text("Clips reviewed a day").wait_for()
    rows = [row["species"] for row in store.annotations.rows(caller, project.uid)]
    assert rows == ["owl", "owl"]


def test_a_disagreement_is_adjudicated_and_leaves_the_list(hub: Any) -> None:
    store, page, caller = hub.store, hub.page, hub.ana.caller
    times = np.arange(48_000) / 8_000
    soundfile.write(hub.audio / "a.wav", 0.2 * np.sin(2_000 * np.pi * times), 8_000)
    project = store.projects.create(caller, "Owls")
    store.projects.set_config(caller, project.uid, FORM)
    store.members.set(caller, project.uid, "ben", "annotator")
    times = {"start_time": 0.0, "end_time": 1.0}
    clips = [clip(n, recording="a.wav", **times) for n in range(2)]
    store.clips.add(caller, project.uid, clips)
    for who, label in ((hub.ana, "owl"), (hub.ben, "nightjar")):
        sent = [event(f"clip-{n}", who.user.name, species=label) for n in range(2)]
        store.events.add(who.caller, project.uid, sent)
    hub.go(f"?project={project.uid}")
    hub.press("Agreement")
    page.get_by_text("2 open, 0 settled").wait_for()

    page.get_by_role("button", name="Adjudicate: clip-1").click()
    page.get_by_text("Adjudicating species").wait_for()
    hub.screen.until_ready(0.0)
    hub.press("nightjar")
    hub.press("Submit")
    page.get_by_role("button", name="Delete this review").wait_for()
    hub.press("Back to the project")

    page.get_by_text("1 open, 1 settled").wait_for()
    page.get_by_role("button", name="Adjudicate: clip-0").wait_for()
    assert page.get_by_role("button", name="Adjudicate: clip-1").count() == 0
    hub.press("Settled")
    page.get_by_role("row", name=re.compile("clip-1 .* nightjar ana")).wait_for()
    states = store.progress.disagreements(caller, project.uid, "species")
    assert [one.state for one in states] == ["open", "adjudicated"]


def test_texts_of_others_read_as_themselves(hub: Any) -> None:
    store, page, caller = hub.store, hub.page, hub.ana.caller
    project = store.projects.create(caller, f"{PAYLOAD} p", f"{PAYLOAD} d")
    store.members.set(caller, project.uid, "ben", "annotator")
    store.clips.add(
        caller,
        project.uid,
        [clip(0, identity=f"{PAYLOAD} c", recording=f"s3://bucket/{PAYLOAD}")],
    )
    for who, label in ((hub.ana, PAYLOAD), (hub.ben, f"{PAYLOAD} 2")):
        found = event(f"{PAYLOAD} c", who.user.name, **{PAYLOAD: label})
        store.events.add(who.caller, project.uid, [found])
    store.snapshots.create(caller, project.uid, f"{PAYLOAD} s", PAYLOAD)
    hub.go()
    page.get_by_role("button", name=f"{PAYLOAD} p", exact=True).click()
    page.get_by_role("heading", name=f"{PAYLOAD} p").wait_for()

    for tab, sign in (
        ("Clips", f"{PAYLOAD} c"),
        ("Agreement", f"ana: {PAYLOAD} · ben"),
        ("Snapshots", f"{PAYLOAD} s"),
        ("Members", "Invite somebody"),
        ("Overview", f"{PAYLOAD} 2"),
    ):
        hub.press(tab)
        page.get_by_text(sign).locator("visible=true").first.wait_for()
    assert page.evaluate("window.pwned") is None
