"""Google's client: how it is made, how long it is patient, what it says.

Without credentials it asks as nobody, which does for public buckets.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from annotator._optional import require
from annotator.audio.backends.quiet import keep_secrets_from_logs
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

__all__ = ["TIMEOUT", "gcs_errors", "new_client", "patience", "precondition_failed"]

TIMEOUT = (10, 60)  # s, for a connection and for an answer
PATIENCE = 30.0  # s in which a failed request is repeated
PAUSE = 0.5  # s at most before the first repetition; twice as long each time


def new_client(auth: dict[str, Any]) -> Any:
    """Return a client with the options of `GCSBackend`."""
    storage = require(
        "google.cloud.storage",
        why="for gs:// addresses",
        package="google-cloud-storage",
    )
    keep_secrets_from_logs()
    from google.auth.exceptions import DefaultCredentialsError

    credentials, project = auth.get("credentials"), auth.get("project")
    if isinstance(credentials, str | os.PathLike):  # a service account's file
        try:
            return storage.Client.from_service_account_json(
                credentials, project=project
            )
        except (OSError, ValueError) as err:
            msg = (
                f"credentials={str(credentials)!r} cannot be used: give the JSON file "
                "of a service account's key."
            )
            raise ParameterError(msg) from err
    try:
        return storage.Client(project=project, credentials=credentials)
    except DefaultCredentialsError:
        return storage.Client.create_anonymous_client()


def patience() -> dict[str, Any]:
    """Return timeouts, and the repetition of what fails for a moment."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    retry = DEFAULT_RETRY.with_timeout(PATIENCE)
    return {"timeout": TIMEOUT, "retry": retry.with_delay(PAUSE, 8.0, 2.0)}


def precondition_failed() -> Any:
    """Return what is raised if a condition of a write was not met."""
    from google.api_core.exceptions import PreconditionFailed

    return PreconditionFailed


@contextlib.contextmanager
def gcs_errors(verb: str, uri: str) -> Iterator[None]:
    """Turn Google's errors into ours."""
    require(
        "google.cloud.storage",
        why="for gs:// addresses",
        package="google-cloud-storage",
    )
    from google.api_core import exceptions as failed
    from google.auth.exceptions import GoogleAuthError, TransportError
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import Timeout

    try:
        yield
    except failed.NotFound as err:
        msg = f"There is nothing at {uri}; is the bucket's name right?"
        raise NotFound(msg) from err
    except failed.PreconditionFailed as err:
        msg = f"{uri} was changed by somebody else meanwhile."
        raise Conflict(msg) from err
    except (failed.ServerError, failed.RetryError, NoConnection, Timeout) as err:
        msg = f"Cannot reach Google's storage for {uri}; is the network up?"
        raise Unreachable(msg) from err
    except TransportError as err:
        msg = f"Cannot reach Google to log in for {uri}; is the network up?"
        raise Unreachable(msg) from err
    except (failed.Forbidden, failed.Unauthorized, GoogleAuthError) as err:
        msg = (
            f"Not allowed to {verb} {uri}: log in (`gcloud auth "
            "application-default login`), or set credentials."
        )
        raise AccessDenied(msg) from err
    except failed.GoogleAPICallError as err:
        msg = f"Cannot {verb} {uri}: Google says {err.code}."
        raise StorageError(msg) from err
