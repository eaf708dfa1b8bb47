"""Writing to S3: in one request, or in parts that are joined at the end."""

from __future__ import annotations

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
        if not (condition and _was_repeated(err)):
            raise
        found = client.get_object(**place)
        if found["Body"].read() != data:
            raise
        return str(found["ETag"])
    tell(size, size)
    return str(answer["ETag"])


def _was_repeated(err: Any) -> bool:
    """Whether a conditional write may have failed because of its own first try.

    If the answer to a write gets lost, botocore writes again, and then the
    condition fails because of our own bytes.
    """
    answer = getattr(err, "response", None) or {}  # a lost network gives none
    repeated = answer.get("ResponseMetadata", {}).get("RetryAttempts", 0)
    return bool(repeated) and code_of(err) == "PreconditionFailed"


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
        answer = client.complete_multipart_upload(
            **place, MultipartUpload={"Parts": parts}, **condition
        )
    except BaseException:  # a cancelled upload, too, is not to be paid for
        _abort(client, place)
        raise
    return str(answer["ETag"])


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
