"""What a capture is called, and what is on it."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import PurePosixPath

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from annotator.errors import ParameterError
from annotator.review.capture import Sight, checked_name, draw_sight, proposed_name
from annotator.review.prepare import ClipLoader, ViewState
from annotator.sources.clips import Clip
from annotator.visualizations.paper import frame_of

NOW = datetime(2026, 5, 1, 7, 30)


def clip(
    recording: str = "", start: float = 1.0, end: float = 3.0, index: object = 7
) -> Clip:
    return Clip(4, "id", index, recording, start, end, row={})


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Strix varia (0.93)", "strix_varia_0_93.20260501-0730.png"),
        ("  ../../etc/passwd ", "etc_passwd.20260501-0730.png"),
        ("", "clip_7.png"),
        ("鳥", "clip_7.png"),
        ("x" * 300, "x" * 80 + ".20260501-0730.png"),
    ],
)
def test_the_proposed_name_is_the_title_as_a_word_and_the_time(title, name):
    assert proposed_name(title, clip(), NOW) == name


def test_a_clip_without_a_readable_index_has_its_place_in_the_table():
    assert proposed_name("", clip(index="鳥/.."), NOW) == "clip_4.png"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("one.png", "one.png"),
        ("one", "one.png"),
        ("captures/one.png", "one.png"),
        ("captures/owls/one.PNG", "owls/one.PNG"),
        ("owls\\one.png", "owls/one.png"),
        ("a.b.jpg", "a.b.jpg.png"),
        ("Käuzchen 鳥.png", "Käuzchen 鳥.png"),
    ],
)
def test_a_name_is_beneath_the_folder_and_a_png(name, path):
    assert checked_name(name, "captures/") == path


@pytest.mark.parametrize(
    "name",
    ["", " ", "../x.png", "a/../../x.png", "/etc/passwd", "~/x.png", "captures/../x",
     "captures/", "..", "a\nb.png", "a\x00.png", "C:\\x.png", "s3://b/x.png", "x" * 300],
)  # fmt: skip
def test_a_name_that_leads_out_is_one_sentence(name):
    with pytest.raises(ParameterError) as caught:
        checked_name(name, "captures")

    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@given(st.text(max_size=60), st.sampled_from(["", "captures", "/data/pictures"]))
def test_no_text_leads_out_of_the_folder(name, folder):
    try:
        path = PurePosixPath(checked_name(name, folder))
    except ParameterError:
        return

    assert not path.is_absolute()
    assert ".." not in path.parts
    assert path.suffix.lower() == ".png"


@pytest.fixture
def tone(tmp_path):
    """Four seconds at 16 kHz: 1 kHz, then 4 kHz."""
    seconds = np.arange(64_000) / 16_000
    hz = np.where(seconds < 2, 1000, 4000)
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * hz * seconds), 16_000)
    return str(path)


@pytest.fixture
def loader():
    loader = ClipLoader()
    yield loader
    loader.close()


def inside(png: bytes) -> np.ndarray:
    image = Image.open(BytesIO(png)).convert("L")
    left, top, right, bottom = frame_of(*image.size)
    return 255 - np.asarray(image)[top:bottom, left:right].astype(
        int
    )  # greys: dark is loud


def test_what_is_in_sight_is_drawn_as_zoomed_and_as_large_as_seen(tone, loader):
    sight = Sight(
        clip(tone, 1.0, 3.0), ViewState(buffer=0.5), (2.0, 3.0, 3000.0, 5000.0),
        contrast=(-40.0, 0.0), frame=(500, 200),
    )  # fmt: skip

    pixels = inside(draw_sight(loader, sight))

    assert pixels.shape == (200, 500)
    rows = np.flatnonzero(pixels[:, 250] > 200)
    assert rows.mean() == pytest.approx(100, abs=4)
    assert len(rows) < 25


def test_the_picture_is_as_bright_zoomed_as_whole(tone, loader):
    view, part = ViewState(buffer=0.0), clip(tone, 0.0, 4.0)
    whole = inside(draw_sight(loader, Sight(part, view, contrast=(-40.0, 0.0))))
    quiet = Sight(part, view, (0.2, 1.8, 3000.0, 5000.0), contrast=(-40.0, 0.0))

    assert whole.max() == 255
    assert inside(draw_sight(loader, quiet)).max() < 30


def test_capture_height_keeps_the_proportions(tone, loader):
    sight = Sight(clip(tone), ViewState(), frame=(800, 200), title="")

    image = Image.open(BytesIO(draw_sight(loader, sight, height=900)))

    left, top, right, bottom = frame_of(*image.size)
    assert image.height == 900
    assert (right - left) / (bottom - top) == pytest.approx(4.0, rel=0.01)
