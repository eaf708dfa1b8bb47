"""A review by hand: table, picture, sound, answers, undo, on a served page."""

from __future__ import annotations

import csv
import shutil

import numpy as np
import pandas as pd
import pytest

from annotator.app import BioacousticAnnotator
from annotator.demo.project import write_demo
from tests.ui.driving import Screen, open_review

BUFFER = 1.5  # s, as the demo's project says
YES_NO = {"select": {"label": "Right?", "column": "right", "items": ["yes", "no"]}}


@pytest.fixture(scope="module")
def demo_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, duration=60)
    return folder


@pytest.fixture
def annotator(demo_files, tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(demo_files, folder)
    return BioacousticAnnotator(str(folder / "demo.yaml"))


@pytest.fixture
def screen(page, serve, wait_until, annotator) -> Screen:
    return open_review(page, serve, wait_until, annotator)


@pytest.fixture
def tone(wav, tmp_path):
    table = pd.DataFrame({"id": [1, 2], "start_time": [2.0, 5.0], "end_time": [3.0, 7]})
    return BioacousticAnnotator(
        data=table,
        audio=str(wav(duration=10, sample_rate=48_000, frequency=6000.0)),
        output=str(tmp_path / "tone.csv"),
        data_index_column="id",
        form_config=YES_NO,
        default_buffer=1,
    )


def rows_in_file(annotator) -> list[dict[str, str]]:
    annotator.output(force=True)  # waits until it is written
    with open(annotator.settings.output_path(), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def clock(screen) -> str:
    return screen.part("player").locator(".time").inner_text()


def test_a_click_on_a_row_shows_its_clip_everywhere(screen, annotator):
    target = annotator.session.clips.clip(6)

    screen.click_row("1007")

    screen.until(lambda: annotator.session.clip.position == 6)
    screen.until_ready(target.start_time)
    seen = screen.picture()
    assert "1007" in screen.current.inner_text()
    assert "Detection 1007" in screen.seen("info-card")
    assert seen["x_range"] == pytest.approx(
        [target.start_time - BUFFER, target.end_time + BUFFER], abs=1e-3
    )
    assert seen["shaded"][0][1] == pytest.approx(target.start_time)
    assert seen["shaded"][1][0] == pytest.approx(target.end_time)
    assert seen["playhead"] == pytest.approx(target.start_time)
    end = target.end_time + BUFFER
    screen.until(
        lambda: clock(screen) == f"0:{target.start_time:05.2f} / 0:{end:05.2f}"
    )


def test_keys_select_answer_submit_and_undo(screen, annotator):
    session = annotator.session

    screen.press("ArrowDown", "ArrowDown", "ArrowUp")
    screen.until(lambda: "1002" in screen.current.inner_text())
    assert screen.submit_button.is_disabled()
    assert "Still to answer: Verdict" in screen.seen("review-form")

    screen.press("1")
    screen.until(screen.submit_button.is_enabled)
    screen.press("Enter")
    screen.until(lambda: session.n_session == 1)
    assert session.values_of(1)[0]["verdict"] == "yes"
    screen.until(lambda: "1003" in screen.current.inner_text())
    screen.until(lambda: "total 1/18" in screen.seen("review-form"))

    screen.press("Control+z")
    screen.until(lambda: session.n_reviewed == 0)
    screen.until(lambda: "1002" in screen.current.inner_text())
    screen.until(lambda: "total 0/18" in screen.seen("review-form"))
    assert rows_in_file(annotator) == []


def test_keys_in_a_field_stay_in_the_field(screen, annotator):
    notes = screen.field("Notes")
    notes.click()

    screen.page.keyboard.type("1 2 owls")
    screen.page.keyboard.press("ArrowUp")
    screen.page.keyboard.press("ArrowRight")
    # The change of the field is the sign that the keys before it arrived.
    screen.answer("Yes")
    screen.until(screen.submit_button.is_enabled)
    screen.press("Enter")

    screen.until(lambda: annotator.session.n_session == 1)
    (row,) = rows_in_file(annotator)
    assert (row["id"], row["verdict"], row["notes"]) == ("1001", "yes", "1 2 owls")
    assert not screen.picture()["playhead"] > annotator.session.clip.start_time


def test_enter_after_a_click_on_an_answer_submits_it(screen, annotator):
    screen.answer("Yes")
    screen.until(screen.submit_button.is_enabled)

    screen.page.keyboard.press("Enter")

    screen.until(lambda: annotator.session.n_session == 1)
    assert annotator.session.values_of(0)[0]["verdict"] == "yes"


def test_keys_work_after_a_click_on_submit(screen, annotator):
    screen.answer("Unsure")
    screen.until(screen.submit_button.is_enabled)
    screen.submit_button.click()
    screen.until(lambda: "1002" in screen.current.inner_text())

    screen.page.keyboard.press("1")
    screen.until(screen.submit_button.is_enabled)
    screen.page.keyboard.press("Enter")

    screen.until(lambda: annotator.session.n_session == 2)
    assert [row["verdict"] for row in rows_in_file(annotator)] == ["unsure", "yes"]


def test_three_quick_clicks_write_one_annotation(page, serve, wait_until, tone):
    screen = open_review(page, serve, wait_until, tone)  # nothing is required
    screen.answer("yes")

    screen.submit_button.click(click_count=3)
    screen.until_ready(5.0)
    screen.answer("no")  # a round trip: what was clicked before has arrived
    screen.until(lambda: tone.session.n_session >= 1)

    assert [(row["id"], row["right"]) for row in rows_in_file(tone)] == [("1", "yes")]


def test_a_reviewed_clip_is_read_only_and_can_be_redone(screen, annotator):
    session = annotator.session
    screen.answer("Yes")
    screen.until(screen.submit_button.is_enabled)
    screen.submit_button.click()
    screen.until(lambda: "1001" not in screen.column(0))
    first = rows_in_file(annotator)

    screen.show("Reviewed")
    screen.until(lambda: screen.column(0) == ["1001"])
    screen.click_row("1001")
    screen.until(lambda: "Verdict yes" in screen.seen("review-form"))
    assert "✓ reviewed" in screen.seen("info-card")
    assert "Still to answer" not in screen.seen("review-form")
    assert not screen.submit_button.is_visible()
    assert not screen.field("Notes").is_visible()

    screen.part("review-form").get_by_role("button", name="Delete this review").click()
    screen.until(lambda: session.n_reviewed == 0)
    screen.until(lambda: screen.field("Notes").is_visible())
    assert rows_in_file(annotator) == []
    screen.until(lambda: "No clip is reviewed yet" in screen.seen("clip-table"))

    screen.answer("Unsure")
    screen.until(screen.submit_button.is_enabled)
    screen.submit_button.click()
    screen.until(lambda: session.n_reviewed == 1)
    (row,) = rows_in_file(annotator)
    assert list(row) == list(first[0])
    assert (row["id"], row["verdict"]) == ("1001", "unsure")
    screen.show("All")
    screen.until(lambda: screen.rows.count() == 18)
    assert screen.part("clip-table").locator("tr.reviewed").count() == 1


def test_sorting_and_paging_are_of_the_whole_table(
    page, serve, wait_until, wav, tmp_path
):
    numbers = np.random.default_rng(7).permutation(50)
    table = pd.DataFrame(
        {"id": numbers, "start_time": np.arange(50) / 10, "end_time": 1.0}
    )
    table["end_time"] = table["start_time"] + 1
    annotator = BioacousticAnnotator(
        data=table,
        audio=str(wav(duration=8)),
        output=str(tmp_path / "out.csv"),
        data_index_column="id",
        form_config=YES_NO,
        default_buffer=0,
    )
    screen = open_review(page, serve, wait_until, annotator)
    assert screen.column(0) == [str(n) for n in numbers[:20]]

    screen.sort_by("Id")
    screen.until(lambda: screen.column(0) == [str(n) for n in range(20)])
    screen.sort_by("Id")
    screen.until(lambda: screen.column(0) == [str(n) for n in range(49, 29, -1)])
    screen.part("clip-table").get_by_role("button", name="Next page").click()
    screen.until(lambda: screen.column(0) == [str(n) for n in range(29, 9, -1)])
    assert "21-40 of 50" in screen.seen("clip-table")

    screen.click_row("10")  # the last of the page
    screen.until(lambda: annotator.session.clip.index_value == 10)
    screen.press("ArrowDown")
    screen.until(lambda: screen.column(0) == [str(n) for n in range(9, -1, -1)])
    assert annotator.session.clip.index_value == 9
    assert screen.current.locator("td").nth(1).inner_text() == "9"


def test_a_tone_lies_at_its_frequency_on_both_axes(page, serve, wait_until, tone):
    screen = open_review(page, serve, wait_until, tone)

    linear = screen.picture()
    screen.choose("Type", "Mel")
    screen.until(lambda: screen.picture()["hash"] != linear["hash"])
    mel = screen.picture()

    # The axes and the labels that a person reads the frequency from.
    assert frequency_read_off(linear) == pytest.approx(6.0, abs=0.05)
    assert frequency_read_off(mel) == pytest.approx(6.0, abs=0.2)
    assert linear["labels"] == ["5", "10", "15", "20"]
    assert mel["labels"][-3:] == ["5", "10", "20"]


def frequency_read_off(seen) -> float:
    """Return where the brightest row lies between the axis's labels, kHz."""
    at = seen["y"] + (seen["brightest_row"] + 0.5) / seen["rows"] * seen["dh"]
    labels = [float(text) for text in seen["labels"]]
    below = max(k for k, tick in enumerate(seen["ticks"]) if tick <= at)
    (low, high), (f_low, f_high) = (
        seen["ticks"][below : below + 2],
        labels[below : below + 2],
    )
    share = (at - low) / (high - low)
    if seen["labels"][0] == "0":  # mel: above 1 kHz equal steps are equal ratios
        return f_low * (f_high / f_low) ** share
    return f_low + share * (f_high - f_low)


def test_palette_and_contrast_move_no_picture(page, serve, wait_until, tone):
    frames: list[int] = []
    page.on(
        "websocket",
        lambda socket: socket.on(
            "framereceived", lambda data: frames.append(len(data))
        ),
    )
    screen = open_review(page, serve, wait_until, tone)
    assert max(frames) > 100_000  # the picture and the sound
    before = screen.picture()
    frames.clear()

    screen.unfold_settings()
    screen.choose("Palette", "Viridis")
    screen.until(lambda: screen.picture()["colours"] != before["colours"])
    screen.part("player").locator("input[type=range][min='-100']").first.focus()
    page.keyboard.press("ArrowRight")
    screen.until(lambda: screen.picture()["low"] != before["low"])
    screen.answer("yes")  # a round trip: whatever the server had to say is here
    screen.until(lambda: screen.part("answer").locator(".MuiButton-contained").count())

    after = screen.picture()
    assert after["colours"][-1] in ("#FDE724", "#fde724")  # the top of Viridis
    assert after["low"] == pytest.approx(255 * (1 - 79 / 100))  # one dB up from -80
    assert after["hash"] == before["hash"]
    assert tone.session.clip.position == 0  # the arrow was the slider's
    assert max(frames) < 10_000


def test_sound_plays_pauses_seeks_and_ends(page, serve, wait_until, tone):
    screen = open_review(page, serve, wait_until, tone)

    def head() -> float:
        return screen.picture()["playhead"]

    assert clock(screen) == "0:02.00 / 0:04.00"
    screen.press("Space")
    screen.until(lambda: head() > 2.05)
    assert screen.plays
    screen.press("Space")
    screen.until(lambda: not screen.plays)
    paused = head()
    screen.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert 2.05 < paused < 4
    assert head() == paused

    screen.page.mouse.click(*screen.pixel_of(1.5, 3000))
    screen.until(lambda: head() == pytest.approx(1.5, abs=0.01))
    assert clock(screen).startswith("0:01.50")
    screen.play_button.click()
    screen.until(lambda: head() > 1.55)
    screen.page.mouse.click(*screen.pixel_of(3.8, 3000))
    screen.until(lambda: not screen.plays)
    assert head() == 2.0  # at the end, back to the clip's start
    assert clock(screen) == "0:02.00 / 0:04.00"

    screen.play_button.click()
    screen.until(lambda: head() > 2.05)
    screen.press("ArrowDown")  # the next clip is silent
    screen.until_ready(5.0)
    screen.until(lambda: clock(screen) == "0:05.00 / 0:08.00")
    assert not screen.plays


def test_the_buffer_is_what_stands_around_the_clip(page, serve, wait_until, tone):
    screen = open_review(page, serve, wait_until, tone)
    field = screen.part("player").get_by_label("Buffer")

    field.fill("0")
    field.press("Enter")
    screen.until(lambda: screen.picture()["x_range"] == [2, 3])
    assert tone.session.n_session == 0  # Enter was the field's

    field.fill("100")
    field.press("Enter")
    screen.until(lambda: screen.picture()["x_range"] == [0, 10])
    screen.until(lambda: clock(screen) == "0:02.00 / 0:10.00")
    assert screen.picture()["shaded"] == [[None, 2], [3, None]]


def test_nothing_jumps_when_clips_change(screen, annotator):
    before = screen.boxes()
    seen = []

    for number in (1003, 1007, 1011, 1015, 1018):
        screen.click_row(str(number))
        screen.until(lambda n=number: annotator.session.clip.index_value == n)
        seen.append(screen.boxes())
        screen.until_ready(annotator.session.clip.start_time)
        seen.append(screen.boxes())

    assert seen == [before] * 10


def test_nothing_jumps_when_an_error_shows(screen, annotator):
    before = screen.boxes()
    (recording,) = {str(annotator.session.clip.recording)}

    shutil.move(recording, recording + ".away")
    screen.click_row("1015")
    screen.until(lambda: "soundscape.flac" in screen.seen("player"))
    during = screen.boxes()
    assert screen.play_button.is_disabled()
    shutil.move(recording + ".away", recording)
    screen.click_row("1018")
    screen.until_ready(annotator.session.clips.clip(17).start_time)

    assert during == before
    assert screen.boxes() == before
    assert "soundscape.flac" not in screen.seen("player")
