"""The annotator inline, in a real JupyterLab at its default limits, offline."""

from __future__ import annotations

import ast
import csv
import shutil

import pytest

from annotator.demo.project import write_demo
from tests.ui.driving import SECONDS, Screen
from tests.ui.jupyterlab import JupyterLab

pytestmark = pytest.mark.slow

BARE = "import panel as pn\npn.extension(inline=True)"
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = JupyterLab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def demo_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, duration=30)
    return folder


@pytest.fixture
def new_annotator(demo_files, tmp_path):
    def write(name: str = "ba") -> str:
        folder = tmp_path / name
        shutil.copytree(demo_files, folder)
        project = str(folder / "demo.yaml")
        return (
            "from annotator import BioacousticAnnotator\n"
            f"{name} = BioacousticAnnotator({project!r})\n"
        )

    return write


@pytest.fixture
def notebook(lab, page):
    page.set_default_timeout(1000 * SECONDS)
    yield lambda name, *cells: lab.open(page, name, cells)
    lab.stop_kernels(page)


@pytest.fixture
def screen_of(page, wait_until):
    def find(number: int = 0) -> Screen:
        screen = Screen(page, wait_until, number)
        screen.root.wait_for()
        screen.until_ready()
        return screen

    return find


def test_a_clip_is_picked_heard_answered_and_synced(
    notebook, new_annotator, screen_of, tmp_path
):
    nb = notebook(
        "review",
        new_annotator() + "ba.open()",
        "ba.output()[['id', 'verdict']]",
        "_ = ba.session.select(5)",
    )

    nb.run(0)
    screen = screen_of()
    first = screen.picture()
    screen.click_row("1003")
    screen.until(lambda: screen.picture()["hash"] != first["hash"])
    third = screen.picture()
    screen.play_button.click()
    screen.until(lambda: screen.picture()["playhead"] > third["shaded"][0][1] + 0.1)
    screen.answer("Yes")
    screen.submit_button.click()
    screen.until(lambda: "Saved" in screen.seen("review-form"))
    screen.sync_button.click()
    screen.until(lambda: "Synced 1 annotation" in screen.seen("sync-status"))
    nb.run(1)
    nb.run(2)
    screen.until(lambda: "1006" in screen.seen("info-card"))
    screen.until(lambda: screen.picture()["hash"] not in (first["hash"], third["hash"]))

    assert nb.output(1).locator("tbody td").all_inner_texts() == ["1003", "yes"]
    synced = (tmp_path / "ba" / "synced" / "reviews.csv").read_text("utf-8")
    assert [line.split(",")[0] for line in synced.splitlines()] == ["id", "1003"]


def test_the_last_expression_of_a_cell_shows_and_its_keys_stay_inside(
    notebook, new_annotator, screen_of, page
):
    nb = notebook("keys", new_annotator() + "ba", "1 + 1")
    nb.run(0)
    screen = screen_of()

    screen.press("b", "a", "d", "d", "Enter", "x", "Shift+Enter", "ArrowDown")

    screen.until(lambda: "1002" in screen.seen("info-card"))
    assert nb.cells.count() == 2
    assert nb.cells.nth(1).locator(".jp-InputPrompt").inner_text() == "[ ]:"
    # The same keys do reach the notebook from outside of the dashboard.
    nb.cells.nth(1).locator(".jp-InputPrompt").click()
    page.keyboard.press("b")
    screen.until(lambda: nb.cells.count() == 3)


def test_a_sound_is_zoomed_boxed_played_and_submitted(
    notebook, demo_files, screen_of, tmp_path
):
    form = {
        "annotation": {
            "tools": "multibox",
            "form": [{"textbox": {"label": "Note", "column": "note"}}],
        }
    }
    nb = notebook(
        "boxes",
        "from annotator import BioacousticAnnotator\n"
        f"ba = BioacousticAnnotator(data={str(demo_files / 'detections.csv')!r},"
        f" audio={str(demo_files / 'soundscape.flac')!r},"
        f" output={str(tmp_path / 'boxes.csv')!r}, form_config={form!r},"
        " data_index_column='id', sort='start_time', default_buffer=1)\nba.open()",
        "ba.session.regions.regions[0].edges",
        "ba.output()[['id', 'start_time', 'note']]",
    )
    nb.run(0)
    screen = screen_of()
    start, end = screen.picture()["shaded"][0][1], screen.picture()["shaded"][1][0]
    middle = (start + end) / 2

    screen.wheel(middle, 5_000, -200)
    screen.until(lambda: screen.in_sight[0] > screen.picture()["x"])
    screen.until(lambda: screen.detail()["visible"])
    t0, t1, *_ = screen.in_sight
    left, right = t0 + (t1 - t0) / 8, t1 - (t1 - t0) / 8
    screen.drag((left, 2_000), (right, 6_000))
    screen.until(lambda: screen.part("player").locator("g.mark").count() == 1)
    x, y = screen.pixel(middle, 4_000)
    screen.page.mouse.dblclick(x, y)
    screen.until(lambda: screen.plays)
    screen.until(lambda: not screen.plays)
    screen.field("Note").first.fill("whistle")
    screen.field("Note").first.press("Tab")
    nb.run(1)
    edges = ast.literal_eval(nb.output(1).locator("pre").inner_text())
    screen.press("ArrowRight", "Delete", "Control+z", "Escape", "b", "Enter")
    screen.until(lambda: "Saved" in screen.seen("review-form"))
    n_cells = nb.cells.count()
    nb.run(2)

    assert n_cells == 3  # no key went to the notebook
    assert edges["start_time"] == pytest.approx(left, abs=0.02)
    assert edges["max_frequency"] == pytest.approx(6_000, abs=150)
    cells = nb.output(2).locator("tbody td").all_inner_texts()
    assert cells[0::3][:1] == ["1001"]
    assert cells[2] == "whistle"


def test_two_annotators_in_a_notebook_keep_apart(notebook, new_annotator, screen_of):
    nb = notebook(
        "two",
        new_annotator("left") + "left.open()",
        new_annotator("right") + "right.open()",
        "left.session.clip.position, right.session.clip.position",
    )
    nb.run(0)
    nb.run(1)
    left, right = screen_of(0), screen_of(1)
    before = left.picture()

    right.click_row("1004")
    right.until(lambda: right.picture()["hash"] != before["hash"])
    right.press(" ")
    right.until(lambda: right.picture()["playhead"] > right.picture()["shaded"][0][1])
    nb.run(2)

    assert left.picture() == before
    assert "1001" in left.seen("info-card")
    assert nb.output(2).locator("pre").inner_text() == "(0, 3)"


def test_a_dashboard_is_light_in_the_file_and_on_the_way_back(
    notebook, new_annotator, screen_of, page
):
    sent = []
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda frame: sent.append(len(frame))),
    )
    nb = notebook("size", BARE, new_annotator() + "ba.open()")
    nb.run(0)
    bare = nb.save()
    nb.run(1)
    screen = screen_of()
    first = screen.picture()["hash"]
    sent.clear()
    screen.press("ArrowDown")
    screen.until(lambda: screen.picture()["hash"] != first)

    dashboard = nb.save() - bare

    assert dashboard < 3 * MEGABYTE
    assert sum(sent) < MEGABYTE / 10  # the picture is not sent back


def picture_of(screen):
    """Return what is drawn, without the playhead, which comes with the sound."""
    seen = screen.picture()
    return {name: seen[name] for name in seen if not name.startswith("playhead")}


def test_a_page_that_is_loaded_again_shows_the_review_as_it_is(
    notebook, new_annotator, screen_of, page, demo_files
):
    table = csv.DictReader((demo_files / "detections.csv").read_text().splitlines())
    starts = {row["id"]: float(row["start_time"]) for row in table}
    nb = notebook("again", new_annotator() + "ba.open()")
    nb.run(0)
    screen = screen_of()
    screen.click_row("1003")
    screen.until(lambda: "1003" in screen.seen("info-card"))
    screen.until_ready(starts["1003"])
    before = picture_of(screen)
    nb.save(select=False)  # from within the dashboard

    page.reload()
    nb.wait_for_kernel()
    screen = screen_of()
    screen.until(lambda: "1003" in screen.seen("info-card"))
    screen.until(lambda: picture_of(screen) == before)
    screen.press("ArrowDown")

    screen.until(lambda: "1004" in screen.seen("info-card"))


def test_a_browser_tab_opens_from_a_notebook(
    notebook, new_annotator, screen_of, page, wait_until
):
    nb = notebook("tab", new_annotator() + "ba.open(inline=False)")
    nb.run(0)
    address = nb.output(0).get_by_role("link").get_attribute("href")

    tab = page.context.new_page()
    tab.goto(address)
    screen = Screen(tab, wait_until)
    screen.root.wait_for()
    screen.until_ready()
    screen.click_row("1004")

    screen.until(lambda: "1004" in screen.seen("info-card"))
    tab.close()
