"""The web server of the tests does what the tests believe it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from tests.doubles.web import WebServer

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = bytes(range(200))


@pytest.mark.parametrize(
    ("wanted", "status", "expected"),
    [
        (None, 200, CONTENT),
        ("bytes=10-19", 206, CONTENT[10:20]),
        ("bytes=190-400", 206, CONTENT[190:]),
        ("bytes=190-", 206, CONTENT[190:]),
        ("bytes=200-210", 416, b""),
    ],
)
def test_the_web_server_sends_and_counts_what_was_asked_for(
    wanted: str | None, status: int, expected: bytes
) -> None:
    with WebServer({"a b.wav": CONTENT}) as web:
        headers = {"Range": wanted} if wanted else {}
        answer = requests.get(web.url("a b.wav"), headers=headers, timeout=10)

        assert (answer.status_code, answer.content) == (status, expected)
        assert (web.methods, web.sent) == (["GET"], len(expected))


def test_the_web_server_serves_a_folder_and_knows_its_versions(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one")
    with WebServer(tmp_path) as web:
        old = requests.head(web.url("a.txt"), timeout=10).headers["ETag"]
        (tmp_path / "a.txt").write_bytes(b"other")
        answer = requests.get(web.url("a.txt"), headers={"If-Match": old}, timeout=10)
        missing = requests.get(web.url("b.txt"), timeout=10)

    assert (answer.status_code, missing.status_code) == (412, 404)


def test_the_web_server_fails_as_often_as_told() -> None:
    with WebServer({"a": CONTENT}, token="abc") as web:
        bearer = {"Authorization": "Bearer abc"}
        web.fail(status=503)
        web.fail(cut=20, path="a")
        answers = [requests.get(web.url("b"), headers=bearer, timeout=10)]
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(web.url("a"), headers=bearer, timeout=10)
        answers.append(requests.get(web.url("a"), headers=bearer, timeout=10))
        answers.append(requests.get(web.url("a"), timeout=10))

    assert [answer.status_code for answer in answers] == [503, 200, 401]
    assert [request.sent for request in web.requests] == [0, 20, 200, 0]
