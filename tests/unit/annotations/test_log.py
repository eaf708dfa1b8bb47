"""The log: appended, replayed, mended."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.annotations.events import Author
from annotator.annotations.ledger import Ledger
from annotator.annotations.log import EventLog

if TYPE_CHECKING:
    from pathlib import Path

AUTHOR = Author("maria")


def event(clip: str, **row):
    return AUTHOR.event("set", clip, [AUTHOR.stamp({"clip_id": clip, **row})])


@pytest.fixture
def output(tmp_path):
    return tmp_path / "reviews.csv"


def append(log: EventLog, *events) -> None:
    with log.locked():
        log.read_new()
        log.append(events)


def replay(output) -> list:
    log = EventLog(output)
    with log.locked():
        return log.read_new()


def test_events_come_back_in_order(output):
    events = [event(str(number), label="Käuzchen\n🦉") for number in range(3)]

    append(EventLog(output), *events)

    assert replay(output) == events


def test_only_what_is_new_is_read(output):
    mine, other = EventLog(output), EventLog(output)
    append(mine, event("1"))
    append(other, event("2"))

    with mine.locked():
        new = mine.read_new()

    assert [found.clip for found in new] == ["2"]
    assert not mine.has_news()


def test_a_torn_last_line_is_set_aside_and_cut_off(output, caplog):
    append(EventLog(output), event("1"))
    path = EventLog(output).path
    good = path.read_bytes()
    path.write_bytes(good + b'{"id": "x", "clip": "2", "ki')

    with caplog.at_level(logging.WARNING):
        events = replay(output)

    assert [found.clip for found in events] == ["1"]
    assert path.read_bytes() == good
    (aside,) = output.parent.glob("reviews.csv.log.torn-*")
    assert aside.read_bytes() == b'{"id": "x", "clip": "2", "ki\n'
    assert "not finished" in caplog.text


def test_after_a_torn_line_events_are_appended_in_lines_of_their_own(output):
    append(EventLog(output), event("1"))
    with EventLog(output).path.open("ab") as file:
        file.write(b"\x00\x00\x00")

    append(EventLog(output), event("2"))

    assert [found.clip for found in replay(output)] == ["1", "2"]


def test_a_last_line_that_lacks_only_its_end_counts(output):
    append(EventLog(output), event("1"))
    path = EventLog(output).path
    path.write_bytes(path.read_bytes()[:-1])

    append(EventLog(output), event("2"))

    assert [found.clip for found in replay(output)] == ["1", "2"]


def test_a_broken_line_in_the_middle_is_set_aside_once(output, caplog):
    append(EventLog(output), event("1"))
    with EventLog(output).path.open("ab") as file:
        file.write(b"<<<<<<< merge\n")
    append(EventLog(output), event("2"))

    with caplog.at_level(logging.WARNING):
        clips = [[found.clip for found in replay(output)] for _ in range(2)]

    assert clips == [["1", "2"]] * 2
    (aside,) = output.parent.glob("reviews.csv.log.broken-*")
    assert aside.read_bytes() == b"<<<<<<< merge\n"
    assert caplog.text.count("cannot be read") == 1


def remove(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def restore(path: Path) -> None:
    other = path.with_suffix(".backup")
    other.write_bytes(path.read_bytes() * 2)
    other.replace(path)


@pytest.mark.parametrize("change", [remove, cut, restore])
def test_a_log_that_was_replaced_is_noticed(output, change):
    log = EventLog(output)
    append(log, event("1"), event("2"))
    before = log.was_replaced()

    change(log.path)

    assert not before
    assert log.was_replaced()


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["set", "delete", "skip"]),
        st.sampled_from("xyz"),  # clip
        st.lists(st.sampled_from("abcd"), max_size=3, unique=True),  # ids
        st.integers(0, 9),
    ),
    max_size=30,
)


@given(OPERATIONS)
def test_the_ledger_is_a_plain_upsert_and_delete(operations):
    ledger = Ledger()
    rows: dict[str, tuple[str, int]] = {}  # the oracle: id -> clip, value

    for kind, clip, ids, value in operations:
        changed = [] if kind == "skip" else ids
        found = [{"annotation_id": key, "value": value} for key in changed]
        ledger.apply(AUTHOR.event(kind, clip, found))
        for key in changed:
            if kind == "set":
                rows[key] = (clip, value)
            else:
                rows.pop(key, None)

    assert {key: row["value"] for key, row in ledger.rows.items()} == {
        key: value for key, (_, value) in rows.items()
    }
    assert {clip: set(keys) for clip, keys in ledger.clips.items()} == {
        clip: {key for key, (where, _) in rows.items() if where == clip}
        for clip in {where for where, _ in rows.values()}
    }
