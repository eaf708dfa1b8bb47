"""An output that is a folder: Parquet files by day and person, of one schema.

`pandas.read_parquet(folder)` reads all of them. Log, lock and notes lie beside
the folder, under its name (`reviews/` -> `reviews.log`).
"""

from __future__ import annotations

import contextlib
import os
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotator.annotations.output import (
    Beside,
    OutputFile,
    remove_leftovers,
    write_temporary,
)
from annotator.annotations.parquet import ParquetFormat, Schema
from annotator.annotations.partitions import DAY, by_part, is_part
from annotator.annotations.table import Table
from annotator.errors import FormatError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from annotator.annotations.events import Row

__all__ = ["FileState", "OutputFolder", "is_folder", "state_of"]

FileState = tuple[int, int]

_TICK = 2_000_000_000  # ns in which a folder may change twice and tell of one
_FILES = {".csv", ".jsonl", ".ndjson", ".json"}


def is_folder(path: str | Path) -> bool:
    """Tell whether an output's path means a folder.

    It does if it ends in "/", or if such a folder is there; a folder that is
    called reviews.csv is in the way of a file.
    """
    found = Path(path).expanduser()
    return str(path).endswith(("/", os.sep)) or (
        found.suffix.lower() not in _FILES and found.is_dir()
    )


class OutputFolder(OutputFile):
    """The folder; all methods are called with the log's lock held.

    Parameters
    ----------
    path
        Where it is; its files are Parquet, whatever its name.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.format = ParquetFormat()
        self._tree = _Tree(path)
        self._schema: tuple[object, Schema] | None = None
        self._written: dict[Path, tuple[list[Any], FileState | None]] = {}

    def stat(self) -> tuple[int, int] | None:
        """Give bytes in all and what tells the files from others; None: none."""
        found = self.states()
        if not found:
            return None
        mark = zlib.crc32(repr(sorted(found.items())).encode())
        return sum(size for size, _ in found.values()), mark

    def changed_at(self) -> float | None:
        """Give when the last file was written, s since 1970; None: there is none."""
        return max((entry.st_mtime for _, entry in self._files()), default=None)

    def _files(self) -> Iterator[tuple[str, os.stat_result]]:
        """List the tables in the folder and its folders, as pandas would."""
        try:
            yield from self._tree.files()
        except NotADirectoryError as err:
            msg = (
                f"The output {self.path} is a file, and its path ends in '/', as a "
                "folder's does; give another name."
            )
            raise StorageError(msg) from err
        except OSError as err:
            msg = f"The output {self.path} cannot be read ({err.strerror})."
            raise StorageError(msg) from err

    def _read(self) -> Table:
        rows: list[Row] = []
        columns: dict[str, None] = {}
        for name, _ in sorted(self._files()):
            table = _named(self.format.read, self.path / name)
            columns.update(dict.fromkeys(table.columns))
            rows += table.rows
        if DAY in columns:  # a copy that pandas wrote: the folders' names say it
            del columns[DAY]
            rows = [{n: c for n, c in row.items() if n != DAY} for row in rows]
        return Table(list(columns), rows)

    def states(self) -> dict[str, FileState]:
        """Give bytes and time of change (ns) of each table, by name."""
        return {n: (found.st_size, found.st_mtime_ns) for n, found in self._files()}

    def schema(self, columns: Sequence[str], rows: Sequence[Row]) -> Schema:
        """Choose the types of all parts; kept until a row or a column changes."""
        key = [columns, rows]
        if self._schema is None or self._schema[0] != key:
            self._schema = (key, Schema(columns, rows))
        return self._schema[1]

    def write_beside(self, columns: Sequence[str], rows: Sequence[Row]) -> Beside:
        """Write those parts that differ from what is there under other names.

        Each part that there ever was stays, if without rows: whoever syncs
        would take a missing one for one that is not written yet.
        """
        schema = self.schema(columns, rows)
        parts = by_part({str(row["annotation_id"]): row for row in rows})
        beside: Beside = []
        for name, _ in sorted(self._files()):
            if is_part(name):
                parts.setdefault(name, {})
            else:  # somebody else's, whose rows stand in ours from now on
                beside.append((None, self.path / name))
        for name, found in parts.items():
            target = self.path / name
            content: list[Any] = [schema.mark, *found.values()]
            if self._written.get(target) == (content, state_of(target)):
                continue
            data = schema.render(list(found.values()))
            if _holds(target, data):
                self._written[target] = (content, state_of(target))
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            beside.append((write_temporary(target, data), target))
            self._written[target] = (content, None)
        return beside

    def replace(
        self, beside: Beside, columns: Sequence[str], event: str | None
    ) -> None:
        """Give the files that were written beside their names."""
        super().replace(beside, columns, event)
        for temporary, target in beside:
            if temporary and target in self._written:
                self._written[target] = (self._written[target][0], state_of(target))
        for folder in {target.parent for _, target in beside}:
            remove_leftovers(folder)

    def _move_to(self, aside: Path) -> None:
        """Move the tables away; other files stay."""
        for name, _ in list(self._files()):
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(self.path / name, aside / name)


class _Tree:
    """The tables in a folder; one that did not change is not listed again."""

    def __init__(self, folder: Path) -> None:
        self._root = str(folder)
        self._listed: dict[str, tuple[int, list[str], list[str]]] = {}

    def files(self, below: str = "") -> Iterator[tuple[str, os.stat_result]]:
        """Give name and state of each, those of deeper folders last."""
        try:
            files, folders = self._names(below)
        except FileNotFoundError:
            return
        for name in files:
            with contextlib.suppress(FileNotFoundError):  # just replaced
                yield name, os.stat(f"{self._root}/{name}")
        for name in folders:
            yield from self.files(f"{name}/")

    def _names(self, below: str) -> tuple[list[str], list[str]]:
        path = f"{self._root}/{below}"
        changed = os.stat(path).st_mtime_ns
        known = self._listed.get(below)
        if known and known[0] == changed:
            return known[1], known[2]
        now, files, folders = time.time_ns(), [], []
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name.startswith((".", "_")):
                    continue
                if entry.is_dir():
                    folders.append(f"{below}{entry.name}")
                elif entry.name.endswith((".parquet", ".pq")):
                    files.append(f"{below}{entry.name}")
        if now - changed > _TICK:
            self._listed[below] = (changed, files, folders)
        return files, folders


def state_of(path: Path) -> FileState | None:
    """Give bytes and time of change (ns) of a file; None if there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except FileNotFoundError:
        return False


def _named(read: Callable[[bytes], Table], path: Path) -> Table:
    """Read a file; say which one it was if it is no table."""
    try:
        return read(path.read_bytes())
    except FormatError as err:
        msg = f"{path.name}: {err}"
        raise FormatError(msg) from err
