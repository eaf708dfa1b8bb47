"""Reading a log's end, while others write it."""

from __future__ import annotations

import threading

import pytest

from annotator.annotations.events import Author
from annotator.annotations.log import EventLog
from annotator.annotations.news import listen, tell
from annotator.annotations.store import AnnotationStore
from annotator.annotations.tail import LogTail

AUTHOR = Author("maria")


@pytest.fixture
def output(tmp_path):
    return tmp_path / "reviews.csv"


def append(output, *clips):
    log = EventLog(output)
    with log.locked():
        log.read_new()
        log.append([AUTHOR.event("skip", clip, []) for clip in clips])


def read(tail, start=0):
    end, _ = tail.look()
    return [event.clip for event, _ in tail.events(start, end)]


def test_events_come_with_the_places_behind_them(output):
    append(output, "a", "b", "c")
    tail = LogTail(output)
    end, _ = tail.look()

    found = list(tail.events(0, end))

    places = [place for _, place in found]
    assert [event.clip for event, _ in found] == ["a", "b", "c"]
    assert places[-1] == end == tail.path.stat().st_size
    assert read(tail, places[0]) == ["b", "c"]


def test_no_log_is_no_event_and_no_file_is_made(output, tmp_path):
    tail = LogTail(output)

    assert tail.look() == (0, False)
    assert read(tail) == []
    assert tail.find("x") is None
    assert list(tmp_path.iterdir()) == []


def test_what_was_appended_is_seen_at_the_next_look(output):
    append(output, "a")
    tail = LogTail(output)
    assert tail.look()[1]  # never seen before
    append(output, "b")

    assert tail.look() == (tail.path.stat().st_size, False)
    assert read(tail) == ["a", "b"]


def test_broken_lines_and_a_cut_one_are_passed_over_and_left_alone(output):
    append(output, "a")
    with output.with_name("reviews.csv.log").open("ab") as file:
        file.write(b'{"id": 3}\n\xff\xfe\n')
    append(output, "b")
    tail = LogTail(output)
    with tail.path.open("ab") as file:
        file.write(b'{"id":"x","clip"')
    before = tail.path.read_bytes()

    assert read(tail) == ["a", "b"]
    assert tail.path.read_bytes() == before


def test_an_event_is_found_by_its_id_wherever_it_stands(output):
    append(output, *"abc")
    tail = LogTail(output)
    end, _ = tail.look()
    events = list(tail.events(0, end))

    for event, place in events:
        for near in (0, place, end, 10**9):
            assert tail.find(event.id, near) == place
    assert tail.find("00000000-0000-7000-8000-000000000000", end) is None


def test_a_log_in_the_place_of_another_is_told(output):
    append(output, "a", "b")
    tail = LogTail(output)
    tail.look()
    tail.path.rename(output.with_name("old.log"))
    append(output, "c")

    assert tail.look()[1]
    assert read(tail) == ["c"]
    assert not tail.look()[1]


def test_a_log_that_went_away_is_told(output):
    append(output, "a")
    tail = LogTail(output)
    tail.look()
    tail.path.unlink()

    assert tail.look() == (0, True)


def test_what_is_being_appended_is_not_read_before_it_is_sure(output):
    append(output, "a")
    tail, writer = LogTail(output), EventLog(output)
    looked: list[int] = []
    with writer.locked():
        with tail.path.open("ab") as file:
            file.write(AUTHOR.event("skip", "b", []).to_json().encode() + b"\n")
        thread = threading.Thread(target=lambda: looked.append(tail.look()[0]))
        thread.start()
        thread.join(0.1)
        waits = thread.is_alive()
        size = len(tail.path.read_bytes().split(b"\n")[0]) + 1
        with tail.path.open("r+b") as file:
            file.truncate(size)  # the disk was full: taken back
    thread.join(20)

    assert waits
    assert looked == [size]


def test_whoever_listens_hears_of_each_submit_until_they_stop(output):
    heard: list[str] = []
    with AnnotationStore(output, columns=["label"], annotator="maria") as store:
        stop = listen(store.log_path, lambda: heard.append("one"))
        other = listen(store.log_path, lambda: heard.append("two"))
        store.submit("a", [{"label": "owl"}])
        stop()
        stop()
        store.skip("b")
        other()
        store.skip("c")

    assert heard == ["one", "two", "two"]


def test_a_listener_that_fails_spoils_no_submit(output, caplog):
    def fail():
        msg = "no network"
        raise OSError(msg)

    with AnnotationStore(output, columns=["label"], annotator="maria") as store:
        stop = listen(store.log_path, fail)
        store.submit("a", [{"label": "owl"}])
        stop()

        assert store.n_rows == 1
    assert "A listener to reviews.csv.log failed" in caplog.text


def test_nobody_has_to_listen(output):
    tell(output)
