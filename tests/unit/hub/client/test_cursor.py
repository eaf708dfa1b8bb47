"""The cursor file: what it keeps, what it survives."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from annotator.hub.client.cursor import Cursor, CursorFile

KEY = ("https://hub", "uid", "maria")
START = Cursor()


@pytest.fixture
def output(tmp_path):
    return tmp_path / "reviews.csv"


def test_it_lies_beside_the_output_by_hub_project_and_author(output):
    cursor = Cursor("id", 70, 3, {"bad": "no clip"})

    CursorFile(output).write(KEY, cursor, START)

    found = json.loads((output.parent / "reviews.csv.hub.json").read_text("utf-8"))
    assert found["https://hub"]["uid"]["maria"]["last"] == "id"
    assert CursorFile(output).read(KEY) == cursor


def test_cursors_of_others_stay(output):
    cursors = CursorFile(output)
    others = [
        ("https://hub", "uid", "chen"),
        ("https://hub", "b", "maria"),
        ("h", "", ""),
    ]
    for n, key in enumerate(others):
        cursors.write(key, Cursor(str(n), n), START)

    cursors.write(KEY, Cursor("mine", 9), START)

    assert [cursors.read(key).last for key in [*others, KEY]] == ["0", "1", "2", "mine"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[1]",
        b"\xff",
        b'{"https://hub": 3}',
        b'{"https://hub": {"uid": {"maria": [1]}}}',
        b'{"https://hub": {"uid": {"maria": {"last": 1, "end": "x", "aside": []}}}}',
    ],
)
def test_a_damaged_file_is_a_start_from_the_beginning(output, content):
    cursors = CursorFile(output)
    cursors.path.write_bytes(content)

    assert cursors.read(KEY) == START
    cursors.write(KEY, Cursor("id", 1), START)
    assert cursors.read(KEY).last == "id"


def test_of_two_programs_the_further_one_stands_and_both_keep_what_is_aside(output):
    mine, other = CursorFile(output), CursorFile(output)
    base = Cursor("a", 10, 1)
    mine.write(KEY, base, START)
    far = replace(base, last="c", end=30, sent=3, aside={"b": "bad"})
    other.write(KEY, far, base)

    kept = mine.write(KEY, replace(base, last="b", end=20, aside={"x": "bad"}), base)

    assert kept == replace(far, aside={"x": "bad", "b": "bad"})
    assert mine.read(KEY) == kept


def test_a_cursor_may_go_back_when_the_log_is_another(output):
    cursors = CursorFile(output)
    far = Cursor("z", 900)
    cursors.write(KEY, far, START)

    cursors.write(KEY, Cursor("a", 10), far)

    assert cursors.read(KEY) == Cursor("a", 10)


def test_a_folder_that_may_not_be_written_costs_one_warning(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    cursors = CursorFile(tmp_path / "file" / "reviews.csv")
    cursor = Cursor("id", 1)

    assert cursors.write(KEY, cursor, START) == cursor
    assert cursors.write(KEY, cursor, START) == cursor
    assert caplog.text.count("the next login sends its events again") == 1
