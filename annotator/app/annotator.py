"""`BioacousticAnnotator`: review clips, keep the answers, sync them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel as pn
import param

from annotator.app import notebook
from annotator.app.assembly import Review, assemble
from annotator.app.capturing import CaptureFolder
from annotator.app.checks import problems_of
from annotator.app.syncing import OutputSync, ProgressBar
from annotator.audio import io
from annotator.config.project import AnnotatorConfig
from annotator.review.session import ReviewSession
from annotator.views.dashboard import Dashboard
from annotator.visualizations import to_holoviews

if TYPE_CHECKING:
    import pandas as pd

    from annotator.annotations.sync.result import SyncResult

__all__ = ["BioacousticAnnotator"]


class BioacousticAnnotator(pn.viewable.Viewer):
    """Review the clips of a table: see, hear, answer, sync.

    Parameters
    ----------
    project
        A project file (YAML or JSON, path or address), its contents as a dict, or an
        `AnnotatorConfig`.
    config
        A configuration file. Arguments beat it.
    form_config
        The form: a dict, or a file.
    data
        The clips: a DataFrame, or the path or address of a CSV, Parquet or JSONL file.
    **settings
        Any key of the configuration (`audio`, `output`, `display_columns`,
        `default_buffer`, ...; see docs/configuration.md). A name that is no key
        becomes a fixed column of the output; so does every item of `fixed={...}`.

    Raises
    ------
    ConfigError
        The configuration is wrong; all reasons are listed.
    DataError, FormatError, StorageError
        The table cannot be read or used.

    Examples
    --------
    >>> ba = BioacousticAnnotator(
    ...     data="detections.csv",
    ...     audio="soundscape.flac",
    ...     output="outputs/reviews.csv",
    ...     form_config={"select": {"label": "ok?", "items": ["yes", "no"]}},
    ... )  # doctest: +SKIP
    >>> ba.open()  # doctest: +SKIP
    """

    session: Any = param.ClassSelector(
        class_=ReviewSession, constant=True, doc="The review: drive and watch it."
    )
    _assemble = staticmethod(assemble)

    def __init__(
        self,
        project: Any = None,
        config: Any = None,
        form_config: Any = None,
        data: Any = None,
        **settings: Any,
    ) -> None:
        self._settings = (
            project
            if isinstance(project, AnnotatorConfig)
            else AnnotatorConfig.load(
                project=project,
                config=config,
                form_config=form_config,
                data=data,
                **settings,
            )
        )
        self._review: Review = self._assemble(self._settings)
        super().__init__(session=self._review.session)
        self._sync = OutputSync(self._review)
        self._captures = CaptureFolder(self._review)
        self._output: tuple[int, pd.DataFrame] | None = None

    # To see it ---------------------------------------------------------------

    def open(self, inline: bool = True) -> None:
        """Show the review: in the notebook, or in a browser tab.

        Parameters
        ----------
        inline
            In a notebook, below the cell. Otherwise, and outside of notebooks, a
            server starts on a free local port and the browser opens it; the page
            lives as long as this process.
        """
        if inline and notebook.is_active():
            notebook.display(self)
        else:
            from annotator.app.serving import serve_in_background

            address = serve_in_background(self)
            if notebook.is_active():
                notebook.display_address(address)

    def __panel__(self) -> Any:
        material = not notebook.is_active() or _is_served()
        return self.view(material=material)

    def view(self, *, material: bool = True) -> Dashboard:
        """Make one more view of this review.

        Parameters
        ----------
        material
            Material UI (served pages), or plain widgets, which are lighter.
        """
        parts = self._review
        return Dashboard(
            parts.session,
            config=parts.config,
            loader=parts.loader,
            overview=parts.overview,
            captures=self._captures,
            material=material,
            sync=self._sync.action(),
            description=parts.config.description_text(),
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        notebook.prepare()
        return super()._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        done, n_clips = self.session.n_reviewed, self.session.n_clips
        return (
            f"<BioacousticAnnotator {self._settings.project_name!r}: "
            f"{done:,} of {n_clips:,} clips reviewed, "
            f"output {str(self._review.store.path)!r}>"
        )

    def close(self) -> None:
        """Write what waits, and let go of files and memory; the review is over."""
        self._review.overview.close()
        self._review.loader.close()
        self._review.store.close()
        if self._review.hub is not None:
            self._review.hub.close()

    def spectrogram(self, row: int | None = None, **options: Any) -> Any:
        """Return a clip's spectrogram, with its buffer, to compose and save.

        Parameters
        ----------
        row
            Of the table of clips, from 0; None: the current clip.
        **options
            Fields of `annotator.review.look.ViewState`, such as `kind`, `n_fft`,
            `buffer`; those not given are as on the screen.

        Returns
        -------
        holoviews.Image
            Levels, dB, over Time (s, of the recording) and Frequency (Hz).
        """
        return to_holoviews(self._captures.picture_of(row, options))

    # Its results ---------------------------------------------------------------

    @property
    def source(self) -> pd.DataFrame:
        """The clips under review: the table, with times renamed; a copy."""
        return self._review.clips.frame.copy()

    def output(self, force: bool = False) -> pd.DataFrame | None:
        """Return the annotations as the output file holds them.

        Parameters
        ----------
        force
            Look at the file again, for what others wrote or edited by hand.

        Returns
        -------
        DataFrame or None
            None while nothing is annotated.
        """
        store = self._review.store
        if force:
            self.session.refresh()
        if self._output is None or self._output[0] != self.session.revision or force:
            store.flush()
            self._output = (self.session.revision, store.frame())
        frame = self._output[1]
        return frame.copy() if len(frame) else None

    @property
    def sync_uri(self) -> str:
        """Where Sync copies the output; empty if nowhere."""
        return self._settings.output.uri or ""

    def sync(
        self, dest: str | None = None, recursive: bool | None = None, **auth: Any
    ) -> SyncResult:
        """Make the shared copy equal to the output, and get the others' rows.

        A large one shows a bar of progress; interrupting it (Ctrl+C, or the
        notebook's stop button) leaves nothing half-done.

        Parameters
        ----------
        dest
            Folder, file or address (`s3://...`). None: the configured one.
        recursive
            For a directory output. None: as configured.
        **auth
            Credentials of the backend; they beat the configured secrets.

        Returns
        -------
        SyncResult
            A str, the destination, with what was done.

        Raises
        ------
        ParameterError
            No destination is configured and none is given.
        NotFound, AccessDenied, Unreachable, Conflict, ReadOnly
            It could not be synced. Nothing is lost; the next sync goes on.
        """
        with ProgressBar("Syncing") as progress:
            return self._sync(dest, recursive, auth, progress=progress)

    # Its configuration -----------------------------------------------------------

    @property
    def settings(self) -> AnnotatorConfig:
        """The configuration, merged from files and arguments."""
        return self._settings

    @property
    def configuration(self) -> dict[str, Any]:
        """The configuration as a dict, without secrets."""
        return self._settings.to_dict()

    @property
    def project_name(self) -> str:
        """Name shown at the top."""
        return self._settings.project_name

    def describe(self, print_config: bool = True) -> str:
        """Return the configuration as YAML, secrets as ***; print it unless told not to."""
        text = self._settings.describe()
        if print_config:
            print(text)  # noqa: T201 - for a person in a notebook
        return text

    def validate(self) -> dict[str, Any]:
        """Check the configuration: {valid, errors, warnings}."""
        errors = problems_of(self._settings, self._review.clips.frame)
        return {
            "valid": not errors,
            "errors": errors,
            "warnings": list(self._settings.notes),
        }

    def save_as_project(
        self, filename: str, folder: str = "projects", overwrite: bool = False
    ) -> Path:
        """Write the configuration, without secrets, as a project file.

        Raises
        ------
        Conflict
            The file is there and `overwrite` is off.
        """
        path = Path(folder) / filename
        if not path.suffix:
            path = path.with_suffix(".yaml")
        text = self._settings.describe(secrets=False)
        io.backend_for(path).write(text.encode(), str(path), create_only=not overwrite)
        return path


def _is_served() -> bool:
    document = pn.state.curdoc
    return document is not None and document.session_context is not None
