"""The hands and eyes of the browser tests: what a person does and sees on a page."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from annotator.app import page as make_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

__all__ = ["Screen", "figure_js", "open_page", "open_review", "panel_serve"]

SECONDS = 40.0
"""Patience with a busy machine: it ends a test that fails, it slows down none."""

_FIGURE = """
const figures = Bokeh.documents
  .flatMap((doc) => [...doc._all_models.values()])
  .filter((model) => model.type === "Figure" && model.name?.startsWith("figure-"))
  .filter((model) => Bokeh.index.find_one(model));
const fig = figures[number];
const view = fig && Bokeh.index.find_one(fig);
"""

_PICTURE = """
const image = fig.renderers.find((r) => r.glyph?.type === "Image");
const data = image.data_source.data;
const get = (column) => Array.from(data[column])[0];
const pixels = get("image");
const [rows, columns] = pixels.shape;
const sums = Array(rows).fill(0);
let hash = 0;
for (let i = 0; i < pixels.length; i++) {
  sums[Math.floor(i / columns)] += pixels[i];
  hash = (hash * 31 + pixels[i]) | 0;
}
const mapper = image.glyph.color_mapper;
const inside = fig.center;
const boxes = inside.filter((m) => m.type === "BoxAnnotation");
const head = inside.find((m) => m.type === "Span");
const axis = fig.left.find((m) => m.type.endsWith("Axis"));
const axis_view = view.views.find_one(axis);
const ticks = axis_view.tick_coords.major[1];
const labels = axis_view.compute_labels(ticks).items.map((item) => item.text ?? "");
return {
  rows, columns, hash,
  brightest_row: sums.indexOf(Math.max(...sums)),
  x: get("x"), y: get("y"), dw: get("dw"), dh: get("dh"),
  x_range: [fig.x_range.start, fig.x_range.end],
  y_range: [fig.y_range.start, fig.y_range.end],
  shaded: boxes.map((box) => [box.left, box.right].map((x) => typeof x === "number" ? x : null)),
  playhead: head.location, playhead_visible: head.visible,
  low: mapper.low, high: mapper.high, colours: mapper.palette.slice(),
  ticks: Array.from(ticks), labels,
};
"""

_PIXEL = """
const box = view.canvas_view.el.getBoundingClientRect();
return [box.left + view.frame.x_scale.compute(x), box.top + view.frame.y_scale.compute(y)];
"""


_POINT = """
const { data } = fig.renderers.find((r) => r.name === "picture").data_source;
const [ys, hzs] = [data.axis_y, data.axis_hz].map((column) => Array.from(Array.from(column)[0]));
let k = hzs.findIndex((f) => f >= hz);
k = Math.min(Math.max(k < 0 ? hzs.length - 1 : k, 1), hzs.length - 1);
const value = ys[k - 1] + (ys[k] - ys[k - 1]) * (hz - hzs[k - 1]) / (hzs[k] - hzs[k - 1]);
const box = view.canvas_view.el.getBoundingClientRect();
return [box.left + view.frame.x_scale.compute(t), box.top + view.frame.y_scale.compute(value)];
"""

_DETAIL = """
const detail = fig.renderers.find((r) => r.name === "detail");
const get = (column) => Array.from(detail.data_source.data[column])[0];
const pixels = get("image");
return { visible: detail.visible, x: get("x"), y: get("y"), dw: get("dw"), dh: get("dh"),
         shape: pixels.shape, pixels: Array.from(pixels) };
"""

_SEEN = """
(root) => {
  const parts = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) { parts.push(node.textContent); return; }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (["STYLE", "SCRIPT"].includes(node.tagName)) return;
    const { display, visibility } = getComputedStyle(node);
    if (display === "none" || visibility === "hidden") return;
    if (["INPUT", "TEXTAREA"].includes(node.tagName)) parts.push(node.value);
    const inside = node.shadowRoot ?? node;
    (inside.tagName === "SLOT" ? inside.assignedNodes() : inside.childNodes).forEach(walk);
  };
  walk(root);
  return parts.join(" ");
}
"""


def figure_js(body: str) -> str:
    """Return a function for the page; `fig` and `view` are the spectrogram's."""
    return (
        "({number, ...rest}) => {"
        + _FIGURE
        + "const {x, y, t, hz} = rest;"
        + body
        + "}"
    )


class Screen:
    """One annotator on a page, as a person sees and uses it.

    Parameters
    ----------
    page
        Where it is.
    wait_until
        The fixture.
    number
        Which annotator of the page, from 0.
    """

    def __init__(
        self, page: Page, wait_until: Callable[..., None], number: int = 0
    ) -> None:
        self.page, self.number = page, number
        self.root = page.locator(".annotator").nth(number)
        self._wait = wait_until

    # What is seen ---------------------------------------------------------

    def part(self, hook: str) -> Locator:
        """Return a part by its public class."""
        return self.root.locator(f".{hook}")

    @property
    def rows(self) -> Locator:
        """Rows of the table in sight."""
        return self.part("clip-table").locator("tbody tr")

    @property
    def current(self) -> Locator:
        """The highlighted row."""
        return self.part("clip-table").locator("tr.current")

    @property
    def submit_button(self) -> Locator:
        """Submit."""
        return self.part("submit-button").locator("button")

    @property
    def sync_button(self) -> Locator:
        """Sync."""
        return self.part("sync-button").locator("button")

    @property
    def play_button(self) -> Locator:
        """Play or pause."""
        return self.part("player").locator("button.play")

    @property
    def plays(self) -> bool:
        """Whether sound is heard: the button offers to pause it."""
        return self.play_button.get_attribute("aria-label") == "Pause"

    def seen(self, hook: str) -> str:
        """Return all text that shows in a part, in one line."""
        return " ".join(self.part(hook).evaluate(_SEEN).split())

    def column(self, number: int) -> list[str]:
        """Return the cells of one column in sight, from 0."""
        return self.rows.locator(f"td:nth-child({number + 2})").all_inner_texts()

    def picture(self) -> dict[str, Any]:
        """Return what the spectrogram holds in the browser."""
        return self.in_figure(_PICTURE)

    def in_figure(self, body: str, **arguments: Any) -> Any:
        """Run JavaScript with the spectrogram as `fig`, `view`."""
        return self.page.evaluate(figure_js(body), {"number": self.number, **arguments})

    def pixel_of(self, x: float, y: float) -> tuple[float, float]:
        """Return where on the page a point of the spectrogram's axes lies."""
        left, top = self.in_figure(_PIXEL, x=x, y=y)
        return left, top

    def pixel(self, t: float, hz: float) -> tuple[float, float]:
        """Return where on the page a time (s) and a frequency (Hz) lie."""
        left, top = self.in_figure(_POINT, t=t, hz=hz)
        return left, top

    def detail(self) -> dict[str, Any]:
        """Return the part at full detail: whether it shows, its edges and bytes."""
        return self.in_figure(_DETAIL)

    @property
    def in_sight(self) -> tuple[float, float, float, float]:
        """Axes in sight: start and end (s), bottom and top (y coordinates)."""
        seen = self.in_figure(
            "return [fig.x_range.start, fig.x_range.end, fig.y_range.start, fig.y_range.end];"
        )
        return tuple(seen)

    def boxes(self) -> dict[str, tuple[int, ...]]:
        """Return where the parts stand: left, top, width, height in px."""
        found = {}
        for hook in ("clip-table", "info-card", "player", "spectrogram", "review-form"):
            box = self.part(hook).bounding_box()
            assert box is not None, f"{hook} is not on the page"
            found[hook] = tuple(round(box[k]) for k in ("x", "y", "width", "height"))
        return found

    # What is done ---------------------------------------------------------

    def until(self, condition: Callable[[], Any], seconds: float = SECONDS) -> None:
        """Wait for a condition of this process or of the page."""
        self._wait(condition, seconds)

    def until_ready(self, start: float | None = None) -> None:
        """Wait until a picture is there; of a clip that starts then, if given."""

        def there() -> bool:
            if not self.part("player").locator(".time").is_visible():
                return False
            if "/" not in self.part("player").locator(".time").inner_text():
                return False
            if not self.in_figure("return Boolean(view);"):
                return False
            seen = self.picture()
            # Axes and picture may come one after the other.
            return (
                seen["columns"] > 1
                and abs(seen["x"] - seen["x_range"][0]) < 1e-6
                and (start is None or abs(seen["shaded"][0][1] - start) < 1e-6)
            )

        self.until(there)

    def click_row(self, first_cell: str) -> None:
        """Click on the row that begins with such a cell."""
        cell = self.page.locator(f'td:nth-child(2):text-is("{first_cell}")')
        self.rows.filter(has=cell).click()

    def sort_by(self, heading: str) -> None:
        """Click on a column's heading."""
        self.part("clip-table").get_by_role("button", name=heading).click()

    def show(self, view: str) -> None:
        """Choose "Pending", "Reviewed" or "All"."""
        self.part("clip-table").get_by_role("button", name=view, exact=True).click()

    def press(self, *keys: str) -> None:
        """Press keys with the dashboard in focus, not one of its fields."""
        self.part("info-card").locator(".line").click(position={"x": 3, "y": 3})
        for key in keys:
            self.page.keyboard.press(key)

    def answer(self, label: str) -> None:
        """Click on an answer's button."""
        self.part("review-form").get_by_role("button", name=label, exact=True).click()

    def field(self, label: str) -> Locator:
        """Return the input with such a label."""
        return self.part("review-form").get_by_label(label)

    def point_at(self, t: float, hz: float) -> None:
        """Move the pointer to a time (s) and a frequency (Hz) of the picture."""
        self.page.mouse.move(*self.pixel(t, hz))

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        key: str | None = None,
    ) -> None:
        """Drag over the picture, from one (time in s, frequency in Hz) to another.

        Parameters
        ----------
        start, end
            Where the button goes down and up.
        key
            Held meanwhile: "Shift", ...
        """
        (x0, y0), (x1, y1) = self.pixel(*start), self.pixel(*end)
        mouse, keyboard = self.page.mouse, self.page.keyboard
        if key:
            keyboard.down(key)
        mouse.move(x0, y0)
        mouse.down()
        mouse.move((x0 + x1) / 2, (y0 + y1) / 2, steps=3)
        mouse.move(x1, y1, steps=3)
        mouse.up()
        if key:
            keyboard.up(key)

    def wheel(
        self, t: float, hz: float, amount: float, *, key: str | None = None
    ) -> None:
        """Turn the wheel over the picture; an `amount` below 0 zooms in."""
        self.point_at(t, hz)
        if key:
            self.page.keyboard.down(key)
        self.page.mouse.wheel(0, amount)
        if key:
            self.page.keyboard.up(key)

    def unfold_settings(self) -> None:
        """Click on Settings, and wait for what is in the fold."""
        self.part("player").get_by_role("button", name="Settings").click()
        self.root.get_by_role("combobox", name="Palette").wait_for()

    def choose(self, field: str, option: str) -> None:
        """Pick an item of the folded list that has such a label."""
        self.root.get_by_role("combobox", name=field).click()
        self.root.get_by_role("menuitem", name=option, exact=True).click()


def open_page(
    page: Page, address: str, wait_until: Callable[..., None], n_annotators: int = 1
) -> Screen:
    """Go to an address and wait for its annotators, the last one's picture too."""
    page.set_default_timeout(1000 * SECONDS)
    page.goto(address)
    page.locator(".annotator").nth(n_annotators - 1).wait_for()
    for number in range(n_annotators):
        screen = Screen(page, wait_until, number)
        screen.submit_button.wait_for()
    return Screen(page, wait_until)


def open_review(
    page: Page,
    serve: Callable[..., str],
    wait_until: Callable[..., None],
    annotator: Any,
) -> Screen:
    """Serve an annotator, open its page, and wait for the first picture."""
    screen = open_page(page, serve(lambda: make_page(annotator)), wait_until)
    if annotator.session.clip is not None and not annotator.session.clip.problem:
        screen.until_ready(annotator.session.clip.start_time)
    return screen


@contextlib.contextmanager
def panel_serve(app: Path, *arguments: object, log: Path) -> Iterator[str]:
    """Run `panel serve` as its users do; the address of the app."""
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "panel", "serve", str(app)),
                *("--port", "0", "--args", *map(str, arguments)),
            ],
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            yield _address_in(log, process)
        finally:
            process.terminate()
            process.wait(30)


def _address_in(log: Path, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + 90
    marker = "running at: "
    while time.monotonic() < end and process.poll() is None:
        text = log.read_text(encoding="utf-8")
        if marker in text:
            return text.partition(marker)[2].split()[0]
        time.sleep(0.05)  # between two looks
    raise AssertionError("panel serve did not start:\n" + log.read_text("utf-8"))
