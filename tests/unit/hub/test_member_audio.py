"""What a recording that a member names may cost the hub's memory."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import soundfile as sf

from annotator.audio import io
from annotator.errors import FormatError
from annotator.hub import member_audio
from annotator.hub.member_audio import MOST_SAMPLES, MemberAudio


@pytest.fixture(scope="module")
def bomb(tmp_path_factory):
    """Return a file of some kilobytes that holds more than is read at once."""
    file = tmp_path_factory.mktemp("sounds") / "bomb.flac"
    second = np.zeros((48_000, 8), np.int16)
    with sf.SoundFile(file, "w", 48_000, 8, "PCM_16") as out:
        for _ in range(MOST_SAMPLES // second.size + 2):
            out.write(second)
    assert file.stat().st_size < 2_000_000
    return file


def test_a_file_that_grows_when_it_is_decoded_is_not_decoded_whole(bomb, monkeypatch):
    monkeypatch.setattr(io, "read_segment", lambda *_: pytest.fail("it was decoded"))

    with pytest.raises(FormatError, match=r"too much at once .* reads 130\.2 s"):
        MemberAudio().read_segment(bomb, 0.0, 1e9)


def test_a_part_of_it_is(bomb):
    samples, rate = MemberAudio().read_segment(bomb, 100.0, 1.0)

    assert (samples.shape, rate) == ((48_000, 8), 48_000)


def test_the_end_of_it_counts_and_not_what_was_asked_for(bomb):
    duration = MemberAudio().recording_info(bomb).duration

    samples, _ = MemberAudio().read_segment(bomb, duration - 1.0, 1e9)

    assert len(samples) == 48_000


@pytest.mark.parametrize(
    "odd", [{"channels": 1_024}, {"sample_rate": 2**31 - 1}], ids=str
)
@pytest.mark.parametrize("name", ["recording_info", "read_segment"])
def test_a_recording_that_no_recorder_makes_is_refused(bomb, monkeypatch, name, odd):
    info = dataclasses.replace(io.recording_info(bomb), **odd)
    monkeypatch.setattr(member_audio.io, "recording_info", lambda *_, **__: info)
    span = (0.0, 0.001) if name == "read_segment" else ()

    with pytest.raises(FormatError, match="the hub reads up to 64 channels"):
        getattr(MemberAudio(), name)(bomb, *span)
