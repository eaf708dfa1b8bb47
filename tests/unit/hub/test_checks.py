"""What must not come in, and that no refusal repeats it."""

from __future__ import annotations

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.annotations.cells import dumps
from annotator.annotations.events import Author
from annotator.errors import Refused
from annotator.hub import checks

CANARY = "canary"


def nested(depth, innermost=CANARY):
    found = innermost
    for _ in range(depth):
        found = [found]
    return found


HOSTILE = {
    "a lone surrogate": CANARY + "\ud800",
    "the other half": "\udfff",
    "NUL": CANARY + "\0",
    "NaN": float("nan"),
    "1e999": json.loads("1e999"),
    "-Infinity": json.loads("-Infinity"),
    "2**63": 2**63,
    "less than 64 bits hold": -(2**63) - 1,
    "an integer of 10,000 digits": 10**10_000,
    "13 deep": nested(13),
    "10,000 deep": nested(10_000),
    "a key that is no text": {1: CANARY},
    "a key with NUL": {CANARY + "\0": 1},
    "a key that is a lone surrogate": {"\udc00": 1},
    "bytes": b"canary",
    "a set": {CANARY},
    "an object": object(),
    "a text without end": CANARY * 100_000,
}
CELLS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=10,
)


def event(**other):
    own = {
        "id": str(uuid.uuid4()),
        "clip": "clip-1",
        "annotator": "maria",
        "kind": "set",
        "rows": [{"annotation_id": "a", "Ø": 1.5}],
        "created_at": "2026-03-01T06:30:00.000000Z",
    }
    return {**own, **other}


def refusal(*events):
    with pytest.raises(Refused) as refused:
        checks.check_events(events)
    assert CANARY not in str(refused.value)
    return [index for index, _ in refused.value.problems]


class TestCells:
    @pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
    def test_what_no_program_can_read_again_is_no_cell(self, value):
        assert not checks.is_cell(value)
        assert not checks.is_cell({"inside": value})

    def test_the_deepest_and_the_largest_are_cells(self):
        assert checks.is_cell(nested(12))
        assert checks.is_cell([2**63 - 1, -(2**63), 1e308, 5e-324, True, None])

    @given(CELLS)
    def test_a_cell_comes_out_of_json_as_it_went_in(self, value):
        assert checks.is_cell(value) == (_depth(value) <= 12)
        assert json.loads(dumps(value).encode()) == value

    @given(st.text(st.characters(categories=["Cs", "Cc", "L"]), min_size=1))
    def test_a_text_is_a_cell_if_it_can_be_written_down(self, text):
        try:
            can = "\0" not in text.encode().decode()
        except UnicodeEncodeError:
            can = False

        assert checks.is_cell(text) == can


def _depth(value):
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return 0
    return 1 + max(map(_depth, value), default=0)


class TestEvents:
    @pytest.mark.parametrize("kind", ["set", "delete", "skip"])
    def test_what_an_annotator_logs_is_taken(self, kind):
        author = Author("maría 🦉", "0.1.0", "config hash")
        rows = [author.stamp({"species": "Käuzchen", "n": 3, "boxes": [{"low": 1.5}]})]
        line = author.event(kind, "12", rows, look={"n_fft": 512}).to_json()

        checks.check_events([json.loads(line)])

    @pytest.mark.parametrize(
        "other",
        [{"clip": ""}, {"annotator": ""}, {"created_at": "1 March"}, {"rows": []}],
        ids=str,
    )
    def test_what_an_older_log_may_hold_is_taken(self, other):
        checks.check_events([event(**other)])

    @pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
    @pytest.mark.parametrize("where", ["cell", "column", "look", "key"])
    def test_poison_is_refused_wherever_it_stands(self, where, value):
        bad = event(**({"key": CANARY} if where == "key" else {}))
        if where == "cell":
            bad["rows"][0]["x"] = value
        elif where == "column":
            if isinstance(value, list | dict | set):
                return  # no key of an object
            bad["rows"][0][value] = 1
        elif where == "look":
            bad["look"] = {"x": value}

        assert refusal(event(), bad) == [1]

    @pytest.mark.parametrize(
        "other",
        [
            {"id": "canary"},
            {"id": "7F0E5C1A-0000-4000-8000-00000000000A"},
            {"id": 1},
            {"kind": "canary"},
            {"kind": ["set"]},
            {"clip": "canary\n"},
            {"clip": "canary\u202e"},
            {"clip": None},
            {"clip": "c" * 256},
            {"annotator": "canary\x1b[31m"},
            {"annotator": "a" * 81},
            {"created_at": ""},
            {"created_at": 5},
            {"app_version": {}},
            {"config": "canary\u2066"},
            {"look": None},
            {"look": "canary"},
            {"rows": None},
            {"rows": ["canary"]},
            {"rows": [{}]},
            {"rows": [{"annotation_id": ""}]},
            {"rows": [{"annotation_id": 12}]},
            {"rows": [{"annotation_id": "a" * 81}]},
            {"rows": [{"annotation_id": "a\u202e"}]},
            {"rows": [{"annotation_id": "a"}, {"annotation_id": "a"}]},
            {"rows": [{"annotation_id": "a", "can\nary": 1}]},
            {"rows": [{"annotation_id": "a", "canary\u202e": 1}]},
            {"rows": [{"annotation_id": str(n)} for n in range(2_001)]},
        ],
        ids=lambda other: ascii(other)[:60],
    )
    def test_what_is_no_event_is_refused(self, other):
        assert refusal(event(**other)) == [0]

    @pytest.mark.parametrize("value", [None, [], "canary", 1, float("nan")], ids=str)
    def test_what_is_no_object_is_no_event(self, value):
        assert refusal(value) == [0]

    @given(
        st.sampled_from(sorted(event())), CELLS | st.sampled_from([*HOSTILE.values()])
    )
    def test_whatever_a_part_is_the_answer_is_yes_or_a_refusal(self, key, value):
        sent = event(**{key: value})

        reason = checks.event_problem(sent)

        if reason is None:
            assert json.loads(dumps(sent).encode()) == sent
        else:
            assert CANARY not in reason


class TestNames:
    @pytest.mark.parametrize(
        ("given_name", "name"),
        [
            (" Owls ", "Owls"),
            ("e\u0301", "\u00e9"),
            ("ماه\u200cنو", "ماه\u200cنو"),  # written with a joiner
            ("🦉", "🦉"),
            ("x" * 120, "x" * 120),
        ],
    )
    def test_a_name_is_composed_and_has_no_blanks_around_it(self, given_name, name):
        assert checks.clean_name(given_name, 120) == name

    @pytest.mark.parametrize(
        "name",
        [
            "",
            " ",
            "canary\n2",
            "canary\0",
            "canary\x7f",
            "canary\u2028canary",
            "canary\u202etxt.exe",
            "canary\u2066",
            "canary\u200b",  # it would look like another one
            "canary\u00ad",
            "\ufeffcanary",
            "\u200d",
            "\ud83d",
            "x" * 121,
            None,
            5,
            ["canary"],
        ],
        ids=ascii,
    )
    def test_what_cannot_be_seen_or_told_apart_is_no_name(self, name):
        with pytest.raises(Refused) as refused:
            checks.clean_name(name, 120)

        assert CANARY not in str(refused.value)

    @given(st.text(max_size=130) | st.text(st.characters(), max_size=5))
    def test_a_name_stays_itself_and_its_key_fits(self, text):
        try:
            name = checks.clean_name(text, 120)
        except Refused:
            return

        assert checks.clean_name(name, 120) == name
        assert 0 < len(checks.name_key(name, 120)) <= 120
        assert checks.name_key(text, 120) == checks.name_key(name, 120)

    def test_a_key_forgets_case_and_how_letters_were_typed(self):
        keys = {checks.name_key(name, 80) for name in ("É", "é", "e\u0301", " É ")}

        assert keys == {"é"}

    @pytest.mark.parametrize("value", [None, 5, "a\0", "\ud800", "a" * 161], ids=ascii)
    def test_what_is_no_name_has_no_key(self, value):
        assert checks.name_key(value, 80) == ""


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "7F0E5C1A-0000-4000-8000-00000000000A",
        "7f0e5c1a00004000800000000000000a",
        None,
        uuid.UUID(int=1),
    ],
)
def test_only_a_uuid_as_we_write_it_is_one(value):
    assert checks.is_uuid(str(uuid.uuid4()))
    assert not checks.is_uuid(value)
    assert not checks.is_uuid(f"{uuid.uuid4()}\n")
