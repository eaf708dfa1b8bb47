"""Annotations as files to take away: CSV that spreadsheets can open, Parquet, JSON lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from annotator.annotations.table import format_of
from annotator.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["FORMATS", "Format", "excel_safe", "export"]


@dataclass(frozen=True)
class Format:
    """A kind of file."""

    label: str
    mime: str


FORMATS = {
    "csv": Format("CSV", "text/csv; charset=utf-8"),
    "parquet": Format("Parquet", "application/vnd.apache.parquet"),
    "jsonl": Format("JSONL", "application/x-ndjson"),
}
"""By extension."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def export(rows: Iterable[Mapping[str, Any]], kind: str) -> bytes:
    """Write rows into a file.

    Parameters
    ----------
    rows
        Of annotations; those that lack a column have nothing in it.
    kind
        One of `FORMATS`. Only in CSV a text that a spreadsheet would take for a formula
        gets an apostrophe before it; the other two are exact.

    Raises
    ------
    ParameterError
        The kind is unknown.
    """
    if kind not in FORMATS:
        msg = f"{kind!r} is no kind of file here; choose one of {', '.join(FORMATS)}."
        raise ParameterError(msg)
    kept = list(rows)
    columns = list(dict.fromkeys(name for row in kept for name in row))
    if kind == "csv":
        kept = [{name: excel_safe(row.get(name)) for name in columns} for row in kept]
        # Names come from forms, and forms from members.
        safe = [str(excel_safe(name)) for name in columns]
        kept = [dict(zip(safe, row.values(), strict=True)) for row in kept]
        columns = safe
    return format_of(f"table.{kind}").render(columns, kept)


def excel_safe(cell: Any) -> Any:
    """Return a cell that no spreadsheet runs; numbers stay numbers.

    Examples
    --------
    >>> excel_safe("=1+1"), excel_safe(-1), excel_safe("owl")
    ("'=1+1", -1, 'owl')
    """
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA):
        return f"'{cell}"
    return cell
