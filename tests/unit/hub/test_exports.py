from __future__ import annotations

import csv
import io
import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.errors import ParameterError
from annotator.hub.exports import FORMATS, excel_safe, export

ROWS = [
    {"clip": "a", "n": 12345678901234567, "label": "=HYPERLINK(1)"},
    {"clip": "b", "label": "owl, or not", "score": -0.5},
]


def read_csv(content):
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_each_kind_holds_all_rows_and_columns():
    assert json.loads(export(ROWS, "jsonl").splitlines()[0])["n"] == ROWS[0]["n"]
    frame = pd.read_parquet(io.BytesIO(export(ROWS, "parquet")))
    assert list(frame.columns) == ["clip", "n", "label", "score"]
    assert frame["label"].tolist() == ["=HYPERLINK(1)", "owl, or not"]
    assert [row["clip"] for row in read_csv(export(ROWS, "csv"))] == ["a", "b"]


def test_no_cell_or_name_of_a_csv_is_a_formula():
    rows = [{"=1+1": "x", "b": "@SUM(1)", "c": "  +1", "d": "\t=1", "e": -3}]

    content = export(rows, "csv")

    (row,) = read_csv(content)
    assert row == {"'=1+1": "x", "b": "'@SUM(1)", "c": "'  +1", "d": "'\t=1", "e": "-3"}


@given(st.text())
def test_a_text_never_begins_as_a_formula(text):
    assert not str(excel_safe(text)).lstrip(" ").startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_is_a_file_too(kind):
    assert isinstance(export([], kind), bytes)


def test_another_kind_is_refused():
    with pytest.raises(ParameterError, match="no kind of file"):
        export([], "../../etc/passwd")
