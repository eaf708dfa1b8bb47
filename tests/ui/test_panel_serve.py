"""The apps as `panel serve` runs them: several people at once, and inside another page."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from annotator.demo.project import write_demo
from tests.ui.driving import open_page, panel_serve

pytestmark = pytest.mark.slow

APPS = Path(__file__).resolve().parents[2] / "apps"


@pytest.fixture
def project(tmp_path) -> Path:
    return write_demo(tmp_path / "demo", duration=30)


def leave(*pages) -> None:
    """Go away while the server lives: a page that loses it complains, and rightly."""
    for page in pages:
        page.goto("about:blank")


def test_two_people_on_one_project_lose_nothing(page, wait_until, project, tmp_path):
    output = project.parent / "outputs" / "reviews.csv"
    with panel_serve(
        APPS / "annotate.py", project, log=tmp_path / "serve.log"
    ) as address:
        other_page = page.context.new_page()
        one = open_page(page, address, wait_until)
        two = open_page(other_page, address, wait_until)
        for screen in (one, two):
            screen.until_ready()
        second = two.rows.nth(1)
        identity = second.locator("td").nth(1).inner_text()
        second.click()
        two.until(lambda: identity in two.current.inner_text())

        for screen in (one, two):
            screen.answer("Yes")
            screen.until(screen.submit_button.is_enabled)
            screen.submit_button.click()
            screen.until(lambda screen=screen: "Saved" in screen.seen("review-form"))

        # Each page learns of the other's answer by itself.
        for screen in (one, two):
            screen.until(lambda screen=screen: "total 2/" in screen.seen("review-form"))
        leave(page, other_page)
    rows = list(csv.DictReader(output.read_text("utf-8").splitlines()))
    assert len(rows) == 2
    assert identity in {row["id"] for row in rows}


def test_a_review_inside_another_dashboard_drives_its_plot(
    page, wait_until, project, tmp_path
):
    plot = """
    () => Bokeh.documents.flatMap((d) => [...d._all_models.values()])
      .filter((m) => m.type === "ColumnDataSource" && m.data.count)
      .map((m) => Array.from(m.data.count))[0]
    """
    with panel_serve(
        APPS / "embedded.py", project, log=tmp_path / "serve.log"
    ) as address:
        screen = open_page(page, address, wait_until)
        screen.until_ready()
        assert page.get_by_text("My dashboard").is_visible()
        screen.until(lambda: page.evaluate(plot) is not None)
        before = page.evaluate(plot)

        screen.answer("Yes")
        screen.until(screen.submit_button.is_enabled)
        screen.submit_button.click()

        screen.until(lambda: page.evaluate(plot) == [before[0] + 1, before[1] - 1])
        leave(page)


def test_a_wrong_project_is_a_page_that_says_why(page, wait_until, project, tmp_path):
    text = project.read_text("utf-8").replace("output:", "ouput:")
    project.write_text(text, "utf-8")
    with panel_serve(
        APPS / "annotate.py", project, log=tmp_path / "serve.log"
    ) as address:
        page.goto(address)

        sentence = page.locator(".annotator-error")
        sentence.wait_for()
        assert "Unknown key 'ouput'" in sentence.inner_text()
        assert "Did you mean 'output'?" in sentence.inner_text()
        line = text.splitlines().index("ouput:") + 1
        assert f"line {line}" in sentence.inner_text()
        leave(page)
