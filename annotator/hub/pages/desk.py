"""What the views of one page share: the store, who asks it, and how one waits for it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import panel as pn

from annotator.errors import AnnotatorError, HubError
from annotator.hub.pages.look import NOTICE_CSS
from annotator.hub.places import Places
from annotator.views import theme
from annotator.views.escape import error_html, plain
from annotator.views.kit import Kit
from annotator.views.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.hub.permissions import Caller, User
    from annotator.hub.store.hub_store import HubStore

__all__ = ["Desk", "Guest", "Notice", "nothing", "then_ready"]

_log = logging.getLogger(__name__)

T = TypeVar("T")


def nothing() -> None:
    """Do nothing: what is loaded is in sight already."""


def then_ready(
    take: Callable[[T], None], ready: Callable[[], None]
) -> Callable[[T], None]:
    """Return a function that takes an answer, and says that it was taken.

    Views are put onto the page when what they show is there: it does not fill up bit by
    bit, and nothing is sent for models that the browser does not know yet.
    """

    def taken(answer: T) -> None:
        take(answer)
        ready()

    return taken


class Guest(Protocol):
    """Who looks at the page; see `annotator.hub.server.visit.Visit`."""

    @property
    def user(self) -> User:
        """As of when the page was opened."""

    @property
    def store(self) -> HubStore:
        """The hub's database."""

    @property
    def caller(self) -> Caller:
        """Looked up anew; raises once the person may no longer ask."""


class Notice(pn.viewable.Viewer):
    """One line below a button: how it went. It keeps its height, so nothing jumps.

    Parameters
    ----------
    quiet
        It takes no room while there is nothing to say: where errors alone are told.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        super().__init__()
        self._pane = pn.pane.HTML(
            "",
            css_classes=["hub-notice", "quiet"] if quiet else ["hub-notice"],
            stylesheets=[theme.CSS, NOTICE_CSS],
            sizing_mode="stretch_width",
            margin=(0, 6),
        )

    def __panel__(self) -> Any:
        return self._pane

    def clear(self) -> None:
        """Say nothing."""
        self._pane.object = ""

    def say(self, text: str) -> None:
        """Say what goes on."""
        self._pane.object = f'<div class="notice" role="status">{plain(text)}</div>'

    def done(self, text: str) -> None:
        """Say that it went well."""
        self._pane.object = (
            f'<div class="notice done" role="status">✓ {plain(text)}</div>'
        )

    def tell(self, error: BaseException) -> None:
        """Say what went wrong, in one sentence."""
        if not isinstance(error, AnnotatorError):
            _log.error("Work behind a page of the hub failed", exc_info=error)
            # A library's own message may say more than is meant for a page.
            error = HubError("Something went wrong on the hub; its log says what.")
        self._pane.object = (
            f'<div class="notice" role="alert">{error_html(error)}</div>'
        )


class Desk:
    """Asks the store for the views of a page.

    Parameters
    ----------
    guest
        Who looks at it.
    places
        What members' tables may name.
    stage
        Where the page is; None: here.
    """

    def __init__(
        self,
        guest: Guest,
        *,
        places: Places | None = None,
        stage: Stage | None = None,
    ) -> None:
        self.guest = guest
        self.store = guest.store
        self.places = places or Places()
        self.stage = stage or Stage()
        self.kit = Kit(material=True)

    @property
    def user(self) -> User:
        """Who looks at the page."""
        return self.guest.user

    def ask(
        self,
        question: Callable[[Caller], T],
        then: Callable[[T], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Ask the store in a thread; one of two callbacks follows on the page."""
        self.stage.work(lambda: question(self.guest.caller), then, failed)

    def press(
        self,
        button: Any,
        busy: str,
        question: Callable[[Caller], T],
        then: Callable[[T], None],
        notice: Notice,
    ) -> None:
        """Do what a button is for; it sleeps meanwhile and says so.

        Parameters
        ----------
        button
            Which was pressed.
        busy
            What stands on it meanwhile: "Adding…".
        question, then
            As for `ask`.
        notice
            Tells what went wrong.
        """
        label = button.label
        button.param.update(disabled=True, label=busy)
        notice.clear()

        def arrived(answer: T) -> None:
            button.param.update(disabled=False, label=label)
            then(answer)

        def failed(error: BaseException) -> None:
            button.param.update(disabled=False, label=label)
            notice.tell(error)

        self.ask(question, arrived, failed)
