"""From an answer to the cell that is written, and from a row to a first answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotator.config.templates import as_text, is_null
from annotator.form.drawing import TIME_TOOLS
from annotator.form.fields import (
    Annotation,
    Bound,
    Checkbox,
    Element,
    FixedValue,
    Input,
    Number,
    PassValue,
    Select,
    Textbox,
)
from annotator.form.rules import is_empty

__all__ = ["cell_of", "initial_value"]


def initial_value(element: Input, row: Mapping[str, Any]) -> Any:
    """Return what a question starts with: the row's cell that prefills it, or its default."""
    default = element.default
    if isinstance(element, Checkbox):
        default = element.checked_value if default else element.unchecked_value
    elif default is None and isinstance(element, Textbox):
        default = ""
    cell: Any = row.get(element.source_value) if element.source_value else None
    if cell is None or is_null(cell):
        return default
    if hasattr(cell, "item") and getattr(cell, "shape", None) == ():
        cell = cell.item()  # a NumPy number
    if isinstance(element, Select):
        option = element.option(cell)
        if option is not None:
            return option.value
        return cell if element.custom_value else default
    if isinstance(element, Checkbox):
        checked = element.is_checked(cell)
        return element.checked_value if checked else element.unchecked_value
    return cell if isinstance(element, Number) else as_text(cell)


def cell_of(
    element: Element,
    values: Mapping[str, Any],
    source_row: Mapping[str, Any],
    region: Any = None,
) -> Iterator[tuple[str, Any]]:
    """Yield the columns that a visible element writes, with their cells."""
    if isinstance(element, Input):
        yield element.column, _answer(element, values.get(element.column))
    elif isinstance(element, PassValue):
        yield element.column, source_row.get(element.source_column, "")
    elif isinstance(element, FixedValue):
        yield element.column, element.value
    elif isinstance(element, Annotation):
        for bound in element.bounds:
            yield bound.column, _edge(element, bound, values, source_row, region)
        for inner in element.form:
            yield from cell_of(inner, values, source_row)


def _answer(element: Input, value: Any) -> Any:
    if isinstance(element, Checkbox):
        checked = element.is_checked(value)
        return element.checked_value if checked else element.unchecked_value
    if is_empty(value):
        return element.empty
    if isinstance(element, Select):
        option = element.option(value)
        return value if option is None else option.value
    return value


def _edge(
    element: Annotation,
    bound: Bound,
    values: Mapping[str, Any],
    source_row: Mapping[str, Any],
    region: Any,
) -> Any:
    if region is not None:
        if isinstance(region, Mapping):
            drawn = region.get(bound.name)
        else:
            drawn = getattr(region, bound.name, None)
        if not is_null(drawn):
            return drawn
    if not is_empty(values.get(bound.column)):
        return values[bound.column]
    if region is None and element.tools and element.tools[0] in TIME_TOOLS:
        default = bound.name if bound.name.endswith("_time") else ""
        cell = source_row.get(bound.source_value or default)
        return None if is_null(cell) else cell
    return None
