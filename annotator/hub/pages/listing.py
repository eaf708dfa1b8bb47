"""A list of things, and what one can do to each: tokens, projects, members."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import param
from panel.custom import JSComponent

from annotator.hub.pages.look import LIST_CSS
from annotator.views import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Action", "Listing", "listed"]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Action:
    """What can be done to a thing of a list."""

    name: str
    label: str
    """Of its button."""
    confirm: str = ""
    """What is asked first; "": nothing."""
    tip: str = ""


class Listing(JSComponent):
    """Draws the rows; see listing.js."""

    actions = param.List(
        default=[], doc="One {name, label, confirm} for each thing one can do."
    )
    columns = param.List(default=[], doc="One {label, kind} for each column.")
    empty_text = param.String(default="", doc="What to do when there is no row.")
    opens = param.Boolean(default=False, doc="Whether a click on a row opens it.")
    rows = param.List(default=[], doc="One {key, cells, actions, tone} for each row.")
    title = param.String(default="", doc="What is listed, for those who hear it.")

    _esm = _HERE / "listing.js"
    _stylesheets: ClassVar[list[str]] = [theme.CSS, LIST_CSS]

    def hand_over(self, name: str, mime: str, content: bytes) -> None:
        """Hand a file to the browser of the person, who saves it."""
        text = base64.b64encode(content).decode()
        self._send_msg({"type": "file", "name": name, "mime": mime, "content": text})


def listed(
    title: str,
    columns: Sequence[str | tuple[str, str]],
    *,
    actions: Sequence[Action] = (),
    empty: str = "",
    on_open: Callable[[str], None] | None = None,
    on_action: Callable[[str, str], None] | None = None,
    height: str = "none",
) -> Listing:
    """Make a list.

    Parameters
    ----------
    title
        What it lists.
    columns
        Labels, or pairs of label and kind: main, muted, mono, number, chips, wide.
    actions
        What can be done to each thing.
    empty
        What stands there when it is empty.
    on_open
        Called with a row's key when it is clicked; None: rows do not open.
    on_action
        Called with the name of the action and the row's key.
    height
        CSS length from which it scrolls.
    """
    pairs = [c if isinstance(c, tuple) else (c, "") for c in columns]
    made = Listing(
        title=title,
        columns=[{"label": label, "kind": kind} for label, kind in pairs],
        actions=[dict(vars(action)) for action in actions],
        empty_text=empty,
        opens=on_open is not None,
        sizing_mode="stretch_width",
        margin=0,
        styles={"--list-height": height},
    )

    def take(event: Any) -> None:
        told = event.data
        if not isinstance(told, dict):
            return
        # From the browser: only rows that are there, and what they offer.
        key = told.get("key")
        there = next((item for item in made.rows if item["key"] == key), None)
        if there is None:
            return
        if told.get("type") == "open" and on_open is not None:
            on_open(str(key))
        elif told.get("name") in there["actions"] and on_action is not None:
            on_action(str(told["name"]), str(key))

    made.on_msg(take)
    return made
