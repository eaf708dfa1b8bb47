"""People with outputs of their own who submit, edit, delete, undo and sync.

The machine's oracles are kept beside the product: what each person saw before
and after a sync, and what stood in the copy, read by another program.
"""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from annotator.annotations.cells import row_key
from annotator.annotations.store import AnnotationStore
from annotator.annotations.sync import sync
from annotator.errors import NotFound
from tests.integration.syncing import KINDS, Place, read

if TYPE_CHECKING:
    from annotator.annotations.sync.result import SyncResult

WHO = st.integers(0, 3)
WHICH = st.integers(0, 9)
Rows = dict[str, tuple[tuple[str, str], ...]]  # content by annotation_id


class Person:
    """One replica."""

    def __init__(self, folder: Path, name: str, place: Place) -> None:
        self.name = name
        self.place = place
        slash = "/" if place.kind == "folder" else ""
        suffix = "" if slash else f".{place.kind}"
        self.path = f"{folder / name / 'reviews'}{suffix}{slash}"
        self.changed: set[str] = set()  # ids edited here since the last sync
        self.knew: Rows = {}  # the copy as it was after the last sync from here
        self.open()

    def open(self) -> None:
        self.store = AnnotationStore(self.path, columns=["label"], annotator=self.name)

    def rows(self) -> Rows:
        return {row["annotation_id"]: row_key(row) for row in self.store.rows()}

    def sync(self, **options: Any) -> SyncResult | None:
        try:
            return sync(self.store, self.place.uri, auth=self.place.auth, **options)
        except NotFound:
            assert not self.store.n_rows  # there is nothing to sync
            return None


class Replicas(RuleBasedStateMachine):
    """Two to four people, in any order; `places` makes a new place of a kind."""

    def __init__(self, places: Any) -> None:
        super().__init__()
        self.places = places
        self.people: list[Person] = []
        self.ever: set[str] = set()
        self.deleted: set[str] = set()
        self.numbers = itertools.count()

    @initialize(n=st.integers(2, 4), kind=st.sampled_from(KINDS))
    def gather(self, n: int, kind: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.place = self.places(kind)
        self.people = [
            Person(Path(self.folder.name), name, self.place) for name in "abcd"[:n]
        ]

    def person(self, who: int) -> Person:
        return self.people[who % len(self.people)]

    @rule(who=WHO)
    def submit(self, who: int) -> None:
        person, number = self.person(who), next(self.numbers)
        clip = f"{person.name}{number}"
        event = person.store.submit(clip, [{"label": f"new {number}"}])
        self.ever.update(event.ids)

    def some_clip(self, person: Person, which: int) -> str | None:
        clips = sorted(person.store.reviewed)
        return clips[which % len(clips)] if clips else None

    @rule(who=WHO, which=WHICH)
    def edit(self, who: int, which: int) -> None:
        person = self.person(who)
        if clip := self.some_clip(person, which):
            row = person.store.rows_of(clip)[0]
            changed = {"label": f"{person.name} {next(self.numbers)}"}
            changed["annotation_id"] = row["annotation_id"]
            person.store.submit(clip, [changed])
            person.changed.add(row["annotation_id"])

    @rule(who=WHO, which=WHICH)
    def delete(self, who: int, which: int) -> None:
        person = self.person(who)
        if clip := self.some_clip(person, which):
            self.deleted.update(r["annotation_id"] for r in person.store.rows_of(clip))
            person.store.delete(clip)

    @rule(who=WHO)
    def undo(self, who: int) -> None:
        person = self.person(who)
        before = person.rows()
        person.store.undo()
        after = person.rows()
        self.deleted |= before.keys() - after.keys()
        person.changed |= {key for key in after if after[key] != before.get(key)}

    @rule(who=WHO)
    def come_back_another_day(self, who: int) -> None:
        self.person(who).store.close()
        self.person(who).open()

    @rule(who=WHO)
    def sync(self, who: int) -> None:
        person = self.person(who)
        there, mine = self.copy(), person.rows()

        result = person.sync()

        if result is not None:
            after = self.copy()
            assert after == person.rows()
            lost = {
                key: mine[key]
                for key in person.changed & mine.keys() & after.keys()
                if after[key] != mine[key]
            }
            lost |= {
                key: there[key]
                for key in there.keys() & mine.keys() & after.keys()
                if after[key] != there[key] != person.knew.get(key)
            }
            found = {c.annotation_id: row_key(c.other) for c in result.conflicts}
            assert lost.items() <= found.items()
            path = person.store.log_path
            log = path.read_text("utf-8") if path.exists() else ""
            assert all(dict(row)["label"] in log for row in lost.values())
            self.seen(person, after)

    def seen(self, person: Person, copy: Rows) -> None:
        person.changed, person.knew = set(), copy

    def copy(self) -> Rows:
        """Read what is at the place, by other programs."""
        if not any(name.startswith("reviews") for name in self.place.names()):
            return {}
        rows = [
            row
            for data in self.place.files().values()
            for row in read(data, self.place.kind)
        ]
        filled = [
            {n: c for n, c in row.items() if c not in ("", "None")} for row in rows
        ]
        return {row["annotation_id"]: row_key(row) for row in filled}

    @precondition(lambda self: len(self.people) > 1)
    @rule(who=WHO, other=WHO, at=st.integers(0, 5))
    def sync_while_another_does(self, who: int, other: int, at: int) -> None:
        person, rival = self.person(who), self.person(other)
        asked = itertools.count()
        if person is rival:
            return

        def interrupt() -> bool:
            if next(asked) == at and rival.sync() is not None:
                self.seen(rival, rival.rows())
            return False

        if person.sync(cancelled=interrupt) is not None:
            self.seen(person, person.rows())

    def teardown(self) -> None:
        if not self.people:
            return
        for person in self.people * 2:
            person.sync()
        found = [person.rows() for person in self.people]
        copy = self.copy()
        for person in self.people:
            person.store.close()
        self.folder.cleanup()

        assert all(rows == found[0] for rows in found)
        assert copy == found[0]
        assert self.ever - self.deleted <= found[0].keys()
