"""Make an `AnnotatorConfig` from files and arguments; see `AnnotatorConfig.load`."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from annotator.config.base import Given
from annotator.config.layers import SECTIONS, Layer, merge, read_layer
from annotator.config.load import Origin, is_address, load_mapping
from annotator.config.paths import PathFinder
from annotator.config.problems import Problems, show
from annotator.config.spellings import SPELLINGS, near_parameter
from annotator.errors import ConfigError

if TYPE_CHECKING:
    from annotator.config.project import AnnotatorConfig

    C = TypeVar("C", bound=AnnotatorConfig)
else:
    C = TypeVar("C")

__all__ = ["load_config"]

_FORM = ("", "form_config")
_FIXED = ("", "fixed")
_LOCAL = {"fallback", "path", "prefix", "uri", "value"}  # keys that may hold a path


@dataclass
class _Reading:
    """What has been read so far."""

    top_level: list[str]
    layers: list[Layer] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    notes: list[str] = field(default_factory=list)
    fixed: dict[str, Any] = field(default_factory=dict)

    def add(self, mapping: Mapping[Any, Any], origin: Origin) -> dict[str, Any]:
        """Put a layer over the others; return the keys that nothing knows."""
        layer, unknown = read_layer(
            mapping, origin, self.top_level, self.problems, self.notes
        )
        fixed = layer.get(_FIXED)
        if fixed and isinstance(fixed.value, Mapping):
            self.fixed.update(fixed.value)
            del layer[_FIXED]
        self.layers.append(layer)
        self.origins.append(origin)
        return unknown

    @property
    def folders(self) -> tuple[Path, ...]:
        """Folders of the files read, the last first."""
        return tuple(item.folder for item in reversed(self.origins) if item.folder)


def load_config(
    cls: type[C], project: Any, config: Any, arguments: Mapping[str, Any]
) -> C:
    """Read the files and put the arguments over them."""
    reading = _Reading(cls.top_level())
    if project is not None:
        _refuse_others(cls, config, arguments)
        _read_project(cls, project, reading)
    elif config is not None:
        _read_file(cls, config, "config", reading)
    columns = _fixed_columns(cls, reading.add(arguments, Origin()), reading.problems)
    layer = merge(reading.layers)
    form_origin = _place_form(reading, layer)
    made = cls.assemble(layer, reading.problems)
    _take_fixed(made, reading, columns)
    _require(made, reading.problems)
    reading.problems.raise_if_any()
    if isinstance(project, (str, os.PathLike)) and ("", "project_name") not in layer:
        made.project_name = _title(str(project))
    made.notes, made.form_origin = reading.notes, form_origin
    made.set_paths(PathFinder(reading.folders, _given_here(reading.layers[-1])))
    return made


def _refuse_others(
    cls: type[AnnotatorConfig], config: Any, arguments: Mapping[str, Any]
) -> None:
    known = {*cls.keys(), *SECTIONS, *SPELLINGS} - {"fixed"}
    others = [
        key for key, value in arguments.items() if key in known and value is not None
    ]
    if config is not None:
        others.insert(0, "config")
    if others:
        msg = (
            "A project brings its whole configuration; only fixed columns may be given"
            f" beside it, not: {', '.join(others)}. Put these into the project,"
            " or use config= in place of project="
        )
        raise ConfigError(msg)


def _read_project(cls: type[AnnotatorConfig], project: Any, reading: _Reading) -> None:
    mapping, origin = _open(project, "project")
    mapping = dict(mapping)
    base = mapping.pop("config", None)
    if base is not None:
        if not isinstance(base, Mapping):
            base = _beside(base, origin)
        _read_file(cls, base, "config", reading)
    cls.note_unknown(reading.add(mapping, origin), origin, reading.problems)


def _read_file(
    cls: type[AnnotatorConfig], source: Any, name: str, reading: _Reading
) -> None:
    mapping, origin = _open(source, name)
    mapping = dict(mapping)
    if mapping.pop("config", None) is not None:
        where = origin.where("config")
        reading.notes.append(
            "'config' inside a configuration is not followed, only inside a project"
            + (f" ({where})" if where else "")
        )
    cls.note_unknown(reading.add(mapping, origin), origin, reading.problems)


def _open(source: Any, name: str) -> tuple[Mapping[Any, Any], Origin]:
    if isinstance(source, Mapping):
        return source, Origin()
    if isinstance(source, (str, os.PathLike)):
        return load_mapping(os.fspath(source))
    msg = f"'{name}' must be a file or a mapping, not {show(source)}"
    raise ConfigError(msg)


def _beside(name: Any, origin: Origin) -> Any:
    """Return where a file named in another one is."""
    if not isinstance(name, (str, os.PathLike)):
        return name
    text = os.fspath(name)
    folder = (origin.folder,) if origin.folder else ()
    found = PathFinder(folder).find(text)
    if is_address(origin.name) and not is_address(text) and not Path(found).exists():
        return f"{origin.name.rpartition('/')[0]}/{text}"
    return found


def _place_form(reading: _Reading, layer: Layer) -> Origin:
    """Put the form's mapping into the layer, read from its file if it is named."""
    item = layer.get(_FORM)
    if item is None:
        return Origin()
    giver = max(i for i, each in enumerate(reading.layers) if _FORM in each)
    origin = reading.origins[giver]
    value = item.value
    if isinstance(value, (str, os.PathLike)):
        # An argument is meant from here, a name in a file from beside it.
        folders = reading.folders if origin.name else ()
        found = _beside(value, origin)
        if not is_address(str(found)):
            found = PathFinder(folders).find(str(found))
            if not Path(found).exists():
                found = PathFinder(reading.folders).find(str(value))
        try:
            value, origin = load_mapping(found)
        except ConfigError as err:
            reading.problems.add(f"'{item.key}': {err}", item.where)
            del layer[_FORM]
            return Origin()
    else:
        origin = origin.below(item.key)
    if isinstance(value, list):
        value = {"form": value}
    layer[_FORM] = Given(copy.deepcopy(value), item.key, item.where)
    return origin


def _fixed_columns(
    cls: type[AnnotatorConfig], unknown: Mapping[str, Any], problems: Problems
) -> dict[str, Any]:
    """Take the arguments that are no keys for fixed columns, unless they are slips."""
    known = [*cls.keys(), *SPELLINGS, "config", "project"]
    for name in unknown:
        near = near_parameter(name, known)
        if near:
            problems.add(
                f"Unknown argument '{name}'. Did you mean '{near}'? To write a column"
                f" of that name, give fixed={{'{name}': …}}"
            )
    return dict(unknown)


def _take_fixed(
    made: AnnotatorConfig, reading: _Reading, columns: Mapping[str, Any]
) -> None:
    allowed = made.session_args
    if allowed is False:
        taken: dict[str, Any] = {}
    elif allowed in (True, "*"):
        taken = dict(columns)
    else:
        names = [allowed] if isinstance(allowed, str) else allowed
        taken = {key: value for key, value in columns.items() if key in names}
    refused = [key for key in columns if key not in taken]
    if refused:
        reading.notes.append(
            f"'session_args' does not allow {', '.join(refused)}; left out"
        )
    made.fixed = {**reading.fixed, **taken}


def _require(made: AnnotatorConfig, problems: Problems) -> None:
    for section, example in (
        ("data", "a table of clips, such as data: detections.csv"),
        ("audio", "a recording or a column of them, such as audio: recording.flac"),
    ):
        named = any(f"'{section}" in problem for problem in problems)
        if not getattr(made, section).kind and not named:
            problems.add(f"'{section}' is required: {example}")


def _title(name: str) -> str:
    stem = name.replace("\\", "/").rpartition("/")[2].partition(".")[0]
    return stem.replace("_", " ").replace("-", " ").title()


def _given_here(layer: Layer) -> frozenset[str]:
    return frozenset(
        os.fspath(item.value)
        for (_, key), item in layer.items()
        if key in _LOCAL and isinstance(item.value, (str, os.PathLike))
    )
