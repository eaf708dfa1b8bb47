"""A project whose recordings want to know who somebody is, on a page of its own."""

from __future__ import annotations

import io

import pandas as pd
import pytest
import soundfile
import yaml

from annotator.app.serving import page as make_page
from tests.doubles.web import WebServer
from tests.ui.driving import Screen

TOKEN = "canary-71c2e9"


@pytest.fixture
def web():
    """Return a server whose table and recording need a token."""
    table = pd.DataFrame({"id": [1, 2], "start_time": [0.0, 1.0]})
    table["end_time"] = table["start_time"] + 1
    sound = io.BytesIO()
    soundfile.write(sound, [0.1, -0.1] * 12_000, 8_000, format="WAV")
    content = {"t.csv": table.to_csv(index=False).encode(), "a.wav": sound.getvalue()}
    with WebServer(content, token=TOKEN) as server:
        yield server


@pytest.fixture
def project(web, tmp_path):
    secrets = {"token": "dialog"}
    path = tmp_path / "owls.yaml"
    settings = {
        "project_name": "Owls of the <b>north</b>",
        "data": {"path": web.url("t.csv"), "index_column": "id", "secrets": secrets},
        "audio": {"url": web.url("a.wav"), "secrets": secrets},
        "output": str(tmp_path / "out.csv"),
        "form_config": {"select": {"label": "ok", "items": ["yes", "no"]}},
        "default_buffer": 0,
    }
    path.write_text(yaml.safe_dump(settings), "utf-8")
    return path


def test_a_page_asks_once_and_again_after_a_wrong_answer(
    page, serve, wait_until, project, tmp_path
):
    page.goto(serve(lambda: make_page(project)))
    field = page.locator(".secrets input[type=password]")
    field.wait_for()
    asked = field.count()
    heading = page.locator(".who h2").inner_text()

    field.fill("wrong")
    page.get_by_role("button", name="Continue").click()
    page.locator(".annotator-error").wait_for()
    refused = page.locator(".annotator-error").inner_text()
    field.wait_for()
    emptied = field.input_value()
    field.fill(TOKEN)
    page.get_by_role("button", name="Continue").click()
    screen = Screen(page, wait_until)
    screen.submit_button.wait_for()
    screen.until_ready(0.0)
    screen.answer("yes")
    screen.until(screen.submit_button.is_enabled)
    screen.submit_button.click()
    screen.until(lambda: "Saved" in screen.seen("review-form"))

    assert asked == 1
    assert heading == "Owls of the <b>north</b>"
    assert "127.0.0.1" in refused
    assert "wrong" not in refused
    assert emptied == ""
    assert TOKEN not in page.content()
    kept = [path.read_text("utf-8") for path in tmp_path.glob("out.csv*")]
    assert len(kept) >= 2
    assert TOKEN not in "".join(kept)
