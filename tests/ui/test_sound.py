"""A person listens: plays, stops, loops, slows down, hears what is in a box."""

from __future__ import annotations

import itertools

import pytest


def control(screen, name):
    return screen.part("player").get_by_label(name, exact=True)


# Play and stop -------------------------------------------------------------------


def test_the_playhead_moves_on_stops_and_returns(listen, player, tones):
    screen, _ = listen(tones(440), [(2.0, 18.0)])

    screen.press("Space")
    screen.until(lambda: player.at > 2.3)
    assert player.tone == pytest.approx(440, abs=10)
    screen.press("Space")
    screen.until(lambda: not player.get("playing"))
    paused = player.at
    assert 2.3 < paused < 18.5
    screen.press("Space")
    screen.until(lambda: player.at > paused + 0.1)
    player.set(seek=18.2)
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
    player.record()

    screen.press("Space")
    screen.until(lambda: max(player.trail, default=0) > 6.4)
    screen.until(lambda: not player.get("playing"))

    assert min(player.trail) >= 6.0
    assert max(player.trail) <= 6.5


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

    def note(message):
        messages.append(message)

    def count(line):
        line.on("framesent", note)
        line.on("framereceived", note)

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
    screen, _ = listen(tones(440), [(2.0, 19.0)])
    screen.press("Space")
    screen.until(lambda: player.at > 2.3)
    known = [-1]
    while known[-1] != len(messages):  # the overview may still be drawn
        known.append(len(messages))
        page.wait_for_timeout(500)
    painted = page.evaluate("window.painted")
    player.record()

    frames = page.evaluate(
        """() => new Promise((done) => {
          let n = 0;
          const start = performance.now();
          const next = () => { n += 1; performance.now() - start > 1000 ? done(n) : requestAnimationFrame(next); };
          next();
        })"""
    )
    moves = len(player.trail)
    player.set(seek=4.0)
    screen.until(lambda: player.at > 4.3)

    assert (len(messages), page.evaluate("window.painted")) == (known[-1], painted)
    assert moves >= 0.8 * frames > 1


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
    player.record()

    screen.press("Space")
    screen.until(lambda: turns(player.trail) >= 3)

    assert player.get("playing")
    assert min(player.trail) >= 4.0
    assert max(player.trail) <= 4.4


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
