from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.config.load import is_address, load_mapping
from annotator.errors import ConfigError

CANARY = "hunter2-canary"


@pytest.fixture
def written(tmp_path):
    def write(content, name="a.yaml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_yaml_tells_the_line_of_a_nested_key(written):
    path = written("a: 1\nb:\n  c:\n    - x\n    - {d: 2}\n")

    mapping, origin = load_mapping(path)

    assert mapping == {"a": 1, "b": {"c": ["x", {"d": 2}]}}
    assert origin.where("b", "c", 1, "d") == f"{path}, line 5"


def test_a_key_without_a_line_of_its_own_stands_where_its_parent_does(written):
    path = written("a: 1\nb: {c: 2}\n")

    _, origin = load_mapping(path)

    assert origin.below("b").where("missing") == f"{path}, line 2"


def test_json_is_read_by_its_ending(written):
    path = written(json.dumps({"a": [1, {"b": None}]}), "a.json")

    assert load_mapping(path)[0] == {"a": [1, {"b": None}]}


@pytest.mark.parametrize("name", ["a.yaml", "a.json"])
@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_has_no_keys(written, name, content):
    assert load_mapping(written(content, name))[0] == {}


def test_a_byte_order_mark_is_no_part_of_the_first_key(written):
    assert load_mapping(written(b"\xef\xbb\xbfa: 1\n"))[0] == {"a": 1}


def test_a_file_in_another_encoding_is_named_as_such(written):
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_mapping(written("é: 1".encode("latin-1")))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a: 1\nb: [1, 2\n", r"line 3"),
        ("a: 1\n  b: 2\n", r"line 2"),
        ("a: 1\na: 2\n", r"'a' stands twice.*line 1 and in line 2"),
        ("b:\n  c: 1\n  c: 2\n", r"'c' stands twice.*line 2 and in line 3"),
        ("- 1\n- 2\n", "it is a list"),
        ("just words\n", "a single text"),
        ("? [a, b]\n: 1\n", "line 1, is not a text"),
        ("a: !!python/object/apply:os.getcwd []\n", "line 1"),
        ("a: 2024-13-45\n", "does not exist"),
        ("a: *nothing\n", "undefined alias"),
        ("a: &x [*x]\n", "too large|too deeply"),
        ("a: " + "[" * 100 + "]" * 100, "nested too deeply|too large"),
        ("a: " + "[" * 500_000, "nested too deeply"),
        ("- " * 5000, "nested too deeply"),
        ("a: \x00b", "characters YAML does not allow"),
    ],
)
def test_bad_yaml_is_refused_with_its_reason(written, content, reason):
    with pytest.raises(ConfigError, match=reason):
        load_mapping(written(content))


def test_aliases_that_multiply_are_refused(written):
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
    )

    with pytest.raises(ConfigError, match="aliases"):
        load_mapping(written(bomb))


def test_an_alias_used_sensibly_is_followed(written):
    path = written("base: &base {a: 1}\nother: {<<: *base, b: 2}\nagain: *base\n")

    assert load_mapping(path)[0]["other"] == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    "content", ['{"a": 1, "a": 2}', '{"a": ', "[" * 100_000, "[1]", '"x"']
)
def test_bad_json_is_refused(written, content):
    with pytest.raises(ConfigError, match=r"a\.json"):
        load_mapping(written(content, "a.json"))


def test_a_file_beyond_the_limit_is_refused_before_it_is_parsed(written):
    with pytest.raises(ConfigError, match="larger than 1 MB"):
        load_mapping(written("a: " + "x" * 1_100_000))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"There is no file .*none\.yaml"):
        load_mapping(tmp_path / "none.yaml")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_mapping(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        f"secrets: {{key: a, value: {CANARY}\n",
        f"secrets: *{CANARY}\n",
        f"secrets: !{CANARY} x\n",
        f"a: {CANARY}: b: c\n",
        f"secrets: '{CANARY}\n",
        f'secrets: "{CANARY}\\q"\n',
    ],
)
def test_an_error_of_syntax_does_not_quote_the_file(written, content):
    with pytest.raises(ConfigError) as caught:
        load_mapping(written(content))

    error = caught.value
    assert CANARY not in f"{error}{error!r}{error.__cause__}{error.__context__}"


def test_a_mapping_is_read_from_an_address(written, tmp_path):
    path = written("a: 1\n")

    mapping, origin = load_mapping(path.as_uri())

    assert mapping == {"a": 1}
    assert origin.where("a").endswith("a.yaml, line 1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://b/k", True),
        ("https://x.org/a", True),
        ("C:\\clips\\a.csv", False),
        ("C://clips/a.csv", False),
        ("a/b.csv", False),
        ("", False),
    ],
)
def test_addresses_are_told_from_paths(text, expected):
    assert is_address(text) is expected


_plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), _plain, max_size=4))
def test_what_json_writes_is_read_back(tmp_path_factory, mapping):
    path = tmp_path_factory.mktemp("round") / "a.json"
    path.write_text(json.dumps(mapping), encoding="utf-8")

    assert load_mapping(path)[0] == mapping
