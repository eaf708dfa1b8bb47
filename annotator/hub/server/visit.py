"""Who looks at a page: known to the server, never sent to the browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from annotator.errors import InvalidToken
from annotator.hub.permissions import Caller

if TYPE_CHECKING:
    from annotator.hub.permissions import User
    from annotator.hub.store.hub_store import HubStore

__all__ = ["Visit", "current_visit"]


@dataclass(frozen=True)
class Visit:
    """A signed-in person's visit to a page."""

    user: User
    """As of when the page was opened."""
    store: HubStore
    xsrf: str = field(repr=False)
    """What a form of the page must send back in its field `_xsrf`."""
    _cookie: str = field(repr=False)

    @property
    def caller(self) -> Caller:
        """Who asks, for the store; looked up anew each time.

        Raises
        ------
        InvalidToken
            The person signed out meanwhile, or may no longer sign in.
        """
        user = self.store.web_sessions.check(self._cookie)
        if user is None or user.id != self.user.id:
            msg = "Your sign-in has ended; sign in again."
            raise InvalidToken(msg)
        return Caller(user)

    def __reduce__(self) -> Any:
        msg = "A visit stays in the server's memory; it cannot be pickled."
        raise TypeError(msg)


def current_visit() -> Visit | None:
    """Return the visit to the page that is being made, or whose callback runs.

    Returns
    -------
    Visit or None
        None: the page is not served by `annotator hub serve`.
    """
    import panel as pn

    document = pn.state.curdoc
    context = document.session_context if document else None
    request = getattr(context, "request", None)
    visit = getattr(request, "hub_visit", None)
    return visit if isinstance(visit, Visit) else None
