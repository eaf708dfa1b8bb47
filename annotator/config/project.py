"""`AnnotatorConfig`: everything that describes one review, composed of its sections."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import param
import yaml

from annotator.config.audio import AudioConfig
from annotator.config.base import Config, Given
from annotator.config.columns import named_columns
from annotator.config.data import DataConfig
from annotator.config.description import DescriptionConfig
from annotator.config.layers import SECTIONS, Layer, read_layer
from annotator.config.load import Origin
from annotator.config.loading import load_config
from annotator.config.output import OutputConfig
from annotator.config.paths import PathFinder
from annotator.config.problems import Problems, missing_column
from annotator.config.secrets import MASK, Secrets, SecretsParameter
from annotator.config.spellings import SPELLINGS
from annotator.config.templates import expand, placeholders
from annotator.config.view import ViewConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["AnnotatorConfig"]

_log = logging.getLogger(__name__)
_AUTO_OUTPUT = "outputs/annotation_output-[[%y%m%d_%H%M]].csv"


class AnnotatorConfig(Config):
    """One review: its data, audio, form, output and looks.

    Make it with `load` from files and arguments, or with `from_dict`.
    """

    annotator = param.String(
        default="", doc="Name of the person; empty: the login name of the system."
    )
    audio = param.ClassSelector(
        class_=AudioConfig, default=AudioConfig(), doc="Recordings."
    )
    data = param.ClassSelector(
        class_=DataConfig, default=DataConfig(), doc="Table of clips."
    )
    description = param.ClassSelector(
        class_=DescriptionConfig, default=DescriptionConfig(), doc="Instructions."
    )
    fixed = param.Dict(default={}, doc="Column -> value written into each annotation.")
    form_config = param.Dict(
        default=None, allow_None=True, doc="The form, as the form language says."
    )
    output = param.ClassSelector(
        class_=OutputConfig, default=OutputConfig(), doc="Annotations and Sync."
    )
    project_name = param.String(
        default="Bioacoustic Annotator", doc="Heading of the dashboard."
    )
    secrets = SecretsParameter(
        default=None, doc="Credentials of all sections that name none of their own."
    )
    session_args = param.ClassSelector(
        class_=(bool, str, list),
        default=True,
        doc="Which fixed columns may be given as arguments: true or '*' for all,"
        " false for none, or their names.",
    )
    view = param.ClassSelector(class_=ViewConfig, default=ViewConfig(), doc="Looks.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.notes: list[str] = []  # worth knowing, but no error
        self.form_origin = Origin()  # for the errors of the form
        self._paths = PathFinder()

    @classmethod
    def from_dict(
        cls, mapping: Mapping[str, Any], *, origin: Origin | None = None
    ) -> Self:
        """Make it from keys and values; see `Config.from_dict`.

        `form_config` must be a mapping here; `load` reads files too.
        """
        problems, notes = Problems(), list[str]()
        origin = origin or Origin()
        layer, unknown = read_layer(mapping, origin, cls.top_level(), problems, notes)
        cls.note_unknown(unknown, origin, problems)
        config = cls.assemble(layer, problems)
        problems.raise_if_any()
        config.notes = notes
        return config

    @classmethod
    def load(cls, project: Any = None, config: Any = None, **arguments: Any) -> Self:
        """Read a project or configuration file and put the arguments over it.

        Parameters
        ----------
        project
            File (path or address) or mapping with any of the keys, and `config`
            for a base that it adds to. With it only fixed columns may be given.
        config
            File or mapping with any of the keys.
        **arguments
            The keys, in their nested or flat spellings; they win over the file.
            None means "not set": it does not take back what a file says.
            Any other name becomes a fixed column of the annotations, with None
            as an empty one; `fixed` takes names that are near those of keys.

        Returns
        -------
        AnnotatorConfig
            With `notes` about old keys and the like.

        Raises
        ------
        ConfigError
            Something is wrong; all that was found is listed.
        """
        return load_config(cls, project, config, arguments)

    @classmethod
    def top_level(cls) -> list[str]:
        """Return the keys that stand beside the sections."""
        return [key for key in cls.field_names() if key not in SECTIONS]

    @classmethod
    def note_unknown(
        cls, unknown: Mapping[Any, Any], origin: Origin, problems: Problems
    ) -> None:
        """Note keys that nothing knows."""
        for key in unknown:
            known = [*cls.field_names(), *SPELLINGS]
            problems.unknown_key(key, known, origin.where(str(key)))

    @classmethod
    def assemble(cls, layer: Layer, problems: Problems) -> Self:
        """Make it from a merged layer."""
        given: dict[str, dict[str, Given]] = {}
        for (section, key), item in layer.items():
            given.setdefault(section, {})[key] = item
        config = cls.build(given.get("", {}), problems)
        for name, kind in SECTIONS.items():
            setattr(config, name, kind.build(given.get(name, {}), problems))
        config._join_columns()
        return config

    @property
    def base_dirs(self) -> tuple[Path, ...]:
        """Folders where relative paths are looked up, the first wins."""
        return self._paths.folders

    def resolve_path(self, name: str) -> str:
        """Return where a path of the configuration is: beside its file, else from here.

        Addresses, absolute paths, and paths that exist nowhere yet (an output)
        come back as they are, with ``~`` replaced.
        """
        return self._paths.find(name)

    def resolve_form_path(self, name: str) -> str:
        """Return where a path named in the form is: beside the form's file first."""
        folder = self.form_origin.folder
        return self._paths.find(name, first=(folder,) if folder else ())

    def output_path(
        self, *, now: datetime | None = None, columns: Iterable[str] = ()
    ) -> str:
        """Return the file of annotations with its placeholders filled, or "".

        With a form and no path it is a new file in ``outputs/``.
        """
        text = self.output.path
        if not text and self.form_config is None and not self.fixed:
            return ""
        now = now or datetime.now().astimezone()
        path = expand(text or _AUTO_OUTPUT, now=now, values=self.fixed)
        if placeholders(path):
            _log.warning("Nothing fills %s of the output path", placeholders(path))
        return self.resolve_path(path)

    def secrets_for(self, section: str) -> Secrets:
        """Return the credentials of a section: its own over the global ones."""
        own: Secrets | None = getattr(self, section).secrets
        return (Secrets() if own is None else own).merged_over(self.secrets)

    def validate_columns(self, columns: Iterable[str]) -> list[str]:
        """Return a sentence for each column that is named but not in the data.

        Parameters
        ----------
        columns
            Columns of the table of clips.
        """
        present = [str(column) for column in columns]
        renamed = {self.data.start_time: "start_time", self.data.end_time: "end_time"}
        problems = Problems()
        for column, purpose in named_columns(self):
            if column not in present and renamed.get(column, "") not in present:
                problems.add(missing_column(column, purpose, present))
        return list(problems)

    @property
    def hash(self) -> str:
        """12 hexadecimal digits that change with the configuration, not its secrets."""
        text = json.dumps(_mask(self.to_dict(), None), default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def describe(self) -> str:
        """Write it as YAML, secrets as ``***``."""
        shown = _mask(self.to_dict(), MASK)
        return str(yaml.safe_dump(shown, sort_keys=False, allow_unicode=True))

    def set_paths(self, paths: PathFinder) -> None:
        """Say where relative paths are looked up."""
        self._paths = paths

    def _join_columns(self) -> None:
        """Let the older `data.columns` be the first of `display_columns`."""
        columns = self.data.columns
        if columns:
            others = [c for c in self.view.display_columns if c not in columns]
            self.view.display_columns = [*columns, *others]


def _mask(found: dict[str, Any], mask: str | None) -> dict[str, Any]:
    """Replace what `to_dict` says of secrets by `mask`; None: leave them out."""
    masked = dict(found)
    for name in SECTIONS:
        if name in masked:
            masked[name] = _mask_part(masked[name], mask)
    return _mask_part(masked, mask)


def _mask_part(part: dict[str, Any], mask: str | None) -> dict[str, Any]:
    if "secrets" not in part:
        return part
    kept = {key: value for key, value in part.items() if key != "secrets"}
    if mask is not None:
        secrets = part["secrets"]
        kept["secrets"] = secrets and dict.fromkeys(secrets, mask)
    return kept
