"""Which rows of a table meet conditions such as ("confidence", ">=", 0.5).

A column holds numbers, dates or text; each kind has its operators. Text is
compared without regard to case.
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from annotator.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Filter", "kind_of", "mask_of", "operators_for"]

Filter = tuple[str, str, object]
"""Column, operator, value; the value of "is null" and its like is not used."""

Kind = Literal["number", "date", "text"]
Mask = np.ndarray

_LOOKED_AT = 50  # rows by which the kind of a column of objects is told
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")

_NUMBER: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_TEXT: Mapping[str, Callable[[str, str], bool]] = {
    "equals": operator.eq,
    "not equals": operator.ne,
    "contains": lambda cell, part: part in cell,
    "starts with": str.startswith,
    "ends with": str.endswith,
}
_DATES = {"on": "=", "not on": "!=", "on or after": ">=", "on or before": "<="}
_DATES |= {"after": ">", "before": "<"}
_ANY = ("is null", "is not null", "is empty", "is not empty")


def kind_of(values: pd.Series) -> Kind:
    """Tell what a column holds: "number", "date" or "text"."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return "date"
    if pd.api.types.is_bool_dtype(values.dtype):
        return "text"
    if pd.api.types.is_numeric_dtype(values.dtype):
        return "number"
    some = values.dropna().head(_LOOKED_AT)
    if not len(some):
        return "text"
    if all(_DATE.fullmatch(str(cell)) for cell in some):
        return "date"
    is_number = pd.to_numeric(some, errors="coerce").notna().all()
    return "number" if is_number else "text"


def operators_for(kind: Kind) -> tuple[str, ...]:
    """Return the operators that a column of a kind may be asked with."""
    own: Mapping[Kind, Iterable[str]] = {
        "number": _NUMBER,
        "date": _DATES,
        "text": _TEXT,
    }
    return (*own[kind], *_ANY)


def mask_of(values: pd.Series, condition: str, value: object) -> Mask:
    """Return which cells of a column meet a condition.

    Parameters
    ----------
    values
        The column.
    condition
        One of `operators_for` its kind.
    value
        What the cells are compared with: a number, a date as 2026-05-31, or text.

    Raises
    ------
    ParameterError
        The operator is none for this kind, or the value is not of it.
    """
    kind = kind_of(values)
    if condition not in operators_for(kind):
        known = ", ".join(repr(name) for name in operators_for(kind))
        msg = f"{condition!r} is no condition for a column of {kind}s; use {known}."
        raise ParameterError(msg)
    null: Mask = values.isna().to_numpy()
    if condition in _ANY:
        empty = (values.astype(object) == "").to_numpy(dtype=bool, na_value=False)
        wanted: Mask = null if "null" in condition else null | empty
        return ~wanted if "not" in condition else wanted
    if kind == "text":
        return _text_mask(values, condition, str(value))
    convert = pd.to_numeric if kind == "number" else _days
    number = convert(pd.Series([value]), errors="coerce")[0]
    if pd.isna(number):
        what = "a number" if kind == "number" else "a date such as 2026-05-31"
        msg = f"{values.name} {condition} {value!r}: the value must be {what}."
        raise ParameterError(msg)
    cells = convert(values, errors="coerce")
    compare = _NUMBER[_DATES.get(condition, condition)]
    met = compare(cells, number) & cells.notna()
    mask: Mask = met.to_numpy(dtype=bool, na_value=False)
    return mask


def _text_mask(values: pd.Series, condition: str, text: str) -> Mask:
    # Many cells, few different ones: each of these is compared once.
    codes, different = pd.factorize(values)
    compare, text = _TEXT[condition], text.casefold()
    met = [compare(str(cell).casefold(), text) for cell in different]
    mask: Mask = np.array([*met, False], dtype=bool)[codes]  # -1: a blank cell
    return mask


def _days(values: pd.Series, errors: str) -> pd.Series:
    times = pd.to_datetime(values, errors=errors, utc=True, format="ISO8601")
    return times.dt.floor("D")
