"""What the headers of a web server's answer say of a file."""

from __future__ import annotations

import contextlib
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from annotator.audio.backends.base import FileInfo
from annotator.audio.backends.common import total_of

if TYPE_CHECKING:
    from requests import Response

__all__ = ["UNKNOWN", "bytes_asked_for", "info_of", "size_of_file", "version_of"]

UNKNOWN = -1
"""Size of a file where the server does not tell."""


def size_of_file(response: Response) -> int | None:
    """Bytes of the whole file, where the server tells."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return None
    if response.status_code == 206:
        return total_of(response.headers.get("Content-Range", ""))
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else None


def bytes_asked_for(wanted: str) -> int | None:
    """Bytes of a range; None: up to the end of the file."""
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    return int(last) - int(first) + 1 if last else None


def version_of(response: Response) -> str | None:
    """ETag, or what comes nearest."""
    if etag := response.headers.get("ETag"):
        return str(etag)
    if modified := response.headers.get("Last-Modified"):
        return f"{modified}, {size_of_file(response)} bytes"
    return None


def info_of(uri: str, response: Response, size: int | None) -> FileInfo:
    """Size, where it is known, and version of a file."""
    modified = None
    with contextlib.suppress(KeyError, ValueError, TypeError):
        modified = parsedate_to_datetime(response.headers["Last-Modified"])
    kind = response.headers.get("Content-Type")
    size = UNKNOWN if size is None else size
    return FileInfo(uri, size, version_of(response), modified, kind)
