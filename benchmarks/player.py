"""From a click to pixels, what travels for a clip, and 200 clips in a row.

A real browser clicks, and counts frames until the picture is drawn. All pages come from
one server process (player_server.py) and are measured by turns.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile
from player_scripts import PRESS_AND_WAIT, UNTIL_DRAWN, UNTIL_FINE
from ratios import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

RATE, MINUTES = 48_000, 10
ROUNDS, CLIPS_IN_A_ROW, SETTLED = 9, 200, 20
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
    " --enable-precise-memory-info"
)

NEXT, FAR = 1, 7  # rows: three are prepared ahead


def measure() -> Iterator[Row]:
    chromium = shutil.which("chromium")
    if chromium is None:
        yield Row("player: skipped, no Chromium (apt-get install chromium)", 0.0, None)
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        write_recording(folder / "noise.flac")
        with served(folder) as (address, process):
            browser = playwright.chromium.launch(
                executable_path=chromium, args=FLAGS.split()
            )
            yield from click_to_pixels(browser, address)
            yield from zoom_to_detail(browser, address)
            yield from bytes_of_a_clip(browser, address)
            yield from clips_in_a_row(browser, address, process.pid)
            browser.close()


class served:
    """Run the pages' server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> tuple[str, subprocess.Popen[bytes]]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        script = Path(__file__).with_name("player_server.py")
        # No cached strip of an earlier run, and none left behind.
        env = {**os.environ, "ANNOTATOR_CACHE_DIR": str(self._folder / "cache")}
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, str(script), str(self._folder), str(port)], env=env
        )
        end = time.monotonic() + 240  # a busy machine
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                break
        return f"http://127.0.0.1:{port}", self._process

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)


def write_recording(path: Path) -> None:
    """Write noise as loud as a quiet wood, with a chirp each second."""
    rng = np.random.default_rng(3)
    seconds = np.arange(60 * RATE) / RATE
    chirp = 0.2 * np.sin(2 * np.pi * (3_000 + 2_000 * (seconds % 1)) * (seconds % 1))
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as sound:
        for _ in range(MINUTES):
            hiss = 0.005 * rng.standard_normal(len(seconds), dtype=np.float32)
            sound.write(hiss + chirp * (seconds % 1 < 0.2))


def opened(browser: Browser, address: str) -> Page:
    tab = browser.new_page()
    tab.set_default_timeout(240_000)
    tab.goto(address)
    tab.locator(".player .play:enabled, button.next").first.wait_for(timeout=240_000)
    tab.wait_for_timeout(3000)  # the overview is drawn, the next clips are prepared
    return tab


def click(tab: Page, which: int) -> float:
    """Give the seconds from a click to a picture that is drawn."""
    taken: float = tab.evaluate(UNTIL_DRAWN, which) / 1000
    tab.wait_for_timeout(900)  # what is prepared ahead gets ready
    return taken


PAGES = {"ahead": ("ours", NEXT), "far": ("ours", FAR), "low": ("low", NEXT)}
PAGES |= {"bare": ("bare", NEXT), "reference": ("reference", NEXT)}
AGAINST = {
    "bare": "bare transfer of the same bytes",
    "reference": "STFT, PNG and base64 WAV in a JSON",
}


def click_to_pixels(browser: Browser, address: str) -> Iterator[Row]:
    for what, mine, base, limit in (
        ("click to pixels, prepared ahead", "ahead", "bare", 1.5),
        ("click to pixels, not prepared", "far", "reference", 0.35),
        ("click to pixels, prepared, low bandwidth", "low", "bare", None),
    ):
        ours, theirs = by_turns(browser, address, mine, base)
        detail = f"{1000 * ours:.0f} ms / {1000 * theirs:.0f} ms ({AGAINST[base]})"
        yield Row(what, ours / theirs, limit, detail)


def by_turns(browser: Browser, address: str, *names: str) -> list[float]:
    """Give the median seconds of some pages; no more of them are open meanwhile."""
    tabs = {name: opened(browser, f"{address}/{PAGES[name][0]}") for name in names}
    taken: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(ROUNDS + 1):
        for name, tab in tabs.items():
            tab.bring_to_front()  # frames are drawn of the page in front only
            tab.wait_for_timeout(300)
            seconds = click(tab, PAGES[name][1])
            if turn:  # the first is a warm-up
                taken[name].append(seconds)
    for tab in tabs.values():
        tab.close()
    return [statistics.median(times) for times in taken.values()]


def zoom_to_detail(browser: Browser, address: str) -> Iterator[Row]:
    """Measure how long a part that came to sight stays coarse, the hand's rest included."""
    tab = opened(browser, f"{address}/ours")
    taken = []
    for _ in range(ROUNDS):
        taken.append(tab.evaluate(UNTIL_FINE) / 1000)
        tab.wait_for_timeout(500)
    tab.close()
    yield Row(
        "zoomed in: seconds until the part is there at full detail",
        statistics.median(taken),
        1.0,
        f"slowest {max(taken):.2f} s",
    )


def bytes_of_a_clip(browser: Browser, address: str) -> Iterator[Row]:
    for name, limit in (("ours", 3.2), ("low", 0.5)):
        tab = browser.new_page()
        tab.set_default_timeout(240_000)
        received: list[int] = []
        tab.on(
            "websocket",
            lambda s, r=received: s.on("framereceived", lambda f: r.append(len(f))),
        )
        tab.goto(f"{address}/{name}")
        tab.locator(".player .play:enabled").wait_for(timeout=240_000)
        tab.wait_for_timeout(4000)
        received.clear()
        click(tab, NEXT)
        tab.wait_for_timeout(3000)
        tab.close()
        what = "21-s clip on the wire, picture and sound, MB"
        yield Row(
            f"{what}{' (bandwidth: low)' * (name == 'low')}", sum(received) / 1e6, limit
        )


def clips_in_a_row(browser: Browser, address: str, pid: int) -> Iterator[Row]:
    tab = browser.new_page()
    tab.set_default_timeout(240_000)
    tab.goto(f"{address}/ours")
    tab.locator(".player .play:enabled").wait_for(timeout=240_000)
    tab.locator(".info-card .line").click(position={"x": 3, "y": 3})
    devtools = tab.context.new_cdp_session(tab)
    devtools.send("Performance.enable")
    heap, memory = [], []
    for clip in range(1, CLIPS_IN_A_ROW + 1):
        tab.evaluate(PRESS_AND_WAIT)
        if clip >= SETTLED and clip % SETTLED == 0:
            tab.wait_for_timeout(700)
            heap.append(heap_of(devtools))
            memory.append(resident(pid))
    tab.close()
    heap_detail, memory_detail = (
        " ".join(f"{value / 1e6:.0f}" for value in values) + " MB"
        for values in (heap, memory)
    )
    what = f"{CLIPS_IN_A_ROW} clips in a row against {SETTLED}"
    yield Row(f"browser heap, {what}", heap[-1] / heap[0], 1.1, heap_detail)
    yield Row(f"server memory, {what}", memory[-1] / memory[0], 1.1, memory_detail)


def heap_of(devtools: Any) -> float:
    for _ in range(2):
        devtools.send("HeapProfiler.collectGarbage")
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "JSHeapUsedSize"))


def resident(pid: int) -> float:
    """Give the bytes of memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return 1024.0 * int(line.split()[1])


if __name__ == "__main__":
    for what, value, limit, detail in measure():
        print(
            f"{what:60} {value:8.3f}  {'' if limit is None else f'<= {limit}'}  {detail}"
        )
