"""Which columns of the data a configuration names, and for what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from annotator.config.project import AnnotatorConfig

__all__ = ["form_columns", "named_columns"]


def named_columns(config: AnnotatorConfig) -> Iterator[tuple[str, str]]:
    """Yield (column, key that names it), in the order of the YAML."""
    data = config.data
    if data.start_time != "start_time":
        yield data.start_time, "'data.start_time'"
    if isinstance(data.duration, str):
        yield data.duration, "'data.duration'"
    elif data.end_time != "end_time" and data.duration is None:
        yield data.end_time, "'data.end_time'"
    if data.index_column:
        yield data.index_column, "'data.index_column'"
    if config.audio.column:
        yield config.audio.column, "'audio.column'"
    for column in config.view.display_columns:
        yield column, "'display_columns'"
    if config.view.sort:
        yield config.view.sort, "'sort'"
    yield from form_columns(config.form_config or {})


def form_columns(form: Any) -> Iterator[tuple[str, str]]:
    """Yield (column, key that names it) for the source columns of a form."""
    if isinstance(form, (list, tuple)):
        for item in form:
            yield from form_columns(item)
    if not isinstance(form, Mapping):
        return
    for key, value in form.items():
        if key == "pass_value":
            column = value.get("source_column") if isinstance(value, Mapping) else value
            if isinstance(column, str):
                yield column, "'pass_value'"
        elif key == "source_value" and isinstance(value, str):
            yield value, "'source_value'"
        else:
            yield from form_columns(value)
