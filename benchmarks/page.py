"""What a page costs: opening a long table against a short one, and a clip's bytes.

A real browser opens the served page. Time runs from the request to the first row
in sight; bytes are those of the websocket's frames, as the browser gets them.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["measure"]

SHORT, LONG = 1_000, 100_000
ROUNDS = 3
CLIP, BUFFER, RATE = 15.0, 3.0, 48_000  # 21 s with its buffer
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)


def measure() -> list[tuple[str, float, float | None]]:
    """Give name, value and the value to stay under (None: for comparison)."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return [("page: skipped, no Chromium (apt-get install chromium)", 0.0, None)]
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        audio = _recording(Path(folder))
        pages = {n: _serve(Path(folder), audio, n) for n in (SHORT, LONG)}
        browser = playwright.chromium.launch(
            executable_path=chromium, args=FLAGS.split()
        )
        for address in pages.values():
            _open(browser, address)  # imports and caches of the first time
        times: dict[int, list[float]] = {n: [] for n in pages}
        opened = 0
        for _ in range(ROUNDS):
            for n, address in pages.items():
                seconds, opened = _open(browser, address)
                times[n].append(seconds)
        short, long = (statistics.median(times[n]) for n in (SHORT, LONG))
        clip = _next_clip(browser, pages[SHORT])
        browser.close()
    return [
        (f"open a table of {LONG:,} rows / of {SHORT:,}", long / short, 2.0),
        (f"open a table of {LONG:,} rows, s", long, None),
        (f"bytes to open {LONG:,} rows (with a clip), MB", opened / 1e6, None),
        ("21-s clip on the wire, picture and sound, MB", clip / 1e6, 3.2),
    ]


def _recording(folder: Path) -> Path:
    import soundfile

    path = folder / "noise.flac"
    noise = np.random.default_rng(3).normal(0, 0.05, RATE * 120)
    soundfile.write(path, noise.astype(np.float32), RATE)
    return path


def _serve(folder: Path, audio: Path, n: int) -> str:
    import panel as pn

    from annotator.app import page

    rng = np.random.default_rng(4)
    start = rng.uniform(10, 90, n).round(2)
    table = folder / f"clips-{n}.csv"
    pd.DataFrame(
        {
            "id": np.arange(n),
            "start_time": start,
            "end_time": start + CLIP,
            "common_name": rng.choice(["Reed Triller", "Bell Frog-buzzer"], n),
            "confidence": rng.uniform(0, 1, n).round(3),
        }
    ).to_csv(table, index=False)
    settings: dict[str, Any] = {
        "data": str(table),
        "audio": str(audio),
        "output": str(folder / f"reviews-{n}.csv"),
        "data_index_column": "id",
        "default_buffer": BUFFER,
        "form_config": {"select": {"label": "right?", "items": ["yes", "no"]}},
    }
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    pn.serve(
        lambda: page(None, **settings),
        port=port,
        address="127.0.0.1",
        websocket_origin=f"127.0.0.1:{port}",
        threaded=True,
        show=False,
        verbose=False,
    )
    return f"http://127.0.0.1:{port}"


def _open(browser: Browser, address: str) -> tuple[float, int]:
    """Give seconds to the first row, and the bytes until the clip is there."""
    tab = browser.new_page()
    received = _count(tab)
    start = time.perf_counter()
    tab.goto(address)
    tab.locator(".clip-table tbody tr").first.wait_for()
    seconds = time.perf_counter() - start
    tab.locator(".player .play:enabled").wait_for()
    tab.close()
    return seconds, sum(received)


def _next_clip(browser: Browser, address: str) -> int:
    """Give the bytes that the next clip costs."""
    tab = browser.new_page()
    received = _count(tab)
    tab.goto(address)
    tab.locator(".player .play:enabled").wait_for()
    shown = tab.locator(".player .time").inner_text()
    received.clear()
    tab.locator(".clip-table tbody tr").nth(3).click()
    tab.wait_for_function(
        """(before) => { const find = (root) => {
            for (const el of root.querySelectorAll('*')) {
              if (el.className === 'time' && el.textContent !== before) return true;
              if (el.shadowRoot && find(el.shadowRoot)) return true;
            } return false; };
            return find(document); }""",
        arg=shown,
    )
    tab.close()
    return sum(received)


def _count(tab: Any) -> list[int]:
    received: list[int] = []
    tab.on(
        "websocket",
        lambda socket: socket.on(
            "framereceived", lambda frame: received.append(len(frame))
        ),
    )
    return received


if __name__ == "__main__":
    for name, value, target in measure():
        print(f"{name:52} {value:8.3f}  {'' if target is None else f'<= {target}'}")
