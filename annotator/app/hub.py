"""An annotator's side of the hub: its submits go there while somebody is logged in."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from annotator.config.project import AnnotatorConfig
from annotator.errors import HubUnreachable
from annotator.hub.client.client import CLIENT

if TYPE_CHECKING:
    from annotator.annotations.store import AnnotationStore
    from annotator.hub.client.state import HubState

__all__ = ["HubLink", "follow"]

_NO_PROJECT = AnnotatorConfig.param["project_name"].default


class HubLink:
    """Lets what a store records go to a project.

    Parameters
    ----------
    store
        The annotations.
    author
        Who submits there.
    project
        Name of the project.
    """

    def __init__(self, store: AnnotationStore, author: str, project: str) -> None:
        feed, leave = CLIENT.follow(store.path, author, project)
        self.state: HubState = feed.state
        self._project = project
        # A notebook forgets an annotator when its cell runs again.
        self.close = weakref.finalize(store, leave)
        self.close.atexit = False  # then the client itself sends what waits

    def wake(self) -> None:
        """Have the sender look."""
        CLIENT.wake()

    def send(self) -> str:
        """Send what waits, and give one line about it.

        Raises
        ------
        HubUnreachable
            Something still waits; it is sent later.
        """
        n_waiting = CLIENT.flush(CLIENT.pace.finish, self._project)
        if n_waiting or self.state.paused:
            first = self.state.details or "The hub is slow; the rest is sent by itself."
            raise HubUnreachable(first)
        n_aside = len(self.state.set_aside)
        return (
            f"The hub has all but {n_aside}" if n_aside else "Everything is in the hub"
        )


def follow(
    config: AnnotatorConfig, store: AnnotationStore, author: str
) -> HubLink | None:
    """Link a store to the configured project; None if the review belongs to none."""
    name = config.project_name.strip()
    if not name or name == _NO_PROJECT:
        return None
    return HubLink(store, author, name)
