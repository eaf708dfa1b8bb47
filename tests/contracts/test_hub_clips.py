"""A project's clips on each database: added, listed, and who shall review them."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from annotator.errors import Forbidden, HubConflict, ProjectNotFound, Refused
from annotator.hub.store import tables
from annotator.hub.store.clips import Clips
from tests.contracts.hub_ground import Ground, clip
from tests.doubles.databases import database

__all__ = ["database"]  # a fixture


@pytest.fixture
def ground(database):
    return Ground(database)


@pytest.fixture
def clips(database):
    return Clips(database)


def identities(found):
    return [one.identity for one in found]


def names(*numbers):
    return [f"clip-{number}" for number in numbers]


def column(ground, name):
    """Return what a column of the table holds, by identity."""
    query = sa.select(tables.clips.c.identity, tables.clips.c[name])
    query = query.where(tables.clips.c.project_id == ground.id)
    with ground.database.reading() as connection:
        return {row.identity: row[1] for row in connection.execute(query)}


def assigned(ground):
    """Return the pairs of clip and person."""
    query = sa.select(tables.clips.c.identity, tables.users.c.name).where(
        tables.assignments.c.clip_id == tables.clips.c.id,
        tables.assignments.c.user_id == tables.users.c.id,
    )
    with ground.database.reading() as connection:
        return {tuple(row) for row in connection.execute(query)}


def notes(ground):
    """Return the audit log: action and detail, the oldest first."""
    audit = tables.audit.c
    query = sa.select(audit.action, audit.detail).order_by(audit.id)
    query = query.where(audit.project_id == ground.id)
    with ground.database.reading() as connection:
        return [
            (row.action, json.loads(row.detail)) for row in connection.execute(query)
        ]


class TestAdd:
    def test_new_clips_are_listed_as_they_were_sent(self, ground, clips):
        sent = clip(0, start_time=1, row={"näme": "Käuzchen", "tags": [1, None]})

        assert clips.add(ground.olga, ground.uid, [sent]) == 1

        (found,) = clips.list(ground.olga, ground.uid)
        assert {key: getattr(found, key) for key in sent} == sent
        assert found.reviews_wanted == 1

    def test_a_row_may_be_left_out(self, ground, clips):
        sent = clip(0)
        del sent["row"]
        clips.add(ground.olga, ground.uid, [sent])

        assert clips.list(ground.olga, ground.uid)[0].row == {}

    def test_known_ones_are_counted_and_left_alone(self, ground, clips):
        clips.add(ground.olga, ground.uid, [clip(0), clip(1)])

        n_new = clips.add(
            ground.olga,
            ground.uid,
            [clip(1, recording="other.flac"), clip(2), clip(2, start_time=0)],
        )

        assert n_new == 1
        found = clips.list(ground.olga, ground.uid)
        assert identities(found) == names(0, 1, 2)
        assert [one.recording for one in found] == [
            f"site-a/{number}.flac" for number in range(3)
        ]
        assert found[2].start_time == 6.0
        assert notes(ground)[-1] == ("clips.add", {"new": 1, "known": 2})

    def test_a_batch_with_a_wrong_clip_is_refused_as_a_whole(self, ground, clips):
        with pytest.raises(Refused) as refused:
            clips.add(ground.olga, ground.uid, [clip(0), clip(1, start_time=99)])

        assert [index for index, _ in refused.value.problems] == [1]
        assert clips.n(ground.olga, ground.uid) == 0

    def test_very_many_at_once_keep_their_order(self, ground, clips):
        sent = [clip(number) for number in range(1_501)]

        assert clips.add(ground.olga, ground.uid, sent) == 1_501
        assert clips.n(ground.olga, ground.uid) == 1_501
        found = clips.list(ground.olga, ground.uid, limit=2_000)
        assert identities(found) == [one["identity"] for one in sent]

    def test_two_projects_may_have_the_same_clip(self, ground, clips):
        other = Ground(ground.database, "Bats")
        ground.add(1)
        other.add(2)

        assert clips.n(ground.olga, ground.uid) == 1
        assert clips.n(other.olga, other.uid) == 2

    def test_the_same_table_added_by_eight_at_once_is_there_once(self, ground, clips):
        sent = [clip(number) for number in range(40)]

        with ThreadPoolExecutor(8) as pool:
            n_new = list(
                pool.map(lambda _: clips.add(ground.olga, ground.uid, sent), range(8))
            )

        assert sum(n_new) == clips.n(ground.olga, ground.uid) == 40


class TestList:
    def test_pages_hold_each_clip_once(self, ground, clips):
        ground.add(5)
        pages, after = [], 0

        while page := clips.list(ground.olga, ground.uid, after=after, limit=2):
            pages.append(identities(page))
            after = page[-1].id

        assert pages == [names(0, 1), names(2, 3), names(4)]

    @pytest.mark.parametrize("limit", [0, -1])
    def test_no_clip_is_listed_where_none_is_asked_for(self, ground, clips, limit):
        ground.add(1)

        assert list(clips.list(ground.olga, ground.uid, limit=limit)) == []

    @pytest.mark.parametrize("after", [-(10**30), 10**30])
    def test_any_number_may_be_where_a_page_begins(self, ground, clips, after):
        ground.add(1)

        found = clips.list(ground.olga, ground.uid, after=after)

        assert len(found) == (after < 0)


class TestSetReviews:
    def test_of_all_clips(self, ground, clips):
        ground.add(2)

        assert clips.set_reviews(ground.olga, ground.uid, 3) == 2
        assert column(ground, "reviews_wanted") == {"clip-0": 3, "clip-1": 3}
        assert notes(ground)[-1] == ("clips.reviews", {"wanted": 3, "clips": 2})

    def test_of_some(self, ground, clips):
        ground.add(3)

        n_changed = clips.set_reviews(ground.olga, ground.uid, 2, names(2, 0, 2))

        assert n_changed == 2
        assert column(ground, "reviews_wanted") == {
            "clip-0": 2,
            "clip-1": 1,
            "clip-2": 2,
        }

    def test_of_this_project_only(self, ground, clips):
        other = Ground(ground.database, "Bats")
        ground.add(1)
        other.add(1)
        clips.set_reviews(ground.olga, ground.uid, 2)

        assert column(other, "reviews_wanted") == {"clip-0": 1}

    @pytest.mark.parametrize("unknown", ["clip-9", "", "a\0b", "\ud800"])
    def test_of_a_clip_that_is_not_there_nothing_changes(self, ground, clips, unknown):
        ground.add(1)

        with pytest.raises(Refused) as refused:
            clips.set_reviews(ground.olga, ground.uid, 2, ["clip-0", unknown])

        assert [index for index, _ in refused.value.problems] == [1]
        assert column(ground, "reviews_wanted") == {"clip-0": 1}

    @pytest.mark.parametrize("wanted", [0, -1, 101])
    def test_too_few_or_too_many_are_refused(self, ground, clips, wanted):
        ground.add(1)

        with pytest.raises(Refused, match="1 to 100"):
            clips.set_reviews(ground.olga, ground.uid, wanted)


class TestAssign:
    def test_these_people_alone_whoever_it_was_before(self, ground, clips):
        ground.person("ada", "annotator")
        ground.person("bob", "manager")
        ground.add(3)
        clips.assign(ground.olga, ground.uid, ["ada"])

        assert clips.assign(ground.olga, ground.uid, ["bob", "OLGA"], names(1)) == 1

        assert assigned(ground) == {
            ("clip-0", "ada"),
            ("clip-1", "bob"),
            ("clip-1", "olga"),
            ("clip-2", "ada"),
        }
        assert notes(ground)[-1] == (
            "clips.assign",
            {"users": ["OLGA", "bob"], "clips": 1},
        )

    def test_nobody_is_all(self, ground, clips):
        ground.add(2)
        clips.assign(ground.olga, ground.uid, ["olga"])

        assert clips.assign(ground.olga, ground.uid, []) == 2
        assert assigned(ground) == set()

    def test_more_than_one_statement_takes(self, ground, clips):
        ground.add(1_201)
        these = [f"clip-{number}" for number in range(1, 1_201)]

        assert clips.assign(ground.olga, ground.uid, ["olga"], these) == 1_200
        assert len(assigned(ground)) == 1_200

    def test_who_may_not_annotate_and_who_is_not_there_are_refused_alike(
        self, ground, clips
    ):
        ground.person("ada", "annotator")
        ground.person("vera", "viewer")
        ground.person("eve")
        other = Ground(ground.database, "Bats")
        other.person("otto", "annotator")
        ground.add(1)
        names = ["ada", "vera", "eve", "nobody", "otto"]

        with pytest.raises(Refused) as refused:
            clips.assign(ground.olga, ground.uid, names)

        indices, reasons = zip(*refused.value.problems, strict=True)
        assert indices == (1, 2, 3, 4)
        assert len(set(reasons)) == 1
        assert assigned(ground) == set()

    def test_a_clip_of_another_project_is_not_there(self, ground, clips):
        other = Ground(ground.database, "Bats")
        clips.add(other.olga, other.uid, [clip(7)])

        with pytest.raises(Refused, match="no clip of this identity"):
            clips.assign(ground.olga, ground.uid, ["olga"], names(7))


class TestBlindShare:
    def test_the_share_is_near_what_was_asked_for(self, ground, clips):
        ground.add(1_000)

        n_marked = clips.blind_share(ground.olga, ground.uid, 0.1)

        assert 70 <= n_marked <= 130  # three standard deviations
        assert sum(column(ground, "is_blind").values()) == n_marked
        assert notes(ground)[-1] == ("clips.blind", {"share": 0.1, "clips": n_marked})

    def test_which_ones_follows_from_sha_256_of_the_identity(self, ground, clips):
        ground.add(300)
        clips.blind_share(ground.olga, ground.uid, 0.2)

        def part(identity):
            return int(hashlib.sha256(identity.encode()).hexdigest()[:12], 16) / 16**12

        marks = column(ground, "is_blind")
        assert marks == {identity: part(identity) < 0.2 for identity in marks}

    def test_a_smaller_share_unmarks_the_others(self, ground, clips):
        ground.add(300)
        clips.blind_share(ground.olga, ground.uid, 0.2)
        more = column(ground, "is_blind")
        clips.blind_share(ground.olga, ground.uid, 0.05)
        fewer = column(ground, "is_blind")

        assert 0 < sum(fewer.values()) < sum(more.values())
        assert all(more[identity] for identity, is_blind in fewer.items() if is_blind)
        assert clips.blind_share(ground.olga, ground.uid, 0) == 0

    @pytest.mark.parametrize("share", [-0.1, 0.21, float("nan")])
    def test_no_other_share_is_taken(self, ground, clips, share):
        with pytest.raises(Refused, match=r"0 to 0\.2"):
            clips.blind_share(ground.olga, ground.uid, share)


CHANGES = {
    "add": lambda clips, who, uid: clips.add(who, uid, [clip(1)]),
    "set_reviews": lambda clips, who, uid: clips.set_reviews(who, uid, 2),
    "assign": lambda clips, who, uid: clips.assign(who, uid, []),
    "blind_share": lambda clips, who, uid: clips.blind_share(who, uid, 0.1),
}
LOOKS = {
    "list": lambda clips, who, uid: clips.list(who, uid),
    "n": lambda clips, who, uid: clips.n(who, uid),
}


class TestWho:
    @pytest.mark.parametrize("name", CHANGES)
    def test_managers_change_clips_and_annotators_do_not(self, ground, clips, name):
        CHANGES[name](clips, ground.person("mia", "manager"), ground.uid)

        with pytest.raises(Forbidden, match="annotator"):
            CHANGES[name](clips, ground.person("ada", "annotator"), ground.uid)

    @pytest.mark.parametrize("name", LOOKS)
    def test_viewers_see_them(self, ground, clips, name):
        LOOKS[name](clips, ground.person("vera", "viewer"), ground.uid)

    @pytest.mark.parametrize("name", CHANGES | LOOKS)
    def test_to_a_stranger_there_is_no_such_project(self, ground, clips, name):
        with pytest.raises(ProjectNotFound):
            (CHANGES | LOOKS)[name](clips, ground.person("eve"), ground.uid)

    @pytest.mark.parametrize("name", CHANGES)
    def test_an_archived_project_takes_no_change(self, ground, clips, name):
        with ground.database.writing() as connection:
            connection.execute(sa.update(tables.projects).values(archived_at="2026"))

        with pytest.raises(HubConflict, match="archived"):
            CHANGES[name](clips, ground.olga, ground.uid)

    def test_who_may_not_add_clips_does_not_learn_what_is_wrong_with_them(
        self, ground, clips
    ):
        with pytest.raises(ProjectNotFound):
            clips.add(ground.person("eve"), ground.uid, [{}])
