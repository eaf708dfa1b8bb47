from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.errors import ConfigError
from annotator.form.items import items_loader, range_options
from annotator.form.spec import FormSpec


def select(items, loader=None, **options):
    mapping = {"select": {"label": "s", "items": items, **options}}
    return FormSpec.from_dict(mapping, loader=loader).elements[0]


def pairs(element):
    return [(option.value, option.label) for option in element.items]


@pytest.fixture
def files(tmp_path):
    """A loader of the files in a folder, and a way to write them."""

    def write(name, content):
        path = tmp_path / name
        if isinstance(content, pd.DataFrame):
            content.to_parquet(path)
        else:
            path.write_bytes(
                content if isinstance(content, bytes) else content.encode()
            )

    return items_loader(lambda name: str(tmp_path / name)), write


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (["a", 2, 2.5], [("a", "a"), (2, "2"), (2.5, "2.5")]),
        ([True, False], [(True, "yes"), (False, "no")]),
        ([{"value": 1, "label": "One"}], [(1, "One")]),
        ([{"value": 1}], [(1, "1")]),
        ([{"label": "One"}], [("One", "One")]),
        ([{"a": "A"}, {2: "B"}], [("a", "A"), (2, "B")]),
        ([{"a": None}], [("a", "a")]),
        ({"a": "A", "b": "B"}, [("a", "A"), ("b", "B")]),
        ({"items": ["a"]}, [("a", "a")]),
        (["it's <b>"], [("it's <b>", "it's <b>")]),
    ],
)
def test_items_in_the_form_may_be_written_in_many_ways(items, expected):
    assert pairs(select(items)) == expected


@pytest.mark.parametrize(
    "items",
    [
        ["a", "selected::b"],
        ["a", {"value": "selected::b"}],
        ["a", {"value": "b", "label": "selected::B"}],
        ["a", {"b": "selected::B"}],
        [{"value": "b", "label": "selected::B"}, "selected::a"],
    ],
)
def test_the_marked_item_is_chosen_at_first_and_its_mark_taken_off(items):
    element = select(items)

    assert element.default == "b"
    assert not any("selected" in f"{o.value}{o.label}" for o in element.items)


def test_a_default_beats_a_mark_and_may_be_a_label():
    assert select(["selected::a", {"b": "B"}], default="B").default == "b"


def test_items_that_read_alike_are_told_apart_by_their_type():
    element = select([1, "1", True])

    assert [type(element.option(value).value) for value in (1, "1", True)] == [
        *(int, str, bool),
    ]


def test_an_item_opens_its_section():
    element = FormSpec.from_dict(
        {
            "select": {"items": ["a", {"value": "b", "form": "x"}]},
            "dynamic_forms": {"x": []},
        }
    ).elements[0]

    assert [option.form for option in element.items] == [None, "x"]
    assert element.opens == ("x",)


@pytest.mark.parametrize(
    ("items", "values"),
    [
        ({"max": 3}, [0, 1, 2, 3]),
        ({"min": 1, "max": 3}, [1, 2, 3]),
        ({"min": 1, "max": 6, "step": 2}, [1, 3, 5]),
        ({"min": 0, "max": 0.3, "step": 0.1}, [0.0, 0.1, 0.2, 0.3]),
        ({"min": -2, "max": -1}, [-2, -1]),
    ],
)
def test_a_range_counts_exactly(items, values):
    options = select(items).items

    assert [option.value for option in options] == values
    assert [type(option.value) for option in options] == [type(v) for v in values]


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [(1, 0, 1), (0, 1, 0), (0, 1, -1), (0, 1e9, 1), ("a", 1, 1), (0, float("nan"), 1)],
)
def test_an_impossible_range_is_refused(low, high, step):
    with pytest.raises(ConfigError, match="a range needs"):
        range_options(low, high, step)


@given(st.integers(-50, 50), st.integers(0, 60), st.integers(1, 7))
def test_a_range_is_that_of_python(low, length, step):
    options = range_options(low, low + length, step)

    assert [option.value for option in options] == list(
        range(low, low + length + 1, step)
    )


CSV = 'code,name,value\n007,"Owl, Barred",x\n008,Wren,y\n008,Again,z\n,Empty,w\n'


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"value": "code", "label": "name"}, [("007", "Owl, Barred"), ("008", "Wren")]),
        ({"value": "code"}, [("007", "007"), ("008", "008")]),
        (
            {"value": "name", "label": "code"},
            [
                *(("Owl, Barred", "007"), ("Wren", "008"), ("Again", "008")),
                ("Empty", "Empty"),
            ],
        ),
    ],
)
def test_the_columns_of_a_csv_are_chosen_by_name(files, options, expected):
    loader, write = files
    write("a.csv", CSV)

    assert pairs(select({"path": "a.csv", **options}, loader)) == expected


def test_a_csv_whose_header_says_value_and_label_needs_no_names(files):
    loader, write = files
    write("a.csv", b"\xef\xbb\xbflabel,value\r\nOne,1\r\n")

    assert pairs(select("a.csv", loader)) == [("1", "One")]


def test_a_csv_without_a_header_is_values_and_labels(files):
    loader, write = files
    write("a.csv", "robin,Robin\nwren\n\n")

    assert pairs(select("a.csv", loader)) == [("robin", "Robin"), ("wren", "wren")]


@pytest.mark.parametrize("name", ["a.txt", "list"])
def test_a_text_file_has_one_item_per_line(files, name):
    loader, write = files
    write(name, "robin\nwren, Zaunkönig\n\n  owl  \n")

    assert pairs(select(name, loader)) == [
        *(("robin", "robin"), ("wren", "Zaunkönig"), ("owl", "owl")),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"code": 1, "name": "A"}\n{"code": 2, "name": "B"}\n'),
        ("a.json", '[{"code": 1, "name": "A"}, {"code": 2, "name": "B"}]'),
        ("a.yaml", "- {code: 1, name: A}\n- {code: 2, name: B}\n"),
        ("a.yml", "code: [1, 2]\nname: [A, B]\n"),
        ("a.parquet", pd.DataFrame({"code": [1, 2], "name": ["A", "B"]})),
    ],
)
def test_structured_files_keep_the_types_of_the_values(files, name, content):
    loader, write = files
    write(name, content)

    named = select({"path": name, "value": "code", "label": "name"}, loader)
    plain = select(name, loader)

    assert pairs(named) == pairs(plain) == [(1, "A"), (2, "B")]
    assert type(named.items[0].value) is int


def test_a_yaml_list_of_texts_is_a_list_of_items(files):
    loader, write = files
    write("a.yaml", "- robin\n- wren\n")

    assert pairs(select("a.yaml", loader)) == [("robin", "robin"), ("wren", "wren")]


def test_ids_of_a_table_are_exact(files):
    loader, write = files
    write("a.parquet", pd.DataFrame({"code": [2**62 + 1]}))

    assert select("a.parquet", loader).items[0].value == 2**62 + 1


def test_a_loader_may_return_a_data_frame():
    frame = pd.DataFrame({"x": ["a", None], "y": ["A", "B"]})

    assert pairs(select("any.csv", lambda name: frame)) == [("a", "A")]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "code\n1\n", "a.csv has no column 'name', only code"),
        ("a.csv", "", "a.csv holds no items"),
        ("a.txt", "\n\n", "a.txt holds no items"),
        ("a.yaml", "a: 1\n", "a.yaml holds no list of items"),
        ("a.yaml", "a: [1\n", "a.yaml is not valid YAML"),
        ("a.jsonl", "{\n", "a.jsonl must hold one JSON value in each line"),
        ("a.parquet", "no", "a.parquet is not a Parquet file"),
        ("a.txt", "é".encode("latin-1"), "a.txt is not UTF-8 text"),
        ("a.csv", None, "There is no file"),
    ],
)
def test_a_bad_file_of_items_is_told(files, name, content, told):
    loader, write = files
    if content is not None:
        write(name, content)

    with pytest.raises(ConfigError) as caught:
        select(
            {"path": name, "value": "name"} if name == "a.csv" and content else name,
            loader,
        )

    assert told in str(caught.value)


@pytest.mark.parametrize(
    "where", [{"filter_box": True, "custom_value": True, "not_available": True}]
)
def test_options_work_for_lists_in_the_form_and_for_files(files, where):
    loader, write = files
    write("a.txt", "a\n")

    for element in (
        select(["a"], **where),
        select({"items": ["a"], **where}),
        select({"path": "a.txt", **where}, loader),
        select({"min": 1, "max": 1, **where}),
    ):
        assert element.filter_box
        assert element.custom_value
        assert element.items[-1] == element.not_available
        assert element.not_available.value == "not-available"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("n/a", ("n/a", "n/a")),
        ({"label": "Not there", "value": "na"}, ("na", "Not there")),
    ],
)
def test_not_available_may_have_its_own_words(given, expected):
    assert pairs(select(["a"], not_available=given))[-1] == expected


def test_without_the_options_they_are_off():
    element = select(["a"])

    assert not element.filter_box
    assert not element.custom_value
    assert element.not_available is None
