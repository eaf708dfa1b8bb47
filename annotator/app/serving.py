"""Pages and the server that shows them."""

from __future__ import annotations

import logging
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.app.opening import Opening
from annotator.config.project import AnnotatorConfig
from annotator.config.secrets import Secrets
from annotator.errors import AnnotatorError
from annotator.views import theme
from annotator.views.escape import error_html
from annotator.views.lost import LostNotice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from annotator.app.annotator import BioacousticAnnotator

__all__ = ["page", "serve", "serve_in_background"]

_log = logging.getLogger(__name__)

# Without these there is nothing to show; those of the output wait for Sync.
_ASKED_FIRST = ("data", "audio")

_ERROR_CSS = """
.sorry { max-width: 720px; margin: 12vh auto 0; padding: 22px 26px; border: 1px solid var(--line);
         border-radius: 10px; background: var(--surface); font-size: 15px; line-height: 1.5; }
.sorry h2 { margin: 0 0 8px; font-size: 18px; }
.sorry details > pre { position: static; }
.sorry details { display: block; margin: 10px 0 0; }
"""


def page(project: str | Path | BioacousticAnnotator | None, **settings: Any) -> Any:
    """Make the page of a project; a wrong configuration is a page that says why.

    Parameters
    ----------
    project
        Project file, or an annotator made before.
    **settings
        As for `BioacousticAnnotator`.

    Returns
    -------
    panel_material_ui.Page
        Call `.servable()` on it.
    """
    import panel_material_ui as pmui

    title, main = "Annotator", None
    try:
        if project is None and not settings and _is_beside_hub():
            main = _to_the_hub()
        else:
            title, main = _contents(project, settings)
    except AnnotatorError as error:
        main = _sorry(error)
    except Exception as error:  # noqa: BLE001 - a page that says so is better than a blank one
        _log.exception("The page could not be made")
        main = _sorry(error)
    return pmui.Page(
        title=title,
        main=[main, LostNotice()],
        theme_config=theme.MATERIAL,
        busy_indicator=None,
    )


def _contents(project: Any, settings: dict[str, Any]) -> tuple[str, Any]:
    """Return the page's title and what stands on it."""
    from annotator.app.annotator import BioacousticAnnotator

    if isinstance(project, BioacousticAnnotator):
        return project.project_name, project.view(material=True)
    if project is None and not settings:
        msg = "No project was named. Start it with: annotator open PROJECT.yaml, or: annotator demo"
        raise AnnotatorError(msg)
    project = None if project is None else str(project)

    def load() -> AnnotatorConfig:
        return AnnotatorConfig.load(project=project, **settings)

    def build(answers: Mapping[str, str]) -> BioacousticAnnotator:
        config = load()
        for name in _ASKED_FIRST:
            section = getattr(config, name)
            section.secrets = Secrets(config.auth(name, answers.__getitem__))
        return BioacousticAnnotator(config)

    config = load()
    questions = config.questions(*_ASKED_FIRST)
    if questions:
        opening = Opening(config.project_name, questions, build)
        pn.state.on_session_destroyed(lambda _context: opening.close())
        return config.project_name, opening
    annotator = BioacousticAnnotator(config)
    pn.state.on_session_destroyed(lambda _context: annotator.close())
    return annotator.project_name, annotator.view(material=True)


def _is_beside_hub() -> bool:
    """Return whether this server has the hub's page, too."""
    from annotator.hub.server.visit import current_visit

    if current_visit() is not None:
        return True
    # `panel serve annotate.py hub.py`: a page is told nothing of the ones beside it.
    return any(Path(word).name == "hub.py" for word in sys.orig_argv)


def _to_the_hub() -> Any:
    link = f'<a href="{pn.state.base_url}hub">the hub</a>'
    return pn.pane.HTML(
        '<div class="sorry"><h2>Which project?</h2>'
        f"Reviews of a team's projects are opened from {link}.</div>",
        stylesheets=[theme.CSS, _ERROR_CSS],
        sizing_mode="stretch_width",
    )


def _sorry(error: Exception) -> Any:
    return pn.pane.HTML(
        f'<div class="sorry"><h2>This review cannot be opened yet</h2>{error_html(error)}</div>',
        stylesheets=[theme.CSS, _ERROR_CSS],
        sizing_mode="stretch_width",
    )


def serve(
    project: str | Path, *, port: int = 0, show: bool = True, address: str = "localhost"
) -> None:
    """Serve a project until interrupted; each page is a session of its own.

    Parameters
    ----------
    project
        Project file.
    port
        0: a free one.
    show
        Open the browser.
    address
        Name or address to listen on.
    """
    _serve(lambda: page(project), port=port, show=show, address=address)


def serve_in_background(annotator: BioacousticAnnotator) -> str:
    """Serve one annotator on a free local port, open the browser, return the address."""
    port = _free_port()
    thread = threading.Thread(
        target=_serve,
        args=(lambda: page(annotator),),
        kwargs={"port": port, "show": True, "address": "localhost"},
        daemon=True,
        name="annotator-server",
    )
    thread.start()
    address = f"http://localhost:{port}"
    _log.info("The review is at %s", address)
    return address


def _serve(make: Callable[[], Any], *, port: int, show: bool, address: str) -> None:
    port = port or _free_port()
    pn.serve(
        {"/": make},
        port=port,
        address=address,
        websocket_origin=[f"{address}:{port}", f"127.0.0.1:{port}"],
        show=show,
        title="Annotator",
        verbose=False,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
