"""Two people review one project in the browser, and one of them takes their time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
import sqlalchemy as sa

from annotator.app import lease_keeper
from annotator.app.hub_review import ReviewMaker
from annotator.hub.pages.page import hub_page
from annotator.hub.places import Places
from annotator.hub.store import tables
from annotator.hub.store.hub_store import HubStore
from tests.ui.driving import SECONDS
from tests.unit.hub.pages.samples import PASSWORD, Visitor, clip

if TYPE_CHECKING:
    from pathlib import Path

# 2026-11-28: see test_hub_pages.py.
pytestmark = pytest.mark.filterwarnings("ignore:reference already known")

FORM = """
form_config:
  select: {label: Species, column: species, items: [owl, nightjar], required: true}
  submission_buttons: {next: true, submit: true}
default_buffer: 0
"""
ASK = "Ask for the next clip"


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, page: Any, address: str) -> None:
        page.set_default_timeout(SECONDS * 1000)
        self.page, self._address = page, address

    def open(self) -> None:
        """Open the project's review."""
        self.page.goto(self._address, wait_until="load")
        self.press("Review in the browser")
        self.page.locator(".clip-table").wait_for()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def has(self, number: int) -> None:
        """Wait until a clip is on the screen, ready to be answered."""
        row = self.page.locator(".clip-table tr.current")
        row.get_by_text(f"clip-{number}").wait_for()
        self.page.get_by_role("button", name="owl", exact=True).wait_for()

    def answer(self) -> None:
        self.press("owl")
        self.press("Submit")

    def reads(self, text: str) -> None:
        self.page.locator(".notice-bar").get_by_text(text).wait_for()

    def reads_nothing(self) -> None:
        self.page.locator(".notice-bar").wait_for(state="hidden")


@pytest.fixture
def hub(tmp_path: Path, page: Any, serve: Any, wait_until: Any) -> Any:
    """Return a project with two clips, and Ana and Ben before it."""
    store = HubStore.open(f"sqlite:///{tmp_path / 'hub.db'}")
    ana, ben = (
        Visitor(store.users.add(name, PASSWORD), store) for name in ("ana", "ben")
    )
    audio = tmp_path / "audio"
    audio.mkdir()
    times = np.arange(48_000) / 8_000
    soundfile.write(audio / "a.wav", 0.2 * np.sin(2_000 * np.pi * times), 8_000)
    uid = store.projects.create(ana.caller, "Owls").uid
    store.projects.set_config(ana.caller, uid, FORM)
    store.members.set(ana.caller, uid, "ben", "annotator")
    rows = [clip(n, recording="a.wav", start_time=0.0, end_time=1.0) for n in range(2)]
    store.clips.add(ana.caller, uid, rows)
    places = Places(audio_root=audio)
    make = ReviewMaker(places, tmp_path / "reviews")

    def person(who: Visitor, tab: Any) -> Person:
        address = serve(lambda: hub_page(who, make_review=make, places=places))
        return Person(tab, f"{address}?project={uid}")

    yield SimpleNamespace(
        store=store,
        uid=uid,
        caller=ana.caller,
        ana=person(ana, page),
        ben=person(ben, page.context.new_page()),
        until=lambda condition: wait_until(condition, SECONDS),
    )
    store.close()


def end_leases(store: HubStore) -> None:
    with store.database.writing() as connection:
        connection.execute(sa.update(tables.leases).values(until="2026-01-01T00:00Z"))


def test_two_people_share_the_clips_and_are_told_when_none_is_left(hub: Any) -> None:
    hub.ana.open()
    hub.ana.has(0)
    hub.ben.open()
    hub.ben.has(1)

    hub.ana.answer()
    hub.ana.reads("Nothing is left for you")
    hub.ben.press("Skip")
    hub.ben.reads("Nothing is left for you")
    hub.ana.press(ASK)

    hub.ana.has(1)
    hub.ana.reads_nothing()
    hub.ana.answer()
    hub.until(lambda: hub.store.progress.overall(hub.caller, hub.uid).n_complete == 2)


def test_a_clip_is_kept_by_itself_while_its_page_is_open(
    hub: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(lease_keeper, "_PAUSE", 0.05)
    hub.ana.open()
    hub.ana.has(0)

    for _ in range(3):  # each time it is renewed as if 15 minutes were nearly over
        end_leases(hub.store)
        hub.until(lambda: until_of(hub.store) > "2026-01-02")
    hub.ben.open()
    hub.ben.has(1)

    hub.ana.press("Back to the project")
    hub.ana.page.get_by_text("Clips reviewed a day").wait_for()
    hub.ben.answer()
    hub.ben.has(0)


def until_of(store: HubStore) -> str:
    with store.database.reading() as connection:
        return str(connection.scalar(sa.select(sa.func.max(tables.leases.c.until))))


def test_who_lost_a_clip_is_told_and_keeps_the_answer(
    hub: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(lease_keeper, "_PATIENCE", -1.0)  # as after an hour
    monkeypatch.setattr(lease_keeper, "_PAUSE", 0.05)
    hub.ana.open()
    hub.ana.has(0)
    end_leases(hub.store)
    hub.ben.open()
    hub.ben.has(0)

    monkeypatch.setattr(lease_keeper, "_PATIENCE", 3600.0)  # and is back
    hub.ana.reads("Another person has this clip")
    hub.ana.answer()

    hub.ana.has(1)
    hub.ana.reads_nothing()
    rows = hub.store.annotations.rows(hub.caller, hub.uid)
    assert [(row["clip_id"], row["annotator"]) for row in rows] == [("clip-0", "ana")]
