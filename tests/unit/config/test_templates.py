from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.config.templates import expand, expand_all, fill, is_null, placeholders

NOW = datetime(2026, 11, 20, 10, 15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[%Y%m%d]]-[[%H%M]]", "20261120-1015"),
        ("[[site]]", "north"),
        ("[[ site ]]", "north"),
        ("[[species]]", "[[species]]"),
        ("[[species || none]]", "[[species || none]]"),
        ("[[other]]", "[[other]]"),
        ("[[other|| some where ]]", "some where"),
        ("[[other||]]", ""),
        ("[[empty||none]]", "none"),
        ("[single] [[]] text", "[single] [[]] text"),
        ("a\n[[site]]\nb", "a\nnorth\nb"),
    ],
)
def test_what_is_known_before_a_clip_is_filled_in(text, expected):
    values = {"site": "north", "empty": None}

    assert expand(text, now=NOW, values=values, columns=["species"]) == expected


def test_a_fixed_value_beats_a_column_of_its_name():
    assert expand("[[a]]", now=NOW, values={"a": 1}, columns=["a"]) == "1"


def test_nested_texts_are_filled_and_the_original_is_not_changed():
    form = {"a": ["[[x]]", {"b": "[[x]]"}], "n": 3, "t": ("[[x]]",)}

    filled = expand_all(form, now=NOW, values={"x": 1})

    assert filled == {"a": ["1", {"b": "1"}], "n": 3, "t": ["1"]}
    assert form["a"][0] == "[[x]]"


@pytest.mark.parametrize("null", [None, float("nan"), pd.NA, pd.NaT, np.float64("nan")])
def test_an_empty_cell_is_the_default_or_nothing(null):
    assert fill("[[a]]|[[a||none]]", {"a": null}) == "|none"


def test_a_column_that_is_not_there_is_the_default_or_stays():
    assert fill("[[a]] [[a||none]]", {}) == "[[a]] none"


def test_a_value_is_plain_text_and_not_filled_again():
    assert fill("[[a]]", {"a": "<b>[[b]]</b> \\1", "b": "x"}) == "<b>[[b]]</b> \\1"


def test_exact_numbers_stay_exact():
    assert fill("[[id]]", {"id": np.int64(2**62 + 1)}) == str(2**62 + 1)


def test_an_array_in_a_cell_is_not_empty():
    assert not is_null(np.array([1.0, 2.0]))


def test_the_keys_of_the_placeholders_are_told():
    assert placeholders("[[a]] [[ b ||c]] [[%Y]]") == ["a", "b", "%Y"]


@given(st.text(alphabet="[]|%Yab <>", max_size=30))
def test_filling_never_fails_and_leaves_text_without_placeholders_alone(text):
    filled = expand(fill(text, {}), now=NOW, values={})

    if "[[" not in text:
        assert filled == text
