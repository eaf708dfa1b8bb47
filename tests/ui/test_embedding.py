"""An annotator as a part of something larger: driven from Python, beside another."""

from __future__ import annotations

import threading

import pandas as pd
import panel as pn
import pytest

from annotator.app import BioacousticAnnotator
from tests.ui.driving import Screen, open_page, open_review

FORM = {
    "select": {
        "label": "Right?",
        "column": "right",
        "items": ["yes", "no"],
        "required": True,
    },
    "progress_tracker": True,
}


@pytest.fixture
def review(wav, tmp_path):
    recording = str(wav(duration=30.0, name="sound.wav", frequency=1000.0))
    table = pd.DataFrame({"id": [1, 2, 3], "start_time": [0.0, 9.0, 18.0]})
    table["end_time"] = table["start_time"] + 9

    def make(name="answers"):
        return BioacousticAnnotator(
            data=table,
            audio=recording,
            output=str(tmp_path / f"{name}.csv"),
            data_index_column="id",
            form_config=FORM,
            default_buffer=0,
            info_card_title="Number [[id]]",
        )

    return make


def test_the_page_follows_what_python_does(page, serve, wait_until, review):
    annotator = review()
    session = annotator.session
    screen = open_review(page, serve, wait_until, annotator)

    session.select(1)
    screen.until(lambda: "Number 2" in screen.seen("info-card"))
    screen.until_ready(9.0)
    assert screen.current.locator("td").nth(1).inner_text() == "2"

    # From another thread, as a watcher or a cell of a notebook would.
    worker = threading.Thread(target=session.submit, args=({"right": "no"},))
    worker.start()
    worker.join(30)
    screen.until(lambda: screen.column(0) == ["1", "3"])
    screen.until(lambda: "total 1/3" in screen.seen("review-form"))
    screen.until(lambda: "Number 3" in screen.seen("info-card"))

    session.undo()
    screen.until(lambda: screen.column(0) == ["1", "2", "3"])
    screen.until(lambda: "Number 2" in screen.seen("info-card"))

    session.submit({"right": "yes"}, clip=1)
    session.view = "reviewed"
    screen.until(lambda: screen.column(0) == ["2"])
    session.delete_review(1)
    screen.until(lambda: "No clip is reviewed yet" in screen.seen("clip-table"))


def test_python_sees_what_the_person_does(page, serve, wait_until, review):
    annotator = review()
    session = annotator.session
    seen = []
    session.param.watch(lambda event: seen.append(event.new.index_value), "clip")
    session.param.watch(lambda event: seen.append(event.new.kind), "last_event")
    screen = open_review(page, serve, wait_until, annotator)

    screen.click_row("3")
    screen.until(lambda: seen == [3])
    screen.answer("yes")
    screen.until(screen.submit_button.is_enabled)
    screen.submit_button.click()

    screen.until(lambda: len(seen) == 3)
    assert sorted(map(str, seen)) == ["1", "3", "set"]
    assert session.n_reviewed == 1


def test_two_annotators_on_one_page_leave_each_other_alone(
    page, serve, wait_until, review
):
    left, right = review("left"), review("right")

    def dashboard():
        return pn.Column("# My dashboard", pn.Row(left, right))

    one = open_page(page, serve(dashboard), wait_until, 2)
    two = Screen(page, wait_until, 1)
    for screen in (one, two):
        screen.until_ready(0.0)
    assert page.get_by_text("My dashboard").is_visible()
    untouched = two.picture()

    one.press("ArrowDown")
    one.until_ready(9.0)
    one.press("1", "Enter")
    one.until(lambda: left.session.n_reviewed == 1)
    one.until_ready(18.0)
    one.press("Space")
    one.until(lambda: one.picture()["playhead"] > 18.1)

    assert one.plays
    assert not two.plays
    assert two.picture() == untouched
    assert two.column(0) == ["1", "2", "3"]
    assert "Number 1" in two.seen("info-card")
    assert (right.session.n_reviewed, right.session.clip.position) == (0, 0)
    assert two.submit_button.is_disabled()

    two.click_row("3")
    two.until_ready(18.0)
    two.press("2", "Enter")
    two.until(lambda: right.session.n_reviewed == 1)
    assert left.session.clip.index_value == 3
    one.until(lambda: one.plays)  # it goes on
    assert left.output()["right"].tolist() == ["yes"]
    assert right.output()["right"].tolist() == ["no"]


def test_a_layout_made_before_its_page_works_and_survives_a_reload(
    page, serve, wait_until, review
):
    annotator = review()
    layout = pn.Column("# My dashboard", annotator)  # as at the top of a script
    address = serve(lambda: layout)
    screen = open_page(page, address, wait_until)
    screen.until_ready(0.0)

    screen.click_row("2")
    screen.until_ready(9.0)
    screen = open_page(page, address, wait_until)
    screen.until_ready(9.0)
    screen.answer("no")
    screen.until(screen.submit_button.is_enabled)
    screen.submit_button.click()
    screen.until(lambda: screen.column(0) == ["1", "3"])

    screen.until_ready(18.0)
    assert annotator.output()["id"].tolist() == [2]


def test_a_review_goes_on_when_its_page_is_closed(page, serve, wait_until, review):
    annotator = review()
    address = serve(lambda: annotator.view())
    screen = open_page(page, address, wait_until)
    screen.until_ready(0.0)

    page.goto("about:blank")
    annotator.session.submit({"right": "yes"})
    screen = open_page(page, address, wait_until)

    screen.until(lambda: screen.column(0) == ["2", "3"])
    screen.until_ready(9.0)
    assert annotator.output()["right"].tolist() == ["yes"]
