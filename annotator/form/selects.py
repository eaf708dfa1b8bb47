"""Read a `select`: its items may be in the form, in a file, or a range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from annotator.config.problems import show
from annotator.errors import AnnotatorError, ConfigError
from annotator.form.fields import Option, Select
from annotator.form.items import (
    range_options,
    read_options,
    table_options,
)

if TYPE_CHECKING:
    from annotator.form.context import Context, Path

__all__ = ["read_select"]

_EXTRAS = ("custom_value", "filter_box", "not_available")
_KEYS = (
    *("label", "column", "items", "required", "default", "width", "source_value"),
    *_EXTRAS,
)
_FILE = ("path", "value", "label")
_RANGE = ("min", "max", "step")
_ITEM_KEYS = {*_FILE, *_RANGE, *_EXTRAS, "items"}


def read_select(value: Any, path: Path, context: Context) -> Select:
    """Read one select.

    Parameters
    ----------
    value
        Its mapping.
    path
        Its place in the form.
    context
        Takes the problems, and has the loader of files of items.
    """
    options = context.mapping(value, path, _KEYS)
    common = context.common(options, path, "select")
    options = {**options, **_extras_of_items(options.get("items"))}
    where = (*path, "items")
    if "items" not in options:
        context.problem(f"The select '{common['label']}' has no 'items'", path)
    items, default = _read(options.get("items"), where, context)
    not_available = _not_available(options, path, context)
    if not_available is not None:
        items.append(not_available)
    select = Select(
        **common,
        items=tuple(items),
        filter_box=context.flag(options, "filter_box", path),
        custom_value=_custom(options, path, context),
        not_available=not_available,
    )
    return _with_default(select, options.get("default", default), path, context)


def _extras_of_items(items: Any) -> dict[str, Any]:
    """Return the options that stand beside a path, range or list within `items`."""
    if not isinstance(items, Mapping):
        return {}
    return {key: items[key] for key in _EXTRAS if key in items}


def _read(items: Any, path: Path, context: Context) -> tuple[list[Option], Any]:
    try:
        if isinstance(items, str):
            return _from_file({"path": items}, context), None
        if isinstance(items, Mapping):
            return _from_mapping(items, path, context)
        if isinstance(items, (list, tuple)):
            return read_options(items)
    except AnnotatorError as err:
        context.problem(f"'items' of 'select': {err}", path)
        return [], None
    if items is not None:
        context.problem(
            f"'items' must be a list, a file or a range, not {show(items)}", path
        )
    return [], None


def _from_mapping(
    items: Mapping[str, Any], path: Path, context: Context
) -> tuple[list[Option], Any]:
    if "path" in items or "items" in items or set(items) & set(_RANGE):
        for key in items:
            if key not in _ITEM_KEYS:
                where = context.origin.where(*path, str(key))
                context.problems.unknown_key(key, sorted(_ITEM_KEYS), where, "items")
    if "path" in items:
        return _from_file(items, context), None
    if isinstance(items.get("items"), (list, tuple)):
        return read_options(items["items"])
    if set(items) & set(_RANGE):
        if "max" not in items:
            msg = "a range needs 'max'"
            raise ConfigError(msg)
        low, step = items.get("min", 0), items.get("step", 1)
        return range_options(low, items["max"], step), None
    plain = {key: label for key, label in items.items() if key not in _EXTRAS}
    return read_options([{key: label} for key, label in plain.items()])


def _from_file(items: Mapping[str, Any], context: Context) -> list[Option]:
    name = items["path"]
    if not isinstance(name, str) or not name:
        msg = f"'path' must name a file, not {show(name)}"
        raise ConfigError(msg)
    if context.loader is None:
        msg = f"the file '{name}' cannot be read here: no loader was given"
        raise ConfigError(msg)
    value, label = items.get("value"), items.get("label")
    content = context.loader(name)
    try:
        options = table_options(content, value, label)
    except ConfigError as err:
        msg = f"{name} {err}"
        raise ConfigError(msg) from err
    if not options:
        msg = f"{name} holds no items"
        raise ConfigError(msg)
    return options


def _not_available(
    options: Mapping[str, Any], path: Path, context: Context
) -> Option | None:
    given = options.get("not_available", False)
    if given is False or given is None:
        return None
    if given is True:
        return Option("not-available", "not-available")
    try:
        return read_options([given])[0][0]
    except ConfigError as err:
        context.problem(f"'not_available': {err}", (*path, "not_available"))
        return None


def _custom(options: Mapping[str, Any], path: Path, context: Context) -> bool:
    if isinstance(options.get("custom_value"), str):  # a text for its entry
        return True
    return context.flag(options, "custom_value", path)


def _with_default(select: Select, default: Any, path: Path, context: Context) -> Select:
    if default is None:
        return select
    option = select.option(default) or next(
        (item for item in select.items if item.label == str(default)), None
    )
    if option is None and not select.custom_value and select.items:
        context.problem(
            f"The default {show(default)} of the select '{select.label}' is not one of"
            " its items",
            (*path, "default"),
        )
        return select
    return replace(select, default=default if option is None else option.value)
