"""A store as somebody else's package would bring it: in memory, the least there is."""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from annotator.audio.backends.base import FileInfo
from annotator.audio.backends.common import check_options, check_range, open_source
from annotator.errors import Conflict, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["ShelfBackend"]


class ShelfBackend:
    """``shelf://board/name``; has no `peek`, no `download` and no `copy`."""

    OPTIONS: ClassVar[frozenset[str]] = frozenset({"board"})

    def __init__(self, **auth: Any) -> None:
        check_options("shelf://", self.OPTIONS, auth)
        self.files: dict[str, tuple[FileInfo, bytes]] = {}
        self._lock = threading.Lock()

    def stat(self, uri: str) -> FileInfo:
        if uri not in self.files:
            msg = f"There is nothing at {uri}."
            raise NotFound(msg)
        return self.files[uri][0]

    def read(
        self,
        uri: str,
        start: int | None = None,
        end: int | None = None,
        *,
        version: str | None = None,
    ) -> bytes:
        check_range(start, end)
        info = self.stat(uri)
        if version not in (None, info.version):
            msg = f"{uri} was changed by somebody else meanwhile."
            raise Conflict(msg)
        return self.files[uri][1][start or 0 : None if end is None else end + 1]

    def write(
        self,
        source: bytes | Path,
        uri: str,
        *,
        create_only: bool = False,
        if_version: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> FileInfo:
        with open_source(source) as (file, size):
            content = file.read(size)
        for done in (0, size):
            if progress:
                progress(done, size)
        with self._lock:
            old = self.files[uri][0].version if uri in self.files else None
            if create_only and old:
                msg = f"{uri} is there already; it was left as it is."
                raise Conflict(msg)
            if if_version not in (None, old):
                msg = f"{uri} was changed by somebody else meanwhile."
                raise Conflict(msg)
            info = FileInfo(uri, size, str(int(old or 0) + 1), datetime.now(UTC))
            self.files[uri] = (info, content)
        return info

    def list(self, uri: str, *, recursive: bool = False) -> Iterator[FileInfo]:
        folder = uri.rstrip("/") + "/"
        for name in sorted(self.files):
            rest = name.removeprefix(folder)
            if rest != name and (recursive or "/" not in rest):
                yield dataclasses.replace(self.files[name][0])
