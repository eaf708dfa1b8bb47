"""People who submit, edit, delete and sync in any order end with the same rows."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.annotations.cells import row_key
from annotator.annotations.store import AnnotationStore
from annotator.annotations.sync import sync

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["submit", "submit", "edit", "delete", "undo", "sync", "sync"]),
        st.integers(0, 2),  # who
        st.integers(0, 5),  # which
    ),
    max_size=25,
)


class Person:
    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.destination = folder / "shared" / "reviews.csv"
        self.store = AnnotationStore(
            folder / name / "reviews.csv", columns=["label"], annotator=name
        )
        self.n = 0

    def do(self, step: str, which: int) -> None:
        clips = sorted(self.store.reviewed)
        clip = clips[which % len(clips)] if clips else ""
        self.n += 1
        if step == "submit":
            self.store.submit(f"{self.name}{self.n}", [{"label": f"new {self.n}"}])
        elif step == "edit" and clip:
            key = self.store.rows_of(clip)[0]["annotation_id"]
            changed = {"annotation_id": key, "label": f"{self.name} {self.n}"}
            self.store.submit(clip, [changed])
        elif step == "delete" and clip:
            self.store.delete(clip)
        elif step == "undo":
            self.store.undo()
        elif step == "sync":
            self.sync()

    def sync(self) -> None:
        if self.store.n_rows or self.destination.exists():
            try:
                sync(self.store, self.destination)
            except FileNotFoundError:
                assert not self.store.n_rows

    def rows(self) -> dict[str, object]:
        return {row["annotation_id"]: row_key(row) for row in self.store.rows()}


@settings(max_examples=25)
@given(STEPS)
def test_replicas_converge_and_nothing_submitted_and_not_deleted_is_missing(steps):
    with tempfile.TemporaryDirectory() as folder:
        people = [Person(Path(folder), name) for name in "abc"]
        ever, deleted = set(), set()

        for step, who, which in steps:
            before = set(people[who].rows())
            people[who].do(step, which)
            after = set(people[who].rows())
            ever |= after
            if step in ("delete", "undo"):
                deleted |= before - after
        # somebody without any row has nothing to sync, and would not be asked
        for person in people:
            person.store.submit(f"last {person.name}", [{"label": "end"}])
            ever |= set(person.rows())
        for person in people * 2:
            person.sync()
        found = [person.rows() for person in people]
        for person in people:
            person.store.close()

        assert found[0] == found[1] == found[2]
        assert ever - deleted <= set(found[0])
