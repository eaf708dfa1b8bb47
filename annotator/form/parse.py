"""From the mapping of a form to its elements, noting all that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from annotator.config.problems import did_you_mean, show
from annotator.form.drawing import read_annotation
from annotator.form.fields import (
    Break,
    Checkbox,
    Element,
    FixedValue,
    Line,
    Number,
    PassValue,
    Progress,
    ProgressSpec,
    Text,
    Textbox,
    Title,
)
from annotator.form.selects import read_select

if TYPE_CHECKING:
    from annotator.form.context import Context, Path

__all__ = ["ELEMENT_KINDS", "read_element", "read_list"]

_COMMON = ("label", "column", "required", "default", "width", "source_value")
_CHECKBOX = (
    *_COMMON,
    *("checked_value", "yes_value", "unchecked_value", "no_value"),
    *("checked_form", "unchecked_form"),
)
_NUMBER = (*_COMMON, "min", "max", "step", "placeholder", "value")


def read_element(kind: str, value: Any, path: Path, context: Context) -> list[Element]:
    """Read what stands under one key; a list of them is several elements.

    Parameters
    ----------
    kind
        The key, one of `ELEMENT_KINDS`.
    value
        What stands there; false leaves the element out.
    path
        Its place in the form.
    context
        Takes the problems.
    """
    if value is False:
        return []
    if isinstance(value, (list, tuple)):
        return [
            element
            for index, item in enumerate(value)
            for element in read_element(kind, item, (*path, index), context)
        ]
    return _READERS[kind](value, path, context)


def read_list(value: Any, path: Path, context: Context) -> tuple[Element, ...]:
    """Read a list of elements, each a mapping of one key; or one mapping of several."""
    if isinstance(value, Mapping):
        items: list[tuple[Path, Any]] = [(path, value)]
    elif isinstance(value, (list, tuple)):
        items = [((*path, index), item) for index, item in enumerate(value)]
    else:
        name = path[-1] if path else "form"
        context.problem(f"'{name}' must be a list of elements, not {show(value)}", path)
        return ()
    found: list[Element] = []
    for where, item in items:
        if item in ("line", "break"):
            item = {item: True}
        if not isinstance(item, Mapping):
            context.problem(
                f"An element must be a mapping such as 'textbox: ...', not {show(item)}",
                where,
            )
            continue
        for kind, content in item.items():
            if kind not in _READERS:
                hint = did_you_mean(str(kind), _READERS)
                context.problem(f"Unknown form element {show(kind)}.{hint}", where)
                continue
            found += read_element(kind, content, (*where, kind), context)
    return tuple(found)


def _read_title(value: Any, path: Path, context: Context) -> list[Element]:
    options = context.mapping(value, path, ("value", "progress_tracker"), short="value")
    title = Title(context.key(path), context.text(options, "value", path))
    tracker = options.get("progress_tracker", False)
    where = (*path, "progress_tracker")
    return [title, *read_element("progress_tracker", tracker, where, context)]


def _read_progress(value: Any, path: Path, context: Context) -> list[Element]:
    if isinstance(value, str):
        value = {"accuracy": value}
    options = context.mapping(value, path, ("accuracy",), short="")
    accuracy = options.get("accuracy")
    if accuracy is None or accuracy is False:
        return [Progress(context.key(path), ProgressSpec())]
    where = (*path, "accuracy")
    inner = context.mapping(accuracy, where, ("column", "value"), short="column")
    column = context.name(inner, "column", where)
    spec = ProgressSpec(column, inner.get("value"))
    return [Progress(context.key(path), spec)]


def _read_text(value: Any, path: Path, context: Context) -> list[Element]:
    options = context.mapping(value, path, ("value",), short="value")
    return [Text(context.key(path), context.text(options, "value", path))]


def _read_line(value: Any, path: Path, context: Context) -> list[Element]:
    return [Line(context.key(path))]


def _read_break(value: Any, path: Path, context: Context) -> list[Element]:
    return [Break(context.key(path))]


def _read_pass_value(value: Any, path: Path, context: Context) -> list[Element]:
    options = context.mapping(
        value, path, ("source_column", "column"), short="source_column"
    )
    source = context.name(options, "source_column", path)
    if source is None:
        context.problem("'pass_value' needs the column that it copies", path)
        return []
    context.require_column(source, "'pass_value'", path)
    column = context.text(options, "column", path, source) or source
    return [PassValue(context.key(path), source, column)]


def _read_fixed_value(value: Any, path: Path, context: Context) -> list[Element]:
    options = context.mapping(value, path, ("column", "value"), short="")
    column = context.name(options, "column", path)
    if column is None:
        context.problem("'fixed_value' needs a 'column'", path)
        return []
    return [FixedValue(context.key(path), column, options.get("value"))]


def _read_textbox(value: Any, path: Path, context: Context) -> list[Element]:
    options = context.mapping(value, path, (*_COMMON, "multiline"))
    return [
        Textbox(
            **context.common(options, path, "textbox"),
            default=context.text(options, "default", path),
            multiline=context.flag(options, "multiline", path),
        )
    ]


def _read_checkbox(value: Any, path: Path, context: Context) -> list[Element]:
    options = context.mapping(value, path, _CHECKBOX)
    checked = options.get("checked_value", options.get("yes_value", True))
    unchecked = options.get("unchecked_value", options.get("no_value", False))
    box = Checkbox(
        **context.common(options, path, "checkbox"),
        checked_value=checked,
        unchecked_value=unchecked,
        checked_form=context.name(options, "checked_form", path),
        unchecked_form=context.name(options, "unchecked_form", path),
    )
    default = options.get("default", False)
    if not isinstance(default, bool) and default not in (checked, unchecked):
        context.problem(
            f"The default {show(default)} of the checkbox '{box.label}' must be true or"
            " false",
            (*path, "default"),
        )
    return [replace(box, default=box.is_checked(default))]


def _read_number(value: Any, path: Path, context: Context) -> list[Element]:
    options = context.mapping(value, path, _NUMBER)
    low, high, step = (
        context.number(options, key, path) for key in ("min", "max", "step")
    )
    key = "value" if "value" in options else "default"
    number = Number(
        **context.common(options, path, "number"),
        default=context.number(options, key, path),
        min=low,
        max=high,
        step=step,
        placeholder=context.text(options, "placeholder", path),
    )
    if low is not None and high is not None and low > high:
        context.problem(
            f"The number '{number.label}' has min {low} above max {high}", path
        )
    return [number]


def _read_select(value: Any, path: Path, context: Context) -> list[Element]:
    return [read_select(value, path, context)]


def _read_annotation(value: Any, path: Path, context: Context) -> list[Element]:
    return [
        read_annotation(
            value, path, context, lambda form, where: read_list(form, where, context)
        )
    ]


_READERS: Mapping[str, Callable[[Any, Path, Context], list[Element]]] = {
    "annotation": _read_annotation,
    "break": _read_break,
    "checkbox": _read_checkbox,
    "fixed_value": _read_fixed_value,
    "line": _read_line,
    "number": _read_number,
    "pass_value": _read_pass_value,
    "progress_tracker": _read_progress,
    "select": _read_select,
    "text": _read_text,
    "textbox": _read_textbox,
    "title": _read_title,
}
ELEMENT_KINDS = frozenset(_READERS)
