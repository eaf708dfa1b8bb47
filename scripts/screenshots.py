"""Make the pictures of the README: the demo in a real browser, light and dark.

    python scripts/screenshots.py [FOLDER]

Needs Chromium (`apt-get install chromium`); FOLDER is docs/images by default.
"""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

import panel as pn
from playwright.sync_api import Page, sync_playwright

from annotator.app import page
from annotator.demo.project import write_demo

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)
SIZES = {"": (1280, 860), "-wide": (1920, 1080)}


def main(folder: Path) -> None:
    """Write annotator-{light,dark}.png and their -wide forms into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as demo:
        project = write_demo(demo)
        server, address = _serve(project)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=FLAGS.split()
            )
            for name, (width, height) in SIZES.items():
                for theme in ("light", "dark"):
                    tab = browser.new_page(viewport={"width": width, "height": height})
                    tab.goto(address)
                    _review_some(tab, dark=theme == "dark")
                    target = folder / f"annotator-{theme}{name}.png"
                    tab.screenshot(path=target)
                    tab.close()
                    print(target)
            browser.close()
        server.stop()


def _serve(project: Path) -> tuple[Any, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = pn.serve(
        lambda: page(project),
        port=port,
        address="127.0.0.1",
        websocket_origin=f"127.0.0.1:{port}",
        threaded=True,
        show=False,
        verbose=False,
    )
    return server, f"http://127.0.0.1:{port}"


def _review_some(tab: Page, *, dark: bool) -> None:
    """Come to a clip with a call in it, and answer its first question."""
    tab.locator(".clip-table tbody tr").nth(4).click()
    tab.locator(".clip-table tr.current").nth(0).wait_for()
    if dark:
        tab.get_by_role("button", name="Toggle theme").click()
    tab.locator(".review-form").get_by_role("button", name="No", exact=True).click()
    tab.get_by_text("What is it?").first.wait_for()
    tab.mouse.move(700, 5)
    tab.wait_for_timeout(1500)  # tooltips and ripples fade


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
    sys.exit(0)
