"""What every store can do, and which store stands behind an address.

A *scheme* is what comes before ``://`` (``file`` for plain paths). Each is
served by one backend class, named here by its dotted path and imported on
first use, so that no SDK is loaded by somebody who does not need it.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import io
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Protocol, cast

from annotator.errors import AccessDenied, NotFound, ParameterError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = [
    "Backend",
    "FileInfo",
    "Progress",
    "backend_class",
    "check_options",
    "check_range",
    "open_source",
    "register_backend",
    "scheme_of",
    "shown",
]

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all; what it raises stops the transfer."""

ENTRY_POINTS = "bioacoustic_annotator.backends"

_backends = {
    "file": "annotator.audio.backends.local:LocalBackend",
    "gs": "annotator.audio.backends.gcs:GCSBackend",
    "http": "annotator.audio.backends.http:HTTPBackend",
    "https": "annotator.audio.backends.http:HTTPBackend",
    "s3": "annotator.audio.backends.s3:S3Backend",
}

# Two letters at least: C:// is a drive.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


@dataclass(frozen=True)
class FileInfo:
    """A file in a store.

    Attributes
    ----------
    uri
        Where it lies.
    size
        Bytes.
    version
        Differs whenever the content differs (ETag, generation, or made from
        the time of change); None where the server tells nothing of the kind.
    modified
        Time of the last change, with its zone.
    content_type
        MIME type as the server has it.
    """

    uri: str
    size: int
    version: str | None
    modified: datetime | None = None
    content_type: str | None = None


class Backend(Protocol):
    """One store: a disk, a cloud, a web server. Safe to use from many threads.

    All methods raise `NotFound`, `AccessDenied` or `Unreachable` as the case
    may be; a store that cannot write raises `ReadOnly`.
    """

    OPTIONS: ClassVar[frozenset[str]]
    """Names of the keywords it takes."""

    def __init__(self, **auth: Any) -> None: ...

    def stat(self, uri: str) -> FileInfo:
        """Size and version of a file, without its content."""
        ...

    def read(
        self,
        uri: str,
        start: int | None = None,
        end: int | None = None,
        *,
        version: str | None = None,
    ) -> bytes:
        """Bytes from `start` to `end`, both included, cut at the file's end.

        Raises `Conflict` if `version` is given and the file is another by now.
        """
        ...

    def download(
        self,
        uri: str,
        file: BinaryIO,
        *,
        version: str | None = None,
        progress: Progress | None = None,
    ) -> FileInfo:
        """Write the whole content into an open, empty file, piece by piece."""
        ...

    def write(
        self,
        source: bytes | Path,
        uri: str,
        *,
        create_only: bool = False,
        if_version: str | None = None,
        progress: Progress | None = None,
    ) -> FileInfo:
        """Put bytes, or a local file's content, at `uri`: wholly or not at all.

        Raises `Conflict`, and changes nothing, if `create_only` and something
        is there, or if what is there is not `if_version` any more.
        """
        ...

    def list(self, uri: str, *, recursive: bool = False) -> Iterator[FileInfo]:
        """Files beneath `uri`, sorted by name; none if there is no such folder."""
        ...

    def copy(self, source: str, target: str) -> None:
        """Copy within the store; `Conflict` if something is at `target`."""
        ...


def scheme_of(uri: str | Path) -> str:
    r"""Return the scheme of an address in small letters.

    Examples
    --------
    >>> scheme_of("S3://bucket/a.flac"), scheme_of("a.flac"), scheme_of(r"C:\a.flac")
    ('s3', 'file', 'file')
    """
    match = _SCHEME.match(str(uri))
    return match[1].lower() if match else "file"


def shown(uri: str | Path) -> str:
    """Return an address as it may be shown: without password and signature.

    Examples
    --------
    >>> shown("https://me:secret@example.org/a.flac?signature=abc")
    'https://example.org/a.flac'
    """
    text = str(uri)
    if not scheme_of(text).startswith("http"):
        return text  # only web addresses carry secrets
    scheme, _, rest = re.split(r"[?#]", text, maxsplit=1)[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def check_options(store: str, known: Collection[str], given: Mapping[str, Any]) -> None:
    """Raise `ParameterError` for keywords that `store` does not take."""
    for name in given:
        if name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else _choices(known)
        msg = f"Unknown option {name!r} for {store}. {hint}"
        raise ParameterError(msg)


def _choices(known: Collection[str]) -> str:
    return f"It takes {', '.join(sorted(known))}." if known else "It takes none."


def check_range(start: int | None, end: int | None) -> None:
    """Raise `ParameterError` unless 0 <= start <= end, where they are given."""
    first = start or 0
    if first < 0 or (end is not None and end < first):
        msg = (
            f"Cannot read bytes {start} to {end}: give 0 <= start_byte <= end_byte "
            "(the end is included)."
        )
        raise ParameterError(msg)


@contextlib.contextmanager
def open_source(source: bytes | Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open what is to be written; gives the file and its size in bytes.

    Read no more than the size: an output file may grow meanwhile.
    """
    if isinstance(source, bytes):
        yield io.BytesIO(source), len(source)
        return
    try:
        file = source.open("rb")
    except FileNotFoundError as err:
        msg = f"There is no file {source} to copy from."
        raise NotFound(msg) from err
    except OSError as err:
        msg = f"Cannot read {source}: {err.strerror}; give a file you may read."
        raise AccessDenied(msg) from err
    with file:
        yield file, os.fstat(file.fileno()).st_size


def register_backend(scheme: str, target: str, replace: bool = False) -> None:
    """Let ``scheme://`` be served by a class.

    Parameters
    ----------
    scheme
        Small letters, without ``://``.
    target
        ``"package.module:Class"``, imported on first use.
    replace
        Whether a scheme that is served already may be given another class.
    """
    if scheme in _backends and not replace:
        msg = f"{scheme}:// is served already; pass replace=True to serve it anew."
        raise ParameterError(msg)
    _backends[scheme] = target


def backend_class(scheme: str) -> type[Backend]:
    """Import and return the class behind a scheme.

    Packages add theirs by `register_backend`, or by an entry point named as
    the scheme in the group ``bioacoustic_annotator.backends``.
    """
    target = _backends.get(scheme)
    if target is None:
        target = _installed().get(scheme)
    if target is None:
        known = ", ".join(f"{name}://" for name in sorted(_backends) if name != "file")
        msg = (
            f"Addresses with {scheme}:// are not known. Use a path, or one of {known}."
        )
        raise ParameterError(msg)
    module, _, name = target.partition(":")
    return cast("type[Backend]", getattr(importlib.import_module(module), name))


def _installed() -> dict[str, str]:
    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
