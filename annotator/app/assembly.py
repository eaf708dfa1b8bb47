"""Put a review together from its configuration: the only place that knows all parts."""

from __future__ import annotations

import getpass
import logging
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pandas as pd

from annotator.annotations.store import AnnotationStore
from annotator.config.project import AnnotatorConfig
from annotator.errors import ConfigError
from annotator.form.spec import FormSpec
from annotator.session.prepare import ClipLoader, ViewState
from annotator.session.review import ReviewSession
from annotator.sources.clips import ClipTable
from annotator.sources.recordings import Recordings
from annotator.sources.table import load_table

__all__ = ["Review", "app_version", "assemble"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Review:
    """The parts of one review."""

    config: AnnotatorConfig
    form: FormSpec
    clips: ClipTable
    store: AnnotationStore
    session: ReviewSession
    loader: ClipLoader
    view: ViewState


def app_version() -> str:
    """Version of this package, "0" where it was never installed."""
    try:
        return version("bioacoustic-annotator")
    except PackageNotFoundError:
        return "0"


def assemble(config: AnnotatorConfig, data: Any = None) -> Review:
    """Load the table, the form and the annotations of a configuration.

    Parameters
    ----------
    config
        What to review and how.
    data
        A DataFrame given instead of a path.

    Raises
    ------
    ConfigError
        Columns that the configuration names are not in the table (all listed).
    DataError, FormatError, StorageError
        The table cannot be read or used.
    """
    frame = load_table(config.data if data is None else data, config)
    form = _form(config, frame)
    problems = config.validate_columns([str(name) for name in frame.columns])
    if problems:
        raise ConfigError(*problems)
    clips = ClipTable(
        frame,
        Recordings(config.audio, config.resolve_path),
        index_column=config.data.index_column,
        pass_values=form.pass_values,
    )
    store = AnnotationStore(
        config.resolve_output(_output_path(config)),
        columns=form.columns,
        index_column=config.output.index_column or clips.index_name,
        annotator=config.annotator or _user(),
        provenance=config.output.provenance,
        app_version=app_version(),
        config_hash=config.hash,
        match=clips.match,
    )
    loader = ClipLoader(auth=config.audio_auth)
    look = config.view
    session = ReviewSession(
        clips,
        form,
        store,
        duplicate_entries=look.duplicate_entries,
        display_columns=look.display_columns,
        sort_column=look.sort,
        sort_descending=look.sort_descending,
    )
    return Review(config, form, clips, store, session, loader, _view_state(config))


def _form(config: AnnotatorConfig, frame: pd.DataFrame) -> FormSpec:
    return FormSpec.from_dict(
        config.form_config or {},
        loader=lambda path: load_table(config.resolve_path(path), config),
        columns=[str(name) for name in frame.columns],
        fixed=config.fixed,
    )


def _output_path(config: AnnotatorConfig) -> str:
    if config.output.path:
        return str(config.output.path)
    return f"outputs/annotation_output-{datetime.now():%y%m%d_%H%M}.csv"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _view_state(config: AnnotatorConfig) -> ViewState:
    look = config.view
    kind = str(look.default_visualization)
    return ViewState(
        kind="mel" if kind == "mel" else "linear",
        width=look.default_resolution,
        buffer=float(look.default_buffer),
    )
