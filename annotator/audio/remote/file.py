"""Files in a store, read by ranges; what came once is not asked for again.

A `RemoteFile` is one *version* of a file. All who read the same address with the
same credentials share one, and what it fetched stays in memory for a while, so
that clips beside each other, and those prepared ahead, cost each byte once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from annotator.audio.backends.base import Backend, FileInfo, shown
from annotator.audio.cache import cached_copy, kept_copy
from annotator.audio.remote.pieces import Pieces, gaps, joined
from annotator.audio.router import backend_for
from annotator.audio.sizes import check_download
from annotator.audio.span import name_of
from annotator.errors import AnnotatorError, Conflict, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["RemoteFile", "forget_remotes", "open_remote", "with_remote"]

logger = logging.getLogger(__name__)
T = TypeVar("T")

HEAD = 1 << 15
"""Bytes of the first request: headers, and the seek table of a long FLAC."""

MEMORY = 128 << 20
"""Bytes kept of all files together."""

FILES = 256
"""Files known at the same time."""

_DECODED = 4  # times what may be fetched whole

FRESH = 60.0
"""Seconds for which a version is trusted without a word from the store."""


class RemoteFile:
    """One version of one file in a store. Safe to use from many threads.

    Attributes
    ----------
    uri
        Where it lies.
    address
        `uri` with its server's; with `version` it names this content.
    size
        Bytes.
    version
        As the store tells it; reading raises `Conflict` when it is another now.
    ranges
        Whether the store sends parts; if not, use `copy`.
    head
        Bytes at the start that came when the file was opened.
    most_decoded
        Bytes that it may have once it is decoded, where that is done whole; None: any.
    notes
        For readers of formats: what they know of this version.
    """

    def __init__(
        self,
        backend: Backend,
        address: str,
        info: FileInfo,
        head: bytes = b"",
        most: int | None = None,
    ) -> None:
        self.uri, self.address = info.uri, address
        self.size, self.version, self.ranges = info.size, info.version, info.ranges
        self.head = len(head)
        self.notes: dict[str, object] = {}
        self._backend, self._most = backend, most
        self.most_decoded = None if most is None else _DECODED * most
        self._flights: list[_Flight] = []
        self._lock = threading.Lock()
        self._heard = time.monotonic()
        self._copy = kept_copy(address, info.version)
        if head and self._copy is None:
            _memory.add(self, 0, head)

    @property
    def name(self) -> str:
        """The last part of the address, for people."""
        return name_of(self.uri)

    def read(self, start: int, stop: int) -> bytes:
        """Bytes from `start` up to, not including, `stop`; cut at the file's end.

        Raises
        ------
        Conflict
            The file was replaced by another version.
        NotFound, AccessDenied, Unreachable
            As the store says.
        """
        start, stop = max(0, start), min(stop, self.size)
        if start >= stop:
            return b""
        local = self._from_copy(start, stop)
        if local is not None:
            return local
        with self._lock:
            pieces = _memory.within(self, start, stop)
            awaited = [
                one for one in self._flights if one.start < stop and start < one.stop
            ]
            taken = [(at, at + len(data)) for at, data in pieces]
            taken += [(one.start, one.stop) for one in awaited]
            flights = [_Flight(*gap) for gap in gaps(start, stop, taken)]
            self._flights += flights
        self._fetch(flights)
        pieces += [(one.start, one.result()) for one in (*awaited, *flights)]
        if not awaited and not flights:
            self._confirm()
        return joined(start, stop, pieces)

    def copy(self) -> Path:
        """Return a whole copy on this machine, made at the first call."""
        existing = self.existing_copy()
        if existing is None:
            check_download(self.uri, self.size, self._most)
            existing = self._copy = cached_copy(
                self.address, self.version, self._fill, most=self._most
            )
            self._heard = time.monotonic()
        return existing

    def _fill(self, file: BinaryIO) -> None:
        pieces = _memory.within(self, 0, self.size)
        taken = [(at, at + len(data)) for at, data in pieces]
        if gaps(0, self.size, taken):
            self._backend.download(self.uri, file, version=self.version)
        else:  # all of it came already
            file.write(joined(0, self.size, pieces))

    def existing_copy(self) -> Path | None:
        """Return the whole copy, if there is one."""
        if self._copy is not None and not self._copy.exists():  # it made room
            self._copy = None
        if self._copy is not None:
            self._confirm()
        return self._copy

    def _from_copy(self, start: int, stop: int) -> bytes | None:
        copy = self._copy
        if copy is None:
            return None
        try:
            with copy.open("rb") as file:
                file.seek(start)
                content = file.read(stop - start)
        except FileNotFoundError:
            self._copy = None  # it made room
            return None
        self._confirm()
        return content

    def _fetch(self, flights: list[_Flight]) -> None:
        """Fetch what falls to this thread; others may be waiting for it, too."""
        try:
            for flight in flights:
                content = self._request(flight.start, flight.stop)
                _memory.add(self, flight.start, content)
                flight.set_result(content)
        except BaseException as err:
            for flight in flights:
                flight.give_up(err)
            raise
        finally:
            with self._lock:
                self._flights = [one for one in self._flights if one not in flights]

    def _request(self, start: int, stop: int) -> bytes:
        content = self._backend.read(self.uri, start, stop - 1, version=self.version)
        if len(content) != stop - start:
            came = f"{len(content)} of {stop - start} bytes"
            msg = f"{shown(self.uri)} came incomplete: {came}; try again."
            raise StorageError(msg)
        self._heard = time.monotonic()
        logger.debug("%s: bytes %d to %d fetched", self.name, start, stop)
        return content

    def _confirm(self) -> None:
        """Ask the store, now and then, whether what is here is still there."""
        if time.monotonic() - self._heard < FRESH:
            return
        _, info = self._backend.peek(self.uri, 0, 0)
        if (info.version, info.size) != (self.version, self.size):
            msg = f"{shown(self.uri)} was replaced by another version; read it again."
            raise Conflict(msg)
        self._heard = time.monotonic()


def open_remote(uri: str | Path, **auth: Any) -> RemoteFile:
    """Return a file in a store as it is now; one request, unless it is known.

    Parameters
    ----------
    uri
        Address; not a path of this machine.
    **auth
        See `annotator.audio.io`.
    """
    backend, address = backend_for(uri, **auth), str(uri)
    with _lock:
        slot = _slots.setdefault((id(backend), address), _Slot(backend))
        _slots.move_to_end((id(backend), address))
        while len(_slots) > FILES:
            _slots.popitem(last=False)
    with slot.lock:  # of several threads one asks
        if slot.file is None:
            head, info = backend.peek(address, 0, HEAD - 1)
            # The same name on another server is another file.
            place = f"{auth.get('endpoint_url') or ''}{address}"
            slot.file = RemoteFile(backend, place, info, head, auth.get("max_download"))
        return slot.file


def with_remote(
    uri: str | Path, auth: Mapping[str, Any], action: Callable[[RemoteFile], T]
) -> T:
    """Do something with a file in a store; once more if it is replaced meanwhile.

    What `action` read of the old version is thrown away with it. If the file is
    replaced a second time, `Conflict` is raised.
    """
    file = open_remote(uri, **auth)
    try:
        return action(file)
    except Conflict:
        logger.info("%s was replaced; it is read anew", file.name)
        _forget(file)
    file = open_remote(uri, **auth)
    try:
        return action(file)
    except Conflict:
        _forget(file)
        raise


def forget_remotes(beneath: str = "") -> None:
    """Forget what is known of files whose address begins so; all by default.

    They are read anew, as by a new process: after they were written, say.
    """
    with _lock:
        keys = [key for key in _slots if key[1].startswith(beneath)]
        files = [slot.file for slot in map(_slots.pop, keys) if slot.file]
    for file in files:
        _memory.drop(file)


def _forget(file: RemoteFile) -> None:
    with _lock:
        for slot in _slots.values():
            if slot.file is file:
                slot.file = None
    _memory.drop(file)


class _Slot:
    """The place of an address: one file at a time, opened by one thread."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend  # kept, so that its id stays its own
        self.file: RemoteFile | None = None
        self.lock = threading.Lock()


class _Flight(Future[bytes]):
    """A range that some thread is fetching."""

    def __init__(self, start: int, stop: int) -> None:
        super().__init__()
        self.start, self.stop = start, stop

    def give_up(self, err: BaseException) -> None:
        if self.done():
            return
        if not isinstance(err, AnnotatorError):  # that thread alone was stopped
            err = StorageError("The transfer was stopped; try again.")
        self.set_exception(err)


_slots: OrderedDict[tuple[int, str], _Slot] = OrderedDict()
_lock = threading.Lock()
_memory = Pieces(MEMORY)
