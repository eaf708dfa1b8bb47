"""What S3 and botocore say when something fails, in our words.

Nothing of a request but the address goes into a message: no key, no token.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from annotator._optional import require
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

__all__ = [
    "broken_transfer",
    "client_error",
    "code_of",
    "is_refusal",
    "is_stale",
    "s3_errors",
]

_STALE = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "RequestExpired",
    "TokenRefreshRequired",
}
_DENIED = {"401", "403", "AccessDenied", "AllAccessDisabled", "SignatureDoesNotMatch"}
_MISSING = {"404", "NoSuchKey", "NotFound"}
_CHANGED = {"412", "ConditionalRequestConflict", "PreconditionFailed"}
_ELSEWHERE = {"301", "AuthorizationHeaderMalformed", "PermanentRedirect"}
_NO_CREDENTIALS = {
    "CredentialRetrievalError",
    "NoAuthTokenError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
}


def client_error() -> tuple[type[Any], ...]:
    """Return all that boto3's clients raise; to be used in `except`."""
    failed = require("botocore.exceptions", why="for s3:// addresses", package="boto3")
    return (failed.BotoCoreError, failed.ClientError)


def broken_transfer() -> tuple[type[Any], ...]:
    """Return what is raised if the body of an answer ends too early."""
    from botocore.exceptions import (
        IncompleteReadError,
        ReadTimeoutError,
        ResponseStreamingError,
    )

    return (IncompleteReadError, ReadTimeoutError, ResponseStreamingError)


def code_of(err: Exception) -> str:
    """Return the server's word for the error, or the name of botocore's class."""
    response: dict[str, Any] | None = getattr(err, "response", None)
    if isinstance(response, dict) and "Error" in response:
        return str(response["Error"].get("Code", ""))
    return type(err).__name__


def is_stale(err: Exception) -> bool:
    """Whether other credentials, found anew, might do."""
    return code_of(err) in _STALE | _NO_CREDENTIALS


def is_refusal(err: Exception) -> bool:
    """Whether the server, or the lack of credentials, forbids the request."""
    return is_stale(err) or code_of(err) in _DENIED


@contextlib.contextmanager
def s3_errors(verb: str, uri: str) -> Iterator[None]:
    """Turn botocore's errors into ours; `verb` is ``read`` or ``write``."""
    try:
        yield
    except client_error() as err:
        raise _ours(err, verb, uri) from err


def _ours(err: Exception, verb: str, uri: str) -> Exception:
    code = code_of(err)
    bucket = uri.partition("://")[2].partition("/")[0]
    if code == "NoSuchBucket":
        return NotFound(f"There is no bucket {bucket}.")
    if code in _MISSING:
        return NotFound(f"There is nothing at {uri}.")
    if code in _CHANGED:
        return Conflict(f"{uri} was changed by somebody else meanwhile.")
    if code == "NoSuchUpload":
        return Conflict(f"An upload to {uri} was ended by somebody else; try again.")
    if is_refusal(err) or code == "ProfileNotFound":
        return AccessDenied(_refusal(err, code, verb, uri))
    if code == "ParamValidationError":
        return ParameterError(f"{uri} is not an address that S3 can have.")
    if code in _ELSEWHERE:
        return StorageError(
            f"Bucket {bucket} is in another region; set region_name to its region."
        )
    return _trouble(err, code, verb, uri)


def _refusal(err: Exception, code: str, verb: str, uri: str) -> str:
    if code == "ProfileNotFound":
        name = getattr(err, "kwargs", {}).get("profile", "")
        return (
            f"There is no AWS profile {name!r} on this machine, so {uri} cannot be "
            f"{_DONE[verb]}; set profile_name to one that `aws configure list-profiles` "
            "shows."
        )
    if code in _NO_CREDENTIALS:
        return (
            f"No credentials for {uri}: set profile_name, or log in (for example "
            "with `aws sso login`)."
        )
    if code in _STALE:
        return (
            f"The credentials for {uri} are wrong or have expired: log in again, "
            "or set another profile_name."
        )
    return f"Not allowed to {verb} {uri} with these credentials; ask its owner."


def _trouble(err: Exception, code: str, verb: str, uri: str) -> Exception:
    from botocore.exceptions import ConnectionError as NoConnection
    from botocore.exceptions import HTTPClientError

    response = getattr(err, "response", None) or {}
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if isinstance(err, NoConnection | HTTPClientError):
        msg = (
            f"Cannot reach the server of {uri}; is the network up, endpoint_url right?"
        )
        return Unreachable(msg)
    if status >= 500 or code in ("SlowDown", "RequestTimeout"):
        msg = f"The server of {uri} has trouble now ({code}); try again later."
        return Unreachable(msg)
    return StorageError(f"Cannot {verb} {uri}: S3 says {code}.")


_DONE = {"read": "read", "write": "written"}
