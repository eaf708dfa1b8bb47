"""A real browser on a real page: offline, and loud about errors in its console."""

from __future__ import annotations

import socket
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import soundfile

from annotator.app import BioacousticAnnotator
from annotator.app import page as make_page
from tests.ui.driving import Screen, open_page
from tests.ui.hearing import Player

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page, Route

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
    " --autoplay-policy=no-user-gesture-required"
)
HERE = Path(__file__).parent
LOCAL = ("http://localhost:", "http://127.0.0.1:", "data:", "blob:")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # 2026-11-21: Bokeh 3.9 drops its answer to a page that was closed meanwhile,
    # https://github.com/bokeh/bokeh/blob/3.9.2/src/bokeh/server/views/ws.py
    ignored = "ignore:coroutine 'WSHandler.send_message' was never:RuntimeWarning"
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.filterwarnings(ignored))


# Not for the session: while playwright runs, no other test may use asyncio.
@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """Return a running Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium), args=FLAGS.split()
        )
        yield browser
        browser.close()


@pytest.fixture
def console() -> list[str]:
    """Return the errors of the page; clear it in a test that expects some."""
    return []


@pytest.fixture
def another_page(browser: Browser, console: list[str]) -> Iterator[Callable[[], Page]]:
    """Return a function that opens an empty page for one more person, with no network.

    Errors in the consoles of these pages fail the test.
    """

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            console.append(message.text)

    def on_route(route: Route) -> None:
        if route.request.url.startswith(LOCAL):
            route.fallback()
        else:
            console.append(f"the page asked for {route.request.url}")
            route.abort()

    contexts = []

    def make() -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        contexts.append(context)
        context.route("**/*", on_route)
        page = context.new_page()
        page.on("console", on_console)
        page.on("pageerror", lambda error: console.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert console == []


@pytest.fixture
def page(another_page: Callable[[], Page]) -> Page:
    """Return an empty page; see `another_page`."""
    return another_page()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[], Any]], str]]:
    """Return a function that serves an app from this process.

    It takes a function that makes the app for each visitor, and returns the
    address; the test can look at the app's own state meanwhile.
    """
    import panel as pn

    servers = []
    # A page that is still open when its server ends would go on watching Panel's state,
    # and tell news of it to a loop that is closed.
    before = {
        name: {what: [*watchers] for what, watchers in kinds.items()}
        for name, kinds in pn.state.param.watchers.items()
    }

    def start(make: Callable[[], Any]) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = pn.serve(
            make,
            port=port,
            address="127.0.0.1",
            websocket_origin=f"127.0.0.1:{port}",
            threaded=True,
            show=False,
            verbose=False,
        )
        servers.append(server)
        wait_for_port(port)
        return f"http://127.0.0.1:{port}"

    yield start
    for server in servers:
        server.stop()
    pn.state.param.watchers = before


@pytest.fixture
def wait_until(page: Page) -> Callable[..., None]:
    """Return a function that waits until a condition of this process holds."""

    def wait(condition: Callable[[], Any], seconds: float = 10.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                pytest.fail(f"it did not happen within {seconds} s")
            page.wait_for_timeout(20)  # the page goes on meanwhile

    return wait


def wait_for_port(port: int, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)  # between two looks, not instead of one
        else:
            return
    pytest.fail(f"nothing listens on port {port}")


@pytest.fixture
def player(page: Page) -> Player:
    """Return the player of the page that will be opened."""
    return Player(page)


@pytest.fixture
def tones(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes sines of equal level, Hz, into one recording."""

    def write(*frequencies: float, seconds: float = 20.0, rate: int = 48_000) -> Path:
        time = np.arange(round(seconds * rate)) / rate
        level = sum(0.2 * np.sin(2 * np.pi * f * time) for f in frequencies)
        path = tmp_path / f"tones-{rate}.wav"
        soundfile.write(path, level, rate)
        return path

    return write


@pytest.fixture
def review_of(tmp_path: Path) -> Callable[..., BioacousticAnnotator]:
    """Return a function that makes a review of a recording's clips, (start, end) in s."""

    def make(
        recording: Path, clips: list[tuple[float, float]], **settings: Any
    ) -> BioacousticAnnotator:
        return BioacousticAnnotator(
            data=pd.DataFrame(clips, columns=["start_time", "end_time"]),
            audio=str(recording),
            output=str(tmp_path / f"{uuid.uuid4().hex}.csv"),
            form_config={"select": {"label": "call", "items": ["a", "b"]}},
            **{"default_buffer": 0.5, **settings},
        )

    return make


@pytest.fixture
def listen(
    page: Page,
    player: Player,
    serve: Callable[..., str],
    wait_until: Callable[..., None],
    review_of: Callable[..., BioacousticAnnotator],
) -> Callable[..., tuple[Screen, BioacousticAnnotator]]:
    """Return a function that opens such a review, and waits for its sound."""

    def start(
        recording: Path, clips: list[tuple[float, float]], **settings: Any
    ) -> tuple[Screen, BioacousticAnnotator]:
        annotator = review_of(recording, clips, **settings)
        address = serve(lambda: make_page(annotator))
        screen = open_page(page, address, wait_until)
        screen.until(lambda: player.get("piece") and screen.play_button.is_enabled())
        screen.until(lambda: player.at == clips[0][0])
        return screen, annotator

    return start
