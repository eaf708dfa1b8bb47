"""The three-way merge, against what its rules say of one row, and of many sides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.annotations.merge import hashes, merge

# None: no such row. A row is told by its number, which is its time as well.
VERSIONS = st.none() | st.integers(0, 3)
SIDES = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 3))


def row(key: str, version: int) -> dict[str, object]:
    time = f"2026-01-01T00:00:0{version}Z"
    return {"annotation_id": key, "label": f"v{version}", "created_at": time}


def rows(side: dict[str, int]) -> dict[str, dict[str, object]]:
    return {key: row(key, version) for key, version in side.items()}


def merged(base, local, remote) -> tuple[dict[str, int], dict[str, int]]:
    """Apply a merge to both sides, as sync does."""
    found = merge(hashes(rows(base)), rows(local), rows(remote))
    here, there = dict(rows(local)), dict(rows(remote))
    here.update({str(taken["annotation_id"]): taken for taken in found.take})
    for key in found.drop:
        del here[key]
    there.update({key: here[key] for key in found.give})
    there.update({str(taken["annotation_id"]): taken for taken in found.take})
    for key in found.withdraw:
        del there[key]
    return (
        {key: int(str(value["label"])[1:]) for key, value in here.items()},
        {key: int(str(value["label"])[1:]) for key, value in there.items()},
    )


@pytest.mark.parametrize(
    ("base", "local", "remote", "expected"),
    [
        (None, 1, None, 1),  # added here
        (None, None, 1, 1),  # added there
        (1, None, 1, None),  # deleted here
        (1, 1, None, None),  # deleted there
        (1, None, None, None),  # deleted on both sides
        (1, 2, 1, 2),  # changed here
        (1, 1, 2, 2),  # changed there
        (1, 2, 2, 2),  # changed alike
        (1, 2, 3, 3),  # changed on both sides: the later
        (1, 3, 2, 3),
        (None, 3, 2, 3),  # never seen before on either side
        (1, 2, None, 2),  # changed here, deleted there: the change stays
        (1, None, 2, 2),
    ],
)
def test_what_becomes_of_one_row(base, local, remote, expected):
    sides = [{} if side is None else {"a": side} for side in (base, local, remote)]

    here, there = merged(*sides)

    assert here.get("a") == there.get("a") == expected


@given(SIDES, SIDES, SIDES)
def test_both_sides_are_equal_after_a_merge(base, local, remote):
    here, there = merged(base, local, remote)

    assert here == there


@given(SIDES, SIDES, SIDES)
def test_who_merges_makes_no_difference(base, local, remote):
    here, _ = merged(base, local, remote)
    other_way, _ = merged(base, remote, local)

    assert here == other_way


@given(SIDES, SIDES, SIDES)
def test_no_row_that_is_new_or_changed_is_lost(base, local, remote):
    here, _ = merged(base, local, remote)

    for side in (local, remote):
        for key, version in side.items():
            if base.get(key) != version:
                assert here[key] >= version


@given(SIDES, SIDES, SIDES)
def test_conflicts_are_the_rows_changed_differently_on_both_sides(base, local, remote):
    found = merge(hashes(rows(base)), rows(local), rows(remote))

    expected = {
        key
        for key in local.keys() & remote.keys()
        if len({local[key], remote[key], base.get(key)}) == 3
    }
    assert {conflict.annotation_id for conflict in found.conflicts} == expected


def test_rows_of_one_moment_are_settled_alike_on_both_sides():
    time = "2026-01-01T00:00:00Z"
    one = {"a": {"annotation_id": "a", "label": "x", "created_at": time}}
    two = {"a": {"annotation_id": "a", "label": "y", "created_at": time}}

    kept = [merge({}, *sides).conflicts[0].kept for sides in ((one, two), (two, one))]

    assert kept[0] == kept[1]


def test_an_empty_cell_is_no_change():
    one = {"a": {"annotation_id": "a", "label": "x"}}
    two = {"a": {"annotation_id": "a", "label": "x", "note": "", "n": None}}

    found = merge({}, one, two)

    assert not (found.take)
    assert not (found.give)
    assert not (found.conflicts)
