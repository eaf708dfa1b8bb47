"""Clips of recordings on servers of all kinds, which fail and change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from annotator.audio import io
from annotator.audio.remote import file as remote
from annotator.audio.remote import segment as partial
from annotator.errors import AccessDenied, FormatError, NotFound, Unreachable
from tests.doubles.sounds import encoded, served
from tests.doubles.web import WebServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


# ------------------------------------------------------------------- buckets


def test_a_segment_of_an_object_is_read(s3: Any, wav: Callable[..., Path]) -> None:
    path = wav(duration=1.0, name="a.wav")
    io.write(path, s3.uri("a.wav"), **s3.auth)

    samples, _ = io.read_segment(s3.uri("a.wav"), 0.5, 0.25, **s3.auth)

    assert samples.shape == (2000, 1)


def test_what_is_known_of_a_recording_has_its_own_address(
    s3: Any, wav: Callable[..., Path]
) -> None:
    path = wav(duration=1.5, sample_rate=8000, channels=2, name="a.wav")
    io.write(path, s3.uri("a.wav"), **s3.auth)

    info = io.recording_info(s3.uri("a.wav"), **s3.auth)

    assert info.uri == s3.uri("a.wav")
    assert (info.duration, info.sample_rate, info.channels) == (1.5, 8000, 2)
    assert io.recording_info(path).uri == str(path)


def test_a_recording_written_anew_is_read_anew(
    s3: Any, wav: Callable[..., Path]
) -> None:
    for duration in (1.0, 2.0):
        io.write(wav(duration=duration), s3.uri("a.wav"), **s3.auth)

        assert io.recording_info(s3.uri("a.wav"), **s3.auth).duration == duration


# -------------------------------------------------------------------- servers


@pytest.mark.parametrize("kind", ["WAV PCM_16", "FLAC PCM_16"])
def test_parts_are_read_from_behind_a_token(kind: str, tmp_path: Path) -> None:
    with WebServer({}, token="abc") as web:
        url, whole = served(web, encoded(kind, rate=96_000, seconds=20), tmp_path)

        samples, _ = io.read_segment(url, 10.0, 1.0, token="abc")

        np.testing.assert_array_equal(samples, whole[960_000:1_056_000])
        assert web.sent < len(web.content["a"]) / 2
        with pytest.raises(AccessDenied):
            io.read_segment(url, 10.0, 1.0)


@pytest.mark.parametrize("kind", ["WAV PCM_16", "FLAC PCM_16", "OGG VORBIS"])
def test_a_server_without_ranges_sends_a_recording_once(
    kind: str, tmp_path: Path
) -> None:
    with WebServer({}, ranges=False) as web:
        url, whole = served(web, encoded(kind, rate=16_000, seconds=20), tmp_path)

        def clip(start: int) -> np.ndarray:
            assert io.recording_info(url).duration == 20
            return io.read_segment(url, start, 1.0, start % 2 == 0)[0]

        with ThreadPoolExecutor(6) as pool:
            clips = list(pool.map(clip, range(18)))

        assert (web.methods, web.sent) == (["GET"], len(web.content["a"]))
        np.testing.assert_array_equal(np.concatenate(clips), whole[: 18 * 16_000])


def test_the_whole_comes_once_if_parts_are_not_wanted(
    web: WebServer, tmp_path: Path
) -> None:
    url, whole = served(web, encoded("WAV PCM_16", seconds=60), tmp_path)

    for start in (10, 20, 30):
        samples, _ = io.read_segment(url, start, 1.0, partial=False)
        np.testing.assert_array_equal(
            samples, whole[start * 8_000 : (start + 1) * 8_000]
        )
    io.read_segment(url, 40, 1.0)

    assert len(web.requests) == 2
    assert web.sent == len(web.content["a"]) + remote.HEAD


@pytest.mark.parametrize("kind", ["MP3 MPEG_LAYER_III", "WAV GSM610"])
def test_what_has_no_parts_is_fetched_whole_once(
    kind: str, web: WebServer, tmp_path: Path
) -> None:
    url, whole = served(web, encoded(kind, seconds=60), tmp_path)

    n_frames = io.recording_info(url).n_frames
    samples, _ = io.read_segment(url, 30.0, 1.0)
    io.read_segment(url, 50.0, 1.0)

    assert n_frames == len(whole)
    np.testing.assert_allclose(samples, whole[240_000:248_000], rtol=0, atol=1e-4)
    assert len(web.requests) == 2


@pytest.mark.parametrize("kind", ["WAV PCM_16", "WAV IMA_ADPCM", "OGG VORBIS"])
def test_a_server_that_goes_away_is_an_error_and_not_a_shorter_clip(
    kind: str, web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("urllib3.util.Retry.sleep", lambda *_: None)
    monkeypatch.setattr(partial, "SMALL", 0)
    url, _ = served(web, encoded(kind, rate=48_000, seconds=60), tmp_path)
    io.recording_info(url)

    web.fail(times=3, status=503)

    with pytest.raises(Unreachable):
        io.read_segment(url, 30.0, 5.0)


@pytest.mark.parametrize("kind", ["WAV PCM_16", "FLAC PCM_16", "OGG OPUS"])
def test_a_recording_replaced_between_two_clips_is_read_anew(
    kind: str, web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial, "SMALL", 0)
    url, _ = served(web, encoded(kind, seconds=60, seed=1), tmp_path)
    io.read_segment(url, 10.0, 1.0)
    url, whole = served(web, encoded(kind, seconds=59, seed=2), tmp_path)

    samples, _ = io.read_segment(url, 50.0, 1.0)

    np.testing.assert_array_equal(samples, whole[400_000:408_000])


@pytest.mark.parametrize("conditions", [True, False])
@pytest.mark.parametrize("kind", ["WAV PCM_16", "WAV MS_ADPCM", "FLAC PCM_16"])
def test_a_recording_replaced_between_two_requests_is_never_mixed(
    kind: str, conditions: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial, "SMALL", 0)
    content = [encoded(kind, rate=48_000, seconds=30, seed=seed) for seed in (1, 2)]
    with WebServer({}, conditions=conditions) as web:
        _, old = served(web, content[0], tmp_path)
        url, new = served(web, content[1], tmp_path)
        span = slice(20 * 48_000, 22 * 48_000)
        for after in range(6):  # requests
            web.content["a"] = content[0]
            remote.forget_remotes()
            web.forget()

            def replace(_request: object, after: int = after) -> None:
                if len(web.requests) > after:
                    web.content["a"] = content[1]

            web.before = replace
            samples, _ = io.read_segment(url, 20.0, 2.0)

            replaced_in_time = web.content["a"] is content[1]
            expected = new if replaced_in_time else old
            np.testing.assert_array_equal(samples, expected[span])


def test_what_is_no_audio_is_one_sentence(web: WebServer) -> None:
    web.content.update({"a.txt": b"no sound here\n" * 50, "b.wav": b"RIFF" * 50})

    for name in web.content:
        with pytest.raises(FormatError, match=rf"^{name} cannot be read as audio"):
            io.read_segment(web.url(name), 0, 1)
    with pytest.raises(NotFound):
        io.recording_info(web.url("missing.wav"))


def test_a_damaged_recording_is_named_as_its_address_has_it(
    web: WebServer, tmp_path: Path
) -> None:
    content = encoded("FLAC PCM_16", rate=48_000, seconds=60)
    web.content["b.flac"] = content[: len(content) // 2]

    with pytest.raises(FormatError, match=r"^b\.flac cannot be decoded at 50 s"):
        io.read_segment(web.url("b.flac"), 50.0, 1.0)
