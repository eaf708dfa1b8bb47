"""Placeholders in texts: ``[[column]]``, ``[[key||default]]``, ``[[%Y%m%d]]``.

Values go in as plain text; who shows the result as HTML escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["as_text", "expand", "expand_all", "fill", "is_null", "placeholders"]

_PLACEHOLDER = re.compile(r"\[\[(.+?)\]\]", re.DOTALL)


def expand(
    text: str,
    *,
    now: datetime,
    values: Mapping[str, Any],
    columns: Collection[str] = (),
) -> str:
    """Fill what is known before a clip is: the time and fixed values.

    Parameters
    ----------
    text
        Text with placeholders.
    now
        Time for keys with a ``%``, as for `datetime.strftime`.
    values
        Fixed values by key.
    columns
        Columns of the data: their placeholders stay, for `fill`.

    Returns
    -------
    str
        The text; a placeholder that nothing fills stays unless it has a default.

    Examples
    --------
    >>> from datetime import datetime
    >>> text = "[[site||north]] [[%Y]] [[species]]"
    >>> expand(text, now=datetime(2026, 1, 1), values={}, columns=["species"])
    'north 2026 [[species]]'
    """

    def replace(match: re.Match[str]) -> str:
        key, default = _parts(match)
        if "%" in key:
            return _format_time(now, key, match.group())
        if key in values:
            return as_text(values[key], default or "")
        if key in columns or default is None:
            return match.group()
        return default

    return _PLACEHOLDER.sub(replace, text)


def expand_all(
    value: Any,
    *,
    now: datetime,
    values: Mapping[str, Any],
    columns: Collection[str] = (),
) -> Any:
    """Return a copy of nested lists and mappings with each text expanded."""
    if isinstance(value, str):
        return expand(value, now=now, values=values, columns=columns)
    if isinstance(value, Mapping):
        return {
            key: expand_all(item, now=now, values=values, columns=columns)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [
            expand_all(item, now=now, values=values, columns=columns) for item in value
        ]
    return value


def fill(text: str, row: Mapping[str, Any]) -> str:
    """Fill the placeholders of columns from a clip's row; null is the default or "".

    Examples
    --------
    >>> fill("[[species]] by [[who||nobody]]", {"species": "Strix varia"})
    'Strix varia by nobody'
    """

    def replace(match: re.Match[str]) -> str:
        key, default = _parts(match)
        if key in row:
            return as_text(row[key], default or "")
        return match.group() if default is None else default

    return _PLACEHOLDER.sub(replace, text)


def placeholders(text: str) -> list[str]:
    """Return the keys of the placeholders in a text, without defaults."""
    return [_parts(match)[0] for match in _PLACEHOLDER.finditer(text)]


def is_null(value: Any) -> bool:
    """Tell whether a cell is empty: None, NaN, NaT or pandas' NA."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):  # an array in a cell
        return False


def as_text(value: Any, null: str = "") -> str:
    """Write a cell as text."""
    return null if is_null(value) else str(value)


def _parts(match: re.Match[str]) -> tuple[str, str | None]:
    key, separator, default = match.group(1).partition("||")
    return key.strip(), default.strip() if separator else None


def _format_time(now: datetime, pattern: str, fallback: str) -> str:
    try:
        return now.strftime(pattern)
    except ValueError:  # some platforms refuse directives that others know
        return fallback
