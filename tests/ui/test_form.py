"""The review form in a browser: every kind of question, and what it writes."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from annotator.app import BioacousticAnnotator
from tests.ui.driving import Screen, open_review

BIG = 9_007_199_254_740_993  # 2**53 + 1: a number that a browser cannot hold
WORDS = "O'Brien's \"ähm\" <b>🦉</b> 鳥 &amp; it's"


@pytest.fixture
def review(wav, tmp_path, page, serve, wait_until):
    """Return a function that opens a form about three clips."""
    recording = str(wav(duration=4.0, name="sound.wav"))

    def open_form(form, **settings):
        table = pd.DataFrame(
            {
                "id": [BIG, BIG + 2, BIG + 4],
                "start_time": [0.0, 1.0, 2.0],
                "end_time": [1.0, 2.0, 3.0],
                "species": [WORDS, "wren", "robin"],
                "guess": ["wren", "robin", "owl"],
                "count": [1, 2, 3],
            }
        )
        annotator = BioacousticAnnotator(
            data=table,
            audio=recording,
            output=str(tmp_path / "out.csv"),
            data_index_column="id",
            form_config=form,
            default_buffer=0,
            **settings,
        )
        return open_review(page, serve, wait_until, annotator), annotator

    return open_form


def submit(screen: Screen, annotator) -> dict[str, str]:
    """Press Submit; return the row that it wrote."""
    before = annotator.session.n_session
    screen.press()  # a look elsewhere: not the second click of a double one
    screen.until(screen.submit_button.is_enabled)
    screen.submit_button.click()
    screen.until(lambda: annotator.session.n_session == before + 1)
    annotator.output(force=True)
    path = annotator.settings.output_path()
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))[-1]


def test_every_kind_of_answer_is_written_as_given(review):
    form = {
        "title": {"value": "Clip [[count]]", "progress_tracker": True},
        "pass_value": {"source_column": "id", "column": "detection_id"},
        "fixed_value": {"column": "batch", "value": "b-7"},
        "form": [
            {"text": "Heard: [[species]]"},
            {
                "select": {
                    "label": "Verdict",
                    "column": "verdict",
                    "items": ["ok", "no"],
                }
            },
            "line",
            {"textbox": {"label": "Notes", "column": "notes"}},
            "break",
            {
                "checkbox": {
                    "label": "Rain",
                    "column": "rain",
                    "checked_value": "wet",
                    "unchecked_value": "dry",
                }
            },
            {"number": {"label": "Calls", "column": "calls", "min": 0, "max": 9}},
            {"textbox": {"label": "Story", "column": "story", "multiline": True}},
        ],
    }
    screen, annotator = review(form, place="Lund")
    assert "Clip 1 total 0/3" in screen.seen("review-form")
    assert f"Heard: {WORDS}" in screen.seen("review-form")

    screen.answer("ok")
    screen.field("Notes").fill(WORDS)
    screen.field("Rain").check()
    screen.field("Calls").fill("4")
    screen.field("Calls").press("Tab")
    screen.field("Story").fill("one\ntwo, three")
    row = submit(screen, annotator)

    assert row["id"] == str(BIG)
    assert row["detection_id"] == str(BIG)
    assert (row["batch"], row["place"]) == ("b-7", "Lund")
    assert (row["verdict"], row["rain"], row["calls"]) == ("ok", "wet", "4")
    assert (row["notes"], row["story"]) == (WORDS, "one\ntwo, three")
    # The next clip starts anew.
    screen.until(lambda: "Clip 2 session 1/3 · total 1/3" in screen.seen("review-form"))
    screen.until(lambda: screen.field("Notes").input_value() == "")
    assert not screen.field("Rain").is_checked()
    assert screen.field("Calls").input_value() == ""
    assert screen.field("Story").input_value() == ""
    row = submit(screen, annotator)
    assert (row["verdict"], row["rain"], row["calls"]) == ("", "dry", "")
    assert row["id"] == str(BIG + 2)


def test_lists_come_from_files_and_can_be_searched(review, tmp_path):
    species = [f"Species {n}" for n in range(40)]
    codes = range(BIG, BIG + 40)
    csv_file, parquet, text = (
        tmp_path / f"items.{k}" for k in ("csv", "parquet", "txt")
    )
    pd.DataFrame({"code": codes, "name": species}).to_csv(csv_file, index=False)
    pd.DataFrame({"value": [1, 2], "label": ["ein", "zwei"]}).to_parquet(parquet)
    text.write_text("r,red\ng,green\nb,blue\ny,yellow\nv,violet\no,orange\n", "utf-8")
    named = {"path": str(csv_file), "value": "code", "label": "name"}
    form = {
        "form": [
            {"select": {"label": "Species", "column": "species", "items": named}},
            {"select": {"label": "Number", "column": "number", "items": str(parquet)}},
            {"select": {"label": "Colour", "column": "colour", "items": str(text)}},
            {
                "select": {
                    "label": "Other",
                    "column": "other",
                    "items": ["ant", "bee"],
                    "custom_value": True,
                }
            },
        ]
    }
    screen, annotator = review(form)

    species = screen.root.get_by_role("combobox", name="Species")
    species.click()
    species.press_sequentially("es 37")
    screen.page.get_by_role("option", name="Species 37").click()
    screen.answer("zwei")
    screen.choose("Colour", "violet")
    other = screen.field("Other")
    other.press_sequentially("hornet & co")
    other.press("Enter")
    row = submit(screen, annotator)

    assert row["species"] == str(BIG + 37)
    assert (row["number"], row["colour"]) == ("2", "v")
    assert row["other"] == "hornet & co"


def test_submit_waits_for_what_is_required_in_sight(review):
    form = {
        "form": [
            {
                "select": {
                    "label": "Verdict",
                    "column": "verdict",
                    "required": True,
                    "items": [
                        {"label": "yes", "value": "yes"},
                        {"label": "no", "value": "no", "form": "why"},
                    ],
                }
            },
            {
                "checkbox": {
                    "label": "Noisy",
                    "column": "noisy",
                    "checked_form": "noise",
                }
            },
        ],
        "dynamic_forms": {
            "why": [{"textbox": {"label": "Why", "column": "why", "required": True}}],
            "noise": [
                {"number": {"label": "Level", "column": "level", "required": True}}
            ],
        },
    }
    screen, annotator = review(form)
    assert screen.submit_button.is_disabled()
    assert "Still to answer: Verdict" in screen.seen("review-form")
    assert not screen.field("Why").is_visible()
    assert not screen.field("Level").is_visible()

    screen.answer("no")
    screen.until(lambda: "Still to answer: Why" in screen.seen("review-form"))
    assert screen.submit_button.is_disabled()
    screen.field("Noisy").check()
    screen.until(lambda: "Still to answer: Why, Level" in screen.seen("review-form"))
    screen.field("Why").fill("too faint")
    screen.field("Level").fill("12")
    screen.field("Level").press("Tab")
    screen.until(screen.submit_button.is_enabled)
    screen.field("Noisy").uncheck()
    screen.until(lambda: not screen.field("Level").is_visible())
    row = submit(screen, annotator)

    assert (row["verdict"], row["why"], row["noisy"]) == ("no", "too faint", "False")
    assert row["level"] == ""  # its section was closed
    screen.until(lambda: not screen.field("Why").is_visible())
    screen.until(screen.submit_button.is_disabled)


def test_defaults_and_prefilled_answers_are_there_for_each_clip(review):
    form = {
        "form": [
            {
                "select": {
                    "label": "Quality",
                    "column": "quality",
                    "items": ["good", "selected::fair", "poor"],
                }
            },
            {"textbox": {"label": "Name", "column": "name", "source_value": "guess"}},
            {"textbox": {"label": "Place", "column": "place", "default": "Lund"}},
            {"number": {"label": "Calls", "column": "calls", "value": 2}},
            {"checkbox": {"label": "Wild", "column": "wild", "default": True}},
        ]
    }
    screen, annotator = review(form)

    rows = [submit(screen, annotator)]
    screen.until(lambda: screen.field("Name").input_value() == "robin")
    screen.field("Place").fill("Ystad")
    rows.append(submit(screen, annotator))
    screen.until(lambda: screen.field("Name").input_value() == "owl")
    rows.append(submit(screen, annotator))

    assert [row["name"] for row in rows] == ["wren", "robin", "owl"]
    assert [row["place"] for row in rows] == ["Lund", "Ystad", "Lund"]
    for row in rows:
        assert (row["quality"], row["calls"], row["wild"]) == ("fair", "2", "True")


def test_a_number_out_of_range_is_not_written(review):
    form = {"number": {"label": "Calls", "column": "calls", "min": 1, "max": 5}}
    screen, annotator = review(form)

    field = screen.field("Calls")
    field.fill("900")
    field.press("Tab")
    screen.submit_button.click()
    screen.until(
        lambda: (
            annotator.session.n_session == 1 or "Calls" in screen.seen("form-status")
        )
    )

    for row in annotator.session.output_rows():
        assert 1 <= float(row["calls"]) <= 5


def test_buttons_have_the_labels_of_the_project(review):
    form = {
        "select": {"label": "ok?", "column": "ok", "items": ["yes", "no"]},
        "progress_tracker": {"accuracy": {"column": "ok", "value": "yes"}},
        "submission_buttons": {
            "previous": {"label": "zurück ←"},
            "next": {"label": "überspringen"},
            "submit": {"label": "<i>fertig</i>"},
        },
    }
    screen, annotator = review(form)

    assert "<i>fertig</i>" in screen.submit_button.inner_text()
    screen.answer("yes")
    submit(screen, annotator)
    screen.until(lambda: "accuracy 100%" in screen.seen("review-form"))
    screen.part("review-form").get_by_role("button", name="überspringen").click()
    screen.until(lambda: annotator.session.clip.position == 2)
    screen.until(lambda: str(BIG + 4) in screen.current.inner_text())
    screen.part("review-form").get_by_role("button", name="zurück ←").click()
    screen.until(lambda: annotator.session.clip.position == 1)
    screen.until(lambda: str(BIG + 2) in screen.current.inner_text())
    screen.answer("no")
    submit(screen, annotator)
    screen.until(lambda: "accuracy 50%" in screen.seen("review-form"))


def test_quick_hands_find_the_next_form_empty(review):
    form = {
        "select": {
            "label": "ok?",
            "column": "ok",
            "items": ["yes", "no"],
            "required": True,
        }
    }
    screen, annotator = review(form)

    screen.press("1", "Enter")  # an answer and its end within a moment
    screen.until(lambda: annotator.session.n_session == 1)
    chosen = screen.part("answer").locator(".MuiButton-contained")
    screen.until(lambda: chosen.count() == 0 and screen.submit_button.is_disabled())
    screen.press("2", "Enter")
    screen.until(lambda: annotator.session.n_session == 2)

    assert [row["ok"] for row in annotator.session.output_rows()] == ["yes", "no"]
