"""How the hub's pages look, over the theme that all views share; and small pieces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import panel as pn

from annotator.views import theme
from annotator.views.escape import plain

__all__ = [
    "LIST_CSS",
    "NARROW_CSS",
    "NOTICE_CSS",
    "PAGE_CSS",
    "bars",
    "card",
    "chip",
    "html",
    "moment",
    "number",
    "row",
]

_HERE = Path(__file__).parent
PAGE_CSS = theme.CSS + (_HERE / "pages.css").read_text(encoding="utf-8")
LIST_CSS = (_HERE / "listing.css").read_text(encoding="utf-8")
NARROW_CSS = ":host, :host > * { min-width: 0; }"
"""Of a column that becomes as narrow as its page, whatever stands in it."""

NOTICE_CSS = (_HERE / "notice.css").read_text(encoding="utf-8")


def html(text: str = "", **params: Any) -> pn.pane.HTML:
    """Make a pane of HTML whose every value is escaped already."""
    params = {"sizing_mode": "stretch_width", "margin": 0, **params}
    return pn.pane.HTML(text, stylesheets=[PAGE_CSS], **params)


def card(title: str, *objects: Any, note: str = "", name: str = "") -> pn.Column:
    """Frame a part of a page.

    Parameters
    ----------
    title
        Its heading.
    *objects
        What stands in it.
    note
        A sentence below the heading.
    name
        Its CSS class.
    """
    said = f"<p>{plain(note)}</p>" if note else ""
    return pn.Column(
        html(f'<div class="card-head"><h2>{plain(title)}</h2>{said}</div>'),
        *objects,
        css_classes=["hub-card", *([name] if name else [])],
        stylesheets=[theme.PANEL_CSS, _CARD_CSS],
        sizing_mode="stretch_width",
        margin=(0, 0, 14, 0),
    )


_CARD_CSS = ":host { padding: 14px 16px 12px; min-width: 0; }" + NARROW_CSS
_ROW_CSS = ":host { display: flex !important; flex-wrap: wrap; align-items: center; }"


def row(*objects: Any, **params: Any) -> pn.Row:
    """Put things beside each other, or below each other where there is no room."""
    for one in objects:
        one.align = "center"
    return pn.Row(
        *objects,
        stylesheets=[_ROW_CSS],
        sizing_mode="stretch_width",
        **{"margin": 0, **params},
    )


def moment(time: str | None, otherwise: str = "never") -> str:
    """Write a time of the store (UTC) to the minute.

    Examples
    --------
    >>> moment("2026-03-01T12:34:56.789Z"), moment(None)
    ('2026-03-01 12:34', 'never')
    """
    return time[:16].replace("T", " ") if time else otherwise


def number(count: int, one: str, many: str = "") -> str:
    """Count things.

    Examples
    --------
    >>> number(1, "clip"), number(2000, "clip"), number(0, "reply", "replies")
    ('1 clip', '2,000 clips', '0 replies')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def chip(text: str, tone: str = "") -> str:
    """Return the HTML of a small label; `tone` is a CSS class of pages.css."""
    return f'<span class="chip {plain(tone)}">{plain(text)}</span>'


def bars(counts: dict[str, int], empty: str) -> str:
    """Return the HTML of labels with a bar each, as long as they are frequent."""
    if not counts:
        return f'<div class="nothing">{plain(empty)}</div>'
    most = max(counts.values())
    total = sum(counts.values())
    lines = "".join(
        f'<div class="bar-label" title="{plain(label)}">{plain(label)}</div>'
        f'<div class="bar"><span style="width: {100 * count / most:.1f}%"></span></div>'
        f'<div class="bar-count">{count:,}</div>'
        f'<div class="bar-share">{100 * count / total:.0f} %</div>'
        for label, count in counts.items()
    )
    return f'<div class="bars">{lines}</div>'
