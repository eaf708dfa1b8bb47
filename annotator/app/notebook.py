"""Inline in a notebook: what Panel needs there, loaded once."""

from __future__ import annotations

import base64
import functools
import sys
from typing import Any

import panel as pn
from bokeh.models import ImportedStyleSheet
from panel.io.resources import CDN_DIST, DIST_DIR, LOCAL_DIST
from panel.viewable import Viewable

from annotator.app import comms

__all__ = ["display", "display_address", "is_active", "prepare"]


def is_active() -> bool:
    """Whether this process is the kernel of a notebook."""
    if "ipykernel" not in sys.modules:
        return False
    from IPython import get_ipython

    shell = get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is not None


def prepare() -> None:
    """Load Panel's scripts into the notebook, from this machine and once.

    `inline=True`: without it BokehJS comes from a server far away, and a notebook in
    the field stays blank.
    """
    if not is_active():
        return
    if not pn.extension._loaded:
        pn.extension(inline=True)
    comms.install()
    if _embed_styles not in Viewable._preprocessing_hooks:
        Viewable._preprocessing_hooks.append(_embed_styles)


def _embed_styles(_viewable: Any, root: Any) -> None:
    """Put Panel's own style sheets into the document instead of a far address.

    Panel does so for the first picture only; a later change of a text asks the far
    server. One copy of each serves the whole document.
    """
    document = pn.state.curdoc
    if document is not None and document.session_context is not None:
        return  # a served page has them on its server
    for sheet in root.select({"type": ImportedStyleSheet}):
        sheet.url = _embedded(str(sheet.url))
    for document, cache in pn.state._stylesheets.items():
        if document.session_context is not None:
            continue
        for url, sheet in [*cache.items()]:
            sheet.url = _embedded(str(sheet.url))
            # The same sheet has this name when a text changes.
            cache.setdefault(url.replace(CDN_DIST, LOCAL_DIST), sheet)


@functools.cache
def _embedded(url: str) -> str:
    path = DIST_DIR / url.removeprefix(CDN_DIST).split("?")[0]
    if not url.startswith(CDN_DIST) or not path.is_file():
        return url
    return f"data:text/css;base64,{base64.b64encode(path.read_bytes()).decode()}"


def display(view: Any) -> None:
    """Show something with a `__panel__` below the current cell."""
    from IPython.display import display as show

    prepare()
    show(view)


def display_address(address: str) -> None:
    """Say below the current cell where the review is, for a tab that did not open."""
    from IPython.display import HTML
    from IPython.display import display as show

    link = f'<a href="{address}" target="_blank">{address}</a>'
    show(HTML(f"The review is at {link}, as long as this kernel runs."))
