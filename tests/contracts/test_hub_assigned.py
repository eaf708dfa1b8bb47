"""Who gets the clips that were assigned, or marked for a blind review."""

from __future__ import annotations

import sqlalchemy as sa

from annotator.hub.store import tables
from tests.doubles.databases import database

__all__ = ["database"]  # a fixture


class TestAssigned:
    def test_clips_assigned_to_oneself_come_first(
        self, ground, ada, bob, clips, next_of
    ):
        ground.add(4)
        clips.assign(ground.olga, ground.uid, ["ada"], ["clip-3", "clip-2"])

        assert next_of(ada) == 2
        ground.review(ada, "clip-2")
        assert next_of(ada) == 3
        ground.review(ada, "clip-3")
        assert next_of(ada) == 0

    def test_clips_assigned_to_others_only_are_never_given(
        self, ground, ada, bob, clips, next_of
    ):
        ground.add(2)
        clips.assign(ground.olga, ground.uid, ["ada"], ["clip-0", "clip-1"])

        assert next_of(bob) is None
        assert next_of(ada) == 0

    def test_several_may_share_a_clip(self, ground, ada, bob, clips, next_of):
        ground.add(2)
        clips.set_reviews(ground.olga, ground.uid, 2)
        clips.assign(ground.olga, ground.uid, ["ada", "bob"])

        assert [next_of(who) for who in (ada, bob, ground.olga)] == [0, 0, None]

    def test_who_is_assigned_anew_gets_the_clip_and_loses_it(
        self, ground, ada, bob, clips, next_of
    ):
        ground.add(1)
        clips.assign(ground.olga, ground.uid, ["ada"])
        assert next_of(bob) is None
        assert next_of(ada) == 0

        clips.assign(ground.olga, ground.uid, ["bob"])
        assert next_of(ada) is None
        assert next_of(bob) == 0

    def test_assigned_to_nobody_is_for_all(self, ground, ada, bob, clips, next_of):
        ground.add(1)
        clips.assign(ground.olga, ground.uid, ["ada"])
        assert next_of(bob) is None

        clips.assign(ground.olga, ground.uid, [])
        assert next_of(bob) == 0

    def test_more_reviews_wanted_open_clips_again(
        self, ground, ada, bob, clips, next_of
    ):
        ground.add(2)
        ground.review(ada, "clip-0")
        ground.review(ada, "clip-1")
        assert next_of(bob) is None

        clips.set_reviews(ground.olga, ground.uid, 2, ["clip-1"])
        assert next_of(bob) == 1


class TestBlind:
    def test_the_review_more_is_by_another_person(
        self, ground, ada, bob, clips, next_of
    ):
        ground.add(40)
        assert clips.blind_share(ground.olga, ground.uid, 0.2) > 0
        for number in range(40):
            ground.review(ada, f"clip-{number}")
        marked = blind(ground)

        assert next_of(ada) is None
        given = []
        while (number := next_of(bob)) is not None:
            given.append(number)
            ground.review(bob, f"clip-{number}")
        assert given == marked
        assert next_of(ground.olga) is None

    def test_nobody_is_told(self, ground, ada, bob, clips, leases):
        ground.add(40)
        clips.blind_share(ground.olga, ground.uid, 0.2)
        first = blind(ground)[0]
        clips.assign(ground.olga, ground.uid, ["ada", "bob"], [f"clip-{first}"])

        one = leases.next(ada, ground.uid)
        other = leases.next(bob, ground.uid)

        assert one.clip.identity == f"clip-{first}"
        assert one.clip == other.clip
        assert one.clip.reviews_wanted == 1
        assert set(vars(one)) == {"clip", "until"}
        assert not [name for name in vars(one.clip) if "blind" in name]


def blind(ground):
    """Return the numbers of the clips that are marked."""
    clips = tables.clips.c
    query = sa.select(clips.identity).where(clips.is_blind).order_by(clips.id)
    with ground.database.reading() as connection:
        return [int(text.partition("-")[2]) for text in connection.scalars(query)]
