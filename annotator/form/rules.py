"""The rules between questions and answers: what shows, what is missing or wrong.

Answers are a mapping column -> value. An empty one is None or "".
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from annotator.config.problems import did_you_mean, show
from annotator.config.templates import is_null
from annotator.form.fields import (
    Annotation,
    Checkbox,
    Element,
    FixedValue,
    Input,
    Number,
    PassValue,
    Select,
)

__all__ = [
    "check_values",
    "columns_of",
    "inputs_of",
    "is_empty",
    "missing_labels",
    "opened_form",
    "referenced_forms",
    "visible_elements",
]

Sections = Mapping[str, tuple[Element, ...]]


def is_empty(value: Any) -> bool:
    """Tell whether a question is not answered; blanks are no answer."""
    return is_null(value) or (isinstance(value, str) and not value.strip())


def opened_form(element: Element, values: Mapping[str, Any]) -> str | None:
    """Return the section that the answer to this element opens, or None."""
    if isinstance(element, Select):
        value = values.get(element.column)
        option = None if is_empty(value) else element.option(value)
        return option.form if option else None
    if isinstance(element, Checkbox):
        checked = element.is_checked(values.get(element.column))
        return element.checked_form if checked else element.unchecked_form
    return None


def visible_elements(
    elements: Iterable[Element], sections: Sections, values: Mapping[str, Any]
) -> list[Element]:
    """Return the elements that show, each opened section behind what opened it.

    A section shows once, even where two answers or a circle open it.
    """
    shown: set[str] = set()

    def walk(part: Iterable[Element]) -> Iterator[Element]:
        for element in part:
            yield element
            name = opened_form(element, values)
            if name is not None and name not in shown and name in sections:
                shown.add(name)
                yield from walk(sections[name])

    return list(walk(elements))


def missing_labels(visible: Iterable[Element], values: Mapping[str, Any]) -> list[str]:
    """Return the labels of the required questions without an answer."""
    return [
        element.label
        for element in inputs_of(visible)
        if element.required and _unanswered(element, values.get(element.column))
    ]


def check_values(
    visible: Iterable[Element], known: Sequence[str], values: Mapping[str, Any]
) -> list[str]:
    """Return a sentence for each answer that cannot be.

    Parameters
    ----------
    visible
        Elements that show.
    known
        All columns of the form.
    values
        The answers.
    """
    found = [
        f"The form has no column '{column}'.{did_you_mean(str(column), known)}"
        for column in values
        if column not in known
    ]
    for element in inputs_of(visible):
        value = values.get(element.column)
        if is_empty(value):
            continue
        if isinstance(element, Number):
            found += _check_number(element, value)
        elif isinstance(element, Select):
            found += _check_select(element, value)
    return found


def inputs_of(elements: Iterable[Element]) -> Iterator[Input]:
    """Yield the questions among the elements."""
    return (element for element in elements if isinstance(element, Input))


def columns_of(element: Element) -> list[str]:
    """Return the output columns that an element writes."""
    if isinstance(element, (Input, PassValue, FixedValue)):
        return [element.column]
    if isinstance(element, Annotation):
        inner = [column for item in element.form for column in columns_of(item)]
        return [*(bound.column for bound in element.bounds), *inner]
    return []


def referenced_forms(elements: Iterable[Element]) -> Iterator[tuple[str, Element]]:
    """Yield the sections that answers may open, with the element that does."""
    for element in elements:
        yield from ((name, element) for name in element.opens)
        if isinstance(element, Annotation):
            yield from referenced_forms(element.form)


def _unanswered(element: Input, value: Any) -> bool:
    if isinstance(element, Checkbox):  # a required box must be ticked
        return not element.is_checked(value)
    return is_empty(value)


def _check_select(element: Select, value: Any) -> list[str]:
    if element.custom_value or element.option(value) is not None:
        return []
    hint = did_you_mean(str(value), [item.label for item in element.items])
    return [f"'{element.label}' has no item {show(value)}.{hint}"]


def _check_number(element: Number, value: Any) -> list[str]:
    label = f"'{element.label}'"
    try:
        number = math.nan if isinstance(value, (bool, str)) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        return [f"{label} must be a number, not {show(value)}"]
    low, high = element.min, element.max
    if (low is None or number >= low) and (high is None or number <= high):
        return []
    if low is not None and high is not None:
        return [f"{label} must be between {low} and {high}, not {value}"]
    limit = f"at least {low}" if low is not None else f"at most {high}"
    return [f"{label} must be {limit}, not {value}"]
