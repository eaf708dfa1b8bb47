"""A banner that says so when the page has lost its server."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import param
from panel.custom import JSComponent

from annotator.views import theme

__all__ = ["LostNotice"]

_CSS = """
:host { display: contents !important; }
.lost { display: none; position: fixed; z-index: 5000; top: 0; left: 0; right: 0; padding: 12px 18px;
        background: var(--bad); color: var(--surface); font: 500 15px/1.5 sans-serif; text-align: center;
        box-shadow: 0 2px 10px var(--line); }
.lost.shown { display: block; }
button { margin-left: 12px; padding: 3px 14px; border: 1px solid currentcolor; border-radius: 6px;
         background: transparent; color: inherit; font: inherit; cursor: pointer; }
button:hover, button:focus-visible { background: var(--surface); color: var(--bad); }
"""


class LostNotice(JSComponent):
    """Shows nothing until the connection is lost; one for each page."""

    text = param.String(
        default="Connection lost. Reload to go on; what you submitted is kept.",
        constant=True,
        doc="What is said then, before the button that reloads the page.",
    )

    _esm = Path(__file__).parent / "lost.js"
    _stylesheets: ClassVar[list[str]] = [theme.CSS, _CSS]
