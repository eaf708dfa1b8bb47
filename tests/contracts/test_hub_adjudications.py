"""What annotators disagree about, and what a manager says is right, on each database."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa

from annotator.errors import Forbidden, HubConflict, ProjectNotFound, Refused
from annotator.hub.store import tables
from annotator.hub.store.annotations import Annotations
from annotator.hub.store.events import Events
from annotator.hub.store.progress import Progress
from annotator.hub.store.snapshots import Snapshots
from tests.contracts.hub_ground import Ground
from tests.contracts.hub_people import with_token
from tests.doubles.databases import database

__all__ = ["database"]  # a fixture


@pytest.fixture
def ground(database):
    """Return a project where ada says owl, and bob fox, of clip-0."""
    ground = Ground(database)
    ground.ada, ground.bob = (ground.person(n, "annotator") for n in ("ada", "bob"))
    ground.mia = ground.person("mia", "manager")
    ground.review(ground.ada, "clip-0", label="owl")
    ground.review(ground.bob, "clip-0", label="fox")
    return ground


def states(ground, column="label"):
    found = Progress(ground.database).disagreements(ground.olga, ground.uid, column)
    return {one.clip: one.state for one in found}


def the_one(ground):
    (one,) = Progress(ground.database).disagreements(ground.olga, ground.uid, "label")
    return one


def decided_rows(ground, seq=None):
    rows = Annotations(ground.database).rows(ground.olga, ground.uid, seq)
    return [(row["annotator"], row["label"]) for row in rows if row.get("adjudicated")]


class TestStates:
    def test_it_is_open_until_a_manager_decides(self, ground):
        assert states(ground) == {"clip-0": "open"}
        assert the_one(ground).decision is None

        ground.adjudicate(ground.mia, "clip-0", label="owl")

        one = the_one(ground)
        assert (one.state, one.decided, one.changed_by) == ("adjudicated", "owl", [])
        assert (one.decision.by, one.decision.seq) == ("mia", 3)
        assert one.decision.column == "label"
        assert one.decision.at.endswith("Z")
        assert dict(one.labels) == {"ada": "owl", "bob": "fox"}

    def test_it_can_be_asked_for_one_state(self, ground):
        ground.review(ground.ada, "clip-1", label="owl")
        ground.review(ground.bob, "clip-1", label="fox")
        ground.adjudicate(ground.mia, "clip-0", label="owl")
        ask = Progress(ground.database).disagreements

        found = {
            state: [one.clip for one in ask(ground.olga, ground.uid, "label", state)]
            for state in (None, "open", "adjudicated")
        }

        assert found == {
            None: ["clip-0", "clip-1"],
            "open": ["clip-1"],
            "adjudicated": ["clip-0"],
        }

    def test_another_review_after_it_that_differs_opens_it(self, ground):
        ground.adjudicate(ground.mia, "clip-0", label="owl")
        cy = ground.person("cy", "annotator")

        ground.review(cy, "clip-0", label="owl")
        assert states(ground) == {"clip-0": "adjudicated"}
        ground.review(ground.ada, "clip-0", label="rain")
        assert (the_one(ground).state, the_one(ground).changed_by) == ("open", ["ada"])

        ground.adjudicate(ground.mia, "clip-0", label="rain")
        assert (the_one(ground).state, the_one(ground).decided) == (
            "adjudicated",
            "rain",
        )

    def test_all_others_against_a_decision_are_a_disagreement(self, ground):
        ground.adjudicate(ground.mia, "clip-0", label="owl")
        ground.review(ground.ada, "clip-0", label="fox")

        assert the_one(ground).state == "open"

    def test_when_all_say_what_was_decided_there_is_none(self, ground):
        ground.adjudicate(ground.mia, "clip-0", label="owl")
        ground.review(ground.bob, "clip-0", label="owl")

        assert states(ground) == {}

    def test_taking_it_back_opens_it(self, ground):
        ground.adjudicate(ground.mia, "clip-0", label="owl")

        ground.withdraw(ground.mia, "clip-0")

        assert states(ground) == {"clip-0": "open"}
        assert decided_rows(ground) == []

    def test_the_last_decision_that_stands_counts(self, ground):
        ground.adjudicate(ground.mia, "clip-0", label="owl")
        ground.adjudicate(ground.olga, "clip-0", label="fox")
        assert (the_one(ground).decision.by, decided_rows(ground)) == (
            "olga",
            [("olga", "fox")],
        )

        ground.withdraw(ground.olga, "clip-0")

        assert (the_one(ground).decision.by, the_one(ground).decided) == ("mia", "owl")

    def test_it_settles_what_it_answers_and_what_it_was_asked(self, ground):
        for who, label in ((ground.ada, "1"), (ground.bob, "2")):
            ground.review(who, "clip-1", label=label, sex=label, notes=label)

        ground.adjudicate(ground.mia, "clip-1", "sex", label="1", sex="", notes=None)

        assert states(ground)["clip-1"] == "adjudicated"
        assert states(ground, "sex") == {"clip-1": "adjudicated"}
        assert states(ground, "notes") == {"clip-1": "open"}

    def test_a_skip_decides_nothing(self, ground):
        event = {
            "id": str(uuid.uuid4()),
            "clip": "clip-0",
            "kind": "skip",
            "rows": [],
            "created_at": "2026-03-01T06:30:00.000Z",
        }
        Events(ground.database).adjudicate(ground.mia, ground.uid, [event], "label")

        assert states(ground) == {"clip-0": "open"}

    def test_one_of_another_project_decides_nothing_here(self, ground):
        other = Ground(ground.database, "Bats")
        for number in range(3):
            other.adjudicate(other.olga, f"clip-{number}", label="owl")

        assert states(ground) == {"clip-0": "open"}
        assert decided_rows(ground) == []


class TestAdjudicate:
    def test_sent_again_it_decides_nothing_anew(self, ground):
        sent = ground.adjudicate(ground.mia, "clip-0", label="owl")
        ground.review(ground.bob, "clip-0", label="rain")
        again = Events(ground.database).adjudicate(ground.mia, ground.uid, [sent])

        assert (again.n_new, again.n_known, again.last_seq) == (0, 1, 4)
        assert states(ground) == {"clip-0": "open"}

    def test_event_and_decision_are_kept_together_or_not_at_all(
        self, ground, monkeypatch
    ):
        def fail(*_args):
            msg = "the disk is full"
            raise OSError(msg)

        monkeypatch.setattr("annotator.hub.store.adjudications.mark", fail)
        with pytest.raises(OSError, match="disk is full"):
            ground.adjudicate(ground.mia, "clip-0", label="owl")

        events = Events(ground.database).list(ground.olga, ground.uid)
        assert [event.user for event in events] == ["ada", "bob"]
        assert states(ground) == {"clip-0": "open"}

    def test_events_say_that_they_adjudicate(self, ground):
        ground.adjudicate(ground.mia, "clip-0", label="owl")

        events = Events(ground.database).list(ground.olga, ground.uid)

        assert [event.adjudicates for event in events] == [False, False, True]

    def test_annotators_decide_nothing(self, ground):
        with pytest.raises(Forbidden, match="takes manager or more"):
            ground.adjudicate(ground.ada, "clip-0", label="owl")
        with pytest.raises(Forbidden, match="scope 'annotate'"):
            ground.adjudicate(
                with_token(ground.mia, "project:read"), "clip-0", label="owl"
            )
        with pytest.raises(ProjectNotFound):
            ground.adjudicate(ground.person("eve"), "clip-0", label="owl")

        assert states(ground) == {"clip-0": "open"}

    def test_a_column_that_no_program_can_hold_is_refused(self, ground):
        for column in ("x" * 201, "\0", "\ud800"):
            with pytest.raises(Refused, match="at most 200 characters"):
                ground.adjudicate(ground.mia, "clip-0", column, label="owl")
        with pytest.raises(ProjectNotFound):  # and a stranger is told just that
            ground.adjudicate(ground.person("eve"), "clip-0", "\0", label="owl")

    def test_an_archived_project_takes_none(self, ground):
        with ground.database.writing() as connection:
            connection.execute(sa.update(tables.projects).values(archived_at="2026"))

        with pytest.raises(HubConflict, match="archived"):
            ground.adjudicate(ground.mia, "clip-0", label="owl")

    def test_it_replaces_no_review_of_ones_own(self, ground):
        ground.review(ground.mia, "clip-0", "mine", label="rain")
        good = {"annotation_id": "new", "label": "owl"}
        sent = [
            {
                "id": str(uuid.uuid4()),
                "clip": "clip-0",
                "kind": "set",
                "rows": [row],
                "created_at": "2026-03-01T06:30:00.000Z",
            }
            for row in (good, {**good, "annotation_id": "mine"})
        ]

        with pytest.raises(Refused, match="Your own review") as refused:
            Events(ground.database).adjudicate(ground.mia, ground.uid, sent)

        assert [index for index, _why in refused.value.problems] == [1]
        assert states(ground) == {"clip-0": "open"}


class TestWhatElseFollows:
    def test_how_far_annotators_agree_does_not_change(self, ground):
        progress = Progress(ground.database)
        ground.review(ground.mia, "clip-0", label="owl")
        for who, label in ((ground.ada, "owl"), (ground.bob, "owl")):
            ground.review(who, "clip-1", label=label)
        ask = (ground.olga, ground.uid, "label")
        before = progress.agreement(*ask), progress.label_counts(*ask)

        ground.adjudicate(ground.mia, "clip-0", label="fox")
        ground.adjudicate(ground.olga, "clip-1", label="fox")

        assert (progress.agreement(*ask), progress.label_counts(*ask)) == before
        assert states(ground) == {"clip-0": "adjudicated", "clip-1": "adjudicated"}

    def test_everybodys_rows_stay_and_one_is_the_decided(self, ground):
        ground.adjudicate(ground.mia, "clip-0", label="rain")

        rows = list(Annotations(ground.database).rows(ground.olga, ground.uid))

        assert [
            (row["annotator"], row["label"], row.get("adjudicated")) for row in rows
        ] == [("ada", "owl", None), ("bob", "fox", None), ("mia", "rain", True)]

    def test_a_column_of_that_name_keeps_what_is_in_it(self, ground):
        ground.review(ground.ada, "clip-1", label="owl", adjudicated="no")

        rows = list(Annotations(ground.database).rows(ground.olga, ground.uid))

        assert rows[-1]["adjudicated_of_row"] == "no"
        assert "adjudicated" not in rows[-1]

    def test_a_snapshot_keeps_the_decisions_of_its_time(self, ground):
        snapshots = Snapshots(ground.database)
        ask = (ground.olga, ground.uid)
        ground.adjudicate(ground.mia, "clip-0", label="owl")
        taken = snapshots.create(*ask, "then")
        before = list(snapshots.rows(*ask, "then"))

        ground.adjudicate(ground.olga, "clip-0", label="fox")
        ground.withdraw(ground.mia, "clip-0")

        assert list(snapshots.rows(*ask, "then")) == before
        assert [row.get("adjudicated") for row in before] == [None, None, True]
        assert decided_rows(ground, taken.through_seq) == [("mia", "owl")]
        assert decided_rows(ground) == [("olga", "fox")]
