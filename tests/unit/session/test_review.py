from __future__ import annotations

import threading

import pytest

from annotator.annotations.events import new_id
from annotator.errors import (
    AlreadyReviewed,
    ParameterError,
    SubmitError,
    UnknownColumn,
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


def test_undo_passes_over_what_others_took_back(session, store):
    review = session()
    review.submit(YES)
    review.submit(YES)
    store._before.pop()
    store.clips["12"] = []

    review.undo()

    assert review.clip.index_value == 11
    assert (review.n_session, review.n_reviewed) == (0, 0)


def test_after_the_last_clip_the_review_goes_round_to_what_was_left(session):
    review = session()
    review.select(4)

    review.submit(YES)

    assert review.clip.index_value == 11


def test_the_review_is_finished_when_no_clip_is_pending(session):
    review = session()

    for _ in range(5):
        review.submit(YES)

    assert review.is_finished
    assert review.n_queue == 0
    assert review.clip.index_value == 15


def test_a_finished_review_opens_without_a_clip(session, store):
    store.clips = {str(clip): [{"annotation_id": str(clip)}] for clip in range(11, 16)}

    review = session()

    assert review.clip is None
    assert review.is_finished
    with pytest.raises(SubmitError, match="no clip"):
        review.submit(YES)


def test_an_empty_table_opens_and_shows_nothing(session):
    review = session(
        rows=0, display_columns=["species", "not there"], sort_column="gone"
    )

    assert (review.n_clips, review.clip, review.is_finished) == (0, None, False)
    assert review.page(1, 10).n_rows == 0
    assert not review.next()
    review.skip()
    assert review.undo() is None


def test_submit_in_sorted_order_goes_to_the_next_of_that_order(session):
    review = session(sort_column="confidence", sort_descending=True)

    seen = []
    for _ in range(5):
        seen.append(review.clip.index_value)
        review.submit(YES)

    assert seen == [12, 15, 14, 11, 13]


def test_next_and_previous_move_within_the_view(session):
    review = session()
    review.submit(YES)
    review.submit(YES)

    assert not review.previous()
    review.view = "reviewed"
    assert review.previous()

    assert review.clip.index_value == 12
    assert not review.next()


def test_skip_is_noted_and_moves_on(session, store):
    review = session()

    review.skip()

    assert store.events[-1].kind == "skip"
    assert review.clip.index_value == 12
    assert (review.n_reviewed, review.n_session) == (0, 0)


def test_skip_at_the_end_comes_back_to_what_was_skipped(session):
    review = session()
    for _ in range(4):
        review.skip()

    review.skip()

    assert review.clip.index_value == 11


@pytest.mark.parametrize("deed", ["submit", "skip", "delete"])
def test_undo_takes_back_the_last_deed_and_goes_to_its_clip(session, store, deed):
    review = session()
    review.submit(YES)
    before = {clip: rows for clip, rows in store.clips.items() if rows}
    {
        "submit": lambda: review.submit(YES),
        "skip": review.skip,
        "delete": lambda: review.delete_review(0),
    }[deed]()

    event = review.undo()

    assert review.last_event is event
    assert {clip: rows for clip, rows in store.clips.items() if rows} == before
    assert review.clip.position == (0 if deed == "delete" else 1)
    assert (review.n_reviewed, review.n_session) == (1, 1)


def test_undo_of_a_submit_lets_it_be_done_again(session, store):
    review = session()
    review.submit(YES, clip=0)
    review.undo()

    review.submit(YES, clip=0)

    assert len(store.clips["11"]) == 1
    assert review.n_session == 1


def test_undo_does_not_reach_beyond_this_session(session, store):
    store.submit("11", [{"valid": "yes"}])
    review = session()

    assert review.undo() is None

    assert store.reviewed == {"11"}


def test_a_deleted_review_can_be_redone(session, store):
    review = session()
    review.submit(YES)
    review.select(0)

    review.delete_review()
    assert not review.is_reviewed(0)
    assert review.clip.index_value == 11
    review.submit({"valid": "no"})

    assert [row["valid"] for row in store.clips["11"]] == ["no"]


def test_deleting_where_nothing_is_does_nothing(session):
    review = session()

    assert review.delete_review() is None

    assert review.revision == 0


def test_select_refuses_a_row_that_is_not_there(session):
    review = session()

    with pytest.raises(ParameterError, match="rows are 0 to 4"):
        review.select(5)

    assert review.clip.index_value == 11


@pytest.mark.parametrize(
    "params", [{"display_columns": ["Species"]}, {"sort_column": "Species"}]
)
def test_a_column_that_is_not_there_is_named(session, params):
    with pytest.raises(UnknownColumn, match="Did you mean 'species'"):
        session(**params)


def test_only_the_session_sets_its_counts(session):
    review = session()

    with pytest.raises(TypeError, match="onstant"):
        review.n_reviewed = 7


def test_parameters_tell_once_what_changed(session):
    review = session()
    seen = []
    names = ["clip", "n_reviewed", "n_clips", "last_event", "revision"]
    review.param.watch(lambda *events: seen.append({e.name for e in events}), names)

    review.submit(YES)
    review.next()
    review.select(review.clip.position)

    assert seen == [{"clip", "n_reviewed", "last_event", "revision"}, {"clip"}]


def test_a_watcher_may_call_the_session_and_see_its_news(session):
    review = session()
    seen = []

    def go_back(event):
        review.select(0)
        seen.append(review.clip.index_value)

    review.param.watch(go_back, "n_reviewed")

    review.submit(YES)

    assert seen == [11]
    assert review.clip.index_value == 11


def test_a_watcher_may_wait_for_a_thread_that_uses_the_session(session):
    review = session()
    pages = []

    def ask_elsewhere(event):
        thread = threading.Thread(target=lambda: pages.append(review.page(1, 5)))
        thread.start()
        thread.join(timeout=5)

    review.param.watch(ask_elsewhere, "clip")

    review.submit(YES)

    assert pages[0].n_rows == 4


def test_a_watcher_that_fails_leaves_the_session_alive(session):
    review = session()
    watcher = review.param.watch(lambda event: 1 / 0, "clip")

    with pytest.raises(ZeroDivisionError):
        review.next()
    review.param.unwatch(watcher)
    other = threading.Thread(target=review.next)
    other.start()
    other.join()

    assert review.clip.index_value == 13


def test_upcoming_clips_are_those_that_come_next(session):
    review = session()

    assert [clip.index_value for clip in review.upcoming(2)] == [12, 13]


def test_filters_narrow_the_review(session):
    review = session()

    review.filter_by([("species", "equals", "robin"), ("confidence", ">=", 0.9)])

    assert review.n_queue == 2
    assert review.next()
    assert review.clip.index_value == 12
    review.submit(YES)
    review.submit(YES)
    assert review.is_finished


def test_an_impossible_filter_changes_nothing(session):
    review = session()
    review.filter_by([("confidence", ">", 0.6)])

    with pytest.raises(ParameterError, match="must be a number"):
        review.filter_by([("confidence", ">", "high")])

    review.next()
    assert review.filters == [("confidence", ">", 0.6)]
    assert review.n_queue == 3
