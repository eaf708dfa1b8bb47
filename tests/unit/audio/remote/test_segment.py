"""Clips of recordings on a server: exact, in few requests, of any format."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest

from annotator.audio import io
from annotator.audio.remote import file as remote
from annotator.audio.remote import segment as partial
from annotator.errors import FormatError, ParameterError, SegmentOutOfRange
from tests.doubles.sounds import encoded, served

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.web import WebServer

PCM = [
    "WAV PCM_U8",
    "WAV PCM_16",
    "WAVEX PCM_24",
    "WAV PCM_32",
    "WAV FLOAT",
    "WAV DOUBLE",
    "WAV ALAW",
    "WAV ULAW",
    "RF64 PCM_16",
    "W64 PCM_24",
    "AIFF PCM_16",
    "AIFF FLOAT",
    "CAF PCM_24",
    "CAF ALAW",
]
ADPCM = ["WAV IMA_ADPCM", "WAV MS_ADPCM", "W64 IMA_ADPCM"]


def cost(web: WebServer, ideal: float) -> tuple[int, float]:
    """Return the number of requests since the last look, and bytes / ideal."""
    found = len(web.requests), web.sent / ideal
    web.forget()
    return found


# ----------------------------------------------------------- exact and cheap


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("kind", PCM)
def test_pcm_takes_two_requests_for_the_first_clip_and_one_for_the_next(
    kind: str, channels: int, web: WebServer, tmp_path: Path
) -> None:
    rate = 16_000
    content = encoded(kind, rate=rate, channels=channels, seconds=120)
    url, whole = served(web, content, tmp_path)
    ideal = len(content) * 45 / 120

    info = io.recording_info(url)
    samples, _ = io.read_segment(url, 30.0, 45.0)
    cold = cost(web, ideal)
    more, _ = io.read_segment(url, 75.0, 40.0)
    warm = cost(web, ideal * 40 / 45)

    assert (info.n_frames, info.channels) == whole.shape
    np.testing.assert_array_equal(samples, whole[30 * rate : 75 * rate])
    np.testing.assert_array_equal(more, whole[75 * rate : 115 * rate])
    assert cold[0] == 2
    assert warm[0] == 1
    # What the first request brings is a part of the cost of a clip of 1 MB and more.
    assert cold[1] <= 1 + max(0.05, 1.1 * remote.HEAD / ideal)
    assert warm[1] <= 1.001


@pytest.mark.parametrize("kind", ADPCM)
def test_adpcm_is_as_cheap(kind: str, web: WebServer, tmp_path: Path) -> None:
    rate = 48_000
    content = encoded(kind, rate=rate, channels=2, seconds=30)
    url, whole = served(web, content, tmp_path)

    samples, _ = io.read_segment(url, 5.01, 15.0)
    cold = cost(web, len(content) / 2)
    io.read_segment(url, 20.01, 9.0)
    warm = cost(web, len(content) * 9 / 30)

    first = round(5.01 * rate)
    np.testing.assert_array_equal(samples, whole[first : first + 15 * rate])
    assert (cold[0], warm[0]) == (2, 1)
    assert cold[1] < 1.06
    assert warm[1] < 1.03


def test_clips_that_overlap_cost_only_what_is_new(
    web: WebServer, tmp_path: Path
) -> None:
    url, _ = served(web, encoded("WAV PCM_16", rate=16_000, seconds=60), tmp_path)
    io.read_segment(url, 10.0, 20.0)
    web.forget()

    for start in (12.0, 11.0, 10.0, 15.0):
        io.read_segment(url, start, 15.0)
    free = cost(web, 1)
    io.read_segment(url, 20.0, 20.0)

    assert free == (0, 0)
    assert cost(web, 2 * 16_000 * 10) == (1, 1.0)


@pytest.mark.parametrize("kind", ["OGG VORBIS", "OGG OPUS"])
def test_ogg_takes_a_few_requests_and_one_for_the_next_clip(
    kind: str, web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial, "SMALL", 0)
    rate = 8_000
    content = encoded(kind, rate=rate, seconds=120, levels=[0.5, 0.001, 0.1] * 9)
    url, whole = served(web, content, tmp_path)

    n_frames = io.recording_info(url).n_frames
    samples, _ = io.read_segment(url, 30.0, 5.0)
    cold = cost(web, len(content) / 24)
    more, _ = io.read_segment(url, 35.0, 5.0)
    warm = cost(web, len(content) / 24)

    assert n_frames == len(whole)
    np.testing.assert_array_equal(samples, whole[30 * rate : 35 * rate])
    np.testing.assert_array_equal(more, whole[35 * rate : 40 * rate])
    assert cold[0] <= 6
    assert warm[0] <= 2


@pytest.mark.parametrize("kind", ["OGG VORBIS", "FLAC PCM_16"])
def test_small_files_are_fetched_whole_rather_than_searched(
    kind: str, web: WebServer, tmp_path: Path
) -> None:
    url, whole = served(web, encoded(kind, rate=16_000, seconds=20), tmp_path)

    for start in (10, 3, 15, 19):
        samples, _ = io.read_segment(url, start, 1.0)
        part = whole[start * 16_000 : (start + 1) * 16_000]
        np.testing.assert_array_equal(samples, part)

    requests, ratio = cost(web, len(web.content["a"]))
    assert requests == 2
    assert ratio == 1


@pytest.mark.parametrize("channels", [1, 3, 8])
@pytest.mark.parametrize(
    ("kind", "rate"),
    [
        ("WAV PCM_24", 1_000),
        ("WAV PCM_24", 22_050),
        ("WAV PCM_24", 1_000_000),
        ("FLAC PCM_16", 1_000),
        ("FLAC PCM_16", 384_000),  # its format ends at 655,350
    ],
)
def test_any_rate_and_every_channel(
    kind: str, rate: int, channels: int, web: WebServer, tmp_path: Path
) -> None:
    seconds = 200_000 / rate
    content = encoded(kind, rate=rate, channels=channels, seconds=seconds)
    url, whole = served(web, content, tmp_path)

    samples, got_rate = io.read_segment(url, seconds * 0.7, seconds * 0.1)

    first, stop = (
        round(seconds * 0.7 * rate),
        round((seconds * 0.7 + seconds / 10) * rate),
    )
    assert got_rate == rate
    np.testing.assert_array_equal(samples, whole[first:stop])


# ---------------------------------------------------------------- the header


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


NOISE = np.random.default_rng(1).integers(-9_000, 9_000, 300_000).astype("<i2")
FORMAT = (b"fmt ", struct.pack("<HHIIHH", 1, 1, 8_000, 16_000, 2, 16))
DATA = (b"data", NOISE.tobytes())
TAGS = (b"LIST", b"INFOICMT" + struct.pack("<I", 60_000) + bytes(60_000))


@pytest.mark.parametrize(
    ("chunks", "requests"),
    [
        ([FORMAT, DATA, TAGS], 2),  # tags behind are not fetched
        ([FORMAT, TAGS, DATA], 4),
        ([(b"bext", bytes(20_000)), FORMAT, DATA], 2),
        ([(b"JUNK", bytes(200_000)), FORMAT, DATA, TAGS], 5),
    ],
)
def test_a_header_is_found_wherever_it_stands(
    chunks: list[tuple[bytes, bytes]], requests: int, web: WebServer, tmp_path: Path
) -> None:
    url, whole = served(web, riff(*chunks), tmp_path)

    samples, _ = io.read_segment(url, 20.0, 3.0)

    np.testing.assert_array_equal(samples, whole[160_000:184_000])
    assert len(web.requests) <= requests
    assert web.sent < len(web.content["a"]) / 2


def test_an_aiff_whose_format_comes_last_is_read(
    web: WebServer, tmp_path: Path
) -> None:
    content = encoded("AIFF PCM_16", seconds=20)
    at = content.index(b"COMM")
    length = 8 + struct.unpack(">I", content[at + 4 : at + 8])[0]
    moved = content[:at] + content[at + length :] + content[at : at + length]
    url, whole = served(web, moved, tmp_path)

    samples, _ = io.read_segment(url, 10.0, 3.0)

    np.testing.assert_array_equal(samples, whole[80_000:104_000])


def test_a_file_that_breaks_off_gives_what_is_there(
    web: WebServer, tmp_path: Path
) -> None:
    url, whole = served(web, encoded("WAV PCM_16", seconds=20)[:-100_001], tmp_path)

    samples, _ = io.read_segment(url, 12.0, 5.0)

    np.testing.assert_array_equal(samples, whole[96_000:])


WAV = encoded("WAV PCM_16", seconds=20)
LENGTH = WAV.index(b"data") + 4
BROKEN = {
    "no length": WAV[:LENGTH] + bytes(4) + WAV[LENGTH + 4 :],
    "endless": WAV[:LENGTH] + b"\xff" * 4 + WAV[LENGTH + 4 :],
    "half a sample": WAV[:-1],
    "rubbish behind": WAV + b"rubbish" * 9_000,
    "RF64": encoded("RF64 PCM_24", seconds=20)[:-20_001],
    "AIFF": encoded("AIFF PCM_16", seconds=20)[:-20_001],
    "ADPCM": encoded("WAV IMA_ADPCM", seconds=60)[:-20_001],
    "FLAC": encoded("FLAC PCM_16", seconds=20)[:-20_001],
    "Vorbis": encoded("OGG VORBIS", seconds=20)[:-20_001],
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gives_there_what_it_gives_here(
    name: str, web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial, "SMALL", 0)
    web.content["b"] = BROKEN[name]
    here = tmp_path / "b"
    here.write_bytes(BROKEN[name])

    def found(place: str | Path, start: float) -> object:
        try:
            return io.read_segment(place, start, 1.5)[0].tolist()
        except FormatError as err:
            return str(err).splitlines()[0]

    info = io.recording_info(web.url("b"))
    assert info.n_frames == io.recording_info(here).n_frames
    for start in (0, 5.5, 18, 19.5, 50):
        assert found(web.url("b"), start) == found(here, start)


# --------------------------------------------------------------- out of range


@pytest.mark.parametrize("kind", ["WAV PCM_16", "FLAC PCM_16", "OGG VORBIS"])
def test_a_clip_is_cut_at_the_end_and_beyond_it_is_an_error_with_the_length(
    kind: str, web: WebServer, tmp_path: Path
) -> None:
    url, whole = served(web, encoded(kind, seconds=10.0), tmp_path)

    samples, _ = io.read_segment(url, 9.5, 2.0)

    np.testing.assert_array_equal(samples, whole[76_000:])
    with pytest.raises(SegmentOutOfRange, match=r"a is only 10\.000 s long"):
        io.read_segment(url, 10.0, 1.0)
    with pytest.raises(ParameterError, match="0 s or later"):
        io.read_segment(url, -1.0, 1.0)
