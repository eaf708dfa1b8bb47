"""Put the project file, the configuration file and the arguments over each other.

A layer is what one of them says, by section and key, with where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from annotator.config.audio import AudioConfig
from annotator.config.base import Config, Given
from annotator.config.data import DataConfig
from annotator.config.description import DescriptionConfig
from annotator.config.output import OutputConfig
from annotator.config.problems import Problems, show
from annotator.config.source import SOURCE_KEYS
from annotator.config.spellings import SPELLINGS
from annotator.config.view import ViewConfig

if TYPE_CHECKING:
    from annotator.config.load import Origin

__all__ = ["SECTIONS", "Layer", "merge", "read_layer"]

SECTIONS: Mapping[str, type[Config]] = {
    "audio": AudioConfig,
    "data": DataConfig,
    "description": DescriptionConfig,
    "output": OutputConfig,
    "view": ViewConfig,
}
Layer = dict[tuple[str, str], Given]
_WHOLE = ""  # key that says: this layer gives the section as one plain value
_SOURCED = ("audio", "data")  # sections that come from exactly one place
_SOURCES = tuple(key for key in SOURCE_KEYS if key != "source_type")


def read_layer(
    mapping: Mapping[Any, Any],
    origin: Origin,
    top_level: list[str],
    problems: Problems,
    notes: list[str],
) -> tuple[Layer, dict[str, Any]]:
    """Sort keys and values into sections.

    Parameters
    ----------
    mapping
        Keys as written; None means "not set".
    origin
        Where they were read.
    top_level
        Keys of the configuration itself, besides the sections.
    problems, notes
        Take what is wrong, and what is worth knowing.

    Returns
    -------
    tuple
        The layer, and the keys that nothing knows with their values.
    """
    layer: Layer = {}
    flat: Layer = {}
    unknown: dict[str, Any] = {}
    for key, value in mapping.items():
        if key in SECTIONS:
            if value is not None:
                layer.update(_read_section(key, value, origin, problems))
        elif key in top_level:
            if value is not None:
                layer["", key] = Given(value, key, origin.where(key))
        elif key in SPELLINGS:
            if value is not None:
                _read_flat(flat, key, value, origin, (problems, notes))
        else:
            unknown[key] = value
    whole = {place: item for place, item in layer.items() if place[1] == _WHOLE}
    return {**whole, **merge([layer, flat])}, unknown


def merge(layers: list[Layer]) -> Layer:
    """Let later layers win.

    A source named there drops the earlier one's sources; a plain text for
    `audio` or `output` drops the earlier section, whose prefix or Sync address
    was meant for something else.
    """
    merged: Layer = {}
    for layer in layers:
        for section in SECTIONS:
            if (section, _WHOLE) in layer:
                dropped = [place for place in merged if place[0] == section]
            elif section in _SOURCED and any(
                (section, key) in layer for key in _SOURCES
            ):
                dropped = [(section, key) for key in SOURCE_KEYS]
            else:
                continue
            for place in dropped:
                merged.pop(place, None)
        merged.update(item for item in layer.items() if item[0][1] != _WHOLE)
    return merged


def _read_section(
    section: str, value: Any, origin: Origin, problems: Problems
) -> Layer:
    kind = SECTIONS[section]
    if isinstance(value, Mapping):
        given = kind.read_keys(value, origin.below(section), problems)
        return {(section, key): item for key, item in given.items()}
    where = origin.where(section)
    if not kind.SHORTHAND:
        problems.add(
            f"'{section}' must be a mapping ('key: value'), not {show(value)}", where
        )
        return {}
    shorthand = kind.SHORTHAND
    if isinstance(kind, type) and issubclass(kind, DescriptionConfig):
        shorthand = kind.shorthand_key(value)
    item = Given(value, section, where)
    if section in ("audio", "output"):
        return {(section, _WHOLE): item, (section, shorthand): item}
    return {(section, shorthand): item}


def _read_flat(
    flat: Layer,
    key: str,
    value: Any,
    origin: Origin,
    reports: tuple[Problems, list[str]],
) -> None:
    problems, notes = reports
    spelling = SPELLINGS[key]
    where = origin.where(key)
    if spelling.note:
        notes.append(f"'{key}' {spelling.note}" + (f" ({where})" if where else ""))
    if key == "ident_column" and isinstance(value, str) and "[[" not in value:
        value = f"[[{value}]]"
    place = (spelling.section, spelling.key)
    if place[0] in _SOURCED and place[1] in _SOURCES:
        named = [
            flat[place[0], name].key for name in _SOURCES if (place[0], name) in flat
        ]
        if named:
            problems.add(f"Give one of '{named[0]}' and '{key}', not both", where)
            return
    flat[place] = Given(value, key, where)
