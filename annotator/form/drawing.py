"""Read an `annotation`: the tools that draw regions, and where their edges go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from annotator.form.fields import Annotation, Bound, Element

if TYPE_CHECKING:
    from annotator.form.context import Context, Path

__all__ = ["BOUNDS", "TIME_TOOLS", "read_annotation"]

BOUNDS = ("start_time", "end_time", "min_frequency", "max_frequency")
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "time_select": BOUNDS[:1],
    "start_end_time_select": BOUNDS[:2],
    "fixed_duration": BOUNDS[:2],
    "bounding_box": BOUNDS,
    "multibox": BOUNDS,
}
# These stand at the clip's own times until they are moved.
TIME_TOOLS = frozenset({"time_select", "start_end_time_select"})
_KEYS = (*BOUNDS, "tools", "form", "fixed_duration")


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
        name for name in BOUNDS if any(name in _NEEDS.get(tool, ()) for tool in tools)
    ]
    if named:
        for tool in tools:
            for name in _NEEDS.get(tool, ()):
                if name not in named:
                    context.problem(
                        f"Annotation tool '{tool}' needs the field '{name}'", path
                    )
    bounds = [
        _bound(name, options.get(name), path, context) for name in named or needed
    ]
    form = read_form(options["form"], (*path, "form")) if "form" in options else ()
    return Annotation(context.key(path), tools, tuple(bounds), form, dict(options))


def _tools(options: Mapping[str, Any], path: Path, context: Context) -> tuple[str, ...]:
    given = options.get("tools")
    if given is None:
        given = "fixed_duration" if "fixed_duration" in options else "time_select"
    tools = [given] if isinstance(given, str) else given
    if not isinstance(tools, (list, tuple)) or not tools:
        context.problem("'annotation' needs at least one tool in 'tools'", path)
        return ()
    for tool in tools:
        if tool not in _NEEDS:
            context.problem(
                f"Unknown annotation tool '{tool}'; there are {', '.join(_NEEDS)}",
                (*path, "tools"),
            )
    window = options.get("fixed_duration")
    if isinstance(window, Mapping) and {"window", "initial_window"} <= set(window):
        context.problem(
            "'fixed_duration' takes 'window' or 'initial_window', not both",
            (*path, "fixed_duration"),
        )
    return tuple(str(tool) for tool in tools)


def _bound(name: str, value: Any, path: Path, context: Context) -> Bound:
    where = (*path, name)
    options = context.mapping(value, where, ("label", "column", "source_value"))
    label = context.text(options, "label", where, name)
    column = context.text(options, "column", where, label)
    return Bound(name, label, column, context.source(options, "source_value", where))
