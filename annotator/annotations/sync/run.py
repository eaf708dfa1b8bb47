"""Sync: the remote copy equals the output, and nothing that others wrote is lost.

For each destination the *base* is kept in `reviews.csv.sync.json`: the version
last seen there and the hash of each row, by annotation_id.

1. Nothing is there: ours is written, only if still nothing is there.
2. What we last saw is there: it is overwritten, only if it still is.
3. Something else is there: it is merged with ours, then as 2. The local output
   gets the others' rows.
4. What is there has no annotation_ids: it is kept beside, under
   `reviews.replaced-<time>.csv`, then as 2.

An output that is a folder is synced file by file in the same way, some at
once; an annotation never changes its file, so each merges alone. Files with
other names are left alone, here and there.
"""

from __future__ import annotations

import logging
import random
import time
from typing import TYPE_CHECKING, Any, Literal, get_args

from annotator.annotations.sync.base import Base, BaseFile
from annotator.annotations.sync.destination import destination
from annotator.annotations.sync.meeting import Meeting, nothing_yet
from annotator.annotations.sync.remote import Remote
from annotator.annotations.sync.result import SyncResult
from annotator.annotations.sync.watch import Watch
from annotator.audio import io
from annotator.errors import Conflict, ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from annotator.annotations.snapshot import Snapshot
    from annotator.annotations.store import AnnotationStore
    from annotator.audio.backends.base import FileInfo, Progress

__all__ = ["OnConflict", "sync"]

logger = logging.getLogger(__name__)

OnConflict = Literal["merge", "replace", "fail"]

_ATTEMPTS = 10
_PAUSE = 0.05  # s, at most, before the second attempt; doubled before each further


def sync(
    store: AnnotationStore,
    dest: str | Path,
    *,
    recursive: bool | None = None,
    on_conflict: OnConflict = "merge",
    auth: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> SyncResult:
    """Make the remote copy of an output equal to it.

    An output without provenance columns has no ids to merge by: it is uploaded
    as it is, and what others wrote is kept beside it.

    Parameters
    ----------
    store
        The annotations.
    dest
        Address of a file; or of a folder, if it ends in "/" or is a folder of
        this machine: then the output's name is put behind it. For an output
        that is a folder, address of the folder that is to equal it.
    recursive
        False refuses an output that is a folder.
    on_conflict
        If others wrote there since we last looked: `merge` their rows with
        ours, `replace` theirs by ours, or `fail`.
    auth
        Credentials, as `annotator.audio.io.write` takes them.
    progress
        Called with bytes done and bytes in all, of what is read there and what
        is written; by one thread at a time. The bytes in all may grow.
    cancelled
        Asked before each step and at each call of `progress`; True stops the
        sync with no file half-done.

    Returns
    -------
    SyncResult
        The address of the copy, with counts of what was done.

    Raises
    ------
    NotFound
        There are no annotations yet, or no such bucket.
    Conflict
        Others wrote there and `on_conflict` is `fail`, or they keep writing.
    AccessDenied, Unreachable, ReadOnly
        The destination cannot be written. Nothing is lost: sync again later.
    Cancelled
        `cancelled` said so.
    """
    if on_conflict not in get_args(OnConflict):
        msg = f"on_conflict={on_conflict!r} is not known; use merge, replace or fail."
        raise ParameterError(msg)
    started = time.monotonic()
    target = destination(store.path, dest, folder=store.is_folder)
    if store.is_folder and recursive is False:
        msg = f"{store.path} is a folder; pass recursive=True to sync all its files."
        raise ParameterError(msg)
    stopped = f"The sync to {target} was stopped; nothing half-done is there."
    watch = Watch(progress, cancelled, stopped)
    backend = io.backend_for(target, **(auth or {}))
    remote = Remote(backend, target, folder=store.is_folder, watch=watch)
    slash = "/" if store.is_folder and str(dest).endswith("/") else ""
    job = _Sync(store, SyncResult(target + slash), remote, on_conflict)
    for attempt in range(_ATTEMPTS):
        try:
            job.attempt(watch)
            break
        except Conflict:
            # Somebody wrote between our look and our write: look again.
            if on_conflict == "fail" or attempt == _ATTEMPTS - 1:
                raise
        time.sleep(random.uniform(0, _PAUSE * 2**attempt))  # noqa: S311 - no secret
    job.result.seconds = time.monotonic() - started
    return job.result


class _Sync:
    """One run of `sync`; what it did so far is in `result`."""

    def __init__(
        self,
        store: AnnotationStore,
        result: SyncResult,
        remote: Remote,
        on_conflict: OnConflict,
    ) -> None:
        self.result = result
        self._store = store
        self._remote = remote
        self._on_conflict = on_conflict
        self._bases = BaseFile(store.path)

    def attempt(self, watch: Watch) -> None:
        """Look and write once; Conflict if others wrote in between."""
        watch.check()
        ours = self._store.snapshot()
        known = self._bases.read(self._remote.target)
        self.result.annotations = len(ours.rows)
        there = self._remote.look()
        watch.check()
        if not (ours.rows or known) and (not there or self._on_conflict != "merge"):
            raise nothing_yet(self._store.path)
        news = {n: info for n, info in there.items() if not _same(known.get(n), info)}
        if news and self._on_conflict == "fail":
            msg = (
                f"Others wrote {self.result} since it was last synced from here; "
                "nothing was changed. Use on_conflict='merge' to have both."
            )
            raise Conflict(msg)
        met: dict[str, Base] = {}
        if news and self._on_conflict == "merge":
            ours, met = Meeting(self._store, self._remote, self.result).take_in(
                ours, known, news
            )
            watch.check()
        try:
            self._write(ours, self._plan(ours, there, known, met), met)
        finally:
            self._keep(known, met)

    def _plan(
        self,
        ours: Snapshot,
        there: Mapping[str, FileInfo],
        known: Mapping[str, Base],
        met: Mapping[str, Base],
    ) -> dict[str, dict[str, Any]]:
        """Give the condition for each file that must be written."""
        plan: dict[str, dict[str, Any]] = {}
        for name in sorted({*ours.parts, *there}):
            info, base = there.get(name), met.get(name, known.get(name))
            if info is None:
                plan[name] = {"create_only": True}
                continue
            if base and (name in met or _same(base, info)):
                rows = ours.hashes(name)
                if base.rows == rows and base.schema == ours.schema:
                    continue
                if self._on_conflict != "replace":
                    self.result.deleted_ids.update(
                        base.rows.keys() - ours.rows.keys() - {""}
                    )
            is_blind = self._on_conflict == "replace"
            plan[name] = {} if is_blind else {"if_version": info.version}
        return plan

    def _write(
        self,
        ours: Snapshot,
        plan: Mapping[str, Mapping[str, Any]],
        met: dict[str, Base],
    ) -> None:
        """Write the files; note in `met` what is there then."""
        contents = {name: ours.content(name) for name in plan}

        def written(name: str, info: FileInfo) -> None:
            self.result.uploaded += len(ours.part(name))
            self.result.bytes += len(contents[name])
            met[name] = Base(info.version, ours.hashes(name), ours.schema)

        self._remote.write(contents, plan, written)

    def _keep(self, known: Mapping[str, Base], met: Mapping[str, Base]) -> None:
        new = {name: base for name, base in met.items() if base != known.get(name)}
        if not new:
            return
        try:
            self._bases.write(self._remote.target, new)
        except OSError as err:
            # The next sync merges without a base, which loses nothing.
            logger.warning("%s cannot be written: %s", self._bases.path, err)


def _same(base: Base | None, there: FileInfo) -> bool:
    return base is not None and base.version == there.version is not None
