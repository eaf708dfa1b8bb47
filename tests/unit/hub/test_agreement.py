"""Agreement, against published values and the definitions written out in full."""

from __future__ import annotations

import doctest
import itertools
import subprocess
import sys

import hypothesis.strategies as st
import pytest
from hypothesis import given

from annotator.errors import ParameterError
from annotator.hub import agreement
from annotator.hub.agreement import LEVELS, alpha, kappa, kappas

# Krippendorff's standard example: four observers, twelve units, nine gaps.
STANDARD = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
UNITS = [
    [int(label) for label in unit if label != "."]
    for unit in zip(*(line.split() for line in STANDARD), strict=True)
]


def test_examples():
    assert doctest.testmod(agreement).failed == 0


@pytest.mark.parametrize(
    ("level", "published"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)],
)
def test_alpha_of_the_standard_example_is_the_published_one(level, published):
    assert alpha(UNITS, level) == pytest.approx(published, abs=5e-4)


def test_alpha_leaves_out_clips_with_one_label():
    without = [unit for unit in UNITS if len(unit) > 1]

    assert len(without) < len(UNITS)
    assert alpha(UNITS) == alpha(without)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "units",
    [
        pytest.param([], id="no clip"),
        pytest.param([[]], id="no label"),
        pytest.param([[1], [2], [3]], id="no overlap"),
        pytest.param([[1, 1], [1, 1, 1]], id="one label only"),
        pytest.param([[0.1] * 3, [0.1] * 7], id="one label that floats cannot hold"),
        pytest.param([[1, 1], [2]], id="the other label stands alone"),
    ],
)
def test_alpha_is_none_where_nothing_can_be_said(units, level):
    assert alpha(units, level) is None


def test_alpha_of_nominal_labels_takes_any_labels():
    assert alpha([["owl", "owl"], [True, True], ["7", 7]]) == pytest.approx(8 / 13)


def test_an_unknown_level_is_refused():
    with pytest.raises(ParameterError, match=r"'ratio'.*nominal, ordinal, interval"):
        alpha(UNITS, "ratio")


def written_out(units, level):
    """Give alpha as it is defined: over the pairs of labels, with its distances."""
    units = [unit for unit in units if len(unit) > 1]
    labels = [label for unit in units for label in unit]

    def distance(a, b):
        if level == "nominal":
            return float(a != b)
        if level == "interval":
            return float(a - b) ** 2
        low, high = min(a, b), max(a, b)
        between = sum(low <= label <= high for label in labels)
        return (between - (labels.count(a) + labels.count(b)) / 2) ** 2

    def over_pairs(those):
        return sum(distance(a, b) for a, b in itertools.permutations(those, 2))

    observed = sum(over_pairs(unit) / (len(unit) - 1) for unit in units)
    return 1 - observed / (over_pairs(labels) / (len(labels) - 1))


@given(
    units=st.lists(st.lists(st.integers(-3, 3), max_size=4), max_size=8),
    level=st.sampled_from(LEVELS),
)
def test_alpha_is_what_its_definition_gives(units, level):
    labels = {label for unit in units if len(unit) > 1 for label in unit}

    found = alpha(units, level)

    if len(labels) < 2:
        assert found is None
    else:
        assert found == pytest.approx(written_out(units, level), abs=1e-9)


def test_kappa_of_the_textbook_example_is_the_known_one():
    # The one of most textbooks: two readers say yes or no to 50 proposals.
    counts = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
    first, second = zip(
        *(pair for pair, n in counts.items() for _ in range(n)), strict=True
    )

    assert kappa(first, second) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param([], [], id="no clip"),
        pytest.param(["owl"], ["owl"], id="one clip, one label"),
        pytest.param(["owl"] * 9, ["owl"] * 9, id="one label only"),
    ],
)
def test_kappa_is_none_where_nothing_can_be_said(first, second):
    assert kappa(first, second) is None


def test_kappa_takes_labels_of_different_types():
    assert kappa(["owl", 1, None, True], ["owl", 2, None, "1"]) == pytest.approx(3 / 7)


def test_kappa_of_lists_that_do_not_belong_together_is_refused():
    with pytest.raises(ParameterError, match="2 and 1 labels"):
        kappa(["owl", "owl"], ["owl"])


def test_kappas_compares_each_two_on_the_clips_that_both_labelled():
    found = kappas(
        [
            {"ada": "owl", "bob": "owl"},
            {"bob": "wind", "ada": "wind", "cleo": "owl"},
            {"ada": "owl", "bob": "wind"},
            {"cleo": "owl"},
            {},
        ]
    )

    assert [(pair.first, pair.second, pair.n_clips, pair.n_same) for pair in found] == [
        ("ada", "bob", 3, 2),
        ("ada", "cleo", 1, 0),
        ("bob", "cleo", 1, 0),
    ]
    assert found[0].kappa == pytest.approx(0.4)
    assert found[1].kappa == 0


def test_scikit_learn_is_loaded_only_for_kappa():
    code = (
        "import sys; from annotator.hub.agreement import alpha; alpha([[1, 2]]);"
        "sys.exit('sklearn' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
