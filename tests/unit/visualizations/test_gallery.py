"""The visualizations that a configuration lists."""

from __future__ import annotations

import numpy as np

from annotator.visualizations import Drawing, gallery


def test_the_marked_one_is_shown_first() -> None:
    made = gallery(["linear", "selected::mel"])

    assert list(made) == ["linear", "mel"]
    assert made.default == "mel"


def test_the_first_is_shown_first_where_none_is_marked() -> None:
    assert gallery(["linear", "mel"]).default == "linear"


def test_a_picture_has_the_asked_width_and_the_times_of_its_samples() -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, 48_000)

    picture = gallery(["mel"])["mel"].draw(
        samples, 48_000, Drawing(width=300), start_time=5.0
    )

    assert picture.scale.name == "mel"
    assert picture.data.shape[1] == 300
    assert (picture.start_time, picture.end_time) == (5.0, 6.0)
