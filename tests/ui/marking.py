"""What the browser tests of marking share: a review, and what is seen of its marks."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from annotator.app import BioacousticAnnotator

if TYPE_CHECKING:
    from tests.ui.driving import Screen

START, END, NYQUIST = 1.0, 9.0, 8000.0  # of what is shown: a clip of 3 s, buffer 2 s
EDGES = ("start_time", "end_time", "min_frequency", "max_frequency")


_VISIT = """
(number) => Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  .filter((model) => model.name?.startsWith("surface-") && model.marks)[number]?.marks.visit
"""


def start_marking(recording, output, tools, *, form=(), annotation=None, **settings):
    """Start a review of two clips with an annotation."""
    table = pd.DataFrame(
        {"id": [1, 2], "start_time": [3.0, 4.0], "end_time": [7.0, 8.0]}
    )
    asked = {"tools": tools, **(annotation or {})}
    if form:
        asked["form"] = list(form)
    return BioacousticAnnotator(
        data=table,
        audio=str(recording),
        output=str(output),
        data_index_column="id",
        form_config={"annotation": asked, "textbox": {"label": "Remark"}},
        default_buffer=2,
        **settings,
    )


def edges(region):
    """Return start, end (s), lowest, highest (Hz)."""
    return tuple(region.edges.values())


def until_drawn(screen: Screen, regions, n: int) -> None:
    screen.until(lambda: len(regions.regions) == n)

    def keys():
        return marks(screen).evaluate_all("all => all.map((one) => one.dataset.key)")

    # A mark that was just drawn gets its key from Python.
    screen.until(lambda: keys() == [region.key for region in regions.regions])


def until_open(screen: Screen, regions) -> None:
    """Wait until the browser draws for the clip that Python is at."""
    screen.until(lambda: screen.page.evaluate(_VISIT, screen.number) == regions.visit)


def marks(screen: Screen):
    return screen.part("player").locator("g.mark")


def answers(regions, column):
    return [vars(region)["values"].get(column) for region in regions.regions]


def near(screen: Screen, *expected):
    """Approximate edges to within a pixel."""
    t0, t1, _, _ = screen.in_sight
    (x0, y0), (x1, y1) = screen.pixel(t0, 0), screen.pixel(t1, NYQUIST)
    per_px = [(t1 - t0) / (x1 - x0)] * 2 + [NYQUIST / (y0 - y1)] * 2
    pairs = zip(expected, per_px, strict=True)
    return tuple(
        value if value is None else pytest.approx(value, abs=step * 1.01)
        for value, step in pairs
    )


def shape(screen: Screen, start, end, low, high):
    """Left, top, width, height of a box, px, to within two of them."""
    (left, bottom), (right, top) = screen.pixel(start, low), screen.pixel(end, high)
    return pytest.approx((left, top, right - left, bottom - top), abs=4)


def drawn_box(screen: Screen, number: int):
    """Left, top, width, height of a box that is drawn, px."""
    box = marks(screen).nth(number).locator(".stroke").bounding_box()
    # None while it is drawn anew.
    return box and tuple(box[k] for k in ("x", "y", "width", "height"))


def is_close(screen: Screen, region, *expected) -> bool:
    return edges(region) == near(screen, *expected)


def number(screen: Screen, name: str):
    return screen.root.locator(f".bound-{name} input")


def rows(app):
    with open(app.settings.output_path(), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def submit(screen: Screen, app) -> list[dict[str, str]]:
    before = app.session.n_session
    screen.until(screen.submit_button.is_enabled)
    screen.submit_button.click()
    screen.until(lambda: app.session.n_session == before + 1)
    app.output(force=True)
    return rows(app)
