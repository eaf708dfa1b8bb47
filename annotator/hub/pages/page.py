"""The page of the hub, with its head; for those who are signed in."""

from __future__ import annotations

import functools
from threading import Thread
from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.hub.pages.hub_view import HubView
from annotator.hub.pages.look import html
from annotator.views import theme
from annotator.views.escape import plain
from annotator.views.lost import LostNotice
from annotator.views.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.hub.pages.desk import Guest
    from annotator.hub.pages.hub_view import MakeReview
    from annotator.hub.places import Places

__all__ = ["hub_page"]

_SIGN_IN = (
    '<div class="nothing"><h1>Nobody is signed in</h1><p>The hub shows its pages to '
    "those who sign in, which this server does not ask for. Start it with "
    "<code>annotator hub serve</code>.</p></div>"
)


def hub_page(
    guest: Guest | None,
    *,
    make_review: MakeReview | None = None,
    places: Places | None = None,
) -> Any:
    """Make the page of the hub.

    Parameters
    ----------
    guest
        Who is signed in; None: nobody, and the page says how to.
    make_review
        Makes the review of a project.
    places
        What members' tables may name.

    Returns
    -------
    panel_material_ui.Page
        Call `.servable()` on it.
    """
    import panel_material_ui as pmui

    header: list[Any] = []
    if guest is None:
        main: Any = html(_SIGN_IN)
    else:
        main = HubView(
            guest, make_review=make_review, places=places, stage=_stage_that_waits()
        )
        # In a thread: a review that is open sends what waits.
        pn.state.on_session_destroyed(
            lambda _context: Thread(target=main.close).start()
        )
        header = _navigation(main, guest)
        _open_named(main)
    return pmui.Page(
        title="Annotator hub",
        header=header,
        main=[main, LostNotice()],
        theme_config=theme.MATERIAL,
        busy_indicator=None,
    )


def _stage_that_waits() -> Stage:
    """Return a stage that does nothing before the browser has the page.

    What changes after the browser was given the document, and before it said that it has
    it, is lost now and then (Panel 1.9): the project that was asked for, for one.
    """
    stage = Stage()
    stage.hold()

    def begin() -> None:
        stage.release()

    pn.state.onload(begin)
    return stage


def _navigation(view: HubView, guest: Guest) -> list[Any]:
    import panel_material_ui as pmui

    look = {"&.MuiButton-root": {"color": theme.ON_HEADER, "fontSize": 13}}
    buttons = []
    for label, icon, go in (
        ("Projects", "folder", view.projects),
        ("Tokens", "key", view.tokens),
    ):
        button = pmui.Button(label=label, icon=icon, variant="text", sx=look)
        button.on_click(functools.partial(_go, go))
        buttons.append(button)
    who = pn.pane.HTML(
        f'<span class="who">{plain(guest.user.name)}</span>'
        '<a class="out" href="/logout">Sign out</a>',
        stylesheets=[_WHO_CSS],
        margin=(0, 8),
        align="center",
    )
    return [pn.Row(*buttons, pn.Spacer(sizing_mode="stretch_width"), who)]


def _go(where: Callable[[], None], _event: Any) -> None:
    where()


_WHO_CSS = f"""
.who {{ margin-right: 14px; opacity: .85; }}
span, a {{ color: {theme.ON_HEADER}; font-size: 13px; }}
"""


def _open_named(view: HubView) -> None:
    """Open the project that the page's address names."""
    named = pn.state.session_args.get("project", [])
    if named:
        uid = named[0].decode("ascii", "replace") if isinstance(named[0], bytes) else ""
        view.project(uid[:40])
