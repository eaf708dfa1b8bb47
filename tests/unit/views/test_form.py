"""The form without a page."""

from __future__ import annotations

import threading
import time

import pandas as pd
import pytest

from annotator.app import BioacousticAnnotator
from tests.ui.marking import start_marking


def test_what_was_drawn_a_moment_ago_is_submitted_too(wav, tmp_path):
    recording = wav(duration=12.0, sample_rate=8_000, name="sound.wav")
    app = start_marking(recording, tmp_path / "out.csv", "multibox")
    dashboard, saved = app.view(), threading.Event()
    app.session.param.watch(lambda _event: saved.set(), "n_session")

    dashboard.stage.hold()  # the button does not hear of the box yet
    app.session.regions.add(
        start_time=4.0, end_time=5.0, min_frequency=1000, max_frequency=2000
    )
    dashboard.form.submit()

    assert saved.wait(30)
    app.close()


@pytest.fixture
def review(wav, tmp_path):
    """Return a review of three clips whose submit waits until it may go on."""
    recording = wav(duration=4.0, sample_rate=8_000, name="sound.wav")
    app = BioacousticAnnotator(
        data=pd.DataFrame({"start_time": range(3), "end_time": range(1, 4)}),
        audio=str(recording),
        output=str(tmp_path / "out.csv"),
        form_config={
            "select": {"label": "Right?", "items": ["yes", "no"], "required": True}
        },
    )
    submit, app.may_go_on = app.session.submit, threading.Event()

    def slowly(*values, **options):
        assert app.may_go_on.wait(30)
        submit(*values, **options)

    app.session.submit = slowly
    yield app
    app.close()


def until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)  # between two looks, not instead of one


def test_what_is_typed_while_an_answer_is_saved_goes_to_the_next_clips(review):
    form = review.view().form

    for number in (1, 2, 1):
        form.choose(number)
        form.submit()
    review.may_go_on.set()

    until(lambda: review.session.n_reviewed == 3)
    assert list(review.output()["Right?"]) == ["yes", "no", "yes"]


def test_what_is_typed_while_an_answer_is_not_saved_goes_nowhere(review, monkeypatch):
    monkeypatch.setattr(review.session.store, "submit", _no_disk)
    form = review.view().form

    form.choose(1)
    form.submit()
    form.choose(2)
    review.may_go_on.set()

    until(lambda: "No space left" in form._status.object)
    assert form._questions.values == {"Right?": "yes"}  # noqa: PD011
    assert not form._typed


def _no_disk(*_values, **_options):
    raise OSError(28, "No space left on device")


def test_a_click_while_an_answer_is_saved_submits_nothing_else(review):
    form = review.view().form
    form.choose(1)
    form.submit()
    form._submit.clicks += 1
    kept = list(form._typed)
    review.may_go_on.set()

    until(lambda: review.session.n_reviewed == 1)
    assert kept == []
