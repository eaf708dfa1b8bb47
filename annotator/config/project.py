"""`AnnotatorConfig`: everything that describes one review, composed of its sections."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import param
import yaml

from annotator.config.audio import AudioConfig
from annotator.config.base import Config, Given
from annotator.config.columns import named_columns
from annotator.config.data import DataConfig
from annotator.config.description import DescriptionConfig
from annotator.config.layers import SECTIONS, Layer, merge, read_layer
from annotator.config.load import Origin, decode, is_address, read_bytes
from annotator.config.loading import load_config
from annotator.config.masking import drop_literals, mask_secrets
from annotator.config.output import OutputConfig
from annotator.config.paths import PathFinder
from annotator.config.problems import Problems, missing_column, redact
from annotator.config.secrets import MASK, Secrets, SecretsParameter
from annotator.config.spellings import SPELLINGS
from annotator.config.templates import expand, placeholders
from annotator.config.view import ViewConfig
from annotator.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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
        config = cls.assemble(merge([layer]), problems)
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
        keys = cls.keys()
        return [key for key in keys if key not in SECTIONS]

    @classmethod
    def note_unknown(
        cls, unknown: Mapping[Any, Any], origin: Origin, problems: Problems
    ) -> None:
        """Note keys that nothing knows."""
        for key in unknown:
            known = [*cls.keys(), *SPELLINGS]
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

    def resolve_output(self, name: str) -> str:
        """Return where a file that may not exist yet is, or is to be made.

        Beside the file that names it if it, or the table of clips, is there;
        else from the working directory.
        """
        found = self._paths.find(name)
        if is_address(name) or Path(found).is_absolute() or Path(found).exists():
            return found
        kind, data = self.data.source
        return self._paths.place(name, beside=data if kind == "path" else "")

    def output_path(self, *, now: datetime | None = None) -> str:
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
        return self.resolve_output(path)

    def description_text(self) -> str:
        """Return the instructions, read from their file if they have one."""
        if not self.description.path:
            return str(self.description.text)
        try:
            content = read_bytes(self.resolve_path(self.description.path), {})
            return decode(content, self.description.path)
        except ConfigError as err:
            _log.warning("%s", err)
            return f"(Could not read {redact(self.description.path)})"

    def secrets_for(self, section: str) -> Secrets:
        """Return the credentials of a section: its own over the global ones."""
        own: Secrets | None = getattr(self, section).secrets
        return (Secrets() if own is None else own).merged_over(self.secrets)

    def auth(
        self,
        section: str,
        ask: Callable[[str], str] | None = None,
        *,
        skip: Iterable[str] = (),
    ) -> dict[str, str]:
        """Get the credentials of a section, now; see `Secrets.resolve`.

        Parameters
        ----------
        section
            "audio", "data" or "output".
        ask
            Asks the person for a credential by its name.
        skip
            Names that somebody gives anyway.
        """
        return self.secrets_for(section).without(skip).resolve(ask)

    @property
    def audio_auth(self) -> dict[str, str]:
        """Credentials of the recordings, resolved now."""
        return self.auth("audio")

    def output_auth(
        self, ask: Callable[[str], str] | None = None, *, skip: Iterable[str] = ()
    ) -> dict[str, str]:
        """Credentials of the Sync address, resolved now; see `auth`."""
        return self.auth("output", ask, skip=skip)

    def questions(self, *sections: str) -> list[str]:
        """Names of the credentials of sections that the person is to be asked for."""
        names = [self.secrets_for(section).needs_dialog for section in sections]
        return list(dict.fromkeys(chain.from_iterable(names)))

    def validate_columns(self, columns: Iterable[str]) -> list[str]:
        """Return a sentence for each column that is named but not in the data.

        Parameters
        ----------
        columns
            Columns of the table of clips.
        """
        present = [str(column) for column in columns]
        problems = Problems()
        for column, purpose, where in named_columns(self, present):
            if column not in present:
                problems.add(missing_column(column, purpose, present), where)
        return list(problems)

    @property
    def hash(self) -> str:
        """12 hexadecimal digits that change with the configuration, not its secrets."""
        text = json.dumps(mask_secrets(self.to_dict(), None), default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def describe(self, *, secrets: bool = True) -> str:
        """Write it as YAML, for people or for a project file.

        Parameters
        ----------
        secrets
            Show each as ``***``; False: leave literals out and keep references
            (``env:NAME``, ``dialog``), so that the text can be loaded again.
        """
        found = self.to_dict()
        shown = mask_secrets(found, MASK) if secrets else drop_literals(found)
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
