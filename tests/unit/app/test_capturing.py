"""Captures on the disk: in their folder, and never over another one."""

from __future__ import annotations

from io import BytesIO

import pandas as pd
import pytest
from PIL import Image

from annotator.app import BioacousticAnnotator
from annotator.app.capturing import CaptureFolder
from annotator.errors import AnnotatorError, ParameterError
from annotator.review.capture import Sight
from annotator.review.prepare import ViewState


@pytest.fixture
def annotator(tmp_path, wav):
    made = []

    def make(**settings):
        frame = pd.DataFrame(
            {"id": [1], "start_time": [0.2], "end_time": [0.8], "name": ["Wren"]}
        )
        made.append(
            BioacousticAnnotator(
                data=frame,
                audio=str(wav()),
                output=str(tmp_path / "reviews.csv"),
                data_index_column="id",
                capture_dir=str(tmp_path / "pictures"),
                info_card_title="[[name]]",
                **settings,
            )
        )
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def captures(annotator):
    shown = annotator()
    return CaptureFolder(shown._review), Sight(shown.session.clip, ViewState())


def test_a_capture_is_written_into_its_folder(captures, tmp_path):
    folder, sight = captures

    path = folder.save(sight, "wrens/one")

    assert path == str(tmp_path / "pictures" / "wrens" / "one.png")
    with Image.open(path) as image:
        assert image.format == "PNG"


def test_the_proposed_path_can_be_saved_as_it_is(captures, tmp_path):
    folder, sight = captures
    name = folder.propose(sight.clip)

    assert name.startswith(str(tmp_path / "pictures" / "wren.20"))
    assert folder.save(sight, name) == name


def test_a_second_capture_of_a_name_gets_a_number(captures):
    folder, sight = captures

    paths = [folder.save(sight, "one.png") for _ in range(3)]

    names = [path.rpartition("/")[2] for path in paths]
    assert names == ["one.png", "one-2.png", "one-3.png"]


def test_a_link_out_of_the_folder_is_not_followed(captures, tmp_path):
    folder, sight = captures
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ParameterError, match="leads out of"):
        folder.save(sight, "link/one.png")

    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_folder_that_cannot_be_written_is_a_sentence(annotator, tmp_path):
    (tmp_path / "pictures").write_text("a file")
    shown = annotator()

    with pytest.raises(AnnotatorError):
        CaptureFolder(shown._review).save(Sight(shown.session.clip, ViewState()), "one")


def test_captures_go_to_a_store_too(annotator, tmp_path, s3, monkeypatch):
    for name, value in s3.auth.items():
        monkeypatch.setenv(name.upper(), value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint_url)
    shown = annotator()
    shown.settings.view.capture_dir = s3.uri("pictures")
    folder = CaptureFolder(shown._review)

    place = folder.save(Sight(shown.session.clip, ViewState()), "one")

    assert place == s3.uri("pictures/one.png")
    body = s3.client.get_object(Bucket=s3.bucket, Key="pictures/one.png")["Body"].read()
    assert Image.open(BytesIO(body)).format == "PNG"


@pytest.mark.parametrize(
    ("capture", "label"), [(True, "Capture"), (False, None), ("Save it", "Save it")]
)
def test_the_button_is_called_as_configured(annotator, capture, label):
    assert CaptureFolder(annotator(capture=capture)._review).label == label


def test_a_clips_spectrogram_is_an_element_in_seconds_and_hertz(annotator):
    shown = annotator(default_buffer=0.1)

    image = shown.spectrogram(kind="linear", width=100)

    assert [d.name for d in image.kdims] == ["Time", "Frequency"]
    assert [d.unit for d in image.kdims] == ["s", "Hz"]
    left, bottom, right, top = image.bounds.lbrt()
    assert (left, right) == (pytest.approx(0.1), pytest.approx(0.9))
    assert 0 <= bottom < 100
    assert 3900 < top < 4100
    assert image.dimension_values("Level", flat=False).shape[1] <= 100


def test_a_row_is_counted_from_the_top_of_the_table(annotator):
    shown = annotator()

    first, same = shown.spectrogram(0), shown.spectrogram()

    assert first.bounds.lbrt() == same.bounds.lbrt()
    with pytest.raises(ParameterError, match="There is no row 7"):
        shown.spectrogram(7)


@pytest.mark.parametrize(
    ("options", "says"),
    [({"n_ftt": 512}, "no option 'n_ftt'"), ({"kind": "chroma"}, "no visualization")],
)
def test_an_option_that_is_none_is_an_error_with_those_that_are(
    annotator, options, says
):
    with pytest.raises(ParameterError, match=says):
        annotator().spectrogram(**options)
