"""Moving about in a review, taking things back, and watching it."""

from __future__ import annotations

import threading

import pytest

from annotator.errors import ParameterError, SubmitError, UnknownColumn

YES = {"valid": "yes"}


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


def test_a_session_at_work_does_not_unlock_another(session):
    here, there = session(), session()
    outcomes = []

    def try_there(event):
        try:
            there.n_session = 7
        except TypeError:
            outcomes.append("refused")

    here.param.watch(try_there, "clip")

    here.next()

    assert outcomes == ["refused"]
