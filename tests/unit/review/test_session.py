from __future__ import annotations

import threading

import pytest

from annotator.annotations.events import new_id
from annotator.errors import (
    AlreadyReviewed,
    SubmitError,
)

YES = {"valid": "yes"}


def test_a_review_starts_at_the_first_clip(session):
    review = session()

    assert review.clip.index_value == 11
    assert (review.n_clips, review.n_queue, review.n_reviewed) == (5, 5, 0)
    assert not review.is_finished


def test_a_review_that_goes_on_starts_at_the_first_pending_clip(session, store):
    store.clips = {"11": [{"annotation_id": "a"}], "13": [{"annotation_id": "b"}]}

    review = session()

    assert review.clip.index_value == 12
    assert review.n_reviewed == 2


def test_a_sorted_review_that_goes_on_starts_at_the_first_pending(session, store):
    store.clips = {"12": [{"annotation_id": "a"}]}

    review = session(sort_column="confidence", sort_descending=True)

    assert review.clip.index_value == 15


def test_submit_keeps_a_row_and_goes_to_the_next_clip(session, store):
    review = session()

    ids = review.submit(YES)

    (row,) = store.clips["11"]
    assert row == {
        "clip_id": 11,
        "species": "wren",
        "valid": "yes",
        "annotation_id": ids[0],
    }
    assert review.clip.index_value == 12
    assert (review.n_reviewed, review.n_session, review.revision) == (1, 1, 1)
    assert review.last_event is store.events[-1]


def test_submit_writes_one_row_for_each_region(session, store):
    review = session()

    ids = review.submit(YES, regions=[{"start_time": 1.0}, {"start_time": 2.0}])

    assert [row["start_time"] for row in store.clips["11"]] == [1.0, 2.0]
    assert [row["annotation_id"] for row in store.clips["11"]] == ids
    assert review.n_session == 1


def test_submit_says_everything_that_is_wrong_and_writes_nothing(session, store):
    review = session()

    with pytest.raises(SubmitError) as caught:
        review.submit({"score": 99})

    assert str(caught.value).splitlines() == [
        "Valid: an answer is needed.",
        "score 99 is not within 0 to 10.",
    ]
    assert not store.events
    assert review.clip.index_value == 11


def test_a_region_with_a_wrong_answer_keeps_all_from_being_written(session, store):
    review = session()

    with pytest.raises(SubmitError, match="score 11"):
        review.submit(YES, regions=[{"score": 1}, {"score": 11}])

    assert not store.events


def test_submit_for_a_named_clip_that_is_not_current_stays_there(session, store):
    review = session()

    review.submit(YES, clip=3)

    assert list(store.clips) == ["14"]
    assert review.clip.index_value == 11


def test_a_second_click_on_submit_changes_nothing(session, store):
    review = session()
    shown = review.clip.position
    review.submit(YES, clip=shown)

    for _ in range(2):
        with pytest.raises(AlreadyReviewed):
            review.submit(YES, clip=shown)

    assert len(store.events) == 1
    assert review.clip.index_value == 12


def test_a_second_click_changes_nothing_where_duplicates_are_allowed(session, store):
    review = session(duplicate_entries=True)
    review.submit(YES, clip=0)

    with pytest.raises(AlreadyReviewed, match="just submitted"):
        review.submit(YES, clip=0)

    assert len(store.clips["11"]) == 1


def test_a_second_click_on_the_last_clip_changes_nothing(session, store):
    review = session(rows=1, duplicate_entries=True)
    review.submit(YES)

    with pytest.raises(AlreadyReviewed, match="just submitted"):
        review.submit(YES)
    review.submit({"valid": "no"})

    assert [row["valid"] for row in store.clips["11"]] == ["yes", "no"]


def test_a_late_second_click_changes_nothing_after_moving_on(session, store):
    review = session(duplicate_entries=True)
    review.submit(YES, clip=0)
    review.next()

    with pytest.raises(AlreadyReviewed, match="just submitted"):
        review.submit(YES, clip=0)

    assert len(store.events) == 1


def test_all_clips_stay_listed_where_duplicates_are_allowed(session):
    review = session(duplicate_entries=True)

    review.submit(YES)

    assert review.view == "all"
    assert review.n_queue == 5


def test_duplicates_are_written_when_the_person_comes_back(session, store):
    review = session(duplicate_entries=True)
    review.submit(YES)

    review.select(0)
    review.submit(YES)

    assert len(store.clips["11"]) == 2
    assert review.n_reviewed == 1


def test_submits_at_the_same_moment_write_one_annotation(session, store):
    review = session()
    start = threading.Barrier(8)
    outcomes = []

    def click():
        start.wait()
        try:
            outcomes.append(review.submit(YES, clip=0))
        except AlreadyReviewed:
            outcomes.append(None)

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([ids for ids in outcomes if ids]) == 1
    assert len(store.clips["11"]) == 1
    assert (review.n_session, review.n_reviewed) == (1, 1)


def test_a_reviewed_clip_cannot_be_submitted_again(session):
    review = session()
    review.submit(YES)
    review.select(0)

    with pytest.raises(AlreadyReviewed, match="Delete its review"):
        review.submit({"valid": "no"})


def test_a_clip_that_another_process_reviewed_is_shown_as_reviewed(session, store):
    review = session()
    store.others = {"11": [{"annotation_id": new_id()}]}

    with pytest.raises(AlreadyReviewed):
        review.submit(YES)

    assert review.is_reviewed(0)
    assert review.n_reviewed == 1
    assert review.n_session == 0


def test_refresh_takes_in_what_others_wrote(session, store):
    review = session()
    store.others = {"12": [{"annotation_id": "x", "valid": "no"}]}

    assert review.refresh()

    assert review.is_reviewed(1)
    assert review.values_of(1) == [{"annotation_id": "x", "valid": "no"}]
    assert review.revision == 1
    assert not review.refresh()


def test_what_others_wrote_is_seen_at_the_next_submit(session, store):
    review = session()
    store.clips["13"] = [{"annotation_id": "x"}]  # as the store re-reads its log

    review.submit(YES)

    assert review.is_reviewed(2)
    assert review.n_reviewed == 2
