"""Apache Parquet: one file, or the parts of a folder that share one schema."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from annotator.annotations.cells import clean_row, digest, to_text
from annotator.annotations.table import Table
from annotator.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["ParquetFormat", "Schema"]


class ParquetFormat:
    """Apache Parquet; a column of several types becomes text."""

    def read(self, data: bytes) -> Table:
        """Read all columns; times become text."""
        return self.read_with_schema(data)[0]

    def read_with_schema(self, data: bytes) -> tuple[Table, str]:
        """Read all columns, and give what tells their types from others."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not data:
            return Table([], []), ""
        try:
            table = pq.read_table(pa.BufferReader(data))
        except (pa.ArrowException, OSError) as err:
            msg = f"The file is not a Parquet table: {err}"
            raise FormatError(msg) from err
        rows = [clean_row(row) for row in table.to_pylist()]
        return Table(table.column_names, rows), _mark(table.schema)

    def render(
        self, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
    ) -> bytes:
        """Write all rows; whole numbers stay whole, whatever is missing."""
        rows = list(rows)
        return Schema(columns, rows).render(rows)

    def render_rows(
        self, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
    ) -> None:
        """Nothing can be appended to a Parquet file."""


class Schema:
    """The types of all columns, chosen so that these rows fit.

    Readers of a folder take the types of one file for those of all.
    """

    def __init__(
        self, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        import pyarrow as pa

        self._schema = pa.schema(
            [(name, _type_of([row.get(name) for row in rows])) for name in columns]
        )
        self.mark = _mark(self._schema)
        """What tells it from others; the order of columns does not count."""

    def render(self, rows: Sequence[Mapping[str, Any]]) -> bytes:
        """Write some of the rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        arrays = [_array([r.get(f.name) for r in rows], f.type) for f in self._schema]
        buffer = io.BytesIO()
        pq.write_table(pa.table(arrays, schema=self._schema), buffer)
        return buffer.getvalue()


def _mark(schema: Any) -> str:
    return digest(repr(sorted((f.name, str(f.type)) for f in schema)).encode())


def _type_of(cells: list[Any]) -> Any:
    import pyarrow as pa

    kinds = {type(cell) for cell in cells if cell not in (None, "")}
    if kinds == {bool}:
        return pa.bool_()
    found = None
    if kinds == {int}:
        found = pa.int64()
    elif kinds and kinds <= {int, float}:
        found = pa.float64()
    if found is not None:
        try:
            _array(cells, found)
        except (pa.ArrowException, OverflowError):
            pass  # an integer that the type cannot hold exactly: text can
        else:
            return found
    return pa.string()


def _array(cells: list[Any], kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_string(kind):
        return pa.array([None if c is None else to_text(c) for c in cells], kind)
    return pa.array([None if cell == "" else cell for cell in cells], kind, safe=True)
