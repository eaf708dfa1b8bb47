"""What a form asks about each region that a person marks: the questions, the checks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from annotator.config.problems import show
from annotator.config.templates import is_null
from annotator.form.cells import initial_value
from annotator.form.drawing import BOUNDS
from annotator.form.rules import (
    Sections,
    check_values,
    inputs_of,
    missing_labels,
    referenced_forms,
    visible_elements,
)

if TYPE_CHECKING:
    from annotator.form.fields import Annotation, Element, Input

__all__ = [
    "about_region",
    "check_region",
    "edge_of",
    "initial_answers",
    "is_drawn",
    "missing_of_region",
    "region_inputs",
]

_PAIRS = ((BOUNDS[0], BOUNDS[1]), (BOUNDS[2], BOUNDS[3]))


def edge_of(region: Any, name: str) -> Any:
    """Return an edge of a region, a mapping or an object; None where it has none."""
    if isinstance(region, Mapping):
        edge = region.get(name)
    else:
        edge = getattr(region, name, None)
    return None if is_null(edge) else edge


def is_drawn(region: Any) -> bool:
    """Whether a region has an edge anywhere."""
    return any(edge_of(region, name) is not None for name in BOUNDS)


def about_region(
    annotation: Annotation, sections: Sections, values: Mapping[str, Any]
) -> list[Element]:
    """Return what is asked about a region, with the sections its answers open."""
    return visible_elements(annotation.form, sections, values)


def region_inputs(annotation: Annotation, sections: Sections) -> Iterator[Input]:
    """Yield all questions that may be asked about a region."""
    seen: set[str] = set()

    def walk(elements: tuple[Element, ...]) -> Iterator[Input]:
        yield from inputs_of(elements)
        for name, _ in referenced_forms(elements):
            if name not in seen and name in sections:
                seen.add(name)
                yield from walk(sections[name])

    return walk(annotation.form)


def initial_answers(
    annotation: Annotation, sections: Sections, row: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what each question about a region starts with, by column."""
    return {
        element.column: initial_value(element, row)
        for element in region_inputs(annotation, sections)
    }


def missing_of_region(
    annotation: Annotation, sections: Sections, values: Mapping[str, Any]
) -> list[str]:
    """Return the labels of the required questions about a region without an answer."""
    return missing_labels(about_region(annotation, sections, values), values)


def check_region(
    annotation: Annotation,
    sections: Sections,
    values: Mapping[str, Any],
    region: Any,
) -> list[str]:
    """Return a sentence for each edge and each answer of a region that cannot be.

    Parameters
    ----------
    annotation
        What it was marked for.
    sections
        The form's sections.
    values
        Answers by column, those about the region among them.
    region
        Its edges, s and Hz; one without any has no answers either.
    """
    if not is_drawn(region):
        return []
    shown = about_region(annotation, sections, values)
    missing = missing_labels(shown, values)
    return [
        *(f"{label}: an answer is needed." for label in missing),
        *_check_edges(annotation, region),
        *check_values(shown, [*values], values),
    ]


def _check_edges(annotation: Annotation, region: Any) -> Iterator[str]:
    labels = {name: name for name in BOUNDS}
    labels |= {bound.name: bound.label for bound in annotation.bounds}
    edges: dict[str, float] = {}
    for name in BOUNDS:
        edge = edge_of(region, name)
        if edge is None:
            continue
        if _is_number(edge):
            edges[name] = float(edge)
        else:
            yield f"'{labels[name]}' must be a number, not {show(edge)}"
    for low, high in _PAIRS:
        if low in edges and high in edges and edges[low] > edges[high]:
            yield (
                f"'{labels[low]}' is {edges[low]:g}, above '{labels[high]}',"
                f" which is {edges[high]:g}"
            )


def _is_number(value: Any) -> bool:
    if isinstance(value, (bool, str)):
        return False
    try:
        return math.isfinite(value)
    except (TypeError, OverflowError):
        return False
