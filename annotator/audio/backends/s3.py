"""Objects on Amazon S3 and servers that speak its protocol."""

from __future__ import annotations

import contextlib
import mimetypes
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

from annotator.audio.backends.base import FileInfo, Progress
from annotator.audio.backends.common import (
    check_options,
    check_range,
    open_source,
    total_of,
)
from annotator.audio.backends.s3_client import Clients
from annotator.audio.backends.s3_errors import (
    broken_transfer,
    client_error,
    code_of,
    is_stale,
    s3_errors,
)
from annotator.audio.backends.s3_upload import upload
from annotator.errors import Conflict, NotFound, ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["S3Backend"]

CHUNK = 1 << 20
PAUSES = (0.5, 2.0)  # s, before a broken transfer is taken up again


class S3Backend:
    """S3, through boto3."""

    OPTIONS: ClassVar[frozenset[str]] = frozenset(
        {
            "aws_access_key_id",
            "aws_secret_access_key",
            "aws_session_token",
            "client",
            "endpoint_url",
            "profile",
            "profile_name",
            "region_name",
        }
    )
    ENVIRONMENT: ClassVar[tuple[str, ...]] = ("AWS_",)

    def __init__(self, **auth: Any) -> None:
        check_options("s3://", self.OPTIONS, auth)
        self._clients = Clients(**auth)

    def stat(self, uri: str) -> FileInfo:
        """Size and version of an object."""
        place = _object(uri)
        try:
            with s3_errors("read", uri):
                return _info(uri, self._clients.fetch("head_object", **place))
        except NotFound:
            self._check_bucket(uri, place["Bucket"])
            raise

    def read(
        self,
        uri: str,
        start: int | None = None,
        end: int | None = None,
        *,
        version: str | None = None,
    ) -> bytes:
        """Bytes from `start` to `end`, both included."""
        check_range(start, end)
        arguments = _object(uri)
        if start or end is not None:
            arguments["Range"] = f"bytes={start or 0}-{'' if end is None else end}"
        if version is not None:
            arguments["IfMatch"] = version
        with s3_errors("read", uri):
            answer, content = self._get(arguments)
        return content if answer else b""

    def peek(self, uri: str, start: int, end: int) -> tuple[bytes, FileInfo]:
        """Bytes from `start` to `end`, and what object they are of."""
        check_range(start, end)
        with s3_errors("read", uri):
            answer, content = self._get(
                {**_object(uri), "Range": f"bytes={start}-{end}"}
            )
        if not answer:  # nothing there to tell the version
            return b"", self.stat(uri)
        size = total_of(answer.get("ContentRange", ""))
        if size is None:  # no range: a server that ignores them
            return content[start : end + 1], replace(_info(uri, answer), ranges=False)
        return content, replace(_info(uri, answer), size=size)

    def _get(self, arguments: dict[str, str]) -> tuple[dict[str, Any], bytes]:
        """Answer and content; nothing where the range begins past the end."""
        for pause in (*PAUSES, None):
            try:
                answer = self._clients.fetch("get_object", **arguments)
            except client_error() as err:
                if code_of(err) == "InvalidRange":
                    return {}, b""
                raise
            try:
                return answer, bytes(answer["Body"].read())
            except broken_transfer():
                if pause is None:
                    raise
                time.sleep(pause)
        raise AssertionError  # the loop returns or raises

    def download(
        self,
        uri: str,
        file: BinaryIO,
        *,
        version: str | None = None,
        progress: Progress | None = None,
    ) -> FileInfo:
        """Write the whole content into an open file; broken transfers go on."""
        arguments = _object(uri)
        if version is not None:
            arguments["IfMatch"] = version
        info, done = None, 0
        with s3_errors("read", uri):
            for pause in (*PAUSES, None):
                answer = self._clients.fetch("get_object", **arguments)
                info = info or _info(uri, answer)
                try:
                    for chunk in answer["Body"].iter_chunks(CHUNK):
                        done += file.write(chunk)
                        if progress:
                            progress(done, info.size)
                except broken_transfer():
                    if pause is None:
                        raise
                    time.sleep(pause)
                if done >= info.size:
                    return info
                # The rest must be of the same object.
                arguments |= {"Range": f"bytes={done}-", "IfMatch": info.version or "*"}
        raise AssertionError  # the loop returns or raises

    def write(
        self,
        source: bytes | Path,
        uri: str,
        *,
        create_only: bool = False,
        if_version: str | None = None,
        progress: Progress | None = None,
    ) -> FileInfo:
        """Put bytes, or a file's content, at `uri`; the server checks conditions."""
        place, condition = _object(uri), _condition(create_only, if_version)
        kind = mimetypes.guess_type(place["Key"])[0] or "application/octet-stream"
        tell = progress or (lambda _done, _size: None)
        with open_source(source) as (file, size), s3_errors("write", uri):
            tell(0, size)
            client = self._clients.get(signed=True)
            try:
                etag = upload(client, (file, size), place, kind, condition, tell)
            except client_error() as err:
                if is_stale(err):
                    self._clients.forget()
                if condition and code_of(err) == "NoSuchKey":
                    msg = f"{uri} was deleted by somebody else meanwhile."
                    raise Conflict(msg) from err
                if create_only and code_of(err) == "PreconditionFailed":
                    msg = f"{uri} is there already; it was left as it is."
                    raise Conflict(msg) from err
                raise
        return FileInfo(uri, size, etag, content_type=kind)

    def list(self, uri: str, *, recursive: bool = False) -> Iterator[FileInfo]:
        """Objects beneath an address, sorted by name."""
        bucket, prefix = _split(uri)
        if prefix and not prefix.endswith("/"):
            prefix += "/"
        arguments = {"Bucket": bucket, "Prefix": prefix}
        if not recursive:
            arguments["Delimiter"] = "/"
        while True:
            with s3_errors("read", uri):
                page = self._clients.fetch("list_objects_v2", **arguments)
            for item in page.get("Contents", ()):
                if not item["Key"].endswith("/"):  # the console's "folders"
                    address = f"s3://{bucket}/{item['Key']}"
                    when = item["LastModified"]
                    yield FileInfo(address, item["Size"], item["ETag"], when)
            if not page.get("IsTruncated"):
                return
            arguments["ContinuationToken"] = page["NextContinuationToken"]

    def copy(self, source: str, target: str) -> None:
        """Copy on the server; `Conflict` if something is at `target`."""
        origin, place = _object(source), _object(target)
        with s3_errors("write", target):
            client = self._clients.get(signed=True)
            # Looked at first as well, since many servers know no condition here.
            with contextlib.suppress(NotFound):
                self.stat(target)
                msg = f"{target} is there already; it was left as it is."
                raise Conflict(msg)
            known = client.meta.service_model.operation_model("CopyObject").input_shape
            if "IfNoneMatch" in known.members:
                place["IfNoneMatch"] = "*"
            client.copy_object(CopySource=origin, **place)

    def close(self) -> None:
        """Close the connections; a client that was given stays open."""
        self._clients.close()

    def _check_bucket(self, uri: str, bucket: str) -> None:
        # HEAD has no body, so "no such object" and "no such bucket" look alike.
        try:
            self._clients.fetch("head_bucket", Bucket=bucket)
        except client_error() as err:
            if code_of(err) in ("404", "NoSuchBucket"):
                msg = f"There is no bucket {bucket}."
                raise NotFound(msg) from err


def _split(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.partition("://")[2].partition("/")
    if not bucket:
        msg = f"{uri} names no bucket; write s3://bucket/name."
        raise ParameterError(msg)
    return bucket, key


def _object(uri: str) -> dict[str, str]:
    bucket, key = _split(uri)
    if not key or key.endswith("/"):
        msg = f"{uri} names a folder, not a file; write s3://{bucket}/name."
        raise ParameterError(msg)
    return {"Bucket": bucket, "Key": key}


def _condition(create_only: bool, version: str | None) -> dict[str, str]:
    if create_only:
        return {"IfNoneMatch": "*"}
    return {} if version is None else {"IfMatch": version}


def _info(uri: str, answer: dict[str, Any]) -> FileInfo:
    return FileInfo(
        uri,
        answer["ContentLength"],
        answer["ETag"],
        answer.get("LastModified"),
        answer.get("ContentType"),
    )
