"""Meeting what others wrote: read it, merge it, let the local output have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotator.annotations.merge import Merge, hashes, merge, rows_by_id
from annotator.annotations.parquet import ParquetFormat
from annotator.annotations.sync.base import Base
from annotator.annotations.table import format_of
from annotator.errors import FormatError, NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from annotator.annotations.events import Row
    from annotator.annotations.snapshot import Snapshot
    from annotator.annotations.store import AnnotationStore
    from annotator.annotations.sync.remote import Remote
    from annotator.annotations.sync.result import SyncResult
    from annotator.audio.backends.base import FileInfo

__all__ = ["Meeting", "nothing_yet"]


class Meeting:
    """Takes the files that others wrote into a store."""

    def __init__(
        self, store: AnnotationStore, remote: Remote, result: SyncResult
    ) -> None:
        self._store = store
        self._remote = remote
        self._result = result

    def take_in(
        self,
        ours: Snapshot,
        known: Mapping[str, Base],
        news: Mapping[str, FileInfo],
    ) -> tuple[Snapshot, dict[str, Base]]:
        """Merge files into the store; give what it has then, and what they hold."""
        theirs: dict[str, dict[str, Row]] = {}
        met: dict[str, Base] = {}
        whole: set[str] = set()
        aside: list[str] = []
        for name, data in self._remote.fetch(news).items():
            version = news[name].version
            if data == ours.content(name):
                # Our own, of an upload whose end we did not see.
                met[name] = Base(version, ours.hashes(name), ours.schema)
                continue
            theirs[name], is_whole, schema = self._parse(data)
            if is_whole:
                whole.add(name)
                met[name] = Base(version, hashes(theirs[name]), schema)
            else:
                met[name] = Base(version)
                aside += [name] if data.strip() else []
        if theirs and not ours.rows and not whole:
            raise nothing_yet(self._store.path)
        if aside:
            self._result.kept_beside = self._remote.keep_beside(aside)
        merges = [
            # What is missing in half a table was not deleted by anybody.
            _merge(
                ours,
                name,
                known[name].rows if name in whole & known.keys() else {},
                rows,
            )
            for name, rows in theirs.items()
        ]
        return self._take(ours, merges), met

    def _parse(self, data: bytes) -> tuple[dict[str, Row], bool, str]:
        """Give the rows that have ids, whether that is all of it, and the types."""
        schema = ""
        try:
            if self._store.is_folder:
                table, schema = ParquetFormat().read_with_schema(data)
            else:
                table = format_of(self._store.path).read(data)
        except FormatError:
            return {}, False, ""
        if not self._store.provenance or "annotation_id" not in table.columns:
            return {}, False, ""
        return *rows_by_id(table), schema

    def _take(self, ours: Snapshot, merges: list[Merge]) -> Snapshot:
        """Let the local output have the others' rows."""
        sets, drop = [], []
        for found in merges:
            given = set(found.give)
            sets += found.take
            drop += found.drop
            for conflict in found.conflicts:
                if conflict.annotation_id in given:
                    # The log has both, in the order that lets ours stand.
                    sets += [conflict.other, conflict.kept]
                self._result.conflicts_by_id[conflict.annotation_id] = conflict
            taken = {str(row["annotation_id"]) for row in found.take}
            self._result.merged_ids.update(taken)
        self._result.deleted_ids.update(drop)
        if not sets and not drop:
            return ours
        self._store.apply_merge(sets, drop, before=ours.rows)
        merged = self._store.snapshot()
        self._result.annotations = len(merged.rows)
        return merged


def _merge(
    ours: Snapshot, name: str, base: Mapping[str, str], theirs: Mapping[str, Row]
) -> Merge:
    # Somebody may have put a row into another file than ours is in.
    moved = {key: ours.rows[key] for key in theirs if key in ours.rows}
    return merge(base, {**ours.part(name), **moved}, theirs, ours.memo)


def nothing_yet(output: Path) -> NotFound:
    """Say that an output has no annotations."""
    msg = f"Nothing to sync yet: {output.name} has no annotations. Submit one first."
    return NotFound(msg)
