from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.review.look import ViewState
from annotator.review.prepare import PreparedClip
from annotator.signal.scales import LINEAR, LOG, MEL
from annotator.signal.spectrogram import Spectrogram
from annotator.views.spectrogram import SpectrogramView
from annotator.views.zoom import Details

HEIGHT = 640  # px: the highest figure of a page


def picture(scale=LINEAR, low=50.0, high=24_000.0, **more) -> Spectrogram:
    return Spectrogram(
        data=np.ones((4, 6), np.uint8),
        scale=scale,
        min_frequency=low,
        max_frequency=high,
        start_time=10.0,
        end_time=20.0,
        min_db=-100.0,
        max_db=0.0,
        **more,
    )


def prepared(shown: Spectrogram) -> PreparedClip:
    return PreparedClip(
        shown, np.zeros(8, np.int16), 48_000, 10.0, 20.0, 12.0, 18.0, 60.0
    )


@cache
def sent(scale, high):
    """Return what the browser is given about a picture."""
    view = SpectrogramView()
    view.show_clip(prepared(picture(scale, high=high)))
    return view.source.data


@given(
    st.sampled_from([LINEAR, MEL, LOG]),
    st.floats(0, 1),
    st.sampled_from([500.0, 24_000.0, 192_000.0]),
)
def test_frequencies_come_and_go_within_a_pixel(scale, share, high):
    data = sent(scale, high)
    y, hz = data["axis_y"][0], data["axis_hz"][0]
    typed = 50.0 + share * (high - 50.0)

    placed = np.interp(typed, hz, y)  # as frame.js does

    pixel = data["dh"][0] / HEIGHT
    assert placed == pytest.approx(float(scale.position(typed)), abs=pixel)
    assert np.interp(placed, y, hz) == pytest.approx(typed, rel=1e-9)


def test_a_picture_with_colours_of_its_own_is_shown_as_it_is():
    rgba = np.arange(4 * 6 * 4, dtype=np.uint8).reshape(4, 6, 4)
    view = SpectrogramView()

    view.show_clip(prepared(picture(rgba=rgba)))

    shown = view.source.data["rgba"][0]
    assert shown.dtype == np.uint32
    assert np.array_equal(shown.view(np.uint8).reshape(4, 6, 4), rgba)
    assert view.source.data["image"][0].shape == (1, 1)


class Surface:
    """Says what a browser would say."""

    def on(self, kind, callback):
        assert kind == "viewport"
        self.rest = callback


class Stage:
    """Does work when it is told to, so that its results can come late."""

    def __init__(self):
        self.waiting = []

    def work(self, function, then=None, failed=None):
        self.waiting.append(lambda: then(function()))

    def do_all(self):
        waiting, self.waiting = self.waiting, []
        for work in waiting:
            work()


class Loader:
    """Draws nothing, and remembers what was asked of it."""

    def __init__(self):
        self.asked = []

    def detail(self, clip, state, span, band, *, max_db):
        self.asked.append((state.width, span, band, max_db))
        return picture()


@pytest.fixture
def scene():
    view, surface, stage, loader = SpectrogramView(), Surface(), Stage(), Loader()
    details = Details(view, surface, loader=loader, stage=stage)
    shown = picture(MEL)
    view.show_clip(prepared(shown))
    details.of("clip", ViewState(), shown)
    return view, surface, stage, loader, details


def seen(**changes):
    rest = {"t0": 12.0, "t1": 14.0, "y0": 5.0, "y1": 25.0, "width": 1000}
    return {**rest, "zoomed": True, "revision": 1, **changes}


def test_what_is_in_sight_is_drawn_with_a_little_around_it(scene):
    view, surface, stage, loader, _ = scene

    surface.rest(seen())
    stage.do_all()

    ((width, span, (low, high), max_db),) = loader.asked
    assert width == 1300
    assert span == pytest.approx((11.7, 14.3))
    assert MEL.position([low, high]) == pytest.approx([2.0, 28.0])
    assert max_db == 0.0
    assert view.detail.data["revision"] == [1]


def test_a_view_at_an_edge_is_drawn_to_the_edge(scene):
    _, surface, stage, loader, _ = scene

    surface.rest(seen(t0=10.0, t1=19.0, y0=float(MEL.position(50.0)), y1=99.0))
    stage.do_all()

    ((_, span, band, _),) = loader.asked
    assert span == (10.0, 20.0)
    assert band is None  # all of the frequencies


@pytest.mark.parametrize(
    "changes",
    [{"revision": 0}, {"zoomed": False}, {"t0": None}, {"y1": float("nan")}],
)
def test_what_is_outdated_or_no_view_is_not_drawn(scene, changes):
    _, surface, stage, loader, _ = scene

    surface.rest(seen(**changes))
    stage.do_all()

    assert loader.asked == []


def test_of_several_views_only_the_last_is_drawn_and_shown(scene):
    view, surface, stage, loader, details = scene

    surface.rest(seen())
    surface.rest(seen(t1=13.0))
    stage.do_all()
    assert [span for _, span, _, _ in loader.asked] == [pytest.approx((11.85, 13.15))]

    surface.rest(seen(t1=13.5))
    details.clear()  # the clip is gone
    before = view.detail.data
    stage.do_all()
    assert view.detail.data is before
