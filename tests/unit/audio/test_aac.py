from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from annotator.audio import aac, io
from annotator.audio.aac import is_aac
from annotator.audio.remote import file as remote
from annotator.errors import FormatError, SegmentOutOfRange
from tests.doubles.web import WebServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RATE = 24_000
M4A = b"\0\0\0\x20ftypM4A \0\0\2\0" + bytes(500)

# Stands for the real one: a ramp of two seconds, and a note that it was started.
FFMPEG = f"""#!{sys.executable}
import sys, numpy, soundfile
source, target = sys.argv[sys.argv.index("-i") + 1], sys.argv[-1]
with open(source.removeprefix("file:") + ".log", "a") as log:
    log.write("x")
if "broken" in source:
    sys.exit("moov atom not found")
soundfile.write(target, numpy.arange(16000) / 16000, 8000, "FLOAT", format="W64")
"""


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ANNOTATOR_CACHE_DIR", str(tmp_path / "cache"))
    remote.forget_remotes()
    yield
    remote.forget_remotes()


@pytest.fixture
def without_pyav(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "av" else find(name)
    )
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.fixture
def ffmpeg(tmp_path: Path, without_pyav: None) -> None:
    program = tmp_path / "bin" / "ffmpeg"
    program.write_text(FFMPEG)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(name: str = "a.m4a", content: bytes = M4A) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (M4A[:12], True),
        (bytes.fromhex("fff15080"), True),  # ADTS, MPEG-4
        (bytes.fromhex("fff94c80"), True),  # ADTS, MPEG-2
        (bytes.fromhex("fffb9064"), False),  # MP3
        (b"RIFF\0\0\0\0WAVE", False),
        (b"", False),
    ],
)
def test_aac_is_told_by_its_start(start: bytes, expected: bool) -> None:
    assert is_aac(start) is expected


@pytest.mark.usefixtures("without_pyav")
def test_without_a_decoder_a_sentence_says_what_to_install(
    file: Callable[..., Path],
) -> None:
    with pytest.raises(FormatError, match=r"^a\.m4a is an M4A .* pip install av"):
        io.recording_info(file())


@pytest.mark.usefixtures("ffmpeg")
@pytest.mark.skipif(os.name == "nt", reason="a script stands for the program")
def test_ffmpeg_decodes_a_file_once_and_again_when_it_changed(
    file: Callable[..., Path],
) -> None:
    path = file()

    samples, rate = io.read_segment(path, 0.5, 1.0)
    info = io.recording_info(path)
    with pytest.raises(SegmentOutOfRange, match=r"a\.m4a is only 2\.000 s long"):
        io.read_segment(path, 2.0, 1.0)
    first = path.with_name("a.m4a.log").read_text()
    file(content=M4A + b"x")
    io.read_segment(path, 0.5, 1.0)

    np.testing.assert_allclose(samples[:, 0], np.arange(4000, 12_000) / 16_000)
    assert (rate, info.duration, info.uri) == (8000, 2.0, str(path))
    assert (first, path.with_name("a.m4a.log").read_text()) == ("x", "xx")


@pytest.mark.usefixtures("ffmpeg")
@pytest.mark.skipif(os.name == "nt", reason="a script stands for the program")
def test_what_cannot_be_decoded_is_one_sentence(file: Callable[..., Path]) -> None:
    with pytest.raises(FormatError, match=r"^broken\.m4a cannot be decoded as AAC"):
        io.read_segment(file("broken.m4a"), 0, 1)


@pytest.mark.usefixtures("ffmpeg")
@pytest.mark.skipif(os.name == "nt", reason="a script stands for the program")
def test_a_remote_file_comes_once_and_is_decoded_once(tmp_path: Path) -> None:
    with WebServer({"a.m4a": M4A}) as web:
        for start in (0.0, 0.5, 1.0):
            remote.forget_remotes()  # as in a new process
            samples, _ = io.read_segment(web.url("a.m4a"), start, 0.5)
            np.testing.assert_allclose(
                samples[:, 0], np.arange(start * 8000, start * 8000 + 4000) / 16_000
            )

        assert web.sent == 3 * len(M4A)  # three looks, of which the first was the whole
    (log,) = (tmp_path / "cache").glob("*.log")
    assert log.read_text() == "x"


# ------------------------------------------------------------ the real decoders


@pytest.fixture
def m4a(tmp_path: Path) -> Path:
    """Return three seconds: a tone of 440 Hz left, 1,000 Hz right."""
    av = pytest.importorskip("av", reason="PyAV is not installed")
    path = tmp_path / "tone.m4a"
    seconds = np.arange(3 * RATE) / RATE
    tone = np.sin(2 * np.pi * np.outer([440, 1000], seconds)).astype(np.float32) / 2
    with av.open(str(path), "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(tone, "fltp", "stereo")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


def check_tone(path: Path) -> None:
    info = io.recording_info(path)
    samples, rate = io.read_segment(path, 1.0, 1.0)
    whole, _ = io.read_segment(path, 0.0, 10.0)

    assert (rate, info.channels) == (RATE, 2)
    assert info.n_frames == len(whole) == 3 * RATE + 1024  # the encoder's delay
    np.testing.assert_array_equal(samples, whole[RATE : 2 * RATE])
    spectrum = np.abs(np.fft.rfft(samples, axis=0))  # bins of 1 Hz
    assert spectrum.argmax(axis=0).tolist() == [440, 1000]


def test_pyav_decodes_each_channel_in_its_place(m4a: Path) -> None:
    check_tone(m4a)


def test_ffmpeg_decodes_as_pyav_does(
    m4a: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shutil.which("ffmpeg"):
        pytest.skip("ffmpeg is not installed")
    theirs, _ = io.read_segment(m4a, 0.0, 3.0)
    other = m4a.rename(m4a.with_name("b.m4a"))
    monkeypatch.setattr(aac, "_by_pyav", aac._by_ffmpeg)

    check_tone(other)

    ours, _ = io.read_segment(other, 0.0, 3.0)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def test_pyav_names_a_file_that_is_damaged(file: Callable[..., Path]) -> None:
    pytest.importorskip("av", reason="PyAV is not installed")

    with pytest.raises(FormatError, match=r"^a\.m4a cannot be decoded as AAC"):
        io.read_segment(file(), 0, 1)


@pytest.mark.parametrize("by", ["pyav", "ffmpeg"])
def test_one_that_grows_too_long_when_it_is_decoded_is_left(
    request: pytest.FixtureRequest, file: Callable[..., Path], by: str
) -> None:
    if by == "pyav":
        path = request.getfixturevalue("m4a")
    else:
        request.getfixturevalue("ffmpeg")
        path = file()

    with pytest.raises(FormatError, match=r"cannot be decoded .*\n.* longer than"):
        aac.decoded_copy(path, str(path), most=10_000)
    assert aac.decoded_copy(path, str(path), most=10_000_000).exists()
