from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.errors import UnknownColumn
from annotator.review.queue import Queue

NAN = float("nan")
FRAME = pd.DataFrame(
    {
        "species": ["wren", "Robin", None, "dunnock", "robin"],
        "confidence": [0.5, 0.9, NAN, 0.7, 0.9],
        "big": pd.array([2**62 + 1, 2**62, None, 2**62 + 2, 1], dtype="Int64"),
        "mixed": [10, "9", None, 2.5, "x"],
        "when": pd.to_datetime(["2026-05-02", "2026-05-01", None, "2026-01-01", None]),
        "valid": [True, False, True, False, True],
    }
)


@pytest.fixture
def queue():
    return Queue(FRAME)


@pytest.mark.parametrize(
    ("column", "rising", "falling"),
    [
        ("species", [3, 1, 4, 0, 2], [0, 1, 4, 3, 2]),
        ("confidence", [0, 3, 1, 4, 2], [1, 4, 3, 0, 2]),
        ("big", [4, 1, 0, 3, 2], [3, 0, 1, 4, 2]),
        ("mixed", [0, 3, 1, 4, 2], [4, 1, 3, 0, 2]),
        ("when", [3, 1, 0, 2, 4], [0, 1, 3, 2, 4]),
        ("valid", [1, 3, 0, 2, 4], [0, 2, 4, 1, 3]),
        (None, [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
    ],
)
def test_rows_are_sorted_blanks_last_and_equal_ones_as_they_were(
    queue, column, rising, falling
):
    queue.sort(column)
    assert queue.positions.tolist() == rising

    queue.sort(column, descending=True)
    assert queue.positions.tolist() == falling


@given(
    st.lists(st.one_of(st.floats(), st.none()), min_size=1, max_size=30),
    st.booleans(),
)
def test_any_numbers_are_sorted_as_pythons_sort_does_it(values, descending):
    queue = Queue(pd.DataFrame({"x": pd.Series(values, dtype="float64")}))

    queue.sort("x", descending=descending)

    blank = [value is None or value != value for value in values]
    filled = [row for row in range(len(values)) if not blank[row]]
    sign = -1 if descending else 1
    expected = sorted(filled, key=lambda row: sign * values[row])
    expected += [row for row in range(len(values)) if blank[row]]
    assert queue.positions.tolist() == expected


def test_a_column_that_is_not_there_cannot_be_sorted_by(queue):
    with pytest.raises(UnknownColumn, match="Did you mean 'species'"):
        queue.sort("specie")


def test_views_hold_what_their_names_say(queue):
    queue.mark(1, reviewed=True)
    queue.mark(3, reviewed=True)
    queue.sort("confidence")

    found = {}
    for view in ("pending", "reviewed", "all"):
        queue.show(view)
        found[view] = queue.positions.tolist()

    assert found == {
        "pending": [0, 4, 2],
        "reviewed": [3, 1],
        "all": [0, 3, 1, 4, 2],
    }


def test_a_row_that_left_the_queue_keeps_its_place(queue):
    queue.show("pending")
    queue.sort("confidence")
    queue.mark(1, reviewed=True)

    assert queue.after(1) == 4
    assert queue.before(1) == 3
    assert queue.place_of(1) is None


def test_the_ends_of_the_queue_have_no_neighbours(queue):
    assert queue.before(0) is None
    assert queue.after(4) is None
    assert queue.first() == 0


def test_only_pending_rows_are_looked_for_where_asked(queue):
    for row in (0, 1, 3, 4):
        queue.mark(row, reviewed=True)

    assert queue.first(pending=True) == 2
    assert queue.after(0, pending=True) == 2
    assert queue.after(2, pending=True) is None
    assert queue.n_pending == 1


def test_filters_narrow_every_view_and_what_is_pending(queue):
    queue.filter([("confidence", ">=", 0.7), ("species", "contains", "ROB")])

    assert queue.positions.tolist() == [1, 4]
    assert queue.n_pending == 2
    assert queue.after(0) == 1


def test_pages_share_the_queue_without_loss(queue):
    queue.sort("species")

    pages = [queue.page(number, 2) for number in range(3)]

    rows = [row for page in pages for row in page.frame["_position"]]
    assert rows == queue.positions.tolist()
    assert [len(page.frame) for page in pages] == [2, 2, 1]
    assert {(page.n_pages, page.n_rows) for page in pages} == {(3, 5)}


@pytest.mark.parametrize(("number", "size", "rows"), [(9, 2, [4]), (-1, 2, [0, 1])])
def test_a_page_that_is_not_there_is_the_nearest_one(queue, number, size, rows):
    assert queue.page(number, size).frame["_position"].tolist() == rows


def test_a_page_holds_the_display_columns_and_where_its_rows_are():
    queue = Queue(FRAME, ["confidence", "species"])
    queue.mark(3, reviewed=True)
    queue.sort("confidence")

    page = queue.page(0, 2).frame

    assert list(page.columns) == ["confidence", "species", "_position", "_reviewed"]
    assert page["_position"].tolist() == [0, 3]
    assert page["_reviewed"].tolist() == [False, True]
    assert page["species"].tolist() == ["wren", "dunnock"]


def test_a_page_keeps_64_bit_ids_exact(queue):
    assert queue.page(0, 2).frame["big"].tolist() == [2**62 + 1, 2**62]


def test_pages_do_not_change_the_table(queue):
    before = FRAME.copy(deep=True)

    page = queue.page(0, 3)
    page.frame.loc[0, "species"] = "changed"

    pd.testing.assert_frame_equal(FRAME, before)


def test_an_empty_table_has_one_empty_page():
    queue = Queue(FRAME.head(0))
    queue.sort("species")
    queue.show("pending")

    page = queue.page(0, 10)

    assert (len(page.frame), page.n_pages, page.n_rows) == (0, 1, 0)
    assert queue.first() is None


def test_what_is_listed_follows_marks_and_filters(queue):
    queue.show("pending")
    assert len(queue.positions) == 5

    queue.mark(1, reviewed=True)
    assert queue.positions.tolist() == [0, 2, 3, 4]
    queue.filter([("confidence", "<", 0.8)])
    assert queue.positions.tolist() == [0, 3]


def test_all_marks_can_be_set_at_once(queue):
    queue.show("reviewed")
    queue.positions  # noqa: B018 - so that there is something to renew

    queue.mark_all(np.array([False, True, False, False, True]))

    assert queue.positions.tolist() == [1, 4]
