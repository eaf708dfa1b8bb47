"""Hostile text stays text, and bad input ends in one clear sentence on a live page."""

from __future__ import annotations

import os

import pandas as pd
import pytest

from annotator.app import BioacousticAnnotator
from annotator.app import page as make_page
from annotator.errors import (
    AnnotatorError,
    DataError,
    FormatError,
    NotFound,
    SegmentOutOfRange,
    StorageError,
)
from tests.ui.driving import open_page, open_review

PAYLOAD = "<img src=x onerror=\"window.hit='yes'\">'\"&\u202e"
SHOWN = "<img src=x onerror=\"window.hit='yes'\">'\"&"
FORM = {"select": {"label": "right?", "column": "right", "items": ["yes", "no"]}}


@pytest.fixture
def make(wav, tmp_path):
    def make(**settings):
        frame = pd.DataFrame({"id": [1, 2], "start_time": [0.0, 1.0]})
        frame["end_time"] = frame["start_time"] + 1.0
        settings = {
            "data": frame,
            "audio": str(wav(duration=4.0)),
            "output": str(tmp_path / "reviews.csv"),
            "data_index_column": "id",
            "default_buffer": 0,
            "form_config": FORM,
            **settings,
        }
        return BioacousticAnnotator(**settings)

    return make


def test_text_from_data_and_configuration_is_only_text(
    page, serve, wait_until, make, tmp_path
):
    frame = pd.DataFrame(
        {
            "id": [PAYLOAD + "1", PAYLOAD + "2"],
            "start_time": [0.0, 1.0],
            "end_time": [1.0, 2.0],
            PAYLOAD: [PAYLOAD, PAYLOAD],
        }
    )
    ask = {"label": PAYLOAD, "column": PAYLOAD + "c", "required": True}
    annotator = make(
        data=frame,
        project_name=PAYLOAD,
        description={
            "title": PAYLOAD,
            "text": f"# {PAYLOAD}\n\n[link](javascript:window.hit='yes')\n\n"
            "<script>window.hit='yes'</script>",
        },
        info_card_title="[[id]]",
        info_card_text=PAYLOAD,
        output={
            "path": str(tmp_path / "reviews.csv"),
            "uri": str(tmp_path / "missing" / "no.txt" / "reviews.csv"),
            "sync_button": PAYLOAD,
        },
        form_config={
            "title": PAYLOAD,
            "form": [
                {"text": PAYLOAD},
                {"select": {**ask, "items": [{"label": PAYLOAD, "value": PAYLOAD}]}},
                {
                    "select": {
                        "label": PAYLOAD + "2",
                        "items": [PAYLOAD] * 1 + list("abcdefgh"),
                    }
                },
                {"textbox": {"label": PAYLOAD + "3", "default": PAYLOAD}},
                {"checkbox": {"label": PAYLOAD + "4"}},
                {"number": {"label": PAYLOAD + "5", "placeholder": PAYLOAD}},
            ],
            "submission_buttons": {
                "previous": {"label": PAYLOAD},
                "next": {"label": PAYLOAD},
                "submit": {"label": PAYLOAD + "go"},
            },
        },
    )

    screen = open_review(page, serve, wait_until, annotator)
    screen.part("review-form").locator(".answer button").first.click()
    screen.until(screen.submit_button.is_enabled)
    screen.submit_button.click()
    screen.until(lambda: annotator.session.n_reviewed == 1)
    screen.show("Reviewed")
    screen.until(lambda: screen.rows.count() == 1)
    screen.rows.first.click()
    screen.sync_button.click()
    screen.until(lambda: screen.seen("sync-status"))

    assert page.evaluate("window.hit") is None
    for hook in ("clip-table", "info-card", "review-form"):
        assert SHOWN in screen.seen(hook), hook
    assert page.locator("a[href^='javascript']").count() == 0
    assert page.locator("img[src='x']").count() == 0


def out_of_range(make, tmp_path):
    frame = pd.DataFrame({"id": [1], "start_time": [900.0], "end_time": [901.0]})
    return make(data=frame), SegmentOutOfRange, "4.00 s long"


def not_a_time(make, tmp_path):
    frame = pd.DataFrame({"id": [1], "start_time": [None], "end_time": [1.0]})
    return make(data=frame), DataError, "time"


def no_recording(make, tmp_path):
    return make(audio=str(tmp_path / "gone.flac")), NotFound, "gone.flac"


def no_sound_in_it(make, tmp_path):
    (tmp_path / "text.flac").write_text("this is no sound")
    return make(audio=str(tmp_path / "text.flac")), FormatError, "text.flac"


@pytest.mark.parametrize(
    "trouble", [out_of_range, not_a_time, no_recording, no_sound_in_it]
)
def test_a_clip_that_cannot_be_shown_says_why_and_the_page_lives_on(
    page, serve, wait_until, make, tmp_path, trouble
):
    annotator, kind, words = trouble(make, tmp_path)

    screen = open_page(page, serve(lambda: make_page(annotator)), wait_until)
    sentence = screen.part("player").locator(".annotator-error")
    sentence.wait_for()

    assert words in sentence.inner_text()
    assert "Traceback" not in page.content()
    session, loader = annotator.session, annotator._review.loader
    with pytest.raises(kind):
        loader.prepare(session.clip, session.look.state)
    screen.answer("yes")
    screen.submit_button.click()
    screen.until(lambda: annotator.session.n_reviewed == 1)


def test_an_empty_table_opens_and_says_what_to_do(page, serve, wait_until, make):
    frame = pd.DataFrame({"id": [], "start_time": [], "end_time": []})

    screen = open_page(page, serve(lambda: make_page(make(data=frame))), wait_until)

    screen.until(lambda: "The table has no clips" in screen.seen("clip-table"))
    assert not screen.submit_button.is_visible() or screen.submit_button.is_disabled()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"data": "nowhere.csv"}, "nowhere.csv"),
        ({"data_index_column": "idd"}, "Did you mean 'id'?"),
        ({"display_columns": ["nmae"]}, "nmae"),
        ({"captur": False}, "Did you mean 'capture'?"),
        ({"audio_column": "recording"}, "recording"),
    ],
)
def test_a_review_that_cannot_be_opened_is_a_page_that_says_why(
    page, serve, wait_until, make, settings, words
):
    with pytest.raises(AnnotatorError, match=words.replace("?", r"\?")):
        make(**settings)

    frame = pd.DataFrame({"id": [1], "start_time": [0.0], "end_time": [1.0]})
    given = {"data": frame, "audio": "a.wav", "form_config": FORM, **settings}
    page.goto(serve(lambda: make_page(None, **given)))
    sentence = page.locator(".annotator-error")
    sentence.wait_for()

    assert words in sentence.inner_text() + page.locator("details pre").inner_text()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a POSIX file system")
def test_an_output_that_cannot_be_written_keeps_the_answers_on_the_page(
    page, serve, wait_until, make, tmp_path
):
    annotator = make(output=str(tmp_path / "answers" / "reviews.csv"))
    screen = open_review(page, serve, wait_until, annotator)
    blocked = tmp_path / "answers"
    if blocked.is_dir():
        for path in blocked.iterdir():
            path.unlink()
        blocked.rmdir()
    blocked.write_text("a file where the folder should be")

    screen.answer("yes")
    screen.until(screen.submit_button.is_enabled)
    screen.submit_button.click()
    screen.until(lambda: screen.part("review-form").locator(".annotator-error").count())

    assert annotator.session.n_reviewed == 0
    with pytest.raises((StorageError, OSError)):
        annotator.session.submit({"right": "yes"})
    blocked.unlink()
    screen.press()  # a click at once after the first would be a slip of the hand
    screen.submit_button.click()
    screen.until(lambda: annotator.session.n_reviewed == 1)
    assert annotator.output()["right"].tolist() == ["yes"]
