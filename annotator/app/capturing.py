"""Where pictures are saved: one folder, and never over another picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from annotator.audio import io
from annotator.config.load import is_address
from annotator.config.templates import fill
from annotator.errors import Conflict, ParameterError
from annotator.review.capture import checked_name, draw_sight, proposed_name
from annotator.review.look import ViewState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from annotator.app.assembly import Review
    from annotator.review.capture import Sight
    from annotator.signal.spectrogram import Spectrogram
    from annotator.sources.clips import Clip

__all__ = ["CaptureFolder"]

_MOST_OF_ONE_NAME = 1000


class CaptureFolder:
    """Draws and saves what is in sight, for one review."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._folder = str(review.config.view.capture_dir)

    @property
    def label(self) -> str | None:
        """Label of the button; None where there is none."""
        label: str | None = self._review.config.view.capture_label
        return label

    def title_of(self, clip: Clip) -> str:
        """Return the title of a clip's info card, "" if none is configured."""
        title = self._review.config.view.info_card_title
        return fill(title, clip.row) if title else ""

    def propose(self, clip: Clip) -> str:
        """Return the path that a picture of this clip gets if nobody changes it."""
        now = datetime.now().astimezone()
        name = proposed_name(self.title_of(clip), clip, now)
        return f"{self._folder.rstrip('/')}/{name}" if self._folder else name

    def picture_of(self, row: int | None, options: Mapping[str, Any]) -> Spectrogram:
        """Draw a row's clip with its buffer; see `BioacousticAnnotator.spectrogram`."""
        session = self._review.session
        clip = session.clip if row is None else session.clips.clip(row)
        if clip is None:
            msg = "There is no clip at hand; give the number of a row, from 0."
            raise ParameterError(msg)
        known = list(ViewState.__dataclass_fields__)
        unknown = [name for name in options if name not in known]
        if unknown:
            msg = f"There is no option {unknown[0]!r}; the options are {', '.join(known)}."
            raise ParameterError(msg)
        self._check_kind(options.get("kind"))
        state = replace(session.look.state, **options)
        return self._review.loader.prepare(clip, state).spectrogram

    def _check_kind(self, kind: Any) -> None:
        ways = list(self._review.loader.visualizations)
        if kind is not None and kind not in ways:
            msg = (
                f"There is no visualization {kind!r} here; choose of {', '.join(ways)}."
            )
            raise ParameterError(msg)

    def save(self, sight: Sight, name: str) -> str:
        """Draw what is in sight and write it.

        Parameters
        ----------
        sight
            What to draw.
        name
            As a person typed it. Where a file has it already, a number is added.

        Returns
        -------
        str
            Path or address of the new file.

        Raises
        ------
        ParameterError
            The name leads out of the folder, or is none.
        StorageError, FormatError, DataError
            The clip cannot be read, or the file not be written.
        """
        path = checked_name(name, self._folder)
        self._check_inside(path)
        png = draw_sight(
            self._review.loader, sight, height=self._review.config.view.capture_height
        )
        return self._write(png, path)

    def _place(self, path: str) -> str:
        folder = (
            self._review.config.resolve_output(self._folder) if self._folder else ""
        )
        return f"{folder.rstrip('/')}/{path}" if folder else path

    def _check_inside(self, path: str) -> None:
        """Follow links: a folder beneath may lead elsewhere."""
        place = self._place(path)
        if is_address(place):
            return
        folder = Path(self._place("x")).parent.resolve()
        if not Path(place).resolve().is_relative_to(folder):
            msg = f"{path!r} leads out of {self._folder or 'the working directory'}."
            raise ParameterError(msg)

    def _write(self, png: bytes, path: str) -> str:
        stem = PurePosixPath(path)
        for number in range(1, _MOST_OF_ONE_NAME):
            name = stem if number == 1 else stem.with_stem(f"{stem.stem}-{number}")
            place = self._place(str(name))
            try:
                io.backend_for(place).write(png, place, create_only=True)
            except Conflict:
                continue
            return place
        msg = (
            f"There are {_MOST_OF_ONE_NAME} pictures named {path}; choose another name."
        )
        raise ParameterError(msg)
