"""The progress line: how many clips are reviewed, and how often the answer was yes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from annotator.config.templates import is_null
from annotator.form.spec import FormSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from annotator.form.fields import ProgressSpec

__all__ = ["accuracy", "progress_text"]

_YES = {"1", "1.0", "t", "true", "valid", "y", "yes"}


def progress_text(
    spec: FormSpec | ProgressSpec | None,
    n_session: int,
    n_reviewed: int,
    n_clips: int,
    rows: Iterable[Mapping[str, Any]] = (),
) -> str:
    """Write the progress line.

    Parameters
    ----------
    spec
        The form, or what its progress line says.
    n_session
        Clips reviewed since the session began.
    n_reviewed, n_clips
        Clips reviewed, and all of them. Clips are counted, not annotations.
    rows
        Annotations, for the accuracy: mappings, or a DataFrame.

    Examples
    --------
    >>> from annotator.form.fields import ProgressSpec
    >>> progress_text(ProgressSpec("ok"), 1, 2, 4, [{"ok": "yes"}, {"ok": "no"}])
    'session 1/4 · total 2/4 · accuracy 50%'
    """
    told = spec.progress if isinstance(spec, FormSpec) else spec
    parts = [f"session {n_session}/{n_clips}"] if n_session else []
    parts.append(f"total {n_reviewed}/{n_clips}")
    share = accuracy(told, rows) if told else None
    if share is not None:
        parts.append(f"accuracy {share:.0%}")
    return " · ".join(parts)


def accuracy(spec: ProgressSpec, rows: Iterable[Mapping[str, Any]]) -> float | None:
    """Return the share (0-1) of annotations that are a yes; None without any."""
    column = spec.accuracy_column
    if not column:
        return None
    cells = _cells(rows, column)
    if not cells:
        return None
    return sum(_is_hit(cell, spec.accuracy_value) for cell in cells) / len(cells)


def _cells(rows: Any, column: str) -> list[Any]:
    if hasattr(rows, "columns"):  # a DataFrame
        return list(rows[column]) if column in rows.columns else []
    return [row.get(column) for row in rows]


def _is_hit(cell: Any, wanted: Any) -> bool:
    if is_null(cell):
        return False
    text = str(cell).strip().lower()
    if wanted is not None:
        return text == str(wanted).strip().lower()
    return text in _YES or text.startswith("is_")
