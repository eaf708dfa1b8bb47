"""A feed: an output of this process, whose it is, and which project it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from annotator.hub.client.state import HubState

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Feed"]


@dataclass(eq=False)
class Feed:
    """One output that annotators of this process write to.

    Attributes
    ----------
    output
        Absolute path of the output.
    author
        Who submits there.
    project
        Name of the project.
    users
        Number of annotators that use it; with none left it goes when nothing waits.
    state
        How far it is, for views.
    """

    output: Path
    author: str
    project: str
    users: int = 0
    state: HubState = field(default_factory=HubState)

    def __post_init__(self) -> None:
        self.state.project = self.project
