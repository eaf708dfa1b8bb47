"""All that the hub shows to one visitor, and how one goes from here to there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import panel as pn

from annotator.errors import DataError
from annotator.hub.member_config import read
from annotator.hub.pages.deck import Deck
from annotator.hub.pages.desk import Desk, Notice
from annotator.hub.pages.project import ProjectView
from annotator.hub.pages.projects import ProjectsView
from annotator.hub.pages.review_clips import disputed_clips, frame_of
from annotator.hub.pages.review_view import ReviewView
from annotator.hub.pages.tokens import TokensView
from annotator.hub.permissions import require

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from annotator.hub.pages.desk import Guest
    from annotator.hub.permissions import Caller
    from annotator.hub.places import Places
    from annotator.hub.store.disagreements import Disagreement
    from annotator.hub.store.projects import ProjectInfo
    from annotator.views.stage import Stage

__all__ = ["HubView", "MakeReview", "Review"]

_WIDTH = "1280px"
_FRAME_CSS = f"""
:host {{ display: block !important; box-sizing: border-box; padding: 10px clamp(10px, 2vw, 28px) 40px;
        min-width: 0; max-width: 100vw; min-height: calc(100vh - 48px); background: var(--panel-background-color); }}
:host(.roomy) {{ padding: 0 8px; }}
:host > * {{ max-width: {_WIDTH}; margin-left: auto !important; margin-right: auto !important; width: auto !important; min-width: 0; }}
:host(.roomy) > * {{ max-width: none; }}
"""


_STRANGERS = "These clips were reviewed in a notebook, and the project has none of them"


class Review(Protocol):
    """A review that is open on the page."""

    def view(self) -> Any:
        """Return what is shown, made now, on the page."""

    def close(self) -> None:
        """Send what waits, and let go of files."""


class MakeReview(Protocol):
    """Makes the review of a project's clips; see `annotator.app.hub_review`."""

    def __call__(
        self,
        project: ProjectInfo,
        guest: Guest,
        clips: pd.DataFrame,
        config: Mapping[str, Any],
        *,
        leased: bool,
        adjudicates: str = "",
    ) -> Review:
        """Make it, in a thread: it opens files.

        Parameters
        ----------
        project
            Whose clips they are.
        guest
            Who reviews.
        clips
            One row each; see `review_clips.frame_of`.
        config
            As `annotator.hub.member_config.read` returns it.
        leased
            The hub says which clip is next, so that two people do not do the same.
        adjudicates
            Column about whose labels the answers decide; "": they are the person's own.
        """


class HubView(pn.viewable.Viewer):
    """All pages of one visit; one of them is in sight.

    Parameters
    ----------
    guest
        Who looks.
    make_review
        Makes the review of a project; None: nothing is reviewed here.
    places
        What members' tables may name.
    stage
        Where the page is; None: here.
    """

    def __init__(
        self,
        guest: Guest,
        *,
        make_review: MakeReview | None = None,
        places: Places | None = None,
        stage: Stage | None = None,
    ) -> None:
        super().__init__()
        self.desk = Desk(guest, places=places, stage=stage)
        self._make_review = make_review
        self._review: Review | None = None
        self.all_projects = ProjectsView(self.desk, self.project)
        self.all_tokens = TokensView(self.desk)
        self._notice = Notice(quiet=True)
        self._deck = Deck()
        self._n_asked = 0
        self._frame = pn.Column(
            self._notice,
            self._deck,
            stylesheets=[_FRAME_CSS],
            sizing_mode="stretch_width",
            margin=0,
        )
        self.desk.stage.stand_on(self._frame)
        self._put(self.all_projects)
        self.all_projects.load()

    def __panel__(self) -> Any:
        return self._frame

    @property
    def shown(self) -> Any:
        """The page in sight."""
        return self._deck.shown

    # -------------------------------------------------------- where one goes

    def projects(self) -> None:
        """Show all projects."""
        self._go_to(self.all_projects)

    def tokens(self) -> None:
        """Show one's tokens."""
        self._go_to(self.all_tokens)

    def project(self, uid: str) -> None:
        """Show a project."""
        store = self.desk.store
        self.desk.ask(
            lambda caller: store.projects.get(caller, uid),
            lambda info: self._go_to(ProjectView(self.desk, info, self)),
            self._lost,
        )

    def review(self, project: ProjectInfo, button: Any, notice: Notice) -> None:
        """Open the review of a project's clips."""
        self.desk.press(
            button,
            "Opening…",
            lambda caller: self._opened(caller, project),
            lambda review: self._show_review(
                project, review, lambda: self.project(project.uid)
            ),
            notice,
        )

    def adjudicate(
        self, view: ProjectView, clips: Sequence[Disagreement], column: str
    ) -> None:
        """Open the review of clips about which annotators disagree.

        Parameters
        ----------
        view
            From where, and whereto one goes back.
        clips
            Which.
        column
            About whose labels the answers decide; "": they are the person's own.
        """
        project = view.project
        view.notice.say("Opening the clips…")
        self.desk.ask(
            lambda caller: self._opened(caller, project, clips, column),
            lambda review: self._show_review(
                project, review, lambda: self._go_to(view), column
            ),
            view.notice.tell,
        )

    def close(self) -> None:
        """Let go of everything; the page is gone."""
        self.all_tokens.leave()
        review, self._review = self._review, None
        if review is not None:
            review.close()

    # ---------------------------------------------------------------- inside

    def _go_to(self, view: Any) -> None:
        """Put a view onto the page as soon as what it shows is there."""
        self._n_asked += 1
        asked = self._n_asked

        def ready() -> None:
            if asked == self._n_asked:
                self._put(view)

        view.load(ready)

    def _put(self, view: Any) -> None:
        before = self.shown
        if before is not None:
            before.leave()
        if self._review is not None:
            review, self._review = self._review, None
            self.desk.stage.work(review.close)
        self._frame.css_classes = ["roomy"] if isinstance(view, ReviewView) else []
        self._notice.clear()
        stays = (view, self.all_projects, self.all_tokens)
        self._deck.bring(view, for_good=None if before in stays else before)

    def _lost(self, error: BaseException) -> None:
        self._put(self.all_projects)
        self._notice.tell(error)

    def _opened(
        self,
        caller: Caller,
        project: ProjectInfo,
        disputed: Sequence[Disagreement] | None = None,
        column: str = "",
    ) -> Review:
        """Make a review; in a thread."""
        if self._make_review is None:
            msg = "This hub was started without reviews in the browser."
            raise DataError(msg)
        store = self.desk.store
        project = store.projects.get(caller, project.uid)
        require(caller, project.role, "adjudicate" if column else "annotate")
        config = read(store.projects.config(caller, project.uid))
        if not config.get("form_config") and not config.get("form"):
            msg = (
                "Nothing is asked about the clips yet: a manager writes the form on "
                "the tab “Settings”."
            )
            raise DataError(msg)
        if disputed is None:
            frame = frame_of(store, caller, project.uid)
        else:
            frame = disputed_clips(store, caller, project.uid, disputed)
        if not len(frame):
            what = "The project has no clips yet" if disputed is None else _STRANGERS
            msg = f"{what}: a manager loads them on the tab “Clips”."
            raise DataError(msg)
        return self._make_review(
            project,
            self.desk.guest,
            frame,
            config,
            leased=disputed is None,
            adjudicates=column,
        )

    def _show_review(
        self,
        project: ProjectInfo,
        review: Review,
        leave: Callable[[], None],
        column: str = "",
    ) -> None:
        if self.desk.stage.closed:
            review.close()
            return
        back = self.desk.kit.button("Back to the project", icon="arrow_back", width=190)
        back.on_click(lambda _event: self._end_review(leave))
        self._put(ReviewView(project, review.view(), back, column))
        self._review = review

    def _end_review(self, leave: Callable[[], None]) -> None:
        """Go elsewhere once the last answer is in the hub, which then is counted."""
        review, self._review = self._review, None
        if review is not None:
            self.desk.stage.work(review.close, lambda _none: leave(), self._lost)
