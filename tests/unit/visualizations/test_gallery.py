"""The visualizations that a configuration lists."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from annotator.errors import ConfigError
from annotator.visualizations import REGISTRY, PictureSettings, gallery
from annotator.visualizations.gallery import NAMES


def half(mono, sr, width):
    return {"matrix": np.ones((4, 10)), "freq_min": 0, "freq_max": sr / 2}


def noise(n_frames: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(-1, 1, n_frames).astype(np.float32)


def test_the_marked_one_is_shown_first() -> None:
    made = gallery(["linear", "selected::mel"])

    assert list(made) == ["linear", "mel"]
    assert made.default == "mel"


def test_the_first_is_shown_first_where_none_is_marked() -> None:
    assert gallery(["linear", "mel"]).default == "linear"


@pytest.mark.parametrize(
    "item",
    [
        {"name": "selected::mel"},
        {"name": "mel", "label": "selected::Birds"},
        {"fn": half, "label": "selected::Mine"},
    ],
)
def test_a_mark_in_a_mapping_counts_and_is_not_shown(item) -> None:
    made = gallery(["linear", item])

    assert made.default == list(made)[1]
    assert "selected" not in made.default
    assert "selected" not in made[made.default].label


@pytest.mark.parametrize("name", sorted({*NAMES, *REGISTRY}))
def test_every_name_draws_a_picture_of_the_asked_width(name: str) -> None:
    visualization = gallery([name])[name]

    picture = visualization.draw(
        noise(48_000), 48_000, PictureSettings(width=300), start_time=5.0
    )

    assert picture.data.shape[1] == 300
    assert picture.data.max() > 100
    assert (picture.start_time, picture.end_time) == (5.0, 6.0)
    assert not visualization.is_custom


@pytest.mark.parametrize(
    ("item", "key", "label"),
    [
        (half, "half", "half"),
        ({"fn": half, "label": "Mine"}, "Mine", "Mine"),
        ({"fn": half}, "half", "half"),
        (functools.partial(half), "half", "half"),
        (lambda mono, sr, width: half(mono, sr, width), "Custom", "Custom"),
    ],
)
def test_a_function_is_called_by_its_label_or_its_name(item, key, label) -> None:
    made = gallery([item])

    assert list(made) == [key]
    assert made[key].label == label
    assert made[key].is_custom


def test_the_same_name_twice_makes_two() -> None:
    made = gallery(["mel", {"name": "mel", "n_mels": 32}, {"name": "mel", "n_fft": 64}])

    assert list(made) == ["mel", "mel 2", "mel 3"]
    assert [way.label for way in made.values()] == ["Mel", "Mel 2", "Mel 3"]
    shapes = [v.draw(noise(9_000), 48_000).data.shape[0] for v in made.values()]
    assert shapes == [128, 32, 128]


def test_two_names_of_the_same_picture_have_labels_apart() -> None:
    made = gallery(["linear", "plain", {"fn": half, "label": "Linear"}])

    assert len({way.label for way in made.values()}) == 3


def test_a_name_put_into_the_registry_can_be_chosen(monkeypatch) -> None:
    monkeypatch.setitem(REGISTRY, "my_way", half)

    made = gallery(["my_way"])["my_way"]

    assert made.is_custom
    assert made.label == "My way"
    assert made.draw(noise(100), 8_000).data.shape == (4, 10)


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ("mell", "unknown name 'mell'. Did you mean 'mel'?"),
        ("bark", "unknown name 'bark'. Choose of: spectrogram,"),
        (3, "must hold names, functions or mappings {fn, label}, not 3"),
        (None, "must hold names, functions or mappings {fn, label}, not NoneType"),
        ({"label": "x"}, "must hold mappings with a 'name' or an 'fn'"),
        ({"fn": "half"}, "must hold a function as 'fn', not a str"),
        ({"fn": half, "lable": "x"}, "'lable' beside 'fn'. Did you mean 'label'?"),
        ({"name": "mel", "label": 3}, "labels that are texts, not 3"),
        ({"name": "mell", "n_fft": 3}, "unknown name 'mell'"),
        ({"name": "mel", "nfft": 512}, "no option 'nfft'. Did you mean 'n_fft'?"),
        ({"name": "linear", "n_mels": 9}, "'linear' has no option 'n_mels'."),
        ({"name": "mel", "n_fft": 511}, "n_fft of 'mel' must be even, not 511"),
        ({"name": "mel", "n_fft": "big"}, "must be a whole number >= 16"),
        ({"name": "mel", "n_mels": True}, "must be a whole number >= 2"),
        ({"name": "mel", "n_mels": 12.5}, "must be a whole number >= 2"),
        ({"name": "mel", "overlap": 1}, "a number >= 0.5 and < 1, not 1"),
        ({"name": "mel", "window": "gauss"}, "'hann' or 'hamming' or"),
        ({"name": "mel", "min_frequency": float("nan")}, "a number >= 0, not nan"),
        (
            {"name": "mel", "min_frequency": 500, "max_frequency": 500},
            "min_frequency of 'mel' must be less than max_frequency, not 500 and 500",
        ),
        ({"name": "waveform", "n_fft": 512}, "'waveform' has no option 'n_fft'."),
    ],
)
def test_a_mistake_is_told_with_what_is_possible(item, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        gallery([item])

    (problem,) = caught.value.problems
    assert told in problem
    assert problem.startswith("'visualizations' ")


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        gallery(["mell", {"name": "mel", "nfft": 1, "window": 2}, "linear"])

    assert len(caught.value.problems) == 3


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(ConfigError, match="must not be empty"):
        gallery([])


def test_what_a_configuration_gives_is_not_changed() -> None:
    item = {"name": "selected::mel", "fft": 512, "label": "A"}

    gallery([item])

    assert item == {"name": "selected::mel", "fft": 512, "label": "A"}
