"""Writing to S3, in one request or in parts, when things go wrong."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from annotator.audio.backends import s3_upload
from annotator.audio.backends.s3 import S3Backend
from annotator.errors import Cancelled, Conflict, Unreachable
from tests.doubles.scripted import S3_KEYS, Answer, Request, ScriptedServer, s3_error

if TYPE_CHECKING:
    from collections.abc import Iterator

MB = 1 << 20


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def test_a_write_that_meets_another_is_a_conflict(server: ScriptedServer) -> None:
    server.answers = lambda request: s3_error(409, "ConditionalRequestConflict")
    backend = S3Backend(endpoint_url=server.url, **S3_KEYS)

    with pytest.raises(Conflict, match="somebody else"):
        backend.write(b"x", "s3://bucket/a", create_only=True)


@pytest.mark.parametrize("there", [b"ours", b"theirs"])
def test_a_write_whose_answer_got_lost_is_recognised(
    server: ScriptedServer, there: bytes
) -> None:
    def answers(request: Request) -> Answer:
        if request.method != "PUT":
            return Answer(200, there, {"ETag": '"1"'})
        first = sum(request.method == "PUT" for request in server.requests) == 1
        return (
            s3_error(500, "InternalError")
            if first
            else s3_error(412, "PreconditionFailed")
        )

    server.answers = answers
    backend = S3Backend(endpoint_url=server.url, **S3_KEYS)

    if there == b"ours":
        info = backend.write(b"ours", "s3://bucket/a", create_only=True)
        assert info.version == '"1"'
    else:
        with pytest.raises(Conflict):
            backend.write(b"ours", "s3://bucket/a", create_only=True)


def test_a_file_in_parts_arrives_whole(
    s3: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(s3_upload, "PUT_LIMIT", 6 * MB)
    monkeypatch.setattr(s3_upload, "PART_SIZE", 5 * MB)
    content, seen = os.urandom(11 * MB), []
    (tmp_path / "a.flac").write_bytes(content)
    backend = S3Backend(**s3.auth)

    info = backend.write(
        tmp_path / "a.flac", s3.uri("a.flac"), progress=lambda *now: seen.append(now)
    )

    stored = s3.client.get_object(Bucket=s3.bucket, Key="a.flac")
    assert stored["Body"].read() == content
    assert stored["ETag"] == info.version
    assert seen == sorted(seen)
    assert {(0, 11 * MB), (5 * MB, 11 * MB), (10 * MB, 11 * MB)} <= set(seen)
    assert seen[-1] == (11 * MB, 11 * MB)


def test_cancelled_parts_are_cleared_away(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_upload, "PUT_LIMIT", 6 * MB)
    monkeypatch.setattr(s3_upload, "PART_SIZE", 5 * MB)

    def cancel(done: int, size: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        S3Backend(**s3.auth).write(bytes(11 * MB), s3.uri("a.flac"), progress=cancel)

    assert "Uploads" not in s3.client.list_multipart_uploads(Bucket=s3.bucket)
    assert "Contents" not in s3.client.list_objects_v2(Bucket=s3.bucket)


@pytest.mark.parametrize(
    ("condition", "header"),
    [({"create_only": True}, "If-None-Match"), ({"if_version": '"1"'}, "If-Match")],
)
def test_parts_are_joined_on_the_same_condition(
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
    condition: dict[str, Any],
    header: str,
) -> None:
    # moto's server does not look at the condition here, so this one does.
    def answers(request: Request) -> Answer:
        if request.path.endswith("?uploads"):
            xml = "<InitiateMultipartUploadResult><UploadId>7</UploadId></InitiateMultipartUploadResult>"
            return Answer(200, xml.encode())
        if request.method == "POST" and header in request.headers:
            return s3_error(412, "PreconditionFailed")
        return Answer(200, b"", {"ETag": '"part"', "Content-Length": "0"})

    server.answers = answers
    monkeypatch.setattr(s3_upload, "PUT_LIMIT", 10)
    monkeypatch.setattr(s3_upload, "PART_SIZE", 10)
    backend = S3Backend(endpoint_url=server.url, **S3_KEYS)

    with pytest.raises(Conflict):
        backend.write(bytes(25), "s3://bucket/a.flac", **condition)

    done = [re.sub(r"/bucket/a.flac\??", "", r.path) for r in server.requests]
    assert [request.method for request in server.requests][-1] == "DELETE"
    assert done[-1] == "uploadId=7"
    assert len(done) == 6  # begin, three parts, join, clear away


def test_the_kind_of_content_is_told(s3: Any) -> None:
    backend = S3Backend(**s3.auth)

    backend.write(b"x", s3.uri("a.csv"))

    assert backend.stat(s3.uri("a.csv")).content_type == "text/csv"


def test_a_network_that_goes_in_the_middle_is_unreachable(
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def answers(request: Request) -> Answer:
        if request.path.endswith("?uploads"):
            return Answer(200, b"<R><UploadId>7</UploadId></R>")
        if "partNumber=1" in request.path:
            return Answer(200, b"", {"ETag": '"part"'})
        return Answer(reset=True)

    server.answers = answers
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    monkeypatch.setattr(s3_upload, "PUT_LIMIT", 10)
    monkeypatch.setattr(s3_upload, "PART_SIZE", 10)
    backend = S3Backend(endpoint_url=server.url, **S3_KEYS)

    with pytest.raises(Unreachable, match=r"s3://bucket/a\.flac"):
        backend.write(bytes(25), "s3://bucket/a.flac")

    assert "could not be cleared away" in caplog.text
    assert server.methods == ["POST", "PUT", *["PUT"] * 3, *["DELETE"] * 3]
