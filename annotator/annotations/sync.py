"""Sync: the remote copy equals the output, and nothing that others wrote is lost.

For each destination the *base* is kept in `reviews.csv.sync.json`: the version
last seen there and the hash of each row, by annotation_id.

1. Nothing is there: ours is written, only if still nothing is there.
2. What we last saw is there: it is overwritten, only if it still is.
3. Something else is there: it is merged with ours, then as 2. The local output
   gets the others' rows.
4. What is there has no annotation_ids: it is kept beside, under
   `reviews.replaced-<time>.csv`, then as 2.
"""

from __future__ import annotations

import logging
import random
import time
from typing import TYPE_CHECKING, Any, Literal, get_args

from annotator.annotations.base import Base, BaseFile
from annotator.annotations.cells import digest
from annotator.annotations.destination import destination, with_mark
from annotator.annotations.merge import Merge, hashes, merge, rows_by_id
from annotator.annotations.result import SyncResult
from annotator.annotations.table import format_of
from annotator.audio import io
from annotator.errors import (
    AccessDenied,
    Cancelled,
    Conflict,
    FormatError,
    NotFound,
    ParameterError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from annotator.annotations.events import Row
    from annotator.annotations.store import AnnotationStore, Snapshot
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
        this machine: then the output's name is put behind it.
    recursive
        For outputs that are folders; there are none yet.
    on_conflict
        If others wrote there since we last looked: `merge` their rows with
        ours, `replace` theirs by ours, or `fail`.
    auth
        Credentials, as `annotator.audio.io.write` takes them.
    progress
        Called with bytes done and bytes in all.
    cancelled
        Asked now and then; True stops the sync with nothing half-done.

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
    job = _Sync(store, destination(store.path, dest), auth or {}, on_conflict)
    job.progress, job.cancelled = progress, cancelled
    for attempt in range(_ATTEMPTS):
        try:
            job.attempt()
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
        target: str,
        auth: Mapping[str, Any],
        on_conflict: OnConflict,
    ) -> None:
        self.result = SyncResult(target)
        self.progress: Progress | None = None
        self.cancelled: Callable[[], bool] | None = None
        self._store = store
        self._target = target
        self._denied: AccessDenied | None = None
        self._on_conflict = on_conflict
        self._backend = io.backend_for(target, **auth)
        self._bases = BaseFile(store.path)

    def attempt(self) -> None:
        """Look and write once; Conflict if others wrote in between."""
        self._check()
        ours = self._store.snapshot()
        base = self._bases.read(self._target)
        self.result.annotations = len(ours.rows)
        there = self._look()
        self._check()
        is_new = not ours.rows and base is None
        if is_new and (there is None or self._on_conflict != "merge"):
            raise self._nothing()
        seen = base is not None and there is not None and _same(base, there)
        if there is None:
            self._create(ours)
        elif base and seen and self._hashes(ours) == base.rows:
            return
        elif self._on_conflict == "replace":
            self._write(ours)
        elif base and seen:
            self.result.deleted_ids.update(base.rows.keys() - self._hashes(ours).keys())
            self._write(ours, if_version=there.version)
        elif self._on_conflict == "fail":
            msg = (
                f"Others wrote {self._target} since it was last synced from here; "
                "nothing was changed. Use on_conflict='merge' to have both."
            )
            raise Conflict(msg)
        else:
            self._meet(ours, base or Base(), there)

    def _nothing(self) -> NotFound:
        name = self._store.path.name
        msg = f"Nothing to sync yet: {name} has no annotations. Submit one first."
        return NotFound(msg)

    def _look(self) -> FileInfo | None:
        self._denied = None
        try:
            return self._backend.stat(self._target)
        except NotFound:
            pass
        except AccessDenied as err:
            # So S3 answers about what is not there to those who may not list
            # the bucket. They may be allowed to write.
            self._denied = err
        return None

    def _create(self, ours: Snapshot) -> None:
        """Write where nothing is, or where we may not see what is."""
        try:
            self._write(ours, create_only=True)
        except Conflict:
            if self._denied is not None:
                raise self._denied from None
            raise

    def _meet(self, ours: Snapshot, base: Base, there: FileInfo) -> None:
        """Merge with what others wrote, or keep it beside; then write."""
        try:
            data = self._backend.read(self._target, version=there.version)
            self._check()
            if data == ours.data:
                self._keep_base(there.version, self._hashes(ours))
                return
            theirs, whole = self._parse(data)
            is_empty = not ours.rows and not whole
            if not whole and not is_empty and data.strip():
                self.result.kept_beside = self._keep_beside()
        except NotFound as err:
            msg = f"{self._target} was deleted by somebody else meanwhile."
            raise Conflict(msg) from err
        if is_empty:
            raise self._nothing()
        if theirs is not None:
            # What is missing in half a table was not deleted by anybody.
            found = merge(base.rows if whole else {}, ours.rows, theirs)
            ours = self._take(found, ours)
            if whole and not (found.give or found.withdraw):
                self._keep_base(there.version, hashes(theirs))
                return
        self._write(ours, if_version=there.version)

    def _parse(self, data: bytes) -> tuple[dict[str, Row] | None, bool]:
        """Give rows by id, None if there are no ids; and whether that is all of it."""
        try:
            table = format_of(self._store.path).read(data)
        except FormatError:
            return None, False
        if not self._store.provenance or "annotation_id" not in table.columns:
            return None, False
        return rows_by_id(table)

    def _take(self, found: Merge, ours: Snapshot) -> Snapshot:
        """Let the local output have the others' rows."""
        given = set(found.give)
        sets = list(found.take)
        for conflict in found.conflicts:
            if conflict.annotation_id in given:
                # The log has both, in the order that lets ours stand.
                sets += [conflict.other, conflict.kept]
            self.result.conflicts_by_id[conflict.annotation_id] = conflict
        self.result.merged_ids.update(str(row["annotation_id"]) for row in found.take)
        self.result.deleted_ids.update(found.drop, found.withdraw)
        if not sets and not found.drop:
            return ours
        self._store.apply_merge(sets, found.drop, before=ours.rows)
        merged = self._store.snapshot()
        self.result.annotations = len(merged.rows)
        return merged

    def _keep_beside(self) -> str:
        """Copy what is there to another name, on the server."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        for extra in ("", "-2", "-3", "-4", "-5"):
            beside = with_mark(self._target, f"replaced-{stamp}{extra}")
            try:
                self._backend.copy(self._target, beside)
            except Conflict:
                continue  # another sync of this second
            logger.info("What was at %s is kept as %s", self._target, beside)
            return beside
        msg = f"What is at {self._target} could not be kept beside it; sync again."
        raise Conflict(msg)

    def _write(self, ours: Snapshot, **condition: Any) -> None:
        self._check()
        info = self._backend.write(
            ours.data, self._target, progress=self._on_progress, **condition
        )
        self.result.uploaded = len(ours.rows)
        self.result.bytes = len(ours.data)
        self._keep_base(info.version, self._hashes(ours))

    def _keep_base(self, version: str | None, rows: Mapping[str, str]) -> None:
        try:
            self._bases.write(self._target, Base(version, rows))
        except OSError as err:
            # The next sync merges without a base, which loses nothing.
            logger.warning("%s cannot be written: %s", self._bases.path, err)

    def _hashes(self, ours: Snapshot) -> dict[str, str]:
        return hashes(ours.rows) if self._store.provenance else {"": digest(ours.data)}

    def _on_progress(self, done: int, total: int) -> None:
        if done < total:  # afterwards it is too late
            self._check()
        if self.progress:
            self.progress(done, total)

    def _check(self) -> None:
        if self.cancelled and self.cancelled():
            msg = f"The sync to {self._target} was stopped; nothing half-done is there."
            raise Cancelled(msg)


def _same(base: Base, there: FileInfo) -> bool:
    return there.version is not None and base.version == there.version
