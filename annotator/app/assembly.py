"""Put a review together from its configuration: the only place that knows all parts."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from annotator.annotations.events import PROVENANCE
from annotator.annotations.store import AnnotationStore
from annotator.app.hub import HubLink, follow
from annotator.audio import io
from annotator.errors import ConfigError
from annotator.form.spec import FormSpec
from annotator.review.overview import Overview
from annotator.review.prepare import ClipLoader
from annotator.review.session import ReviewSession
from annotator.sources.clips import ClipTable
from annotator.sources.recordings import Recordings
from annotator.sources.table import load_table

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from annotator.config.project import AnnotatorConfig
    from annotator.review.strips import RecordingReader

__all__ = ["Review", "app_version", "assemble", "load_form"]

_OURS = set(PROVENANCE) - {"annotator"}  # who it was, a form may ask


@dataclass(frozen=True)
class Review:
    """The parts of one review."""

    config: AnnotatorConfig
    form: FormSpec
    clips: ClipTable
    store: AnnotationStore
    session: ReviewSession
    loader: ClipLoader
    overview: Overview
    hub: HubLink | None = None


def app_version() -> str:
    """Version of this package, "0" where it was never installed."""
    try:
        return version("bioacoustic-annotator")
    except PackageNotFoundError:
        return "0"


def assemble(
    config: AnnotatorConfig,
    make_session: Callable[..., ReviewSession] = ReviewSession,
    *,
    reader: RecordingReader = io,
) -> Review:
    """Load the table, the form and the annotations of a configuration.

    Parameters
    ----------
    config
        What to review and how.
    make_session
        Makes the session, as `ReviewSession` does.
    reader
        Reads recordings.

    Raises
    ------
    ConfigError
        Columns that the configuration names are not in the table (all listed).
    DataError, FormatError, StorageError
        The table cannot be read or used.
    """
    frame = load_table(config.data, config.resolve_path, auth=config.auth("data"))
    form = load_form(config, frame)
    clips = ClipTable(
        frame,
        Recordings(config.audio, config.resolve_path),
        index_column=config.data.index_column or None,
        pass_values=form.pass_values,
    )
    author = config.annotator or _user()
    store = AnnotationStore(
        config.output_path() or "outputs/annotations.csv",
        columns=form.columns,
        index_column=config.output.index_column or clips.index_name,
        annotator=author,
        provenance=config.output.provenance,
        app_version=app_version(),
        config_hash=config.hash,
        match=clips.match,
    )
    look = config.view
    auth = config.audio_auth
    ways = look.gallery
    is_slow = look.bandwidth == "low"
    loader = ClipLoader(
        auth=auth,
        reader=reader,
        partial=look.partial_download,
        pack=is_slow,
        visualizations=ways,
    )
    session = make_session(
        clips,
        form,
        store,
        loader=loader,
        display_columns=look.display_columns,
        duplicate_entries=look.duplicate_entries,
        sort_column=look.sort or None,
        sort_descending=look.sort_descending,
    )
    session.look.param.update(
        kind=ways.default,
        width=look.default_resolution,
        buffer=min(float(look.default_buffer), 600.0),
    )
    codec = look.audio_codec
    codec = "vorbis" if is_slow and codec == "auto" else codec
    session.listening.param.update(autoplay=look.autoplay, codec=codec)
    overview = Overview(
        session, reader=reader, auth=auth, is_busy=lambda: loader.is_busy
    )
    hub = follow(config, store, author)
    return Review(config, form, clips, store, session, loader, overview, hub)


def _taken(column: str) -> str:
    return (
        f"The form writes a column {column!r}, which the annotator itself fills; "
        "give it another name."
    )


def load_form(config: AnnotatorConfig, frame: pd.DataFrame) -> FormSpec:
    """Read the form and check every column that is named anywhere.

    Raises
    ------
    ConfigError
        Something is wrong; all of it is listed.
    """
    columns = [str(name) for name in frame.columns]
    # An empty file may lack even its header: it opens, and shows nothing.
    problems = config.validate_columns(columns) if columns else []
    try:
        form = FormSpec.from_config(config, columns)
        problems += [_taken(name) for name in form.columns if name in _OURS]
    except ConfigError as err:
        problems += err.problems
    if problems:
        raise ConfigError(*dict.fromkeys(problems))
    return form


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
