"""What a form must fulfil as a whole; its single elements are checked when read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotator.config.problems import did_you_mean
from annotator.form.fields import Annotation, Element, FixedValue, Input, Progress
from annotator.form.rules import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from annotator.form.context import Context
    from annotator.form.layout import Layout

__all__ = ["validate_form"]


def validate_form(
    layout: Layout, fixed: Sequence[FixedValue], context: Context
) -> Iterator[str]:
    """Note what is wrong, and yield what is only worth knowing."""
    always = [*layout.elements, *layout.buttons.elements]
    _check_references(layout, context)
    _check_columns(always, layout, fixed, context)
    _check_progress(always, layout, fixed, context)
    opened = {name for name, _ in layout.references}
    for name in layout.dynamic:
        if name not in opened:
            yield f"The dynamic form '{name}' is defined but nothing opens it"
    if not any(isinstance(item, (Input, Annotation)) for item in always):
        yield "The form asks nothing: it has no input element"


def _check_references(layout: Layout, context: Context) -> None:
    sections = layout.sections
    for name, element in layout.references:
        if name not in sections:
            hint = did_you_mean(name, sections)
            context.problem_at(
                f"The dynamic form '{name}' is not defined.{hint}", element.key
            )
    for name, _ in layout.parts:
        if name and name in layout.dynamic:
            context.problem(f"The dynamic form '{name}' is defined twice", (name,))


def _check_columns(
    always: Sequence[Element],
    layout: Layout,
    fixed: Sequence[FixedValue],
    context: Context,
) -> None:
    """Note columns that two elements write at the same time."""
    writers: dict[str, Element] = {}
    for element in [*always, *fixed]:
        for column in columns_of(element):
            if column in writers:
                context.problem_at(
                    f"The column '{column}' is written by two elements,"
                    f" {writers[column].key} and {element.key}",
                    element.key,
                )
            writers.setdefault(column, element)
    for section in layout.sections.values():
        seen: set[str] = set()
        for element in section:
            for column in columns_of(element):
                rival = writers.get(column)
                both_ask = isinstance(rival, Input) and isinstance(element, Input)
                if column in seen or both_ask or rival in fixed:
                    context.problem_at(
                        f"The column '{column}' is written by two elements that show"
                        " at the same time",
                        element.key,
                    )
                seen.add(column)


def _check_progress(
    always: Sequence[Element],
    layout: Layout,
    fixed: Sequence[FixedValue],
    context: Context,
) -> None:
    elements = [*always, *fixed, *(e for s in layout.sections.values() for e in s)]
    columns = [column for element in elements for column in columns_of(element)]
    for element in always:
        column = element.spec.accuracy_column if isinstance(element, Progress) else None
        if column and column not in columns:
            hint = did_you_mean(column, columns)
            context.problem_at(
                f"The accuracy column '{column}' is not a column of the form.{hint}",
                element.key,
            )
