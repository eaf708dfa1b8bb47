"""Snapshots, and the table of annotations that they keep, on each database."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from annotator.errors import Forbidden, HubConflict, ProjectNotFound, Refused
from annotator.hub.store import annotations as annotations_module
from annotator.hub.store import tables
from annotator.hub.store.annotations import Annotations
from annotator.hub.store.audit import Audit
from annotator.hub.store.events import Events
from annotator.hub.store.projects import Projects
from annotator.hub.store.snapshots import Snapshots
from tests.contracts.hub_people import Team, event, row
from tests.doubles.databases import database  # noqa: F401 (a fixture)


@pytest.fixture
def team(database):  # noqa: F811
    return Team(database)


@pytest.fixture
def snapshots(database):  # noqa: F811
    return Snapshots(database)


@pytest.fixture
def table(database):  # noqa: F811
    return Annotations(database)


@pytest.fixture
def add(team, database):  # noqa: F811
    def add(*rows, clip="clip-1", by=None, **other):
        Events(database).add(by or team.ada, team.uid, [event(clip, *rows, **other)])

    return add


def ids(rows):
    return [one["annotation_id"] for one in rows]


class TestAnnotations:
    def test_a_row_tells_clip_person_id_and_time_and_then_its_own(
        self, team, table, add
    ):
        add(row("a", label="owl", score=0.5), clip="clip-7")

        (found,) = table.rows(team.ada, team.uid)

        assert list(found.items()) == [
            ("clip", "clip-7"),
            ("annotator", "ada"),
            ("annotation_id", "a"),
            ("created_at", "2026-03-01T06:30:00.000Z"),
            ("label", "owl"),
            ("score", 0.5),
        ]

    def test_nobody_writes_in_the_name_of_another(self, team, table, add, snapshots):
        bob = team.add("bob", "annotator")
        snapshots.create(team.ada, team.uid)
        forged = row("a", annotator="ada", clip="of the form", created_at=None)
        add(forged, by=bob, annotator="ada", created_at="2026-05-05")
        snapshots.create(team.ada, team.uid)

        (found,) = table.rows(team.ada, team.uid)

        assert found == {
            "clip": "clip-1",
            "annotator": "bob",
            "annotation_id": "a",
            "created_at": "2026-05-05",
            "clip_of_row": "of the form",
        }
        assert snapshots.compare(team.ada, team.uid, 1, 2).added == [found]

    def test_the_form_s_cells_come_back_exact(self, team, table, add):
        cells = {"Ø": "🦉\n\ttab", "big": 2**63 - 1, "x": 0.1, "no": None, "l": [{}]}
        add(row("a", **cells))

        (found,) = table.rows(team.ada, team.uid)

        assert {name: found[name] for name in cells} == cells

    def test_pages_join_without_a_gap_in_order(self, team, table, add, monkeypatch):
        monkeypatch.setattr(annotations_module, "_AT_ONCE", 3)
        for start in range(0, 20, 4):
            add(*(row(f"{n:02}", n=n) for n in range(start, start + 4)))
        add(row("05", n=5))  # a later version comes last

        found = ids(table.rows(team.ada, team.uid))

        assert found == [f"{n:02}" for n in (*range(5), *range(6, 20), 5)]

    def test_what_comes_while_it_is_read_is_not_in_it(
        self, team, table, add, monkeypatch
    ):
        monkeypatch.setattr(annotations_module, "_AT_ONCE", 2)
        add(*(row(one) for one in "abcd"))

        rows = table.rows(team.ada, team.uid)
        first = next(rows)
        add(row("c", late=True), row("e"))
        add(row("d"), kind="delete")

        assert ids([first, *rows]) == list("abcd")

    @pytest.mark.parametrize("seq", [-1, 0, 2, 2**63, 2**70, -(2**70)])
    def test_any_number_is_a_moment(self, team, table, add, seq):
        add(row("a"))

        assert ids(table.rows(team.ada, team.uid, seq)) == (["a"] if seq > 0 else [])

    def test_who_may_not_read_is_told_before_the_first_row(self, team, table, add):
        with pytest.raises(ProjectNotFound):
            table.rows(team.add("sam"), team.uid)
        with pytest.raises(Forbidden):
            table.rows(dataclasses.replace(team.ada, scopes=frozenset()), team.uid)

    def test_other_projects_are_not_in_it(self, team, table, add, database):  # noqa: F811
        add(row("a"))
        other = Projects(database).create(team.ada, "Night")
        Events(database).add(team.ada, other.uid, [event("clip-1", row("a", x=1))])

        assert [one.get("x") for one in table.rows(team.ada, team.uid)] == [None]
        assert [one.get("x") for one in table.rows(team.ada, other.uid)] == [1]


class TestSnapshots:
    def test_a_snapshot_stays_what_it_was(self, team, snapshots, add):
        add(row("a", v=1), row("b", v=2))
        info = snapshots.create(team.ada, team.uid, " Paper ", "For the\npaper")
        before = list(snapshots.rows(team.ada, team.uid, info.number))

        add(row("a", v=9), row("c"))
        add(row("b"), kind="delete")

        assert list(snapshots.rows(team.ada, team.uid, "paper")) == before
        assert [one["v"] for one in before] == [1, 2]
        assert snapshots.get(team.ada, team.uid, 1) == info
        assert (info.name, info.message, info.by) == ("Paper", "For the\npaper", "ada")
        assert (info.number, info.through_seq, info.n_rows) == (1, 1, 2)

    def test_its_hash_is_that_of_its_rows_in_order(self, team, snapshots, add):
        bob = team.add("bob", "annotator")
        first, second = row("b", v="Käuzchen\n\t"), row("a", v=2)
        add(first)
        add(second, by=bob, clip="clip-2")
        add()

        info = snapshots.create(team.ada, team.uid)

        lines = [
            "\t".join(
                [name, clip, json.dumps(one, ensure_ascii=False, separators=(",", ":"))]
            )
            for name, clip, one in [("ada", "clip-1", first), ("bob", "clip-2", second)]
        ]
        expected = hashlib.sha256("".join(f"{line}\n" for line in lines).encode())
        assert info.sha256 == expected.hexdigest()

    def test_the_same_rows_have_the_same_hash(self, team, snapshots, add):
        add(row("a"))
        hashes = [snapshots.create(team.ada, team.uid).sha256]
        add(kind="skip")
        hashes.append(snapshots.create(team.ada, team.uid).sha256)
        add(row("a", v=1))
        hashes.append(snapshots.create(team.ada, team.uid).sha256)

        assert hashes[0] == hashes[1] != hashes[2]

    def test_one_of_nothing(self, team, snapshots):
        info = snapshots.create(team.ada, team.uid)

        assert (info.n_rows, info.through_seq) == (0, 0)
        assert info.sha256 == hashlib.sha256(b"").hexdigest()
        assert list(snapshots.rows(team.ada, team.uid, 1)) == []

    def test_many_rows_are_hashed_in_parts(self, team, snapshots, add, monkeypatch):
        add(*(row(str(n)) for n in range(7)))
        whole = snapshots.create(team.ada, team.uid)

        monkeypatch.setattr(annotations_module, "_AT_ONCE", 2)

        in_parts = snapshots.create(team.ada, team.uid)
        assert (in_parts.n_rows, in_parts.sha256) == (7, whole.sha256)

    def test_names_of_their_own_and_given_ones(self, team, snapshots):
        for name in ["snapshot 2", None, "Paper"]:
            snapshots.create(team.ada, team.uid, name)

        listed = snapshots.list(team.ada, team.uid)
        assert [(info.number, info.name) for info in listed] == [
            (3, "Paper"),
            (2, "Snapshot 2 (2)"),
            (1, "snapshot 2"),
        ]

    def test_a_name_is_given_once(self, team, snapshots):
        snapshots.create(team.ada, team.uid, "Paper")

        with pytest.raises(HubConflict):
            snapshots.create(team.ada, team.uid, "PAPER")
        assert snapshots.create(team.ada, team.uid).number == 2

    @pytest.mark.parametrize("name", ["", "12", "a\0", "\ud800", "a\nb", "x" * 121])
    def test_a_bad_name_or_message_is_refused(self, team, snapshots, name):
        with pytest.raises(Refused):
            snapshots.create(team.ada, team.uid, name)
        with pytest.raises(Refused):
            snapshots.create(team.ada, team.uid, None, "\ud800")
        with pytest.raises(Refused):
            snapshots.create(team.ada, team.uid, None, "x" * 2_001)
        assert snapshots.list(team.ada, team.uid) == []

    def test_many_at_once_get_numbers_of_their_own(self, team, snapshots):
        with ThreadPoolExecutor(4) as pool:
            made = list(
                pool.map(lambda _: snapshots.create(team.ada, team.uid), range(8))
            )

        listed = snapshots.list(team.ada, team.uid)
        assert [info.number for info in listed] == list(range(8, 0, -1))
        assert sorted(made, key=lambda info: -info.number) == listed

    def test_one_is_taken_while_others_go_on(self, team, snapshots, add):
        def submit(start):
            for n in range(start, start + 10):
                add(row(str(n)))

        with ThreadPoolExecutor(3) as pool:
            going = [pool.submit(submit, 100 * n) for n in range(2)]
            made = [snapshots.create(team.ada, team.uid) for _ in range(5)]
            for each in going:
                each.result()

        for info in made:
            rows = list(snapshots.rows(team.ada, team.uid, info.number))
            assert len(rows) == info.n_rows == info.through_seq

    @pytest.mark.parametrize(
        "which",
        [0, 2, -1, 2**40, 2**70, "", "2", "Paper\0", "\ud800", "x" * 1000, None],
    )
    def test_what_is_not_there_is_not_found(self, team, snapshots, which):
        snapshots.create(team.ada, team.uid, "Paper")

        for way in (snapshots.get, snapshots.rows):
            with pytest.raises(ProjectNotFound):
                way(team.ada, team.uid, which)
        with pytest.raises(ProjectNotFound):
            snapshots.compare(team.ada, team.uid, 1, which)

    def test_who_may(self, team, snapshots):
        viewer, bob = team.add("vic", "viewer"), team.add("bob", "annotator")
        stranger = team.add("sam")
        reads = dataclasses.replace(bob, scopes=frozenset({"project:read"}))

        snapshots.create(bob, team.uid)
        for caller in (viewer, reads):
            assert len(snapshots.list(caller, team.uid)) == 1
            assert list(snapshots.rows(caller, team.uid, 1)) == []
            with pytest.raises(Forbidden):
                snapshots.create(caller, team.uid)
        for way in (
            lambda: snapshots.create(stranger, team.uid),
            lambda: snapshots.list(stranger, team.uid),
            lambda: snapshots.get(stranger, team.uid, 1),
            lambda: snapshots.rows(stranger, team.uid, 1),
            lambda: snapshots.compare(stranger, team.uid, 1, 1),
        ):
            with pytest.raises(ProjectNotFound, match="not a member"):
                way()
        assert Audit(team.database).of_project(team.ada, team.uid)[0].by == "bob"


class TestComparison:
    @pytest.fixture
    def three(self, team, snapshots, add):
        bob = team.add("bob", "annotator")
        add(row("same"), row("changed", v=1), row("gone"), row("back"), row("moved"))
        add(row("same", v="bob's"), by=bob)
        snapshots.create(team.ada, team.uid)
        add(row("changed", v=2), row("new"), row("short"))
        add(row("gone"), row("short"), row("back"), kind="delete")
        add(row("moved"), clip="clip-2")
        add(row("same", v="bob's"), by=bob)  # once more, the same
        snapshots.create(team.ada, team.uid)
        add(row("back"))
        snapshots.create(team.ada, team.uid)

    def test_what_was_added_removed_and_changed(self, team, snapshots, three):
        found = snapshots.compare(team.ada, team.uid, 1, 2)

        assert ids(found.added) == ["new"]
        assert ids(found.removed) == ["gone", "back"]
        assert [(r["annotation_id"], r["clip"], r.get("v")) for r in found.changed] == [
            ("changed", "clip-1", 2),
            ("moved", "clip-2", None),
        ]

    def test_the_other_way_round(self, team, snapshots, three):
        found = snapshots.compare(team.ada, team.uid, 2, 1)

        assert ids(found.added) == ["gone", "back"]
        assert ids(found.removed) == ["new"]
        assert [(r["annotation_id"], r["clip"], r.get("v")) for r in found.changed] == [
            ("changed", "clip-1", 1),
            ("moved", "clip-1", None),
        ]

    def test_what_went_and_came_back_is_no_change(self, team, snapshots, three):
        assert ids(snapshots.compare(team.ada, team.uid, 1, 3).removed) == ["gone"]
        for number in (1, 2, 3):
            same = snapshots.compare(team.ada, team.uid, number, number)
            assert [*same.added, *same.removed, *same.changed] == []

    def test_each_pair_is_what_the_rows_tell(self, team, snapshots, three):
        def rows(which):
            return {
                (r["annotator"], r["annotation_id"]): r
                for r in snapshots.rows(team.ada, team.uid, which)
            }

        for first, second in itertools.product((1, 2, 3), repeat=2):
            a, b = rows(first), rows(second)
            found = snapshots.compare(team.ada, team.uid, first, second)
            assert {r["annotation_id"] for r in found.added} == {
                k[1] for k in b - a.keys()
            }
            assert {r["annotation_id"] for r in found.removed} == {
                k[1] for k in a - b.keys()
            }
            assert found.changed == [r for k, r in b.items() if a.get(k, r) != r]


def test_numbers_and_rows_are_looked_up_by_index(team, database):  # noqa: F811
    if not database.is_sqlite:
        pytest.skip("PostgreSQL plans by what is in the table")
    asked = []
    sa.event.listen(
        database.engine, "before_cursor_execute", lambda *a: asked.append(a[2:4])
    )
    Events(database).add(team.ada, team.uid, [event("c", row("a"))])
    Events(database).list(team.ada, team.uid)
    Snapshots(database).create(team.ada, team.uid)
    Snapshots(database).create(team.ada, team.uid)
    Snapshots(database).compare(team.ada, team.uid, 1, 2)
    list(Snapshots(database).rows(team.ada, team.uid, 1))

    with database.engine.connect() as connection:
        for statement, values in asked:
            if not statement.startswith(("SELECT", "UPDATE")):
                continue
            for given in values if isinstance(values, list) else [values]:
                plan = connection.exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {statement}", given
                )
                steps = [step.detail for step in plan]
                assert not [s for s in steps if s.startswith("SCAN")], statement
                if tables.annotations.name in statement:
                    assert "USE TEMP B-TREE FOR ORDER BY" not in steps, statement
