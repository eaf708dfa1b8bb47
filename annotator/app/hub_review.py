"""The review of a hub's project in the browser: the same annotator, on the hub's clips.

It opens nothing that a member's text names: the configuration says how clips look and
what is asked, each clip its recording, and `annotator.hub.places` which of these may be
read. Answers go into an event log of the person's own, in a private folder of the hub,
and from there to the project.
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import panel as pn

from annotator.app.annotator import BioacousticAnnotator
from annotator.app.assembly import assemble
from annotator.app.hub_logs import log_folder, output_of
from annotator.app.hub_sending import StoreLink, fetch_own
from annotator.app.lease_keeper import LeaseKeeper
from annotator.app.leased import LeasedSession, SentSession
from annotator.errors import AnnotatorError, DataError, HubUnreachable
from annotator.hub.member_audio import MemberAudio
from annotator.hub.member_config import MemberConfig
from annotator.hub.pages.review_clips import LABELS
from annotator.hub.places import Places
from annotator.review.session import ReviewSession

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from annotator.app.assembly import Review
    from annotator.app.hub import HubLink
    from annotator.config.project import AnnotatorConfig
    from annotator.hub.pages.desk import Guest
    from annotator.hub.store.projects import ProjectInfo
    from annotator.review.strips import RecordingReader
    from annotator.views.dashboard import Dashboard

__all__ = ["HubAnnotator", "ReviewMaker"]

_AUDIO = MemberAudio()
_REFUSED = "not opened here: "
_TITLES = ("project_name", "app_title")


class _ReviewConfig(MemberConfig):
    """The configuration of one review, with what the hub adds to a member's text."""

    __abstract = True

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.places = Places()
        self.refused: dict[str, str] = {}

    @property
    def audio_auth(self) -> dict[str, Any]:
        """What recordings are read with."""
        return self.places.auth

    def output_path(self, **_options: Any) -> str:
        """Return the private file, whatever the time and the day."""
        return str(self.output.path)

    def resolve_path(self, name: str) -> str:
        """Return where a recording is that is no address."""
        if name in self.refused:
            raise DataError(self.refused[name])
        return self.places.check(name)


class HubAnnotator(BioacousticAnnotator):
    """The annotator of one person on a project's clips.

    Parameters
    ----------
    config
        From `ReviewMaker`.
    guest
        Who reviews.
    project
        Which one.
    leased
        Whether the hub says which clip is next.
    adjudicates
        Column about whose labels the answers decide; "": they are the person's own.
    """

    def __init__(
        self,
        config: AnnotatorConfig,
        *,
        guest: Guest,
        project: ProjectInfo,
        leased: bool,
        adjudicates: str = "",
    ) -> None:
        self._guest, self._project, self._leased = guest, project, leased
        self._adjudicates = adjudicates
        self._views: list[Dashboard] = []
        self._keeper: LeaseKeeper | None = None
        super().__init__(config)

    def _assemble(
        self,
        config: AnnotatorConfig,
        make_session: Callable[..., ReviewSession] = ReviewSession,
        *,
        reader: RecordingReader = _AUDIO,
    ) -> Review:
        output = Path(config.output.path)
        decides, uid = self._adjudicates, self._project.uid
        fetch_own(self._guest, uid, output, adjudications=bool(decides))
        # First, so that the first clip asked for is none that waits to be sent.
        link = StoreLink(self._guest, output, self._project, decides or None)
        try:
            link.settle()
            if not self._leased:
                review = assemble(
                    config,
                    functools.partial(SentSession, send=link.settle),
                    reader=reader,
                )
                review.session.view = "all"  # also those that the person said before
            else:
                keeper = self._keeper = LeaseKeeper(
                    self._guest, uid, lost=lambda identity: self.session.lose(identity)
                )
                make = functools.partial(
                    LeasedSession,
                    send=link.settle,
                    next_clip=lambda: _next_clip(link, keeper),
                    give_back=keeper.give_back,
                )
                review = assemble(config, make, reader=reader)
                review.session.begin()
        except BaseException:
            self._give_back()
            link.close()
            raise
        return dataclasses.replace(review, hub=cast("HubLink", link))

    def view(self, *, material: bool = True) -> Dashboard:
        """Make one more view of this review."""
        made = super().view(material=material)
        self._views.append(made)
        keeper = self._keeper
        if keeper is not None and pn.state.curdoc is not None:
            # Whatever moves on the page, somebody moved it: it does nothing by itself.
            pn.state.curdoc.on_change(lambda event: keeper.note_deed())
        return made

    def close(self) -> None:
        """Send what waits, give the clip back, and let go of files."""
        for view in self._views:
            view.stage.close()
        super().close()
        self._give_back()

    def _give_back(self) -> None:
        if self._keeper is not None:
            self._keeper.close()


def _next_clip(link: StoreLink, keeper: LeaseKeeper) -> str | None:
    if link.settle():  # what was just reviewed must count
        why = link.state.paused or (
            "They are sent by themselves as soon as that goes; ask again in a moment."
        )
        msg = f"Your last answers are kept here, and not in the hub yet. {why}"
        raise HubUnreachable(msg)
    return keeper.next()


class ReviewMaker:
    """Makes reviews of a hub's projects; see `annotator.hub.pages.hub_view.MakeReview`.

    Parameters
    ----------
    places
        Which recordings may be read.
    folder
        Where each person's event logs are kept; None: see `hub_logs.log_folder`.
    """

    def __init__(self, places: Places, folder: Path | None = None) -> None:
        self._places = places
        self._folder = folder

    def __call__(
        self,
        project: ProjectInfo,
        guest: Guest,
        clips: pd.DataFrame,
        config: Mapping[str, Any],
        *,
        leased: bool,
        adjudicates: str = "",
    ) -> HubAnnotator:
        """Make one; it opens files, so call it in a thread.

        Raises
        ------
        ConfigError, DataError
            The form does not fit the clips; all reasons are listed.
        HubError
            The person may not review here.
        """
        folder = self._folder or log_folder(guest.store)
        output = output_of(
            folder, project.uid, guest.user, adjudicates=bool(adjudicates)
        )
        frame, refused = _checked(clips, self._places)
        made = _ReviewConfig.from_dict(
            {
                **{key: config[key] for key in config if key not in _TITLES},
                "annotator": guest.user.name,
                "audio": {"column": "recording"},
                "data": {"value": frame, "index_column": "clip_id"},
                "output": {"path": str(output)},
            }
        )
        made.places, made.refused = self._places, refused
        made.view.param.update(capture=False, capture_dir="")
        shown = made.view.display_columns
        if LABELS in frame.columns and shown and LABELS not in shown:
            made.view.display_columns = [LABELS, *shown]
        return HubAnnotator(
            made, guest=guest, project=project, leased=leased, adjudicates=adjudicates
        )


def _checked(
    clips: pd.DataFrame, places: Places
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Replace recordings that may not be read by names that open nothing."""
    refused: dict[str, str] = {}
    names: dict[str, str] = {}
    for recording in clips["recording"].unique().tolist():
        names[recording] = recording
        try:
            places.check(recording)
        except AnnotatorError as error:
            names[recording] = f"{_REFUSED}{recording}"
            refused[names[recording]] = str(error)
    return clips.assign(recording=clips["recording"].map(names)), refused
