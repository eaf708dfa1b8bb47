"""Guess at which byte a frame is coded, from anchors around it.

The bytes that a second of sound takes vary, slowly as a rule, and by leaps where
rain sets in or a recorder falls silent. So there are four opinions: go on from
the anchor before at its rate, go back from the anchor behind at its rate, or take
the straight line between the two, or a line with one bend. The nearer anchor's word counts more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Guess", "guess"]

# Relative errors of rates, seen in recordings of birds and rain: of a rate over
# the time that it was measured in, and how it grows beyond.
_RATE_ERROR = 0.08
_GROWTH = 0.03
_LINE_ERROR = 0.15
_LEAP = 1.3  # more than rates wander


@dataclass(frozen=True)
class Guess:
    """Bytes of the file: where a frame lies, probably and surely.

    `low` <= `middle` <= `high` are the guess and its likely error; `floor` and
    `ceiling` are the anchors around it. `rate` is in bytes per frame.
    """

    low: int
    middle: int
    high: int
    floor: int
    ceiling: int
    rate: float


@dataclass(frozen=True)
class _Rate:
    rate: float
    error: float


def guess(frame: int, frames: NDArray[np.int64], places: NDArray[np.int64]) -> Guess:
    """Guess where a frame lies.

    Parameters
    ----------
    frame
        From ``frames[0]`` to ``frames[-1]``.
    frames, places
        Anchors in ascending order: two or more, the last is the end of the file.
    """
    right = int(np.searchsorted(frames, frame, side="right"))
    right = min(right, len(frames) - 1)
    left = right - 1
    ahead, back = int(frame - frames[left]), int(frames[right] - frame)
    floor, ceiling = int(places[left]), int(places[right])
    chord = (ceiling - floor) / (ahead + back)
    if ahead == 0:
        return Guess(floor, floor, floor, floor, ceiling, chord)
    before = _rate(frames, places, left, -ahead)
    # The last anchor is the end of the file, which may hold tags.
    behind = _rate(frames, places, right, back) if back else None
    line = floor + chord * ahead
    opinions = []  # byte and likely error
    if before is not None:
        error = before.error * max(before.rate, chord) * ahead
        opinions.append((floor + before.rate * ahead, error))
    if behind is not None:
        error = behind.error * max(behind.rate, chord) * back
        opinions.append((ceiling - behind.rate * back, error))
    if before is None or behind is None:
        opinions.append((line, 2 * _LINE_ERROR * chord * min(ahead, back)))
    elif min(before.rate, behind.rate) > _LEAP * chord:
        # A pause between two loud parts; where, nobody knows.
        low = max(floor, min(place for place, _ in opinions))
        high = min(ceiling, max(place for place, _ in opinions))
        # The further from an anchor, the less likely that it goes on as there.
        reaches = opinions[0][0] - floor, ceiling - opinions[1][0]
        opinions = [
            (place, error + reach**2 / max(ceiling - floor, 1))
            for (place, error), reach in zip(opinions, reaches, strict=True)
        ]
        opinions.append(((low + high) / 2, (ceiling - floor) / 4))
    else:
        spread = abs(opinions[0][0] - opinions[1][0]) / 4
        opinions += _bend(line, before.rate, behind.rate, opinions)
        opinions.append((line, _LINE_ERROR * chord * min(ahead, back) + spread))
    middle, error = _joined(opinions, floor, ceiling)
    nearest = before if behind is None or ahead <= back else behind
    place = min(max(round(middle), floor), ceiling)
    return Guess(
        low=max(floor, place - math.ceil(error)),
        middle=place,
        high=min(ceiling, place + math.ceil(error)),
        floor=floor,
        ceiling=ceiling,
        rate=chord if nearest is None else nearest.rate,
    )


def _bend(
    line: float, before: float, behind: float, sides: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Guess that the rate leaps once between the anchors, if it seems so."""
    least, most = min(before, behind), max(before, behind)
    if most < _LEAP * least:
        return []
    both = [place for place, _ in sides]
    place = max(both) if before < behind else min(both)
    is_between = place <= line if before < behind else place >= line
    return [(place, _LINE_ERROR * abs(line - place))] if is_between else []


def _rate(
    frames: NDArray[np.int64], places: NDArray[np.int64], index: int, reach: int
) -> _Rate | None:
    """Return bytes per frame beside an anchor, and the relative error ahead.

    It is measured over about as long a stretch as it is to be used for.
    """
    if reach < 0:
        other = int(np.searchsorted(frames, frames[index] + reach))
        other = min(other, index - 1)
        if other < 0:
            return None
    else:
        other = int(np.searchsorted(frames, frames[index] + reach, side="right")) - 1
        other = max(other, index + 1)
        if other >= len(frames):
            return None
    length = abs(int(frames[other] - frames[index]))
    rate = abs(int(places[other] - places[index])) / length
    stretch = abs(reach) / length
    return _Rate(rate, _RATE_ERROR + _GROWTH * max(stretch, 1 / stretch) ** 0.5)


def _joined(
    opinions: list[tuple[float, float]], floor: int, ceiling: int
) -> tuple[float, float]:
    clipped = [
        (min(max(place, floor), ceiling), max(error, 1.0)) for place, error in opinions
    ]
    weights = [1 / error**2 for _, error in clipped]
    middle = sum(
        weight * place for weight, (place, _) in zip(weights, clipped, strict=True)
    ) / sum(weights)
    # No surer than the best opinion, nor than they agree.
    best = min(clipped, key=lambda item: item[1])
    return middle, best[1] + abs(best[0] - middle)
