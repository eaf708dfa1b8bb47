"""What every store can do, and which store stands behind an address.

A *scheme* is what comes before ``://`` (``file`` for plain paths). Each is
served by one backend class, named here by its dotted path and imported on
first use, so that no SDK is loaded by somebody who does not need it.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Protocol, cast

from annotator.audio.backends.common import check_range
from annotator.errors import Conflict, ParameterError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = [
    "Backend",
    "FileInfo",
    "Progress",
    "backend_class",
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
    ranges
        Whether parts can be read without the whole. False is known for sure,
        of web servers, after `Backend.peek`.
    """

    uri: str
    size: int
    version: str | None
    modified: datetime | None = None
    content_type: str | None = None
    ranges: bool = True


class Backend(Protocol):
    """One store: a disk, a cloud, a web server. Safe to use from many threads.

    A class from elsewhere need not inherit from this one, and may leave out
    `peek`, `download` and `copy`; it then gets those here, which use the others.

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

    def peek(self, uri: str, start: int, end: int) -> tuple[bytes, FileInfo]:
        """Bytes from `start` to `end`, both included, and what file they are of.

        One request where the store tells size and version along with bytes.
        """
        check_range(start, end)
        info = self.stat(uri)
        try:
            return self.read(uri, start, end, version=info.version), info
        except Conflict:  # replaced between the two; hardly twice
            info = self.stat(uri)
            return self.read(uri, start, end, version=info.version), info

    def download(
        self,
        uri: str,
        file: BinaryIO,
        *,
        version: str | None = None,
        progress: Progress | None = None,
    ) -> FileInfo:
        """Write the whole content into an open, empty file, piece by piece."""
        info = self.stat(uri)
        version = info.version if version is None else version
        file.write(self.read(uri, version=version))
        if progress:
            progress(info.size, info.size)
        return info

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
        self.write(self.read(source), target, create_only=True)


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
    if scheme not in _backends:
        _backends.update(_installed(scheme))  # asked once: that takes milliseconds
    target = _backends.get(scheme)
    if target is None:
        known = ", ".join(f"{name}://" for name in sorted(_backends) if name != "file")
        msg = (
            f"Addresses with {scheme}:// are not known. Use a path, or one of {known}."
        )
        raise ParameterError(msg)
    module, _, name = target.partition(":")
    return _whole(getattr(importlib.import_module(module), name))


@functools.cache
def _whole(kind: type[Any]) -> type[Backend]:
    """Give a class the methods that it may leave out; the same one each time."""
    missing = {
        name: getattr(Backend, name)
        for name in ("copy", "download", "peek")
        if not hasattr(kind, name)
    }
    if missing:
        kind = type(kind.__name__, (kind,), missing)
    return cast("type[Backend]", kind)


def _installed(scheme: str) -> dict[str, str]:
    found = entry_points(group=ENTRY_POINTS, name=scheme)
    return {point.name: point.value for point in found}
