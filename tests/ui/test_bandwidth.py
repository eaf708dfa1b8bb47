"""A slow line: small pictures and sounds that look and act as the large ones do."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from annotator.app import BioacousticAnnotator
from tests.ui.driving import Screen, open_review

if TYPE_CHECKING:
    from collections.abc import Callable

_LEVELS = """
const data = fig.renderers.find((r) => r.name === "picture").data_source.data;
const get = (column) => Array.from(data[column] ?? data.get(column))[0];
const pixels = get("image");
let text = "";
const plain = Uint8Array.from(pixels);
for (let k = 0; k < plain.length; k += 8192) text += String.fromCharCode(...plain.subarray(k, k + 8192));
return { x: get("x"), shape: pixels.shape, bytes: btoa(text) };
"""


@pytest.fixture
def open_slowly(
    page, serve, wait_until, shared_data, tmp_path
) -> Callable[..., Screen]:
    """Open the soundscape as from far away; `.session`, `.loader`, `.received` beside."""

    def open_it(**settings: Any) -> Screen:
        table = tmp_path / "clips.csv"
        table.write_text(
            "id,start_time,end_time\n1,20,35\n2,40,55\n3,60,75\n", encoding="utf-8"
        )
        annotator = BioacousticAnnotator(
            data=str(table),
            audio=str(shared_data / "birdnet_soundscape_120s_48k.flac"),
            output=str(tmp_path / "reviews.csv"),
            data_index_column="id",
            default_buffer=3.0,
            form_config={"select": {"label": "right?", "items": ["yes", "no"]}},
            **{"bandwidth": "low", **settings},
        )
        received: list[int] = []
        page.on(
            "websocket",
            lambda socket: socket.on(
                "framereceived", lambda frame: received.append(len(frame))
            ),
        )
        screen = open_review(page, serve, wait_until, annotator)
        screen.session, screen.loader = annotator.session, annotator._review.loader
        screen.received = received
        return screen

    return open_it


def levels(screen: Screen) -> np.ndarray:
    found = screen.in_figure(_LEVELS)
    content = np.frombuffer(base64.b64decode(found["bytes"]), np.uint8)
    return content.reshape(found["shape"]).astype(int)


def until_there(screen: Screen, start: float) -> None:
    """Wait for the picture itself: the shade of the buffer may be there before it."""
    screen.until(lambda: abs(screen.picture()["x"] + 3.0 - start) < 1e-6)
    screen.until_ready(start)


def test_a_clip_of_21_s_costs_half_a_megabyte(open_slowly):
    screen = open_slowly()
    overview = screen.part("overview").locator(".lane")
    screen.until(lambda: overview.get_attribute("aria-valuemax") == "120")
    screen.page.wait_for_timeout(1500)  # the rest of the page arrives
    screen.received.clear()

    screen.press("ArrowDown")
    until_there(screen, 40.0)
    screen.until(lambda: screen.play_button.is_enabled())
    screen.page.wait_for_timeout(1500)  # nothing comes late

    assert 100_000 < sum(screen.received) < 500_000


def test_the_picture_in_the_browser_is_the_servers_within_little(open_slowly):
    screen = open_slowly()

    shown = levels(screen)

    clip, state = screen.session.clip, screen.session.look.state
    made = screen.loader.prepare(clip, state).spectrogram.data
    assert shown.shape == made.shape
    assert np.abs(shown - made).mean() < 4.5
    assert np.corrcoef(shown.ravel(), made.ravel())[0, 1] > 0.95


def test_clips_follow_each_other_as_ever(open_slowly):
    screen = open_slowly()
    first = levels(screen)

    screen.press("ArrowDown")
    until_there(screen, 40.0)
    second = levels(screen)
    screen.press("ArrowUp")
    until_there(screen, 20.0)

    assert np.abs(second - first).mean() > 5
    np.testing.assert_array_equal(levels(screen), first)


def test_fast_steps_end_at_the_clip_of_the_last_one(open_slowly):
    screen = open_slowly()

    screen.press("ArrowDown", "ArrowDown", "ArrowUp", "ArrowDown", "ArrowUp")
    clip = screen.session.clips.clip(1)
    made = screen.loader.prepare(clip, screen.session.look.state).spectrogram.data

    def is_there():
        return np.abs(levels(screen) - made).mean() < 4.5

    screen.until(lambda: screen.session.clip.position == 1 and is_there())
    screen.page.wait_for_timeout(1500)  # nothing comes late
    assert is_there()


def test_palette_and_contrast_still_need_no_server(open_slowly):
    screen = open_slowly()
    screen.received.clear()

    screen.session.look.palette = "Viridis"
    screen.until(
        lambda: (
            screen.picture()["colours"][128] == "#20908c"
            or screen.picture()["colours"][0] == "#440154"
        )
    )

    assert sum(screen.received) < 30_000


def test_normal_bandwidth_sends_each_level_as_it_is(open_slowly):
    screen = open_slowly(bandwidth="normal")

    made = screen.loader.prepare(screen.session.clip, screen.session.look.state)

    np.testing.assert_array_equal(levels(screen), made.spectrogram.data)
