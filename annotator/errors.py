"""Everything that can go wrong, as one tree of exceptions.

::

    AnnotatorError
    ├── ConfigError (ValueError)          the configuration says something impossible
    ├── ParameterError (ValueError)       an argument is out of its range
    ├── DataError (ValueError)            the table of clips cannot be used
    │   └── UnknownColumn (KeyError)      a named column is not in the table
    ├── FormatError (ValueError)          a file is not what its name says
    │   └── SegmentOutOfRange             the time lies wholly beyond the recording
    ├── SubmitError (ValueError)          an answer cannot be accepted as it is
    │   └── AlreadyReviewed               the clip has a review and may have one only
    ├── StorageError (OSError)            a place cannot be read or written
    │   ├── NotFound (FileNotFoundError)
    │   ├── AccessDenied (PermissionError)
    │   ├── Conflict (FileExistsError)    somebody else wrote there meanwhile
    │   ├── ReadOnly (NotImplementedError)
    │   └── Unreachable (ConnectionError) network down, server gone, timeout
    ├── HubError                          the hub did not do what was asked
    │   ├── InvalidToken (PermissionError)   no such token, or deleted, or expired
    │   ├── Forbidden (PermissionError)   the role or the token does not allow this
    │   ├── ProjectNotFound (LookupError) no such project, or none that you may see
    │   ├── HubConflict (ValueError)      the name is taken, or somebody was faster
    │   ├── Refused (ValueError)          what was sent cannot be taken as it is
    │   ├── Throttled                     too many attempts; later again
    │   └── HubUnreachable (ConnectionError)  network down, server gone, timeout
    ├── VisualizationError                somebody's own picture could not be made
    ├── Cancelled                         the person stopped the work
    └── MissingDependency (ImportError)   an optional package is not installed

The builtin in brackets is a second base, so that code written against the
usual exceptions goes on working. The first line of a message is one sentence
for a person: what was given, what was expected, what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AccessDenied",
    "AlreadyReviewed",
    "AnnotatorError",
    "Cancelled",
    "ConfigError",
    "Conflict",
    "DataError",
    "Forbidden",
    "FormatError",
    "HubConflict",
    "HubError",
    "HubUnreachable",
    "InvalidToken",
    "MissingDependency",
    "NotFound",
    "ParameterError",
    "ProjectNotFound",
    "ReadOnly",
    "Refused",
    "SegmentOutOfRange",
    "StorageError",
    "SubmitError",
    "Throttled",
    "UnknownColumn",
    "Unreachable",
    "VisualizationError",
]


class AnnotatorError(Exception):
    """Base of all errors that this package raises on purpose."""

    def __str__(self) -> str:
        # KeyError and OSError would show a repr or an errno instead.
        return str(self.args[0]) if self.args else ""


class ConfigError(AnnotatorError, ValueError):
    """The configuration is wrong; `problems` lists every reason found."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems: Sequence[str] = problems


class ParameterError(AnnotatorError, ValueError):
    """An argument is out of its range."""


class DataError(AnnotatorError, ValueError):
    """The table of clips cannot be used."""


class UnknownColumn(DataError, KeyError):
    """A named column is not in the table."""


class FormatError(AnnotatorError, ValueError):
    """A file is not what its name says, or is broken."""


class SegmentOutOfRange(FormatError):
    """The time asked for lies wholly beyond the recording's end."""


class SubmitError(AnnotatorError, ValueError):
    """An answer cannot be accepted as it is."""


class AlreadyReviewed(SubmitError):
    """The clip has a review already and `duplicate_entries` is off."""


class StorageError(AnnotatorError, OSError):
    """A place cannot be read or written."""


class NotFound(StorageError, FileNotFoundError):
    """Nothing is there."""


class AccessDenied(StorageError, PermissionError):
    """No credentials, or credentials that do not allow this."""


class Conflict(StorageError, FileExistsError):
    """Somebody else wrote there since we looked."""


class ReadOnly(StorageError, NotImplementedError):
    """The place can be read but not written."""


class Unreachable(StorageError, ConnectionError):
    """The network is down, or the server does not answer."""


class HubError(AnnotatorError):
    """The hub did not do what was asked."""


class InvalidToken(HubError, PermissionError):
    """There is no such token, or it was deleted, or its time is over."""


class Forbidden(HubError, PermissionError):
    """The person's role, or the token's scopes, do not allow this."""


class ProjectNotFound(HubError, LookupError):
    """There is no such project, or none that the person may see."""


class HubConflict(HubError, ValueError):
    """The name is taken, or somebody else was faster."""


class Refused(HubError, ValueError):
    """What was sent cannot be taken as it is; `problems` says why, and which.

    Each problem is a pair: the number of the item from 0, or None for the whole, and a
    sentence that does not repeat what was sent.
    """

    def __init__(self, *problems: tuple[int | None, str]) -> None:
        super().__init__("\n".join(reason for _, reason in problems))
        self.problems: Sequence[tuple[int | None, str]] = problems


class Throttled(HubError):
    """There were too many attempts; `wait` says how many seconds to let pass."""

    def __init__(self, message: str, wait: float = 60.0) -> None:
        super().__init__(message)
        self.wait = wait


class HubUnreachable(HubError, ConnectionError):
    """The network is down, or the hub does not answer."""


class VisualizationError(AnnotatorError):
    """A custom visualization raised an error, or gave no picture."""


class Cancelled(AnnotatorError):
    """The person stopped the work; nothing half-done was left behind."""


class MissingDependency(AnnotatorError, ImportError):
    """An optional package is not installed."""
