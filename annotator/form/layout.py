"""The top level of a form: which keys are elements, sections, and buttons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from annotator.config.problems import show
from annotator.form.fields import Button, Buttons, Element, FixedValue
from annotator.form.parse import ELEMENT_KINDS, read_element, read_list
from annotator.form.rules import referenced_forms

if TYPE_CHECKING:
    from annotator.form.context import Context

__all__ = ["Layout", "read_layout"]

_BUTTONS = {"previous": "◀ Prev", "next": "Skip", "submit": "Submit"}
_BUTTON_ELEMENTS = frozenset(
    {"break", "fixed_value", "line", "pass_value", "progress_tracker", "text", "title"}
)
_RESERVED = ("form", "dynamic_forms", "submission_buttons", "_fixed_kwargs")


@dataclass
class Layout:
    """The parts of a form as read."""

    parts: list[tuple[str, tuple[Element, ...]]] = field(default_factory=list)
    dynamic: dict[str, tuple[Element, ...]] = field(default_factory=dict)
    buttons: Buttons = field(default_factory=lambda: Buttons(submit=Button("Submit")))
    fixed: list[FixedValue] = field(default_factory=list)

    @property
    def references(self) -> list[tuple[str, Element]]:
        """Sections that answers may open, with the element that does."""
        parts = [*self.parts, *self.dynamic.items()]
        return [found for _, part in parts for found in referenced_forms(part)]

    @property
    def elements(self) -> tuple[Element, ...]:
        """What always shows, in the order of the keys."""
        opened = {name for name, _ in self.references}
        return tuple(e for name, part in self.parts if name not in opened for e in part)

    @property
    def sections(self) -> dict[str, tuple[Element, ...]]:
        """What an answer opens: dynamic forms, and named lists that one names."""
        opened = {name for name, _ in self.references}
        named = {name: part for name, part in self.parts if name and name in opened}
        return {**self.dynamic, **named}


def read_layout(mapping: Mapping[str, Any], context: Context) -> Layout:
    """Read the keys of a form in their order."""
    layout = Layout()
    if not isinstance(mapping, Mapping):
        context.problem(f"The form must be a mapping, not {show(mapping)}", ())
        return layout
    for key, value in mapping.items():
        if value is None and key not in ("line", "break"):
            continue
        if key == "form":
            layout.parts.append(("", read_list(value, (key,), context)))
        elif key == "dynamic_forms":
            _read_dynamic(value, layout, context)
        elif key == "submission_buttons":
            layout.buttons = _read_buttons(value, context)
        elif key == "_fixed_kwargs":
            fixed = read_list(value, (key,), context)
            layout.fixed += [item for item in fixed if isinstance(item, FixedValue)]
        elif key in ELEMENT_KINDS:
            layout.parts.append(("", tuple(read_element(key, value, (key,), context))))
        elif isinstance(value, (list, tuple)):
            layout.parts.append((str(key), read_list(value, (str(key),), context)))
        else:
            known = [*ELEMENT_KINDS, *_RESERVED]
            where = context.origin.where(str(key))
            context.problems.unknown_key(key, known, where, part="form_config")
    return layout


def _read_dynamic(value: Any, layout: Layout, context: Context) -> None:
    for name, content, path in _named(value, context):
        if name in layout.dynamic:
            context.problem(f"The dynamic form '{name}' is defined twice", path)
        layout.dynamic[name] = read_list(content, path, context)


def _named(
    value: Any, context: Context
) -> Iterator[tuple[str, Any, tuple[str | int, ...]]]:
    """Yield the sections of a mapping, or of a list of mappings of one key."""
    top = ("dynamic_forms",)
    items = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
    for index, item in items:
        path = top if index is None else (*top, index)
        if not isinstance(item, Mapping):
            context.problem(
                "'dynamic_forms' must be a mapping of names to lists of elements,"
                f" not {show(item)}",
                path,
            )
            continue
        for name, content in item.items():
            yield str(name), content, (*path, str(name))


def _read_buttons(value: Any, context: Context) -> Buttons:
    path = ("submission_buttons",)
    found: dict[str, Button | None] = {"submit": Button(_BUTTONS["submit"])}
    elements: list[Element] = []
    items = value if isinstance(value, list) else [value]
    for index, item in enumerate(items):
        where = (*path, index) if isinstance(value, list) else path
        if not isinstance(item, Mapping):
            context.problem(
                f"'submission_buttons' must be a mapping, not {show(item)}", where
            )
            continue
        for key, content in item.items():
            place = (*where, key)
            if key in _BUTTONS:
                found[key] = _read_button(key, content, place, context)
            elif key in _BUTTON_ELEMENTS:
                elements += read_element(key, content, place, context)
            else:
                known = [*_BUTTONS, *_BUTTON_ELEMENTS]
                text = context.origin.where(*place)
                context.problems.unknown_key(key, known, text, part=path[0])
    return Buttons(**found, elements=tuple(elements))


def _read_button(
    key: str, value: Any, path: tuple[str | int, ...], context: Context
) -> Button | None:
    if value is False:
        return None
    options = context.mapping(value, path, ("label", "icon"))
    icon = options.get("icon", True)
    if not isinstance(icon, (bool, str)):
        context.problem(f"'icon' must be true or false, not {show(icon)}", path)
        icon = True
    return Button(context.text(options, "label", path, _BUTTONS[key]), icon)
