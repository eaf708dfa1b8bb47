"""A page that lost its server: the person is told so, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotator.demo.project import write_demo
from tests.ui.driving import open_page, panel_serve

pytestmark = pytest.mark.slow

APPS = Path(__file__).resolve().parents[2] / "apps"


def test_a_page_that_lost_its_server_says_so(page, wait_until, console, tmp_path):
    project = write_demo(tmp_path / "demo", duration=30)
    told = page.get_by_role("alert").filter(has_text="Connection lost.")
    log = tmp_path / "serve.log"
    with panel_serve(APPS / "annotate.py", project, log=log) as address:
        open_page(page, address, wait_until).until_ready()
        assert told.count() == 0

    told.wait_for()

    assert "Reload to go on; what you submitted is kept." in told.inner_text()
    box, view = told.bounding_box(), page.viewport_size
    assert (box["x"], box["y"], box["width"]) == (0, 0, view["width"])
    assert told.get_by_role("button", name="Reload").is_enabled()
    console.clear()  # Bokeh's own word about it
