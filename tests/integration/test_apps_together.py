"""The shipped pages beside each other, and each alone."""

from __future__ import annotations

import contextlib
import html
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from annotator.demo.project import write_demo
from tests.integration.hub_people import *  # noqa: F403 (fixtures)
from tests.integration.hubs import Browser

pytestmark = pytest.mark.slow

APPS = Path(__file__).resolve().parents[2] / "apps"
TO_THE_HUB = "projects are opened from"
NO_PROJECT = "No project was named"


@pytest.fixture
def panel_serve(tmp_path):
    """Return a function that runs `panel serve`, and gives a browser for it."""
    with contextlib.ExitStack() as stack:

        def serve(*names, arguments=()):
            log = tmp_path / "serve.log"
            command = [sys.executable, "-m", "panel", "serve"]
            command += [str(APPS / f"{name}.py") for name in names]
            command += ["--port", "0", "--address", "127.0.0.1"]
            if arguments:
                command += ["--args", *map(str, arguments)]
            with log.open("w") as file:
                process = subprocess.Popen(
                    command,
                    cwd=tmp_path,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, "PYTHONUNBUFFERED": "1"},
                )
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
            return stack.enter_context(Browser(address_in(log, process)))

        yield serve


def address_in(log, process):
    end = time.monotonic() + 90
    while "running at: " not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)  # between two looks, not instead of one
    address = log.read_text().partition("running at: ")[2].split()[0]
    return "/".join(address.split("/")[:3])


@pytest.fixture
def seen(opened):
    """Return a function that gives all that a page shows, as it is sent."""

    def look(browser, path):
        token = browser.token(path)
        return opened(browser.websocket(token, path)).document()

    return look


def test_at_the_hub_the_page_of_one_review_leads_to_the_hub(ann, seen):
    said = seen(ann, "/annotate")

    assert TO_THE_HUB in said
    assert 'href="/hub"' in html.unescape(said).replace("\\", "")
    assert NO_PROJECT not in said


def test_in_one_panel_serve_both_pages_say_where_to_go(panel_serve, seen):
    browser = panel_serve("annotate", "hub")

    assert TO_THE_HUB in seen(browser, "/annotate")
    said = seen(browser, "/hub")
    assert "annotator hub serve" in said
    assert "/login" not in said  # nothing answers there
    assert browser.get("/login").status_code == 404


def test_in_one_panel_serve_a_project_that_is_named_is_opened(
    panel_serve, seen, tmp_path
):
    project = write_demo(tmp_path / "demo", duration=30)
    browser = panel_serve("annotate", "hub", arguments=[project])

    said = seen(browser, "/annotate")

    assert "clip-table" in said
    assert TO_THE_HUB not in said
    assert "Nobody is signed in" in seen(browser, "/hub")


def test_alone_it_stays_the_tool_of_one_person(panel_serve, seen):
    browser = panel_serve("annotate")

    said = seen(browser, "/annotate")

    assert NO_PROJECT in said
    assert TO_THE_HUB not in said
