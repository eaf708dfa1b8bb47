"""The configuration of a hub's project: what its members write, and the hub reviews by.

It says how clips look and what is asked about them. Where clips, recordings and answers
are is the hub's own matter: its machine must open nothing because a text says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from annotator.config.layers import read_layer
from annotator.config.load import Origin, parse_text
from annotator.config.problems import Problems
from annotator.config.project import AnnotatorConfig
from annotator.errors import ConfigError
from annotator.form.spec import FormSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "CLIP_COLUMNS",
    "EXAMPLE",
    "LONGEST",
    "MemberConfig",
    "form_columns",
    "problems_of",
    "read",
]

NAME = "The configuration"
CLIP_COLUMNS = ("clip_id", "recording", "start_time", "end_time")
"""Columns that each clip of a hub project has, beside those of its table."""

LONGEST = 200_000
"""Characters of a configuration at most."""

EXAMPLE = """\
description:
  title: How to review
  text: Listen to each clip, then say what you hear.

form_config:
  title:
    value: What do you hear?
    progress_tracker: true
  form:
    - select:
        label: Species
        column: species
        required: true
        items: [owl, nightjar, none of them]
    - textbox:
        label: Notes
        column: notes

default_buffer: 2
visualizations: [mel, linear]
"""

_DATA = "clips are loaded on the project's own page"
_AUDIO = "each clip says its recording itself"
_OUTPUT = "answers go to the hub"
_FILES = "a hub project opens no files; write the text itself"
_WHY = {
    ("", "annotator"): "the annotator is who signed in",
    ("", "secrets"): "a hub project holds no credentials",
    ("", "session_args"): "nothing is given as arguments here",
    ("description", "path"): _FILES,
    ("view", "capture"): "pictures are not saved on the hub's machine",
    ("view", "capture_dir"): "pictures are not saved on the hub's machine",
    ("view", "capture_height"): "pictures are not saved on the hub's machine",
}
_WHOLE = {"audio": _AUDIO, "data": _DATA, "output": _OUTPUT}


class MemberConfig(AnnotatorConfig):
    """A configuration that opens nothing by itself; see the module."""

    __abstract = True

    def resolve_path(self, name: str) -> str:
        """Refuse to look a path up."""
        raise ConfigError(_refused_file())

    def resolve_form_path(self, name: str) -> str:
        """Refuse to look a path up."""
        raise ConfigError(_refused_file())


def read(text: str) -> dict[str, Any]:
    """Read a member's text, and check that it asks for nothing that it may not.

    Parameters
    ----------
    text
        YAML; empty: nothing is configured yet.

    Returns
    -------
    dict
        Its keys, as they stand.

    Raises
    ------
    ConfigError
        It is no good YAML, or holds keys that a hub project must not.
    """
    if len(text) > LONGEST:
        msg = f"{NAME} is longer than {LONGEST:,} characters; shorten its lists"
        raise ConfigError(msg)
    mapping, lines = parse_text(text, name=NAME)
    mapping = {} if mapping is None else mapping
    if not isinstance(mapping, dict):
        msg = f"{NAME} must hold keys and values ('key: value')"
        raise ConfigError(msg)
    problems = Problems()
    if mapping.pop("config", None) is not None:
        problems.add(f"'config' cannot be set here: {_FILES}")
    layer, unknown = read_layer(
        mapping, Origin("configuration", lines), MemberConfig.top_level(), problems, []
    )
    MemberConfig.note_unknown(unknown, Origin("configuration", lines), problems)
    for place, given in layer.items():
        reason = _WHY.get(place) or _WHOLE.get(place[0])
        if place[1] == "secrets":
            reason = _WHY["", "secrets"]
        if reason:
            problems.add(f"'{given.key}' cannot be set here: {reason}", given.where)
    form = layer.get(("", "form_config"))
    if form is not None and isinstance(form.value, str):
        problems.add(f"'{form.key}' names a file: {_FILES}", form.where)
    problems.raise_if_any()
    return mapping


def form_columns(config: Mapping[str, Any], columns: Iterable[str]) -> list[str]:
    """Return the columns that the form of a configuration writes.

    Parameters
    ----------
    config
        As `read` returns it.
    columns
        Of the table of clips.
    """
    made = MemberConfig.from_dict(config)
    if made.form_config is None and not made.fixed:
        return []
    return list(FormSpec.from_config(made, list(columns) or None).columns)


def problems_of(text: str, columns: Iterable[str]) -> list[str]:
    """Return one sentence for each thing that is wrong with a member's text.

    Parameters
    ----------
    text
        YAML.
    columns
        Of the project's clips; none: there are no clips yet, and what it says of
        columns is not looked at.
    """
    names = [str(column) for column in columns]
    names += [name for name in CLIP_COLUMNS if names and name not in names]
    try:
        config = read(text)
        made = MemberConfig.from_dict(config)
    except ConfigError as error:
        return list(error.problems)
    problems = made.validate_columns(names) if names else []
    try:
        FormSpec.from_config(made, names or None)
    except ConfigError as error:
        problems += error.problems
    return list(dict.fromkeys(problems))


def _refused_file() -> str:
    return f"A file is named: {_FILES}"
