"""The annotations of an output at one moment, as sync wants them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from annotator.annotations.cells import digest
from annotator.annotations.folder import OutputFolder, state_of
from annotator.annotations.merge import Memo, hashes
from annotator.annotations.partitions import by_part

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from annotator.annotations.events import Row
    from annotator.annotations.folder import FileState
    from annotator.annotations.journal import Journal
    from annotator.annotations.parquet import Schema

__all__ = ["Snapshot", "snapshot_of"]


@dataclass(frozen=True)
class Snapshot:
    """What an output's files hold.

    Attributes
    ----------
    rows
        All rows, by id.
    parts
        The rows of each file, by its name in the folder; "" is the name of an
        output that is one file.
    has_ids
        Whether the files say which annotation a row is.
    memo
        Hashes of rows that were computed before.
    source
        The bytes of the one file, or the types of all files of a folder.
    files
        Of a folder: paths and states of files that hold these rows already.
    """

    rows: Mapping[str, Row]
    parts: Mapping[str, Mapping[str, Row]]
    has_ids: bool
    memo: Memo
    source: bytes | Schema
    files: Mapping[str, tuple[Path, FileState]] = field(default_factory=dict)

    @property
    def schema(self) -> str:
        """What tells the types of a folder's columns from others; "" for a file."""
        return "" if isinstance(self.source, bytes) else self.source.mark

    def content(self, name: str) -> bytes:
        """Give the bytes of one file."""
        if isinstance(self.source, bytes):
            return self.source
        if name in self.files:
            path, state = self.files[name]
            with contextlib.suppress(OSError):
                data = path.read_bytes()
                if state_of(path) == state:
                    return data
        return self.source.render(list(self.part(name).values()))

    def part(self, name: str) -> Mapping[str, Row]:
        """Give the rows of one file, by id."""
        return self.parts.get(name, {})

    def hashes(self, name: str) -> dict[str, str]:
        """Give the hash of each row of one file, by id; without ids, of it all."""
        if not self.has_ids:
            return {"": digest(self.content(name))}
        return hashes(self.part(name), self.memo)


def snapshot_of(journal: Journal, *, has_ids: bool, memo: Memo) -> Snapshot:
    """Take the annotations and, of an output that is one file, its bytes."""
    journal.flush()
    output, data, files = journal.output, None, {}
    with journal.changing() as ledger:
        rows, columns = dict(ledger.rows), journal.layout.columns
        if output.is_current(ledger.last_event) and output.stat():
            if isinstance(output, OutputFolder):
                files = output.states()
            else:
                data = output.path.read_bytes()
    values = list(rows.values())
    if isinstance(output, OutputFolder):
        schema = output.schema(columns, values)
        places = {name: (output.path / name, state) for name, state in files.items()}
        return Snapshot(rows, by_part(rows), has_ids, memo, schema, places)
    if data is None:
        data = output.format.render(columns, values)
    return Snapshot(rows, {"": rows}, has_ids, memo, data)
