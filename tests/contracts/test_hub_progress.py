"""How far a project is, and how far its annotators agree, on each database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from annotator.errors import ProjectNotFound, Refused
from annotator.hub.store import tables
from annotator.hub.store.clips import Clips
from annotator.hub.store.progress import DayCount, Overall, Progress
from tests.contracts.hub_ground import Ground
from tests.doubles.databases import database

__all__ = ["database"]  # a fixture


@pytest.fixture
def progress(database):
    return Progress(database)


def received_on(ground, *days):
    """Let the events have come on these days."""
    with ground.database.writing() as connection:
        for seq, day in enumerate(days, 1):
            connection.execute(
                sa.update(tables.events)
                .where(tables.events.c.seq == seq)
                .values(received_at=f"{day}T23:59:59.999Z")
            )


class TestOverall:
    def test_a_project_without_anything(self, ground, progress):
        assert progress.overall(ground.olga, ground.uid) == Overall(0, 0, 0, 0, 0)

    def test_clips_reviewed_and_complete_are_counted(self, ground, ada, bob, progress):
        other = Ground(ground.database, "Bats")
        other.add(3)
        other.review(other.olga, "clip-3")
        ground.add(5)
        clips = Clips(ground.database)
        clips.set_reviews(ground.olga, ground.uid, 2, ["clip-0", "clip-1"])
        ground.review(ada, "clip-0")
        ground.review(bob, "clip-0")
        ground.review(ada, "clip-1")
        ground.review(ada, "clip-1")
        ground.review(ada, "clip-2")
        ground.review(ada, "clip-3")
        ground.withdraw(ada, "clip-3")
        ground.event(ada, "clip-4", "skip")
        ground.review(bob, "of another table")

        assert progress.overall(ground.olga, ground.uid) == Overall(
            n_clips=5, n_reviewed=3, n_complete=2, n_reviews=5, n_lacking=0
        )

    def test_a_blind_review_is_wanted_too(self, ground, ada, bob, progress):
        ground.add(1)
        ground.review(ada, "clip-0")
        with ground.database.writing() as connection:
            connection.execute(sa.update(tables.clips).values(is_blind=True))
        assert progress.overall(ground.olga, ground.uid).n_complete == 0

        ground.review(bob, "clip-0")
        assert progress.overall(ground.olga, ground.uid).n_complete == 1


class TestByAnnotatorAndDay:
    def test_each_clip_counts_once_a_day(self, ground, ada, bob, progress):
        other = Ground(ground.database, "Bats")
        other.review(other.olga, "clip-0")
        ground.review(bob, "clip-0")
        ground.review(ada, "clip-0")
        ground.review(ada, "clip-0")
        ground.review(ada, "clip-1")
        ground.event(ada, "clip-2", "skip")
        ground.review(ada, "clip-0")
        received_on(ground, "2026-03-02", *["2026-03-01"] * 4, "2026-03-02")

        assert progress.by_annotator_and_day(ground.olga, ground.uid) == [
            DayCount("ada", "2026-03-01", n_clips=2, n_events=4),
            DayCount("ada", "2026-03-02", n_clips=1, n_events=1),
            DayCount("bob", "2026-03-02", n_clips=1, n_events=1),
        ]


class TestLabels:
    def test_the_latest_row_that_stands_holds_the_label(
        self, ground, ada, bob, progress
    ):
        ground.review(ada, "clip-0", label="wind")
        ground.review(ada, "clip-0", label="owl")
        ground.review(bob, "clip-0", label="fox")
        ground.withdraw(bob, "clip-0")
        ground.review(bob, "clip-0", "row", label="fox")
        ground.review(bob, "clip-0", "row", label="owl")

        assert progress.label_counts(ground.olga, ground.uid, "label") == {"owl": 2}
        assert progress.disagreements(ground.olga, ground.uid, "label") == []

    def test_the_most_frequent_comes_first(self, ground, ada, progress):
        for number, label in enumerate(["b", "c", "c", "a"]):
            ground.review(ada, f"clip-{number}", label=label)

        counts = progress.label_counts(ground.olga, ground.uid, "label")

        assert list(counts.items()) == [("c", 2), ("a", 1), ("b", 1)]

    def test_one_value_in_several_types_is_one_label(self, ground, ada, bob, progress):
        ground.review(ada, "clip-0", label=12)
        ground.review(bob, "clip-0", label=12.0)
        ground.review(ground.olga, "clip-0", label="12")
        ground.review(ada, "clip-1", label=["owl", "fox"])
        ground.review(ada, "clip-2", label=True)

        assert progress.label_counts(ground.olga, ground.uid, "label") == {
            "12": 3,
            "True": 1,
            '["owl","fox"]': 1,
        }

    def test_an_empty_one_is_none(self, ground, ada, bob, progress):
        ground.review(ada, "clip-0", label="owl")
        ground.review(bob, "clip-0", label="")
        ground.review(ground.olga, "clip-0", label=None)
        ground.review(ground.olga, "clip-1", other="x")

        assert progress.label_counts(ground.olga, ground.uid, "label") == {"owl": 1}
        assert progress.disagreements(ground.olga, ground.uid, "label") == []

    def test_a_column_may_have_any_name(self, ground, ada, progress):
        name = """$."[x]' OR 1=1 --"""
        ground.review(ada, "clip-0", **{name: "owl"})

        assert progress.label_counts(ground.olga, ground.uid, name) == {"owl": 1}


class TestDisagreements:
    def test_clips_with_different_labels_are_listed_with_them(
        self, ground, ada, bob, progress
    ):
        other = Ground(ground.database, "Bats")
        other.review(other.olga, "clip-0", label="bat")
        ground.review(bob, "clip-1", label="owl")
        ground.review(ada, "clip-0", label="owl")
        ground.review(bob, "clip-0", label="fox")
        ground.review(ada, "clip-1", label="wind")
        ground.review(ada, "clip-2", label="owl")
        ground.review(bob, "clip-2", label="owl")
        ground.review(ada, "clip-3", label="owl")
        ground.review(bob, "clip-1", label="rain")

        found = progress.disagreements(ground.olga, ground.uid, "label")

        assert [(one.clip, list(one.labels.items())) for one in found] == [
            ("clip-1", [("ada", "wind"), ("bob", "rain")]),
            ("clip-0", [("ada", "owl"), ("bob", "fox")]),
        ]


class TestAgreement:
    def test_the_standard_example(self, ground, progress):
        labels = {
            "a": "1 2 3 3 2 1 4 1 2 . . .",
            "b": "1 2 3 3 2 2 4 1 2 5 . 3",
            "c": ". 3 3 3 2 3 4 2 2 5 1 .",
            "d": "1 2 3 3 2 4 4 1 2 5 1 .",
        }
        for name, line in labels.items():
            who = ground.person(name, "annotator")
            for number, label in enumerate(line.split()):
                if label != ".":
                    ground.review(who, f"clip-{number}", label=int(label))

        def ask(level):
            return progress.agreement(ground.olga, ground.uid, "label", level=level)

        assert ask("nominal").alpha == pytest.approx(0.743, abs=5e-4)
        assert ask("ordinal").alpha == pytest.approx(0.815, abs=5e-4)
        assert ask("interval").alpha == pytest.approx(0.849, abs=5e-4)
        assert ask("nominal").n_clips == 11
        assert [(pair.first, pair.second) for pair in ask("nominal").pairs] == [
            *(("a", "b"), ("a", "c"), ("a", "d")),
            *(("b", "c"), ("b", "d"), ("c", "d")),
        ]

    def test_nothing_to_compare(self, ground, ada, bob, progress):
        ground.review(ada, "clip-0", label="owl")
        ground.review(bob, "clip-1", label="fox")

        found = progress.agreement(ground.olga, ground.uid, "label")

        assert (found.n_clips, found.alpha, found.pairs) == (0, None, [])

    @pytest.mark.parametrize("label", ["owl", "nan", "inf", True])
    def test_words_are_no_numbers(self, ground, ada, bob, progress, label):
        ground.review(ada, "clip-0", label=label)
        ground.review(bob, "clip-0", label=1)

        with pytest.raises(Refused, match="no number"):
            progress.agreement(ground.olga, ground.uid, "label", level="ordinal")

    def test_an_unknown_level_is_refused(self, ground, progress):
        with pytest.raises(Refused, match="nominal, ordinal, interval"):
            progress.agreement(ground.olga, ground.uid, "label", level="ratio")


LOOKS = {
    "overall": lambda progress, who, uid: progress.overall(who, uid),
    "by_day": lambda progress, who, uid: progress.by_annotator_and_day(who, uid),
    "label_counts": lambda progress, who, uid: progress.label_counts(who, uid, "x"),
    "disagreements": lambda progress, who, uid: progress.disagreements(who, uid, "x"),
    "agreement": lambda progress, who, uid: progress.agreement(who, uid, "x"),
}


@pytest.mark.parametrize("name", LOOKS)
def test_viewers_see_it_and_strangers_do_not(ground, progress, name):
    LOOKS[name](progress, ground.person("vera", "viewer"), ground.uid)

    with pytest.raises(ProjectNotFound):
        LOOKS[name](progress, ground.person("eve"), ground.uid)
