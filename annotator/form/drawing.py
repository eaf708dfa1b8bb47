"""Read an `annotation`: the tools that draw regions, and where their edges go."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from annotator.config.problems import show
from annotator.form.fields import Annotation, Bound, Element, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from annotator.form.context import Context, Path

__all__ = ["BOUNDS", "TIME_TOOLS", "TOOLS", "read_annotation"]

BOUNDS = ("start_time", "end_time", "min_frequency", "max_frequency")
TOOLS: Mapping[str, tuple[str, ...]] = {
    "time_select": BOUNDS[:1],
    "start_end_time_select": BOUNDS[:2],
    "fixed_duration": BOUNDS[:2],
    "bounding_box": BOUNDS,
    "multibox": BOUNDS,
}
"""What draws regions, and the edges that it sets."""
# These stand at the clip's own times until they are moved.
TIME_TOOLS = frozenset({"time_select", "start_end_time_select"})
_KEYS = (*BOUNDS, "tools", "form", "fixed_duration")
_WINDOW_KEYS = ("window", "initial_window", "min", "max", "step")


def read_annotation(
    value: Any,
    path: Path,
    context: Context,
    read_form: Callable[[Any, Path], tuple[Element, ...]],
) -> Annotation:
    """Read one annotation element.

    Parameters
    ----------
    value
        Its mapping.
    path
        Its place in the form.
    context
        Takes the problems.
    read_form
        Reads the questions asked of each region.
    """
    options = context.mapping(value, path, _KEYS, short="tools")
    tools = _tools(options, path, context)
    named = [name for name in BOUNDS if name in options]
    needed = [
        name for name in BOUNDS if any(name in TOOLS.get(tool, ()) for tool in tools)
    ]
    if named:
        for tool in tools:
            for name in TOOLS.get(tool, ()):
                if name not in named:
                    context.problem(
                        f"Annotation tool '{tool}' needs the field '{name}'", path
                    )
    bounds = [
        _bound(name, options.get(name), path, context) for name in named or needed
    ]
    form = read_form(options["form"], (*path, "form")) if "form" in options else ()
    window = _window(options.get("fixed_duration"), path, context)
    return Annotation(context.key(path), tools, tuple(bounds), form, window)


def _tools(options: Mapping[str, Any], path: Path, context: Context) -> tuple[str, ...]:
    given = options.get("tools")
    if given is None:
        given = "fixed_duration" if "fixed_duration" in options else "time_select"
    tools = [given] if isinstance(given, str) else given
    if not isinstance(tools, (list, tuple)) or not tools:
        context.problem("'annotation' needs at least one tool in 'tools'", path)
        return ()
    for tool in tools:
        if tool not in TOOLS:
            context.problem(
                f"Unknown annotation tool '{tool}'; there are {', '.join(TOOLS)}",
                (*path, "tools"),
            )
    return tuple(dict.fromkeys(str(tool) for tool in tools))


def _window(value: Any, path: Path, context: Context) -> Window:
    """Read how long a window is: seconds, or a mapping where it may be changed."""
    where = (*path, "fixed_duration")
    options = context.mapping(value, where, _WINDOW_KEYS, short="window")
    if {"window", "initial_window"} <= set(options):
        context.problem(
            "'fixed_duration' takes 'window' or 'initial_window', not both", where
        )
    numbers = {key: context.number(options, key, where) for key in options}
    for key, number in numbers.items():
        if number is not None and not 0 < number < math.inf:
            context.problem(
                f"'{key}' of 'fixed_duration' must be more than 0 s, not {show(number)}",
                where,
            )
            return Window()
    given = {key: numbers.get(key) for key in ("min", "max", "step")}
    limits: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    fixed, initial = numbers.get("window"), numbers.get("initial_window")
    length = fixed or initial or Window.length
    window = Window(length=length, editable=fixed is None, **limits)
    shortest = limits.get("min", min(window.min, length))
    longest = math.inf if window.max is None else window.max
    if window.editable and not shortest <= length <= longest:
        context.problem(
            f"'fixed_duration' is {length} s long at first, which is not between its"
            f" 'min' {shortest} and its 'max' {longest}",
            where,
        )
    return replace(window, min=shortest)


def _bound(name: str, value: Any, path: Path, context: Context) -> Bound:
    where = (*path, name)
    options = context.mapping(value, where, ("label", "column", "source_value"))
    label = context.text(options, "label", where, name)
    column = context.text(options, "column", where, label)
    return Bound(name, label, column, context.source(options, "source_value", where))
