"""The page of the documentation: what it shows runs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from annotator import visualizations as vis
from annotator.visualizations.options import OPTIONS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "visualizations.md"
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.fixture
def names():
    """Return what the Python of the page defines, run from top to bottom."""
    before = dict(vis.REGISTRY)
    found = {}
    for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        if "BioacousticAnnotator" not in code:  # it needs a project
            exec(code, found)  # noqa: S102 - our own page
    yield found
    vis.REGISTRY.clear()
    vis.REGISTRY.update(before)


@pytest.mark.parametrize("name", ["energy_above", "bark_rows"])
def test_the_functions_of_the_page_draw_a_sine_where_it_is(names, name) -> None:
    samples = np.zeros(48_000, np.float32)
    seconds = np.arange(4_800) / 48_000
    samples[20_000:24_800] = np.sin(2 * np.pi * 5_000 * seconds)

    (visualization,) = vis.gallery([names[name]]).values()
    picture = visualization.draw(samples, 48_000, vis.PictureSettings(width=500))

    row, column = np.unravel_index(picture.data.argmax(), picture.data.shape)
    rows, columns = picture.data.shape
    y = picture.bottom + (row + 0.5) / rows * (picture.top - picture.bottom)
    assert float(picture.scale.frequency(y)) == pytest.approx(5_000, rel=0.03)
    assert 20_000 / 48_000 <= column / columns <= 24_800 / 48_000


def test_the_examples_alone_make_what_they_say(names) -> None:
    assert names["png"].startswith(b"\x89PNG")
    assert [str(d) for d in names["image"].kdims] == ["Time", "Frequency"]
    assert names["drawn"].data.shape == (128, 375)  # as many as are worth it
    assert vis.gallery(["bark"])["bark"].is_custom


def test_the_list_of_the_page_can_be_chosen_from() -> None:
    (code,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)

    made = vis.gallery(yaml.safe_load(code)["view"]["visualizations"])

    assert made.default == "mel"
    assert len(made) == 6


def test_the_page_names_every_visualization_and_option() -> None:
    words = set(re.findall(r"`([a-z_]+)`", TEXT))

    assert set(OPTIONS) <= words
    assert {name for options in OPTIONS.values() for name in options} <= words
