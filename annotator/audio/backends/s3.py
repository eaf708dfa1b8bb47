"""Objects on Amazon S3 and servers that speak its protocol."""

from __future__ import annotations

import contextlib
import math
import mimetypes
import time
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

from annotator.audio.backends.base import (
    FileInfo,
    Progress,
    check_options,
    check_range,
    open_source,
)
from annotator.audio.backends.s3_client import Clients
from annotator.audio.backends.s3_errors import (
    broken_transfer,
    client_error,
    code_of,
    is_stale,
    s3_errors,
)
from annotator.errors import Conflict, NotFound, ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["S3Backend"]

CHUNK = 1 << 20
PUT_LIMIT = 64 << 20  # bytes up to which one request does
PART_SIZE = 16 << 20
MAX_PARTS = 10_000
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
            for pause in (*PAUSES, None):
                try:
                    answer = self._clients.fetch("get_object", **arguments)
                except client_error() as err:
                    if code_of(err) == "InvalidRange":  # begins past the end
                        return b""
                    raise
                try:
                    return bytes(answer["Body"].read())
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
            put = self._put if size <= PUT_LIMIT else self._put_parts
            try:
                etag = put(file, size, {**place, "ContentType": kind}, condition, tell)
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

    def _put(
        self,
        file: BinaryIO,
        size: int,
        place: dict[str, Any],
        condition: dict[str, str],
        tell: Progress,
    ) -> str:
        body = file.read(size)
        client = self._clients.get(signed=True)
        try:
            answer = client.put_object(Body=body, **place, **condition)
        except client_error() as err:
            if not (condition and self._was_ours(err, place, body)):
                raise
            return self.stat(f"s3://{place['Bucket']}/{place['Key']}").version or ""
        tell(size, size)
        return str(answer["ETag"])

    def _was_ours(self, err: Any, place: dict[str, Any], body: bytes) -> bool:
        """Whether a conditional write succeeded at first and failed when repeated.

        If the answer to a write gets lost, botocore writes again, and then the
        condition fails because of our own bytes.
        """
        answer = getattr(err, "response", None) or {}  # a lost network gives none
        repeated = answer.get("ResponseMetadata", {}).get("RetryAttempts", 0)
        if not repeated or code_of(err) != "PreconditionFailed":
            return False
        uri = f"s3://{place['Bucket']}/{place['Key']}"
        return self.read(uri) == body

    def _put_parts(
        self,
        file: BinaryIO,
        size: int,
        place: dict[str, Any],
        condition: dict[str, str],
        tell: Progress,
    ) -> str:
        client = self._clients.get(signed=True)
        kind = {"ContentType": place.pop("ContentType")}
        step = max(PART_SIZE, math.ceil(size / MAX_PARTS))
        upload = client.create_multipart_upload(**place, **kind)["UploadId"]
        try:
            parts = []
            for number, start in enumerate(range(0, size, step), start=1):
                body = file.read(min(step, size - start))
                answer = client.upload_part(
                    **place, UploadId=upload, PartNumber=number, Body=body
                )
                parts.append({"PartNumber": number, "ETag": answer["ETag"]})
                tell(start + len(body), size)
            answer = client.complete_multipart_upload(
                **place, UploadId=upload, MultipartUpload={"Parts": parts}, **condition
            )
        except BaseException:  # a cancelled upload, too, is not to be paid for
            client.abort_multipart_upload(**place, UploadId=upload)
            raise
        return str(answer["ETag"])

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
