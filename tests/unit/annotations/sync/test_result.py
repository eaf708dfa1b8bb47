"""What a sync returns: an address that tells what was done."""

from __future__ import annotations

import copy
import pickle

import pytest

from annotator.annotations.merge import MergeConflict
from annotator.annotations.sync.result import SyncResult


@pytest.fixture
def result():
    result = SyncResult("s3://team/reviews.csv")
    result.annotations, result.uploaded, result.bytes = 128, 3, 2_048
    result.seconds = 0.25
    result.merged_ids.update("ab")
    result.deleted_ids.add("c")
    kept, other = {"label": "owl"}, {"label": "wren"}
    result.conflicts_by_id["d"] = MergeConflict("d", kept, other)
    result.kept_beside = "s3://team/reviews.replaced-20261121T040000Z.csv"
    return result


def test_it_is_the_address(result):
    assert result == "s3://team/reviews.csv"
    assert f"{result}" == "s3://team/reviews.csv"
    assert isinstance(result, str)


def test_its_repr_says_what_was_done(result):
    assert repr(result) == (
        "SyncResult('s3://team/reviews.csv', uploaded=3, merged=2, deleted=1, "
        "conflicts=1, bytes=2048, seconds=0.25)"
    )


def test_its_summary_is_one_line_for_a_person(result):
    assert result.summary == (
        "Synced 128 annotations, 2 from others, 1 changed by both, "
        "the former file kept as reviews.replaced-20261121T040000Z.csv"
    )


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda result: pickle.loads(pickle.dumps(result))],  # noqa: S301
    ids=["copy", "deepcopy", "pickle"],
)
def test_a_copy_tells_the_same(result, duplicate):
    again = duplicate(result)

    assert (again, repr(again), again.summary) == (
        result,
        repr(result),
        result.summary,
    )
    assert again.conflicts == result.conflicts
    assert type(again) is SyncResult
