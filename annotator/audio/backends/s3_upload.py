"""Writing to S3: in one request, or in parts that are joined at the end."""

from __future__ import annotations

import hashlib
import logging
import math
from typing import TYPE_CHECKING, Any, BinaryIO

from annotator.audio.backends.s3_body import Body, Stopped, watch
from annotator.audio.backends.s3_errors import client_error, code_of

if TYPE_CHECKING:
    from annotator.audio.backends.base import Progress

__all__ = ["upload"]

PUT_LIMIT = 64 << 20  # bytes up to which one request does
PART_SIZE = 16 << 20
MAX_PARTS = 10_000

_log = logging.getLogger(__name__)


def upload(
    client: Any,
    source: tuple[BinaryIO, int],
    place: dict[str, str],
    content_type: str,
    condition: dict[str, str],
    tell: Progress,
) -> str:
    """Write a file of so many bytes; the new object's ETag.

    Parameters
    ----------
    place
        Bucket and Key.
    condition
        IfMatch or IfNoneMatch; the server checks it when the object appears.
    """
    watch(client)
    put = _put if source[1] <= PUT_LIMIT else _put_parts
    try:
        return put(client, source, place, content_type, condition, tell)
    except Stopped as stop:
        raise stop.reason from None


def _put(
    client: Any,
    source: tuple[BinaryIO, int],
    place: dict[str, str],
    content_type: str,
    condition: dict[str, str],
    tell: Progress,
) -> str:
    file, size = source
    data = file.read(size)
    body = Body(data, tell, before=0, total=size)
    try:
        answer = client.put_object(
            Body=body, ContentType=content_type, **place, **condition
        )
    except client_error() as err:
        if not _was_repeated(err):
            raise
        answer = client.get_object(**place)
        if answer["Body"].read() != data:
            raise
    tell(size, size)
    return str(answer["ETag"])


def _was_repeated(err: Any) -> bool:
    """Whether a write may have failed because of its own first try.

    If the answer to a write gets lost, botocore writes again, and then the
    condition fails because of our own bytes, or the parts are joined already.
    """
    answer = getattr(err, "response", None) or {}  # a lost network gives none
    repeated = answer.get("ResponseMetadata", {}).get("RetryAttempts", 0)
    return bool(repeated) and code_of(err) in ("NoSuchUpload", "PreconditionFailed")


def _put_parts(
    client: Any,
    source: tuple[BinaryIO, int],
    place: dict[str, str],
    content_type: str,
    condition: dict[str, str],
    tell: Progress,
) -> str:
    file, size = source
    step = max(PART_SIZE, math.ceil(size / MAX_PARTS))
    begun = client.create_multipart_upload(ContentType=content_type, **place)
    place = {**place, "UploadId": begun["UploadId"]}
    try:
        parts = []
        for number, start in enumerate(range(0, size, step), start=1):
            data = file.read(min(step, size - start))
            body = Body(data, tell, before=start, total=size)
            answer = client.upload_part(**place, PartNumber=number, Body=body)
            parts.append({"PartNumber": number, "ETag": answer["ETag"]})
            tell(start + len(data), size)
        return _join(client, place, parts, condition)
    except BaseException:  # a cancelled upload, too, is not to be paid for
        _abort(client, place)
        raise


def _join(
    client: Any,
    place: dict[str, str],
    parts: list[dict[str, Any]],
    condition: dict[str, str],
) -> str:
    try:
        answer = client.complete_multipart_upload(
            **place, MultipartUpload={"Parts": parts}, **condition
        )
    except client_error() as err:
        if not _was_repeated(err):
            raise
        there = {name: place[name] for name in ("Bucket", "Key")}
        answer = client.head_object(**there)
        if answer["ETag"] != _joined(parts):
            raise
    return str(answer["ETag"])


def _joined(parts: list[dict[str, Any]]) -> str:
    """Return the ETag of what these parts become; "" if they are encrypted."""
    digests = [part["ETag"].strip('"') for part in parts]
    try:
        together = b"".join(map(bytes.fromhex, digests))
    except ValueError:
        return ""
    digest = hashlib.md5(together, usedforsecurity=False).hexdigest()
    return f'"{digest}-{len(parts)}"'


def _abort(client: Any, place: dict[str, str]) -> None:
    try:
        client.abort_multipart_upload(**place)
    except client_error() as err:
        # What stopped the upload is what the caller needs to hear.
        _log.warning(
            "Parts of an upload to s3://%s/%s could not be cleared away (%s); a "
            "lifecycle rule of the bucket can do that.",
            place["Bucket"],
            place["Key"],
            code_of(err),
        )
