"""Which columns of the data a configuration names, and for what."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from annotator.config.project import AnnotatorConfig

__all__ = ["form_columns", "named_columns"]

Path = tuple[str | int, ...]


def named_columns(
    config: AnnotatorConfig, present: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield (column, key that names it, where), in the order of the YAML.

    `present` are the columns there are: the times may have been renamed already.
    """
    data = config.data
    if data.start_time and "start_time" not in present:
        yield data.start_time, "'data.start_time'", ""
    if isinstance(data.duration, str):
        if "end_time" not in present:
            yield data.duration, "'data.duration'", ""
    elif data.end_time and "end_time" not in present and data.duration is None:
        yield data.end_time, "'data.end_time'", ""
    if data.index_column:
        yield data.index_column, "'data.index_column'", ""
    if config.audio.column:
        yield config.audio.column, "'audio.column'", ""
    for column in config.view.display_columns:
        yield column, "'display_columns'", ""
    if config.view.sort:
        yield config.view.sort, "'sort'", ""
    for column, purpose, path in form_columns(config.form_config or {}):
        yield column, purpose, config.form_origin.where(*path)


def form_columns(form: Any, path: Path = ()) -> Iterator[tuple[str, str, Path]]:
    """Yield (column, key that names it, its place) for the source columns of a form."""
    if isinstance(form, (list, tuple)):
        for index, item in enumerate(form):
            yield from form_columns(item, (*path, index))
    if not isinstance(form, Mapping):
        return
    for key, value in form.items():
        place = (*path, str(key))
        if key == "pass_value":
            for column, where in _passed(value, place):
                yield column, "'pass_value'", where
        elif key == "source_value" and isinstance(value, str):
            yield value, "'source_value'", place
        elif key != "items":
            yield from form_columns(value, place)


def _passed(value: Any, path: Path) -> Iterator[tuple[str, Path]]:
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _passed(item, (*path, index))
    column = value.get("source_column") if isinstance(value, Mapping) else value
    if isinstance(column, str):
        yield column, path
