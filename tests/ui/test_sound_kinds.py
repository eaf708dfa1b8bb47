"""Sound of all kinds: ultrasound, long, from far away, two at a time, broken."""

from __future__ import annotations

import math

import numpy as np
import panel as pn
import pytest
import soundfile

from tests.ui.driving import open_page
from tests.ui.hearing import Player


def control(screen, name):
    return screen.part("player").get_by_label(name, exact=True)


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
    assert player.pace(3.0) == pytest.approx(0.05, rel=0.1)
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


def test_news_does_not_take_away_a_number_that_is_being_typed(listen, tones):
    screen, app = listen(tones(42_000, seconds=5.0, rate=250_000), [(1.0, 4.0)])
    control(screen, "Ultrasound").select_option("-1")
    screen.until(lambda: app.session.listening.heterodyne)
    control(screen, "Carrier, kHz").fill("40")

    app.session.listening.gain = 3.0
    screen.until(lambda: "+3 dB" in screen.seen("player"))

    assert control(screen, "Carrier, kHz").input_value() == "40"


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


def test_two_players_on_one_page_leave_each_other_alone(
    page, player, serve, wait_until, review_of, tones
):
    other = Player(page, number=1)
    one = review_of(tones(440), [(2.0, 12.0)])
    two = review_of(tones(440), [(5.0, 12.0)])

    open_page(page, serve(lambda: pn.Column(one, two)), wait_until, 2)
    wait_until(lambda: player.get("piece") and other.get("piece"), 60)
    one.session.listening.gain = -6.0
    other.set(playing=True)
    wait_until(lambda: other.at > 5.3, 60)

    assert (player.at, player.get("playing")) == (2.0, False)
    wait_until(lambda: player.get("gain") == -6.0, 60)
    assert other.get("gain") == 0.0
