from __future__ import annotations

import pandas as pd
import pytest

from annotator.form.fields import ProgressSpec
from annotator.form.progress import progress_text
from annotator.form.spec import FormSpec

ROWS = [{"v": "yes"}, {"v": "no"}, {"v": "YES"}, {"v": None}]


def test_the_session_is_told_once_something_was_reviewed():
    spec = ProgressSpec()

    assert progress_text(spec, 0, 12, 36, ROWS) == "total 12/36"
    assert progress_text(spec, 3, 12, 36, ROWS) == "session 3/36 · total 12/36"


def test_clips_are_counted_and_not_rows():
    assert progress_text(ProgressSpec(), 0, 1, 9, ROWS * 100) == "total 1/9"


@pytest.mark.parametrize("rows", [ROWS, pd.DataFrame(ROWS), iter(ROWS)])
def test_accuracy_is_the_share_of_the_wanted_value(rows):
    text = progress_text(ProgressSpec("v", "Yes"), 0, 1, 2, rows)

    assert text == "total 1/2 · accuracy 50%"


@pytest.mark.parametrize(
    ("cell", "share"),
    [
        *[(cell, "100%") for cell in (True, 1, 1.0, "yes", "Valid", "true", "is_owl")],
        *[(cell, "0%") for cell in (False, 0, "no", "invalid", "", None, float("nan"))],
    ],
)
def test_without_a_wanted_value_a_yes_counts(cell, share):
    text = progress_text(ProgressSpec("v"), 0, 1, 2, [{"v": cell}])

    assert text.endswith(f"accuracy {share}")


@pytest.mark.parametrize("rows", [[], pd.DataFrame(), pd.DataFrame({"other": [1]})])
def test_without_annotations_there_is_no_accuracy(rows):
    assert progress_text(ProgressSpec("v"), 0, 1, 2, rows) == "total 1/2"


def test_the_form_says_what_is_right():
    spec = FormSpec.from_dict(
        {
            "progress_tracker": {"accuracy": {"column": "v", "value": "no"}},
            "textbox": "v",
        }
    )

    assert progress_text(spec, 0, 1, 2, ROWS).endswith("accuracy 25%")


def test_a_form_without_a_tracker_counts_all_the_same():
    assert progress_text(FormSpec(), 0, 1, 2) == "total 1/2"
