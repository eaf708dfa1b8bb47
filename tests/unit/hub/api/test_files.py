"""Tables as files: written piece by piece, the same as written at once."""

from __future__ import annotations

import asyncio
import csv
import io
import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.hub.api import files
from annotator.hub.api.files import AskedTable, table
from annotator.hub.exports import export


def sent(rows, name="table", **asked):
    """Return an answer's body, and how many pieces it came in."""
    answer = table(lambda: iter(rows), AskedTable(**asked), name)
    if not hasattr(answer, "body_iterator"):
        return answer.body, 1

    async def collect():
        return [piece async for piece in answer.body_iterator]

    pieces = asyncio.run(collect())
    return b"".join(pieces), len(pieces)


def numbered(n):
    return [{"clip": f"c{number}", "v": number} for number in range(n)]


CELLS = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text("=+-@\t\r\n ,\"'ä", max_size=4)
)
ROWS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "=c"]), CELLS, max_size=3))
OWN = {"clip": "c", "annotator": "me", "annotation_id": "1", "created_at": None}


@given(rows=ROWS)
def test_csv_in_pieces_is_what_it_is_at_once(rows):
    rows = [{**OWN, **row} for row in [{}, *rows]]

    content, _ = sent(rows, format="csv")

    assert content == export(rows, "csv")


@given(rows=ROWS)
def test_no_cell_of_csv_is_a_formula_unless_asked_for(rows):
    rows = [{**OWN, **row} for row in rows]
    content, _ = sent(rows, format="csv")
    exact, _ = sent(rows, format="csv", excel_safe=False)

    for line in csv.reader(io.StringIO(content.decode(), newline="")):
        for cell in line:
            assert not cell.lstrip(" ").startswith(("=", "+", "@", "\t", "\r"))
    columns = dict.fromkeys(name for row in [OWN, *rows] for name in row)
    read = list(csv.DictReader(io.StringIO(exact.decode(), newline="")))
    assert [list(row) for row in read] == [list(columns)] * len(rows)
    for row, found in zip(rows, read, strict=True):
        for name, cell in row.items():
            assert found[name] == ("" if cell is None else str(cell))


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx", "  =1"])
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(cell):
    content, _ = sent([{**OWN, "v": cell}], format="csv")

    (row,) = csv.DictReader(io.StringIO(content.decode(), newline=""))
    assert row["v"] == f"'{cell}"


def test_numbers_below_zero_stay_numbers():
    content, _ = sent([{**OWN, "v": -0.5}], format="csv")

    assert content.decode().splitlines()[1].endswith(",-0.5")


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_long_table_comes_in_pieces(kind):
    content, n_pieces = sent(numbered(1_200), format=kind)

    assert n_pieces >= 3
    assert len(content.splitlines()) == 1_200 + (kind == "csv")


def test_json_lines_are_exact():
    rows = [{"v": "=1"}, {"v": 2**62, "deep": [{"a": None}]}, {"v": 0.1}]

    content, _ = sent(rows)

    assert [json.loads(line) for line in content.splitlines()] == rows


def test_parquet_is_exact():
    content, _ = sent([*numbered(3), {"clip": "=c", "v": None}], format="parquet")

    frame = pd.read_parquet(io.BytesIO(content))
    assert list(frame["clip"]) == ["c0", "c1", "c2", "=c"]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_an_empty_table_is_one_too(kind):
    content, _ = sent([], format=kind)

    if kind == "csv":
        assert content == b"clip,annotator,annotation_id,created_at\n"
    elif kind == "jsonl":
        assert content == b""
    else:
        assert len(pd.read_parquet(io.BytesIO(content))) == 0


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_what_cannot_be_read_is_no_answer(kind):
    def read():
        raise OSError("gone")  # noqa: EM101
        yield

    with pytest.raises(OSError, match="gone"):
        table(read, AskedTable(format=kind), "table")


def test_only_what_is_sent_is_in_memory():
    n_made = 0

    def rows():
        nonlocal n_made
        for number in range(100 * files._AT_ONCE):
            n_made += 1
            yield {"v": number}

    answer = table(rows, AskedTable(), "table")

    async def first():
        return await anext(aiter(answer.body_iterator))

    assert asyncio.run(first()).startswith(b'{"v":0}\n')
    assert n_made <= 2 * files._AT_ONCE
