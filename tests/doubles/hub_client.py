"""The client of a hub in a test: quick, alone, and gone after it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from annotator.annotations.store import AnnotationStore
from annotator.hub.client.client import CLIENT, Client
from annotator.hub.client.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from annotator.hub.client.state import HubState

__all__ = ["QUICK", "Reviewer", "quick_client", "until"]

QUICK = replace(Pace(), first=0.001, longest=0.01, refused=0.01, idle=0.05)


@contextmanager
def quick_client(pace: Pace = QUICK) -> Iterator[Client]:
    """Give this process's client, logged out before and after."""
    # Other tests' annotators may still be there until their memory is collected.
    usual, before = CLIENT.pace, CLIENT.feeds()
    CLIENT.pace = pace
    try:
        yield CLIENT
    finally:
        CLIENT.log_out(0)
        CLIENT.pace = usual
        new = [feed for feed in CLIENT.feeds() if feed not in before]
        assert new == [], "a Reviewer or an annotator was not closed"


def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"it did not happen within {seconds} s")
        time.sleep(0.002)  # between two looks, not instead of one


class Reviewer:
    """Submits to an output of a project, as an annotator does."""

    def __init__(
        self, output: Path, *, project: str = "Owls", author: str = "maria"
    ) -> None:
        self.store = AnnotationStore(output, columns=["label"], annotator=author)
        feed, self._leave = CLIENT.follow(self.store.path, author, project)
        self.state: HubState = feed.state

    def __enter__(self) -> Reviewer:
        return self

    def __exit__(self, *_error: object) -> None:
        self._leave()
        self.store.close()

    def submit(self, *clips: object, label: str = "owl") -> None:
        """Answer for some clips."""
        for clip in clips:
            self.store.submit(str(clip), [{"label": label}])

    def until_sent(self, n: int | None = None, *, aside: int = 0) -> None:
        """Wait until the hub has so many events, and does not take so many; or all."""
        if n is None:
            assert CLIENT.flush(20.0) == 0
        else:
            until(lambda: self.state.sent >= n)
            until(lambda: len(self.state.set_aside) >= aside)
            until(lambda: self.state.connected and not self.state.waiting)
