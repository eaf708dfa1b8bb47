"""What the libraries beneath log, whatever level somebody sets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import boto3
import pytest

from annotator.audio.backends import gcs_upload, quiet
from annotator.audio.backends.gcs import GCSBackend
from annotator.audio.backends.http import HTTPBackend
from annotator.audio.backends.s3 import S3Backend
from annotator.errors import Unreachable
from tests.doubles.gcs import STEP, GoogleStorage
from tests.doubles.scripted import S3_KEYS, Answer, ScriptedServer, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    """Log all there is, as after `boto3.set_stream_logger("")`."""
    caplog.set_level(logging.DEBUG)
    for name in ("botocore", "boto3", "urllib3", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    for name in list(logging.root.manager.loggerDict):  # as if no test had been before
        for filter_ in set(quiet._FILTERS.values()):
            logging.getLogger(name).removeFilter(filter_)


@pytest.mark.parametrize("whose", ["theirs", "ours"])
def test_keys_and_signatures_for_s3_are_not_logged(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture, whose: str
) -> None:
    server.answers = lambda request: Answer(200, b"", {"ETag": '"1"'})
    auth = {"endpoint_url": server.url, **S3_KEYS}
    if whose == "theirs":
        auth = {"client": boto3.client("s3", **auth)}
        caplog.clear()
    backend = S3Backend(**auth)

    backend.write(b"x", "s3://bucket/a.csv")
    backend.read("s3://bucket/a.csv")

    sent = server.requests[0].headers
    signature = sent["Authorization"].rpartition("Signature=")[2]
    assert sent["X-Amz-Security-Token"] == S3_KEYS["aws_session_token"]
    for name in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token"):
        assert S3_KEYS[name] not in caplog.text
    assert len(signature) == 64
    assert signature not in caplog.text


@pytest.mark.parametrize("status", [200, 503])
def test_a_signed_address_is_not_logged(
    server: ScriptedServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    monkeypatch.setattr("urllib3.util.Retry.sleep", lambda *_: None)
    server.answers = lambda request: (
        Answer(reset=True) if len(server.requests) == 1 else Answer(status, b"x")
    )
    backend = HTTPBackend(token="secret-token", headers={"X-Key": "secret-key"})

    if status == 200:
        backend.read(f"{server.url}/a.flac?signature=secret&b=c")
    else:
        with pytest.raises(Unreachable):
            backend.read(f"{server.url}/a.flac?signature=secret&b=c")
    backend.close()

    assert "GET /a.flac" in caplog.text
    assert any(record.levelno == logging.WARNING for record in caplog.records)
    assert "secret" not in caplog.text


def test_a_server_that_is_not_there_is_not_logged_with_a_signature(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("urllib3.util.Retry.sleep", lambda *_: None)
    backend = HTTPBackend()

    with pytest.raises(Unreachable):
        backend.read(f"http://127.0.0.1:{free_port()}/a.flac?signature=secret")
    backend.close()

    assert "/a.flac" in caplog.text
    assert "secret" not in caplog.text


def test_the_address_of_an_upload_to_google_is_not_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gcs_upload, "CHUNK", STEP)
    with GoogleStorage() as google:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", google.url)
        backend = GCSBackend()

        backend.write(bytes(2 * STEP), "gs://bucket/a.flac")
        backend.close()

    assert "upload_id" in google.requests[-1][1]
    assert "POST /" in caplog.text
    assert "upload_id" not in caplog.text
