"""What web servers and requests say when something fails, in our words.

An address may carry a password or a signature, and requests puts addresses
into its messages; such errors are not shown as the cause of ours.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from annotator._optional import require
from annotator.audio.backends.base import shown
from annotator.errors import (
    AccessDenied,
    Conflict,
    NotFound,
    ParameterError,
    StorageError,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["broke_off", "http_errors", "raise_for"]


def raise_for(status: int, uri: str) -> None:
    """Raise what an HTTP status means; nothing below 400."""
    if status < 300:
        return
    place = shown(uri)
    if status in (404, 410):
        msg = f"There is nothing at {place}."
        raise NotFound(msg)
    if status in (401, 403):
        msg = (
            f"Not allowed to read {place}: give what its server asks for, as "
            "token, auth, cookies or headers."
        )
        raise AccessDenied(msg)
    if status == 412:
        msg = f"{place} was changed by somebody else meanwhile; read it again."
        raise Conflict(msg)
    if status == 429 or status >= 500:
        msg = f"The server of {place} has trouble now ({status}); try again later."
        raise Unreachable(msg)
    msg = f"Cannot read {place}: the server says {status}."
    raise StorageError(msg)


def broke_off(err: Exception) -> bool:
    """Whether an answer had begun, and its content ended or stood still."""
    failed = require("requests", why="for https:// addresses").exceptions
    from urllib3.exceptions import ReadTimeoutError

    # A timeout before an answer comes wrapped in one error more.
    stood_still = bool(err.args) and isinstance(err.args[0], ReadTimeoutError)
    return isinstance(err, failed.ChunkedEncodingError) or stood_still


@contextlib.contextmanager
def http_errors(uri: str) -> Iterator[None]:
    """Turn the errors of requests into ours."""
    failed = require("requests", why="for https:// addresses").exceptions
    place = shown(uri)
    try:
        yield
    except failed.RequestException as err:
        raise _ours(err, place) from (err if place == uri else None)


def _ours(err: Exception, place: str) -> Exception:
    failed = require("requests", why="for https:// addresses").exceptions
    if isinstance(err, failed.SSLError):
        return Unreachable(f"The certificate of {place} is not trusted here.")
    if broke_off(err):
        return Unreachable(f"The transfer of {place} broke off; try again.")
    if isinstance(err, failed.ConnectionError | failed.Timeout):
        return Unreachable(f"Cannot reach the server of {place}; is the network up?")
    if isinstance(err, ValueError):
        return ParameterError(f"{place} is not a web address.")
    return StorageError(f"Cannot read {place}: {type(err).__name__}.")
