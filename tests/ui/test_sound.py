"""A person listens: plays, stops, loops, slows down, hears what is in a box."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import soundfile

from annotator.app import BioacousticAnnotator
from annotator.app import page as make_page
from tests.ui.driving import open_page
from tests.ui.hearing import Player

FORM = {"select": {"label": "call", "items": ["a", "b"]}}


@pytest.fixture
def player(page) -> Player:
    return Player(page)


@pytest.fixture
def listen(page, player, serve, wait_until, tmp_path):
    """Open a review of clips of a recording: pairs of start and end, s."""

    def start(recording, clips, **settings):
        settings = {"default_buffer": 0.5, **settings}
        annotator = BioacousticAnnotator(
            data=pd.DataFrame(clips, columns=["start_time", "end_time"]),
            audio=str(recording),
            output=str(tmp_path / "reviews.csv"),
            form_config=FORM,
            **settings,
        )
        address = serve(lambda: make_page(annotator))
        screen = open_page(page, address, wait_until)
        screen.until(lambda: player.get("sound") and screen.play_button.is_enabled())
        screen.until(lambda: player.at == max(clips[0][0], 0.0))
        return screen, annotator

    return start


@pytest.fixture
def tones(tmp_path):
    """Write sines of equal level; returns the recording."""

    def write(*frequencies, seconds=20.0, rate=48_000):
        time = np.arange(round(seconds * rate)) / rate
        level = sum(0.2 * np.sin(2 * np.pi * f * time) for f in frequencies)
        path = tmp_path / f"tones-{rate}.wav"
        soundfile.write(path, level, rate)
        return path

    return write


def control(screen, name):
    return screen.part("player").get_by_label(name, exact=True)


# Play and stop -------------------------------------------------------------------


def test_the_playhead_moves_on_stops_and_returns(listen, player, tones):
    screen, _ = listen(tones(440), [(2.0, 3.0)])

    screen.press("Space")
    screen.until(lambda: player.at > 2.3)
    assert player.tone == pytest.approx(440, abs=10)
    screen.press("Space")
    screen.until(lambda: not player.get("playing"))
    paused = player.at
    assert 2.3 < paused < 3.5
    screen.press("Space")
    screen.until(lambda: player.at > paused + 0.1)
    screen.until(lambda: not player.get("playing"))  # the end

    assert player.at == 2.0
    screen.until(lambda: player.tone == 0)


def test_shift_space_begins_where_the_sight_begins(listen, player, tones):
    screen, _ = listen(tones(440), [(2.0, 8.0)])
    player.set(in_sight=[4.0, 5.0])

    screen.press("Shift+Space")

    screen.until(lambda: player.at > 4.05)
    screen.until(lambda: not player.get("playing"))
    assert player.at == 4.0


def test_play_covers_only_what_is_in_sight(listen, player, tones):
    screen, _ = listen(tones(440), [(2.0, 8.0)])
    player.set(in_sight=[6.0, 6.5])
    seen = []

    screen.press("Space")
    screen.until(lambda: seen.append(player.at) or not player.get("playing"))

    assert min(seen[3:]) >= 6.0
    assert max(seen) <= 6.5


def test_going_to_the_same_place_twice_works(listen, player, tones):
    screen, _ = listen(tones(440), [(2.0, 8.0)])
    for _ in range(2):
        player.set(seek=5.0)
        assert player.at == 5.0
        screen.press("Space")
        screen.until(lambda: player.at > 5.1)
        screen.press("Space")
        screen.until(lambda: not player.get("playing"))


def test_nothing_goes_to_the_server_and_no_picture_is_drawn_meanwhile(
    listen, player, tones, page
):
    messages = []

    def count(line):
        line.on("framesent", messages.append)
        line.on("framereceived", messages.append)

    page.on("websocket", count)
    page.add_init_script(
        """window.painted = 0;
        for (const name of ["drawImage", "putImageData"]) {
          const paint = CanvasRenderingContext2D.prototype[name];
          CanvasRenderingContext2D.prototype[name] = function (...given) {
            window.painted += 1; return paint.apply(this, given);
          };
        }"""
    )
    screen, _ = listen(tones(440), [(2.0, 12.0)])
    screen.press("Space")
    screen.until(lambda: player.at > 2.3)
    page.wait_for_function("() => Bokeh.documents.every((doc) => doc.is_idle)")
    before = len(messages), page.evaluate("window.painted")

    frames = page.evaluate(
        """() => new Promise((done) => {
          let n = 0;
          const start = performance.now();
          const next = () => { n += 1; performance.now() - start > 1000 ? done(n) : requestAnimationFrame(next); };
          next();
        })"""
    )
    player.set(seek=4.0)
    screen.until(lambda: player.at > 4.3)

    assert (len(messages), page.evaluate("window.painted")) == before
    assert frames > 15  # 60 where there is a graphics card


# Speed ---------------------------------------------------------------------------


@pytest.mark.parametrize(("speed", "pitch"), [("0.5", True), ("2", False), ("4", True)])
def test_speeds(listen, player, tones, speed, pitch):
    screen, annotator = listen(tones(440), [(2.0, 12.0)])

    control(screen, "Speed").select_option(speed)
    if not pitch:
        control(screen, "Keep the pitch").click()
    screen.press("Space")
    screen.until(lambda: player.at > 2.5)

    assert player.pace() == pytest.approx(float(speed), rel=0.1)
    assert player.tone == pytest.approx(440 if pitch else 440 * float(speed), abs=15)
    listening = annotator.session.listening
    assert (listening.speed, listening.keep_pitch) == (float(speed), pitch)


def test_what_was_set_holds_for_the_next_clip(listen, player, tones):
    screen, annotator = listen(tones(440), [(2.0, 4.0), (10.0, 12.0)])
    control(screen, "Speed").select_option("0.5")
    control(screen, "Gain").fill("-12")
    control(screen, "Loop").click()

    screen.press("ArrowDown")
    screen.until_ready(10.0)

    assert control(screen, "Speed").input_value() == "0.5"
    assert control(screen, "Loop").get_attribute("aria-pressed") == "true"
    assert "-12 dB" in screen.part("player").locator(".decibels").inner_text()
    listening = annotator.session.listening
    assert (listening.speed, listening.gain, listening.loop) == (0.5, -12, True)


def test_a_script_sets_how_one_listens(listen, tones):
    screen, annotator = listen(tones(440), [(2.0, 4.0)])

    annotator.session.listening.param.update(speed=1.5, gain=6.0, band=True)

    screen.until(lambda: control(screen, "Speed").input_value() == "1.5")
    screen.until(
        lambda: control(screen, "Box only").get_attribute("aria-pressed") == "true"
    )
    assert "+6 dB" in screen.part("player").locator(".decibels").inner_text()


# Loops and boxes -----------------------------------------------------------------


def test_a_loop_stays_within_the_selection(listen, player, tones):
    screen, _ = listen(tones(440), [(2.0, 8.0)])
    player.set(selection=[4.0, 4.4])
    control(screen, "Loop").click()
    seen = []

    screen.press("Space")
    screen.until(lambda: seen.append(player.at) or turns(seen) >= 3)

    assert player.get("playing")
    assert min(seen[3:]) >= 4.0
    assert max(seen) <= 4.4


def turns(seen) -> int:
    return sum(later < earlier for earlier, later in itertools.pairwise(seen))


def test_a_box_is_played_with_its_frequencies_alone(listen, player, tones):
    screen, _ = listen(tones(500, 5000), [(2.0, 8.0)])
    player.set(selection=[3.0, 5.0, 4000.0, 6000.0])

    player.set(play_selection=1)
    screen.until(lambda: player.at > 3.6)

    assert player.level_at(5000) - player.level_at(500) > 40
    screen.until(lambda: not player.get("playing"))
    assert player.at == 3.0 or player.at == 2.0
    screen.press("Space")  # the whole again
    screen.until(lambda: player.at > 4.0)
    assert player.level_at(5000) == pytest.approx(player.level_at(500), abs=2)


def test_box_only_is_right_at_half_the_speed(listen, player, tones):
    screen, _ = listen(tones(500, 5000), [(2.0, 8.0)])
    player.set(selection=[3.0, 5.0, 4000.0, 6000.0])
    control(screen, "Box only").click()
    control(screen, "Keep the pitch").evaluate("(b) => b.click()")
    control(screen, "Speed").select_option("0.5")
    control(screen, "Keep the pitch").click()

    screen.press("Space")
    screen.until(lambda: 3.3 < player.at < 4.8)

    assert player.tone == pytest.approx(2500, abs=15)
    assert player.level_at(2500) - player.level_at(250) > 40


# Ultrasound ----------------------------------------------------------------------


def test_a_mouse_is_slowed_down_by_itself(listen, player, shared_data):
    screen, _ = listen(shared_data / "deermouse_usv_250k.wav", [(0.25, 0.45)])

    screen.press("Space")
    screen.until(lambda: player.at > 0.3)

    assert "10" in control(screen, "Ultrasound").inner_text().splitlines()[0]
    assert player.pace() == pytest.approx(0.1, rel=0.1)
    assert 2500 < player.tone < 7500  # 25 to 75 kHz


@pytest.fixture
def sweep(tmp_path):
    """A rise from 20 kHz by 10 kHz each second, at 384 kHz."""
    rate = 384_000
    time = np.arange(4 * rate) / rate
    path = tmp_path / "sweep.wav"
    phase = 2 * np.pi * (20_000 * time + 5_000 * time**2)
    soundfile.write(path, 0.3 * np.sin(phase), rate)
    return path


def test_a_sweep_at_384_khz_is_heard_at_a_tenth(listen, player, sweep):
    screen, annotator = listen(sweep, [(1.0, 3.0)])

    screen.press("Space")
    screen.until(lambda: player.at > 1.1)
    at, tone = player.at, player.tone

    assert tone == pytest.approx((20_000 + 10_000 * at) / 10, rel=0.05)
    control(screen, "Ultrasound").select_option("20")
    screen.until(lambda: player.get("sound")["expansion"] == 20)
    screen.until(lambda: player.at > at + 0.05)
    assert player.pace() == pytest.approx(0.05, rel=0.1)
    assert annotator.session.listening.expansion == 20


def test_a_heterodyne_brings_a_call_down_in_real_time(listen, player, tones):
    screen, _ = listen(tones(42_000, seconds=5.0, rate=250_000), [(1.0, 4.0)])
    control(screen, "Ultrasound").select_option("-1")
    control(screen, "Carrier, kHz").fill("40")
    control(screen, "Carrier, kHz").press("Enter")
    screen.until(lambda: player.get("sound")["carrier"] == 40_000)

    screen.press("Space")
    screen.until(lambda: player.at > 1.5)

    assert player.tone == pytest.approx(2000, abs=10)
    assert player.pace() == pytest.approx(1.0, rel=0.1)


def test_ultrasound_as_it_is_is_silent_not_folded(listen, player, tones):
    screen, _ = listen(tones(42_000, seconds=5.0, rate=250_000), [(1.0, 4.0)])
    control(screen, "Ultrasound").select_option("1")
    screen.until(lambda: player.get("sound")["expansion"] == 1)

    screen.press("Space")
    screen.until(lambda: player.at > 1.5)

    assert player.tone == 0


def test_no_ultrasound_no_menu(listen, tones):
    screen, _ = listen(tones(440), [(2.0, 4.0)])

    assert not control(screen, "Ultrasound").is_visible()


# Long, remote, two, bad ----------------------------------------------------------


def test_a_long_clip_comes_in_pieces(listen, player, tones, page):
    screen, _ = listen(tones(440, seconds=90.0), [(2.0, 80.0)])
    assert player.get("sound")["length"] > 3 * player.get("sound")["piece_length"]

    player.set(seek=70.0)
    screen.press("Space")
    screen.until(lambda: player.at > 70.4)

    assert player.tone == pytest.approx(440, abs=10)
    player.set(seek=2.0 + 24.0 - 0.7)  # over a seam
    screen.until(lambda: 26.4 < player.at < 30)
    assert player.tone == pytest.approx(440, abs=10)


def test_vorbis_is_heard_too(listen, player, tones):
    screen, _ = listen(tones(440), [(2.0, 8.0)], audio_codec="vorbis")
    assert player.get("piece")["codec_rate"] == 48_000

    screen.press("Space")
    screen.until(lambda: player.at > 2.5)

    assert player.tone == pytest.approx(440, abs=10)


def test_autoplay_begins_with_the_next_clip(listen, player, tones):
    screen, _ = listen(tones(440), [(2.0, 4.0), (10.0, 12.0)], autoplay=True)

    screen.press("ArrowDown")
    screen.until(lambda: 10.1 < player.at < 12)
    control(screen, "Autoplay").click()
    screen.press("ArrowUp")
    screen.until_ready(2.0)

    assert not player.get("playing")


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(np.zeros(24_000), id="silent"),
        pytest.param(np.array([0.5, -0.5, 0.1]), id="3 samples"),
        pytest.param(np.full(24_000, math.nan), id="NaN"),
        pytest.param(np.full(24_000, 7.5), id="clipped"),
    ],
)
def test_bad_sound_is_played_to_its_end(listen, player, tmp_path, samples):
    path = tmp_path / "bad.wav"
    soundfile.write(path, samples, 48_000, subtype="FLOAT")
    screen, _ = listen(path, [(0.0, len(samples) / 48_000)])

    screen.press("Space")
    screen.until(lambda: player.get("position") is not None)
    screen.until(lambda: not player.get("playing"))

    assert player.at == 0.0


# By hand -------------------------------------------------------------------------


def test_every_control_has_a_name_and_is_reached_by_tab(listen, page, tones):
    screen, _ = listen(tones(40_000, rate=250_000, seconds=3.0), [(1.0, 2.0)])
    controls = screen.part("player").locator(".bar").locator("button, select, input")
    names = controls.evaluate_all(
        """(all) => all.filter((e) => e.checkVisibility() && !e.disabled)
          .map((e) => [e.ariaLabel, !!e.title])"""
    )

    assert all(name and title for name, title in names)
    screen.play_button.focus()
    for name, _ in names[1:]:
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => { let e = document.activeElement;
            while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
            return e.ariaLabel; }"""
        )
        assert focused == name


def test_after_a_click_on_a_control_the_keys_are_the_dashboards(listen, player, tones):
    screen, _ = listen(tones(440), [(2.0, 8.0)])

    control(screen, "Gain").click(position={"x": 20, "y": 5})
    screen.page.keyboard.press("Space")
    screen.until(lambda: player.at > 2.2)

    assert control(screen, "Gain").input_value() != "0"
