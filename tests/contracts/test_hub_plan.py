"""What is said of all clips, whom it leaves without a person, and that nothing is lost."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from annotator.errors import Forbidden, ProjectNotFound
from annotator.hub.store import tables
from annotator.hub.store.leases import Leases
from annotator.hub.store.members import Members
from annotator.hub.store.plan import Plan
from annotator.hub.store.progress import Progress
from tests.contracts.hub_ground import Ground, clip
from tests.doubles.databases import database

__all__ = ["database"]  # a fixture


@pytest.fixture
def n_lacking(ground, database):
    """Return a function: how many clips lack a person."""
    return lambda: Progress(database).overall(ground.olga, ground.uid).n_lacking


def mark_all(ground):
    """Let all clips have one review more, blind."""
    with ground.database.writing() as connection:
        connection.execute(sa.update(tables.clips).values(is_blind=True))


class TestBlindOfAssigned:
    def test_it_goes_to_one_other_member(self, ground, ada, bob, clips, next_of):
        ground.add(1)
        clips.assign(ground.olga, ground.uid, ["ada"])
        mark_all(ground)

        assert [next_of(who) for who in (bob, ground.olga, ada)] == [0, None, 0]
        ground.review(bob, "clip-0")
        assert [next_of(who) for who in (bob, ground.olga, ada)] == [None, None, 0]
        ground.review(ada, "clip-0")
        assert next_of(ada) is None

    def test_one_who_asked_first_may_give_it_back(
        self, ground, ada, bob, clips, next_of
    ):
        ground.add(1)
        clips.assign(ground.olga, ground.uid, ["ada"])
        mark_all(ground)
        assert next_of(bob) == 0

        Leases(ground.database).release(bob, ground.uid, "clip-0")

        assert next_of(ground.olga) == 0

    def test_the_lease_of_the_other_member_is_renewed(
        self, ground, ada, bob, clips, next_of
    ):
        ground.add(1)
        clips.assign(ground.olga, ground.uid, ["ada"])
        mark_all(ground)
        next_of(bob)

        assert Leases(ground.database).renew(bob, ground.uid, "clip-0")

    def test_it_comes_among_the_clips_of_nobody(self, ground, ada, bob, clips, next_of):
        ground.add(3)
        clips.assign(ground.olga, ground.uid, ["ada"], ["clip-1"])
        mark_all(ground)
        clips.set_reviews(ground.olga, ground.uid, 1)

        seen = []
        while (number := next_of(bob)) is not None:
            seen.append(number)
            ground.review(bob, f"clip-{number}")

        assert seen == [0, 1, 2]


class TestLacking:
    def test_a_project_with_all_its_people_lacks_none(
        self, ground, ada, bob, clips, n_lacking
    ):
        ground.add(3)
        clips.set_reviews(ground.olga, ground.uid, 2)
        clips.assign(ground.olga, ground.uid, ["ada", "bob"], ["clip-0"])
        mark_all(ground)

        assert n_lacking() == 0

    def test_a_blind_review_without_a_second_member(self, ground, n_lacking):
        ground.add(2)
        mark_all(ground)
        assert n_lacking() == 2
        ground.person("vera", "viewer")
        assert n_lacking() == 2

        ground.person("ada", "annotator")
        assert n_lacking() == 0

    def test_a_blind_review_of_the_only_member_s_clips(self, ground, clips, n_lacking):
        ground.add(1)
        clips.assign(ground.olga, ground.uid, ["olga"])
        mark_all(ground)
        assert n_lacking() == 1

        ground.person("ada", "annotator")
        assert n_lacking() == 0

    def test_more_reviews_than_people_assigned(self, ground, ada, clips, n_lacking):
        ground.add(2)
        clips.assign(ground.olga, ground.uid, ["ada"], ["clip-1"])

        clips.set_reviews(ground.olga, ground.uid, 2)

        assert n_lacking() == 1

    def test_a_clip_that_all_skipped(self, ground, ada, clips, n_lacking):
        ground.add(1)
        clips.assign(ground.olga, ground.uid, ["ada"])
        ground.event(ada, "clip-0", "skip")
        assert n_lacking() == 1

        ground.review(ada, "clip-0")
        assert n_lacking() == 0

    def test_people_who_may_no_longer_sign_in_give_no_review(
        self, ground, ada, clips, n_lacking
    ):
        ground.add(1)
        clips.assign(ground.olga, ground.uid, ["ada"])
        with ground.database.writing() as connection:
            own = tables.users.c.id == ada.user.id
            connection.execute(
                sa.update(tables.users).where(own).values(is_active=False)
            )

        assert n_lacking() == 1

    def test_another_project_does_not_matter(self, ground, ada, n_lacking):
        other = Ground(ground.database, "Bats")
        other.add(2)
        ground.add(2)
        other.join(ada, "annotator")
        for number in range(2):
            other.event(ada, f"clip-{number}", "skip")
            other.event(other.olga, f"clip-{number}", "skip")
            ground.event(ada, f"clip-{number}", "skip")

        assert n_lacking() == 0
        assert Progress(ground.database).overall(other.olga, other.uid).n_lacking == 2

    @pytest.mark.parametrize("seed", range(6))
    def test_just_what_lacks_a_person_is_left_when_all_have_done_what_they_can(
        self, ground, database, clips, next_of, n_lacking, seed
    ):
        chance = random.Random(seed)  # noqa: S311 - no secret
        people = [ground.person(f"p{n}", "annotator") for n in range(3)]
        people.append(ground.olga)
        names = [who.user.name for who in people]
        ground.add(24)
        for number in range(24):
            one = [f"clip-{number}"]
            clips.set_reviews(ground.olga, ground.uid, chance.randint(1, 4), one)
            chosen = chance.sample(names, chance.choice([0, 0, 1, 2, 3]))
            clips.assign(ground.olga, ground.uid, chosen, one)
        clips.blind_share(ground.olga, ground.uid, 0.2)
        with database.writing() as connection:
            some = tables.clips.c.identity.in_([f"clip-{n}" for n in range(0, 24, 2)])
            connection.execute(
                sa.update(tables.clips).where(some).values(is_blind=True)
            )
        foreseen = n_lacking()
        assert 0 < foreseen < 24

        while given := [(who, n) for who in people if (n := next_of(who)) is not None]:
            who, number = chance.choice(given)
            ground.review(who, f"clip-{number}")

        done = Progress(database).overall(ground.olga, ground.uid)
        assert done.n_clips - done.n_complete == done.n_lacking == foreseen


class TestLater:
    def test_what_was_said_of_all_holds_for_clips_that_are_added_later(
        self, ground, ada, bob, clips
    ):
        ground.add(10)
        clips.set_reviews(ground.olga, ground.uid, 2)
        clips.assign(ground.olga, ground.uid, ["ada"])
        n_marked = clips.blind_share(ground.olga, ground.uid, 0.2)

        ground.add(100)

        n_all = len(marked(ground))
        assert n_all > n_marked
        assert clips.blind_share(ground.olga, ground.uid, 0.2) == n_all  # the same ones
        found = clips.list(ground.olga, ground.uid)
        assert {one.reviews_wanted for one in found} == {2}
        assert assigned(ground) == {ada.user.id: 100}

    def test_nothing_was_said(self, ground, clips):
        assert clips.plan(ground.olga, ground.uid) == Plan(1, [], 0.0, 0)

        ground.add(100)

        assert marked(ground) == []
        assert assigned(ground) == {}

    def test_what_was_said_of_some_holds_for_these(self, ground, ada, clips):
        ground.add(2)
        clips.set_reviews(ground.olga, ground.uid, 3, ["clip-1"])
        clips.assign(ground.olga, ground.uid, ["ada"], ["clip-1"])

        ground.add(3)

        found = [one.reviews_wanted for one in clips.list(ground.olga, ground.uid)]
        assert found == [1, 3, 1]
        assert assigned(ground) == {ada.user.id: 1}

    def test_clips_that_are_there_stay_as_they_are(self, ground, ada, bob, clips):
        ground.add(2)
        clips.assign(ground.olga, ground.uid, ["ada"])
        clips.assign(ground.olga, ground.uid, ["bob"], ["clip-1"])

        ground.add(2)

        assert assigned(ground) == {ada.user.id: 1, bob.user.id: 1}

    def test_another_project_s_clips_are_not_touched(self, ground, ada, bob, clips):
        other = Ground(ground.database, "Bats")
        clips.assign(ground.olga, ground.uid, ["ada"])
        clips.set_reviews(ground.olga, ground.uid, 2)
        clips.assign(other.olga, other.uid, [])
        other.add(2)
        ground.add(1)

        assert assigned(ground) == {ada.user.id: 1}
        assert clips.plan(other.olga, other.uid).users == []
        found = clips.list(other.olga, other.uid)
        assert {one.reviews_wanted for one in found} == {1}

    @pytest.mark.parametrize("leave", ["remove", "set"])
    def test_who_leaves_gets_no_later_clips(self, ground, ada, bob, clips, leave):
        clips.assign(ground.olga, ground.uid, ["ada", "bob"])
        role = ["viewer"] if leave == "set" else []

        getattr(Members(ground.database), leave)(ground.olga, ground.uid, "ada", *role)

        assert clips.plan(ground.olga, ground.uid).users == ["bob"]
        ground.add(1)
        assert assigned(ground) == {bob.user.id: 1}

    def test_a_manager_is_told_what_was_said(self, ground, ada, bob, clips):
        ground.add(2)
        clips.set_reviews(ground.olga, ground.uid, 3)
        clips.assign(ground.olga, ground.uid, ["bob", "ada"])
        clips.blind_share(ground.olga, ground.uid, 0.1)

        said = clips.plan(ground.olga, ground.uid)

        assert said == Plan(3, ["ada", "bob"], 0.1, n_lacking=2)

    def test_others_are_not_told(self, ground, ada, clips):
        with pytest.raises(Forbidden):
            clips.plan(ada, ground.uid)
        with pytest.raises(ProjectNotFound):
            clips.plan(ground.person("eve"), ground.uid)


def test_sixteen_at_once_leave_no_blind_review_and_give_none_twice(
    ground, clips, next_of, n_lacking
):
    people = [ground.person(f"p{number}", "annotator") for number in range(16)]
    ground.add(12)
    clips.assign(ground.olga, ground.uid, ["p0"])
    mark_all(ground)

    def work(who):
        while (number := next_of(who)) is not None:
            ground.review(who, f"clip-{number}")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, people))

    rows = tables.annotations.c
    with ground.database.reading() as connection:
        found = connection.execute(sa.select(rows.clip, rows.user_id)).all()
    assert len(set(found)) == len(found)
    assert Counter(name for name, _ in found) == {f"clip-{n}": 2 for n in range(12)}
    assert Counter(who for _, who in found)[people[0].user.id] == 12
    assert n_lacking() == 0


def test_the_same_clip_is_always_marked_or_never(ground, clips):
    ground.add(60)
    clips.blind_share(ground.olga, ground.uid, 0.1)
    few = marked(ground)
    clips.blind_share(ground.olga, ground.uid, 0.2)
    clips.add(ground.olga, ground.uid, [clip(99)])

    assert set(few) < set(marked(ground))


def marked(ground):
    """Return the identities of the clips that are marked."""
    found = tables.clips.c
    query = sa.select(found.identity).where(found.is_blind).order_by(found.id)
    with ground.database.reading() as connection:
        return connection.scalars(query).all()


def assigned(ground):
    """Return to how many clips each is assigned, by the user's id."""
    query = sa.select(tables.assignments.c.user_id)
    with ground.database.reading() as connection:
        return dict(Counter(connection.scalars(query)))
