"""Leases on each database: who gets which clip, and for how long."""

from __future__ import annotations

import math

import pytest

from annotator.errors import Forbidden, HubConflict, ProjectNotFound, Refused
from annotator.hub.store import clock
from annotator.hub.store.events import Events
from tests.contracts.hub_ground import Ground, clip
from tests.contracts.hub_people import event
from tests.doubles.databases import database

__all__ = ["database"]  # a fixture


class TestNext:
    def test_clips_are_given_in_the_order_in_which_they_were_added(
        self, ground, ada, bob, next_of
    ):
        ground.add(2)

        assert (next_of(ada), next_of(bob)) == (0, 1)

    def test_the_clip_comes_with_all_that_is_known_of_it(self, ground, ada, leases):
        ground.add(1, row={"species": "Strix aluco"})
        before = clock.after(minutes=15)

        lease = leases.next(ada, ground.uid)

        assert before <= lease.until <= clock.after(minutes=15)
        sent = clip(0, row={"species": "Strix aluco"})
        assert {key: getattr(lease.clip, key) for key in sent} == sent

    def test_ones_own_running_lease_is_given_again_and_lasts_longer(
        self, ground, ada, bob, leases, next_of
    ):
        ground.add(3)
        next_of(bob)
        first = leases.next(ada, ground.uid, minutes=1)
        leases.release(bob, ground.uid, "clip-0")

        again = leases.next(ada, ground.uid, minutes=2)

        assert first.clip.identity == "clip-1"
        assert again.clip == first.clip
        assert again.until > first.until

    def test_a_lease_that_is_over_goes_to_the_next_person(
        self, ground, ada, bob, next_of
    ):
        ground.add(2)
        next_of(ada)
        ground.expire_leases()

        assert next_of(bob) == 0
        assert next_of(ada) == 1

    def test_a_released_clip_goes_to_the_next_person(
        self, ground, ada, bob, leases, next_of
    ):
        ground.add(2)
        next_of(ada)

        assert leases.release(ada, ground.uid, "clip-0")
        assert next_of(bob) == 0

    def test_only_the_lease_that_is_named_is_given_back(
        self, ground, ada, leases, next_of
    ):
        ground.add(1)
        first = leases.next(ada, ground.uid, minutes=1)
        second = leases.next(ada, ground.uid, minutes=2)

        assert not leases.release(ada, ground.uid, "clip-0", until=first.until)
        assert leases.release(ada, ground.uid, "clip-0", until=second.until)

    def test_what_one_gave_back_is_given_again(self, ground, ada, leases, next_of):
        ground.add(2)

        assert next_of(ada) == 0
        leases.release(ada, ground.uid, "clip-0")
        assert next_of(ada) == 0

    def test_one_s_own_lease_that_is_over_has_no_precedence(
        self, ground, ada, bob, next_of
    ):
        ground.add(2)
        assert [next_of(bob), next_of(ada)] == [0, 1]
        ground.expire_leases()

        assert next_of(ada) == 0

    def test_nothing_is_left_when_all_clips_are_reviewed(
        self, ground, ada, bob, next_of
    ):
        ground.add(2)
        ground.review(ada, "clip-0")
        ground.review(bob, "clip-1")

        assert next_of(ada) is None
        assert next_of(bob) is None

    def test_nobody_reviews_a_clip_twice(self, ground, ada, clips, next_of):
        ground.add(2)
        clips.set_reviews(ground.olga, ground.uid, 2)
        next_of(ada)
        ground.review(ada, "clip-0")

        assert next_of(ada) == 1
        ground.review(ada, "clip-1")
        assert next_of(ada) is None

    def test_a_clip_goes_to_as_many_people_as_it_wants_reviews(
        self, ground, ada, bob, clips, next_of
    ):
        ground.add(2)
        clips.set_reviews(ground.olga, ground.uid, 2, ["clip-0"])

        assert [next_of(who) for who in (ada, bob, ground.olga)] == [0, 0, 1]

    def test_who_reviewed_with_a_lease_that_still_runs_counts_once(
        self, ground, ada, bob, clips, next_of
    ):
        ground.add(1)
        clips.set_reviews(ground.olga, ground.uid, 2)
        next_of(ada)
        ground.review(ada, "clip-0")

        assert next_of(bob) == 0
        assert next_of(ground.olga) is None

    def test_who_reviewed_other_clips_keeps_the_one_they_have_now(
        self, ground, ada, bob, next_of
    ):
        ground.add(3)
        next_of(ada)
        ground.review(ada, "clip-0")

        assert [next_of(ada), next_of(bob)] == [1, 2]

    def test_several_rows_of_one_person_are_one_review(
        self, ground, ada, bob, clips, next_of
    ):
        ground.add(1)
        clips.set_reviews(ground.olga, ground.uid, 2)
        ground.review(ada, "clip-0")
        ground.review(ada, "clip-0")

        assert next_of(bob) == 0

    def test_a_clip_that_was_skipped_goes_to_others(self, ground, ada, bob, next_of):
        ground.add(2)
        next_of(ada)
        ground.event(ada, "clip-0", "skip")

        assert next_of(ada) == 1
        assert next_of(bob) == 0

    def test_a_skip_that_was_taken_back_counts_no_more(self, ground, ada, next_of):
        ground.add(2)
        ground.event(ada, "clip-0", "skip")
        assert next_of(ada) == 1
        ground.event(ada, "clip-0", "delete")
        ground.review(ada, "clip-1")

        assert next_of(ada) == 0

    def test_a_review_that_was_deleted_is_wanted_again(self, ground, ada, bob, next_of):
        ground.add(3)
        ground.review(ada, "clip-0")
        ground.review(ada, "clip-1")
        assert next_of(bob) == 2
        ground.withdraw(ada, "clip-1")
        ground.review(bob, "clip-2")

        assert next_of(bob) == 1

    def test_after_very_many_events_a_deleted_review_is_still_noticed(
        self, ground, ada, bob, next_of
    ):
        ground.add(2)
        ground.review(ada, "clip-0")
        assert next_of(bob) == 1
        ground.withdraw(ada, "clip-0")
        ground.review(bob, "clip-1")
        sent = [event(f"a-{number}", kind="skip") for number in range(501)]
        for part in range(0, 501, 200):
            Events(ground.database).add(ada, ground.uid, sent[part : part + 200])

        assert next_of(bob) == 0

    def test_an_event_that_takes_a_row_to_another_clip_opens_the_one_before(
        self, ground, ada, bob, next_of
    ):
        ground.add(3)
        ground.review(ada, "clip-0", "row-1")
        assert next_of(bob) == 1
        ground.review(bob, "clip-1")
        ground.review(ada, "clip-2", "row-1")

        assert next_of(bob) == 0

    def test_clips_added_later_come_too(self, ground, ada, clips, next_of):
        ground.add(1)
        ground.review(ada, "clip-0")
        assert next_of(ada) is None
        clips.add(ground.olga, ground.uid, [clip(7)])

        assert next_of(ada) == 7

    def test_another_project_s_clips_and_reviews_do_not_matter(
        self, ground, ada, leases, next_of
    ):
        other = Ground(ground.database, "Bats")
        other.add(3)
        ground.add(2)
        other.join(ada, "annotator")
        leases.next(ada, other.uid)
        other.review(ada, "clip-0")

        assert next_of(ada) == 0
        assert leases.next(ada, other.uid).clip.identity == "clip-1"
        assert next_of(ada) == 0
        assert leases.next(other.olga, other.uid).clip.identity == "clip-2"

    @pytest.mark.parametrize("minutes", [0, -1, math.nan, math.inf, 1441])
    def test_a_lease_of_no_or_endless_time_is_refused(
        self, ground, ada, leases, minutes
    ):
        with pytest.raises(Refused, match="minutes"):
            leases.next(ada, ground.uid, minutes=minutes)


class TestRenewAndRelease:
    def test_a_running_lease_is_made_longer(self, ground, ada, bob, leases, next_of):
        ground.add(1)
        first = leases.next(ada, ground.uid, minutes=1)

        again = leases.renew(ada, ground.uid, "clip-0", minutes=2)

        assert again.clip == first.clip
        assert again.until > first.until
        assert next_of(bob) is None

    def test_one_that_is_over_is_renewed_if_nobody_else_has_the_clip(
        self, ground, ada, bob, leases, next_of
    ):
        ground.add(1)
        next_of(ada)
        ground.expire_leases()

        assert leases.renew(ada, ground.uid, "clip-0").until > clock.now()
        assert next_of(bob) is None

    def test_one_whose_clip_went_to_another_is_lost(
        self, ground, ada, bob, leases, next_of
    ):
        ground.add(1)
        next_of(ada)
        ground.expire_leases()
        assert next_of(bob) == 0

        with pytest.raises(HubConflict, match="Ask for the next"):
            leases.renew(ada, ground.uid, "clip-0")

    @pytest.mark.parametrize("identity", ["clip-0", "none", "\0", "\ud800", ""])
    def test_what_was_never_leased_is_neither_renewed_nor_released(
        self, ground, ada, bob, leases, next_of, identity
    ):
        ground.add(1)
        next_of(bob)

        assert leases.release(ada, ground.uid, identity) is False
        with pytest.raises(HubConflict):
            leases.renew(ada, ground.uid, identity)
        assert next_of(bob) == 0

    def test_a_lease_of_another_is_not_made_one_s_own(
        self, ground, ada, bob, leases, clips, next_of
    ):
        ground.add(1)
        clips.set_reviews(ground.olga, ground.uid, 2)
        next_of(bob)

        assert leases.release(ada, ground.uid, "clip-0") is False
        with pytest.raises(HubConflict):
            leases.renew(ada, ground.uid, "clip-0")


class TestWho:
    def test_a_viewer_gets_no_clip(self, ground, leases):
        ground.add(1)
        vera = ground.person("vera", "viewer")

        for ask in (
            lambda: leases.next(vera, ground.uid),
            lambda: leases.renew(vera, ground.uid, "clip-0"),
            lambda: leases.release(vera, ground.uid, "clip-0"),
        ):
            with pytest.raises(Forbidden, match="viewer"):
                ask()

    def test_a_stranger_is_told_that_there_is_no_such_project(self, ground, leases):
        eve = ground.person("eve")

        for ask in (
            lambda: leases.next(eve, ground.uid),
            lambda: leases.renew(eve, ground.uid, "clip-0"),
            lambda: leases.release(eve, ground.uid, "clip-0"),
        ):
            with pytest.raises(ProjectNotFound):
                ask()

    def test_a_token_needs_the_scope(self, ground, leases):
        reader = ground.person("ray", "annotator", scopes=frozenset({"project:read"}))

        with pytest.raises(Forbidden, match="annotate"):
            leases.next(reader, ground.uid)
