"""Who and what the tests of the pages speak of, and a stage without a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from annotator.annotations.events import new_id, timestamp
from annotator.hub.permissions import Caller
from annotator.views.stage import Stage

if TYPE_CHECKING:
    from annotator.hub.permissions import User
    from annotator.hub.store.hub_store import HubStore

__all__ = ["PASSWORD", "Prompt", "Visitor", "clip", "event"]

PASSWORD = "correct horse battery"


class Prompt(Stage):
    """A stage whose work is done when it is asked for."""

    def work(self, function: Any, then: Any = None, failed: Any = None) -> None:
        try:
            result = function()
        except Exception as error:
            if failed is None:
                raise
            failed(error)
        else:
            if then is not None:
                then(result)

    def later(self, seconds: float, callback: Any) -> None:
        pass


@dataclass
class Visitor:
    """Somebody who is signed in."""

    user: User
    store: HubStore

    @property
    def caller(self) -> Caller:
        return Caller(self.user)


def event(clip: str, name: str, **cells: Any) -> dict[str, Any]:
    """Return an event as a notebook sends it: somebody reviewed a clip."""
    row = {"annotation_id": new_id(name), "clip_id": clip, **cells}
    return {
        "id": new_id(),
        "clip": clip,
        "annotator": name,
        "kind": "set",
        "rows": [row],
        "created_at": timestamp(),
    }


def clip(number: int, **other: Any) -> dict[str, Any]:
    """Return a clip as it is sent to the hub."""
    own = {
        "identity": f"clip-{number}",
        "recording": f"https://example.org/{number}.flac",
        "start_time": 3.0 * number,
        "end_time": 3.0 * number + 3.0,
        "row": {"confidence": 0.5},
    }
    return {**own, **other}
