"""How long the client waits for what, and how much it sends at once."""

from __future__ import annotations

import random
from dataclasses import dataclass

from annotator.hub.protocol import MAX_BATCH

__all__ = ["Pace"]


@dataclass(frozen=True)
class Pace:
    """Times in seconds, and sizes.

    Attributes
    ----------
    first, longest
        Pause after the first failure, which doubles with each further one, and its bound.
    refused
        Pause before a project is asked again that does not let the person write.
    idle
        Pause between two looks at the log for what another program appended.
    connect, read
        How long a request may wait for the connection, and for each piece of the answer.
    attempts
        How often a person's call is tried that only reads.
    finish
        How long a snapshot or a table waits for what was recorded here before.
    batch, bytes
        Events, and bytes of them, in one request at most.
    bar
        Waiting events from which a bar shows how far the sender is.
    """

    first: float = 0.5
    longest: float = 60.0
    refused: float = 300.0
    idle: float = 5.0
    connect: float = 5.0
    read: float = 30.0
    attempts: int = 3
    finish: float = 10.0
    batch: int = MAX_BATCH
    bytes: int = 4_000_000
    bar: int = 1_000

    def pause(self, n_failures: int) -> float:
        """Give the pause after so many failures in a row, s.

        It is between half and all of 0.5, 1, 2, 4, ... 60 s, so that the clients of a
        team do not all come back at the same moment.
        """
        whole = min(self.longest, self.first * 2.0 ** min(max(n_failures - 1, 0), 30))
        return whole * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
