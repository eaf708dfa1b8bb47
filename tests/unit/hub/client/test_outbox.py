"""What of a log is sent, in which order, from where on."""

from __future__ import annotations

import pytest

from annotator.annotations.events import Author
from annotator.annotations.log import EventLog
from annotator.annotations.store import AnnotationStore
from annotator.hub.client.feed import Feed
from annotator.hub.client.outbox import Outbox

HUB = "https://hub.example.org"


@pytest.fixture
def output(tmp_path):
    return tmp_path / "reviews.csv"


@pytest.fixture
def store(output):
    with AnnotationStore(output, columns=["label"], annotator="maria") as store:
        yield store


def open_box(output, author="maria", uid="uid"):
    box = Outbox(Feed(output, author, "Owls"), HUB)
    box.enter(uid)
    box.look()
    return box


def submit(store, *clips):
    for clip in clips:
        store.submit(clip, [{"label": "owl"}])


def clips(items):
    return [item.event.clip for item in items]


def test_events_recorded_before_wait_in_their_order(store, output):
    submit(store, *"abc")
    store.delete("b")
    store.skip("d")

    box = open_box(output)

    assert box.waiting == 5
    assert clips(box.batch(200, 10**6)) == ["a", "b", "c", "b", "d"]
    assert box.waiting == 5  # a batch that was given is not yet sent


def test_a_body_is_the_event_as_the_log_has_it(store, output):
    submit(store, "a")

    (item,) = open_box(output).batch(1, 10**6)

    assert item.body + b"\n" == store.log_path.read_bytes()


def test_batches_are_bounded_by_number_and_by_size_but_never_empty(store, output):
    submit(store, *"abcde")
    box = open_box(output)
    one = len(box.batch(1, 10**6)[0].body)

    assert clips(box.batch(2, 10**6)) == ["a", "b"]
    assert clips(box.batch(200, 3 * one + 1)) == ["a", "b", "c"]
    assert clips(box.batch(200, 1)) == ["a"]


def test_what_was_dealt_with_is_not_given_again_even_after_a_restart(store, output):
    submit(store, *"abc")
    box = open_box(output)
    box.done(box.batch(2, 10**6))

    assert (box.waiting, box.sent) == (1, 2)
    assert clips(box.batch(9, 10**6)) == ["c"]
    again = open_box(output)
    assert (again.waiting, again.sent) == (1, 2)
    assert clips(again.batch(9, 10**6)) == ["c"]


def test_cursors_of_projects_are_apart(store, output):
    submit(store, "a")
    box = open_box(output)
    box.done(box.batch(1, 10**6))

    assert open_box(output, uid="other").waiting == 1


def test_only_the_authors_events_are_sent(store, output):
    rows = [{"annotation_id": "1", "annotator": "chen", "clip_id": "b", "label": "owl"}]
    submit(store, "a")
    store.apply_merge(rows)
    submit(store, "c")

    assert clips(open_box(output).batch(9, 10**6)) == ["a", "c"]
    assert clips(open_box(output, "chen").batch(9, 10**6)) == ["b"]


def test_two_authors_on_one_output_do_not_move_each_others_cursor(store, output):
    other = AnnotationStore(output, columns=["label"], annotator="chen")
    submit(store, "a")
    submit(other, "b")
    submit(store, "c")
    other.close()
    maria = open_box(output)
    maria.done(maria.batch(9, 10**6))

    assert clips(open_box(output, "chen").batch(9, 10**6)) == ["b"]


def test_what_is_set_aside_is_passed_over_and_told(store, output):
    submit(store, *"abc")
    box = open_box(output)
    items = box.batch(9, 10**6)
    box.done(items, [(items[1], "no such clip")])

    assert (box.waiting, box.sent) == (0, 2)
    for found in (box, open_box(output)):
        (line,) = found.set_aside
        assert line.endswith("set of clip b: no such clip")


def test_another_program_on_the_same_output_is_followed(store, output):
    submit(store, *"abcd")
    mine, other = open_box(output), open_box(output)
    other.done(other.batch(3, 10**6))

    assert clips(mine.batch(9, 10**6)) == ["d"]
    assert mine.waiting == 1


def test_the_further_place_stands_when_two_send_the_same(store, output):
    submit(store, *"abcd")
    mine, other = open_box(output), open_box(output)
    items = mine.batch(1, 10**6)
    other.done(other.batch(3, 10**6))

    mine.done(items)

    assert mine.waiting == 1
    assert clips(mine.batch(9, 10**6)) == ["d"]


def test_a_cursor_whose_event_is_not_in_the_log_begins_anew(store, output):
    submit(store, *"ab")
    box = open_box(output)
    box.done(box.batch(9, 10**6))
    path = output.with_name("reviews.csv.hub.json")
    path.write_text(path.read_text("utf-8").replace(box._cursor.last, "gone"), "utf-8")

    assert open_box(output).waiting == 2


def test_a_new_log_in_the_place_of_the_old_is_sent_from_its_start(output):
    first = EventLog(output)
    first.append([Author("maria").event("skip", clip, []) for clip in "abcdef"])
    box = open_box(output)
    box.done(box.batch(9, 10**6))
    first.path.unlink()
    EventLog(output).append([Author("maria").event("skip", "z", [])])

    box.look()

    assert clips(box.batch(9, 10**6)) == ["z"]
    box.done(box.batch(9, 10**6))
    assert open_box(output).waiting == 0


@pytest.mark.parametrize("cell", ["NaN", "1e999", '"\\ud800"'])
def test_an_event_that_no_hub_can_be_given_has_no_body(output, cell):
    row = {"annotation_id": "1", "label": "CELL"}
    log = EventLog(output)
    log.append([Author("maria").event("set", clip, [row]) for clip in "ab"])
    first, second = log.path.read_text("utf-8").splitlines()
    second = second.replace('"CELL"', cell)  # as a hand would write it
    log.path.write_text(f"{first}\n{second}\n", "utf-8")

    items = open_box(output).batch(9, 10**6)

    assert [item.body is None for item in items] == [False, True]
