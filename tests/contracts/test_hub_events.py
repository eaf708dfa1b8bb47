"""Events and the table that follows from them, on each database."""

from __future__ import annotations

import copy
import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.errors import Forbidden, HubConflict, ProjectNotFound, Refused
from annotator.hub.store.annotations import Annotations
from annotator.hub.store.events import Added, Events
from annotator.hub.store.members import Members
from annotator.hub.store.projects import Projects
from tests.contracts.hub_people import Team, event, row
from tests.doubles.databases import database  # noqa: F401 (a fixture)


@pytest.fixture
def team(database):  # noqa: F811
    return Team(database)


@pytest.fixture
def events(database):  # noqa: F811
    return Events(database)


@pytest.fixture
def table(team, database):  # noqa: F811
    def rows(seq=None):
        found = Annotations(database).rows(team.ada, team.uid, seq)
        return {(one["annotator"], one["annotation_id"]): one.get("v") for one in found}

    return rows


class TestEvents:
    def test_events_are_numbered_without_a_gap(self, team, events):
        first = events.add(team.ada, team.uid, [event(), event()])
        second = events.add(team.ada, team.uid, [event()])

        assert (first, second) == (Added(2, 0, 2), Added(1, 0, 3))
        assert [e.seq for e in events.list(team.ada, team.uid)] == [1, 2, 3]

    def test_what_comes_again_is_stored_once(self, team, events, table):
        sent = event("clip-1", row("a", v=1))
        events.add(team.ada, team.uid, [sent])

        again = events.add(team.ada, team.uid, [sent, event(), sent])

        assert again == Added(1, 2, 2)
        assert table() == {("ada", "a"): 1}

    def test_what_was_sent_comes_back_to_the_letter(self, team, events):
        cells = {"Ø": "Käuzchen 🦉", "n": 2**63 - 1, "x": 0.1, "none": None, "l": [1]}
        sent = event("clip-1", row("a", **cells), look={"n_fft": 512}, config="c")

        events.add(team.ada, team.uid, [copy.deepcopy(sent)])

        (stored,) = events.list(team.ada, team.uid)
        kept = dataclasses.asdict(stored)
        assert {key: kept[key] for key in sent} == sent
        assert stored.user == "ada"

    def test_a_bad_event_stops_its_whole_batch_and_says_which(self, team, events):
        bad = event("clip-1", row("a", v=float("nan")))

        with pytest.raises(Refused) as refused:
            events.add(team.ada, team.uid, [event(), bad])

        assert [index for index, _ in refused.value.problems] == [1]
        assert events.list(team.ada, team.uid) == []

    def test_a_row_is_replaced_and_removed_by_its_id(self, team, events, table):
        events.add(team.ada, team.uid, [event("c", row("a", v=1), row("b", v=2))])
        events.add(team.ada, team.uid, [event("c", row("a", v=3))])
        events.add(team.ada, team.uid, [event("c", row("b"), kind="delete")])
        events.add(team.ada, team.uid, [event("c", kind="skip")])

        assert table() == {("ada", "a"): 3}
        assert table(1) == {("ada", "a"): 1, ("ada", "b"): 2}
        assert table(2) == {("ada", "a"): 3, ("ada", "b"): 2}
        assert table(0) == {}

    def test_nobody_touches_anothers_annotations(self, team, events, table):
        bob = team.add("bob", "annotator")
        events.add(team.ada, team.uid, [event("c", row("a", v="ada"))])

        events.add(bob, team.uid, [event("c", row("a", v="bob"))])
        events.add(bob, team.uid, [event("c", row("a"), kind="delete")])

        assert table() == {("ada", "a"): "ada"}

    def test_many_at_once_get_numbers_of_their_own(self, team, events):
        people = [team.add(f"p{n}", "annotator") for n in range(8)]

        def work(person):
            for _ in range(5):
                events.add(person, team.uid, [event(), event()])

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, people))

        seqs = [e.seq for e in events.list(team.ada, team.uid)]
        assert seqs == list(range(1, 81))

    def test_the_same_batch_at_once_is_stored_once(self, team, events):
        sent = [event("c", row(str(n), v=n)) for n in range(20)]

        with ThreadPoolExecutor(4) as pool:
            added = list(
                pool.map(lambda _: events.add(team.ada, team.uid, sent), "1234")
            )

        assert sum(one.n_new for one in added) == 20
        assert len(events.list(team.ada, team.uid)) == 20

    def test_a_viewer_adds_nothing_and_a_stranger_sees_nothing(self, team, events):
        viewer, stranger = team.add("vic", "viewer"), team.add("sam")

        with pytest.raises(Forbidden):
            events.add(viewer, team.uid, [event()])
        with pytest.raises(ProjectNotFound) as not_mine:
            events.add(stranger, team.uid, [event()])
        with pytest.raises(ProjectNotFound) as not_there:
            events.list(stranger, "no such")
        assert str(not_mine.value) == str(not_there.value)
        assert events.list(viewer, team.uid) == []

    def test_a_token_for_other_things_or_projects_adds_nothing(self, team, events):
        reads = dataclasses.replace(team.ada, scopes=frozenset({"project:read"}))
        other = dataclasses.replace(team.ada, project_uids=frozenset({"another"}))

        with pytest.raises(Forbidden):
            events.add(reads, team.uid, [event()])
        with pytest.raises(ProjectNotFound):
            events.add(other, team.uid, [event()])

    def test_an_archived_project_is_read_only(self, team, events, database):  # noqa: F811
        events.add(team.ada, team.uid, [event()])
        Projects(database).archive(team.ada, team.uid)

        with pytest.raises(HubConflict, match="archived"):
            events.add(team.ada, team.uid, [event()])
        assert len(events.list(team.ada, team.uid)) == 1

    def test_pages_of_events_join(self, team, events):
        events.add(team.ada, team.uid, [event() for _ in range(7)])

        first = events.list(team.ada, team.uid, limit=3)
        rest = events.list(team.ada, team.uid, after=first[-1].seq)

        assert [e.seq for e in first + rest] == list(range(1, 8))
        assert [e.seq for e in events.latest(team.ada, team.uid, 2)] == [7, 6]

    def test_what_a_batch_does_twice_is_done_in_order(self, team, events, table):
        events.add(team.ada, team.uid, [event("c", row("a", v=0), row("b", v=0))])

        events.add(
            team.ada,
            team.uid,
            [
                event("c", row("a", v=1)),
                event("c", row("a"), row("b"), kind="delete"),
                event("c", row("a", v=3), row("new", v=3)),
                event("c", row("new", v=4)),
                event("c", row("new"), kind="delete"),
            ],
        )

        a, b = ("ada", "a"), ("ada", "b")
        assert [table(seq) for seq in range(1, 7)] == [
            {a: 0, b: 0},
            {a: 1, b: 0},
            {},
            {a: 3, ("ada", "new"): 3},
            {a: 3, ("ada", "new"): 4},
            {a: 3},
        ]

    def test_an_id_that_somebody_else_used_is_refused(self, team, events, table):
        bob = team.add("bob", "annotator")
        sent = event("c", row("a", v=1))
        events.add(team.ada, team.uid, [sent])

        with pytest.raises(Refused) as refused:
            events.add(bob, team.uid, [event(), {**sent, "clip": "d"}])

        assert [index for index, _ in refused.value.problems] == [1]
        assert sent["id"] not in str(refused.value)
        assert events.add(team.ada, team.uid, [sent]) == Added(0, 1, 1)

    def test_the_same_id_may_be_in_two_projects(self, team, events, database):  # noqa: F811
        other = Projects(database).create(team.ada, "Night").uid
        sent = event("c", row("a"))

        assert events.add(team.ada, team.uid, [sent]).n_new == 1
        assert events.add(team.ada, other, [sent]).n_new == 1

    def test_a_batch_and_an_event_have_a_size(self, team, events):
        whole = [event() for _ in range(200)]
        large = event("c", *(row(str(n), t="x" * 100_000) for n in range(11)))

        assert events.add(team.ada, team.uid, whole).n_new == 200
        with pytest.raises(Refused, match="at most 200 events"):
            events.add(team.ada, team.uid, [*whole, event()])
        with pytest.raises(Refused, match="1,000,000 characters") as refused:
            events.add(team.ada, team.uid, [event(), large])
        assert refused.value.problems[0][0] == 1
        assert events.add(team.ada, team.uid, []) == Added(0, 0, 200)

    def test_a_stranger_with_a_bad_event_is_told_of_no_project(self, team, events):
        with pytest.raises(ProjectNotFound):
            events.add(team.add("sam"), team.uid, [event(kind="bad")])

    def test_large_events_come_in_shorter_lists(self, team, events):
        text = "x" * 199_000
        large = [
            event("c", *(row(f"{n}-{k}", t=text) for k in range(4))) for n in range(12)
        ]
        events.add(team.ada, team.uid, large)
        seqs, last = [], 0

        while found := events.list(team.ada, team.uid, after=last):
            assert len(found) <= 7
            seqs += [one.seq for one in found]
            last = found[-1].seq

        assert seqs == list(range(1, 13))

    @pytest.mark.parametrize("after", [5, 2**63 - 1, 2**63, 2**70])
    def test_nothing_is_after_the_last(self, team, events, after):
        events.add(team.ada, team.uid, [event()])

        assert events.list(team.ada, team.uid, after=after) == []
        assert events.list(team.ada, team.uid, limit=-1) == []
        assert len(events.list(team.ada, team.uid, after=-(2**70), limit=2**70)) == 1


_DEED = st.tuples(
    st.sampled_from(["set", "set", "delete", "skip"]),
    st.lists(st.sampled_from("abcd"), unique=True, max_size=3),
    st.integers(0, 9),
)
_BATCHES = st.lists(
    st.tuples(st.sampled_from(["ada", "bob"]), st.lists(_DEED, max_size=4)), max_size=6
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=_BATCHES)
def test_the_table_was_at_each_event_what_it_was(database, batches):  # noqa: F811
    team = _fresh_team(database)
    people, now, then = {"ada": team.ada, "bob": team.bob}, {}, [{}]

    for name, deeds in batches:
        sent = [
            event("c", *(row(one, v=value) for one in ids), kind=kind)
            for kind, ids, value in deeds
        ]
        Events(database).add(people[name], team.uid, sent)
        for kind, ids, value in deeds:
            for one in ids:
                if kind == "set":
                    now[name, one] = value
                elif kind == "delete":
                    now.pop((name, one), None)
            then.append(dict(now))

    table = Annotations(database)
    for seq, expected in enumerate(then):
        found = list(table.rows(team.ada, team.uid, seq))
        assert {(r["annotator"], r["annotation_id"]): r["v"] for r in found} == expected
        assert len(found) == len(expected)


def _fresh_team(database):  # noqa: F811
    """Return a project of its own for each example, of two people."""
    kept = getattr(database, "team", None)
    if kept is None:
        kept = database.team = Team(database)
        kept.bob = kept.add("bob", "annotator")
        kept.n = 0
    else:
        kept.n += 1
        kept.uid = Projects(database).create(kept.ada, f"Owls {kept.n}").uid
        Members(database).set(kept.ada, kept.uid, "bob", "annotator")
    return kept
