"""Writing to Google Cloud Storage: in one request, or in parts of one session.

Nothing is visible before the last part; a session that is given up is deleted,
and one that was forgotten (a process was killed) ends by itself after a week.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from annotator._optional import require
from annotator.audio.backends.base import FileInfo
from annotator.audio.backends.gcs_client import (
    TIMEOUT,
    patience,
    precondition_failed,
)
from annotator.errors import Unreachable

if TYPE_CHECKING:
    from annotator.audio.backends.base import Progress

__all__ = ["info_of", "upload"]

CHUNK = 4 << 20  # bytes of one part of an upload, which is as fine as progress is


def info_of(blob: Any) -> FileInfo:
    """Return what is known of an object that was looked at."""
    return FileInfo(
        f"gs://{blob.bucket.name}/{blob.name}",
        int(blob.size),
        str(blob.generation),
        blob.updated,
        blob.content_type,
    )


def upload(
    blob: Any,
    source: tuple[BinaryIO, int],
    content_type: str,
    generation: int | None,
    tell: Progress,
) -> FileInfo:
    """Write a file of so many bytes, if what is there has this generation.

    Parameters
    ----------
    generation
        0: nothing may be there; None: whatever is there is replaced.
    """
    file, size = source
    if size > CHUNK:
        return _put_parts(blob, source, content_type, generation, tell)
    _put(blob, file.read(size), content_type, generation)
    tell(size, size)
    return info_of(blob)


def _put(blob: Any, data: bytes, content_type: str, generation: int | None) -> None:
    failed: list[Exception] = []

    def put() -> None:
        blob.upload_from_string(
            data,
            content_type=content_type,
            if_generation_match=generation,
            timeout=TIMEOUT,
            retry=None,
        )

    try:
        patience()["retry"](put, on_error=failed.append)()
    except precondition_failed():
        # If the answer to a write got lost, the condition of its repetition
        # fails because of our own bytes.
        if not failed or blob.download_as_bytes(raw_download=True) != data:
            raise
        blob.reload(**patience())


def _put_parts(
    blob: Any,
    source: tuple[BinaryIO, int],
    content_type: str,
    generation: int | None,
    tell: Progress,
) -> FileInfo:
    file, size = source
    url = blob.create_resumable_upload_session(
        content_type=content_type,
        size=size,
        if_generation_match=generation,
        **patience(),
    )
    session, digest = (
        _Session(blob.client._http, url, size),
        hashlib.md5(usedforsecurity=False),
    )
    try:
        for start in range(0, size, CHUNK):
            data = file.read(min(CHUNK, size - start))
            digest.update(data)
            answer = session.send(start, data)
            # Told of the end when it is known to be well.
            tell(min(start + len(data), size - 1), size)
    except BaseException:  # a cancelled upload, too, leaves nothing behind
        session.give_up()
        raise
    about = answer.json()
    wanted = base64.b64encode(digest.digest()).decode()
    uri = f"gs://{blob.bucket.name}/{blob.name}"
    if about.get("md5Hash", wanted) != wanted:
        msg = f"{uri} was damaged on its way; write it again."
        raise Unreachable(msg)
    tell(size, size)
    when = datetime.fromisoformat(about["updated"])
    return FileInfo(uri, size, str(about["generation"]), when, content_type)


class _Session:
    """A resumable upload under way."""

    def __init__(self, http: Any, url: str, size: int) -> None:
        self._http, self._url, self._size = http, url, size

    def send(self, start: int, data: bytes) -> Any:
        """Send one part; what failed for a moment goes on where it stopped."""
        failed: list[Exception] = []

        def send() -> Any:
            first = start
            if failed:
                answer = self._put(f"bytes */{self._size}")
                if answer.status_code != 308:
                    return answer
                first = max(_arrived(answer), start)
            body = data[first - start :]
            if not body:
                return answer
            last = first + len(body) - 1
            answer = self._put(f"bytes {first}-{last}/{self._size}", body)
            if answer.status_code == 308 and _arrived(answer) <= last:
                msg = "a part of a part arrived"
                raise _errors().ServiceUnavailable(msg)
            return answer

        return patience()["retry"](send, on_error=failed.append)()

    def give_up(self) -> None:
        """Delete the session; if that fails, it ends by itself."""
        requests = require("requests", why="for gs:// addresses")
        try:
            self._http.delete(self._url, timeout=TIMEOUT)
        except (requests.RequestException, _auth_error()):
            return

    def _put(self, span: str, body: bytes = b"") -> Any:
        failed = require("requests", why="for gs:// addresses").exceptions
        # In our words: the session's address is as good as a password.
        text = "an upload in parts failed"
        try:
            answer = self._http.put(
                self._url, data=body, headers={"Content-Range": span}, timeout=TIMEOUT
            )
        except (failed.ConnectionError, failed.Timeout):
            raise failed.ConnectionError(text) from None
        if answer.status_code not in (200, 201, 308):
            raise _errors().from_http_status(answer.status_code, text, response=answer)
        return answer


def _arrived(answer: Any) -> int:
    """Bytes of the session that the server has."""
    span = answer.headers.get("Range", "")
    return int(span.rpartition("-")[2]) + 1 if span else 0


def _errors() -> Any:
    return require("google.api_core.exceptions", why="for gs:// addresses")


def _auth_error() -> Any:
    return require("google.auth.exceptions", why="for gs:// addresses").GoogleAuthError
