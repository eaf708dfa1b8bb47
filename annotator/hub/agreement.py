"""How far annotators agree, beyond what chance would give.

*Cohen's kappa* is for two annotators, on the clips that both labelled. *Krippendorff's
alpha* is for any number of them, not each of whom labelled every clip. Both are 1 for
full agreement, about 0 for labels given by chance, and less for worse than that.

Krippendorff, K. (2019): Content Analysis, 4th edition, chapter 12.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain, combinations
from math import fsum
from typing import TYPE_CHECKING, Any, Literal, get_args

from annotator.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

__all__ = ["LEVELS", "Level", "PairAgreement", "alpha", "kappa", "kappas"]

Level = Literal["nominal", "ordinal", "interval"]

LEVELS: tuple[Level, ...] = get_args(Level)
"""What labels are: names; numbers that have an order; numbers with distances."""


@dataclass(frozen=True)
class PairAgreement:
    """How far two annotators agree."""

    first: str
    second: str
    n_clips: int
    """Clips that both labelled."""
    n_same: int
    """Clips that both gave the same label."""
    kappa: float | None
    """None: it cannot be told, see `kappa`."""


def kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Give Cohen's kappa of the labels that two annotators gave to the same clips.

    Parameters
    ----------
    first, second
        Labels, the n-th of both for the n-th clip.

    Returns
    -------
    float or None
        At most 1. None where chance alone would give full agreement, so that nothing
        can be said: there is no clip, or no label but one.

    Examples
    --------
    >>> kappa(["owl", "owl", "wind", "wind"], ["owl", "owl", "wind", "owl"])
    0.5
    >>> kappa(["owl", "owl"], ["owl", "owl"]) is None
    True
    """
    if len(first) != len(second):
        msg = (
            f"Cohen's kappa was given {len(first)} and {len(second)} labels; "
            "give one of each annotator for each clip."
        )
        raise ParameterError(msg)
    numbers = {label: number for number, label in enumerate({*first, *second})}
    if len(numbers) < 2:
        return None
    from sklearn.metrics import (  # type: ignore[import-untyped]  # loads slowly
        cohen_kappa_score,
    )

    # As numbers: scikit-learn refuses labels of different types.
    found = cohen_kappa_score(
        [numbers[label] for label in first], [numbers[label] for label in second]
    )
    return float(found)


def kappas(labels: Iterable[Mapping[str, Hashable]]) -> list[PairAgreement]:
    """Give Cohen's kappa of each two annotators who have a clip in common.

    Parameters
    ----------
    labels
        For each clip, the label that each annotator gave, by name.

    Returns
    -------
    list of PairAgreement
        In the order of the names.
    """
    pairs: dict[tuple[str, str], tuple[list[Hashable], list[Hashable]]] = {}
    for by_name in labels:
        for pair in combinations(sorted(by_name), 2):
            ours, theirs = pairs.setdefault(pair, ([], []))
            ours.append(by_name[pair[0]])
            theirs.append(by_name[pair[1]])
    return [
        PairAgreement(
            first=pair[0],
            second=pair[1],
            n_clips=len(ours),
            n_same=sum(a == b for a, b in zip(ours, theirs, strict=True)),
            kappa=kappa(ours, theirs),
        )
        for pair, (ours, theirs) in sorted(pairs.items())
    ]


def alpha(units: Iterable[Sequence[Any]], level: Level = "nominal") -> float | None:
    """Give Krippendorff's alpha.

    Parameters
    ----------
    units
        For each clip, the labels it was given; clips with fewer than two say nothing
        and are left out.
    level
        One of `LEVELS`. Labels are numbers unless it is nominal.

    Returns
    -------
    float or None
        At most 1. None where chance alone would give full agreement: no clip has two
        labels, or there is no label but one.

    Examples
    --------
    >>> alpha([["owl", "owl"], ["wind", "wind", "wind"], ["wind", "owl"], ["owl"]])
    0.5
    """
    if level not in LEVELS:
        msg = f"The level {level!r} is unknown; choose one of {', '.join(LEVELS)}."
        raise ParameterError(msg)
    counts = [Counter(unit) for unit in units]
    counts = [count for count in counts if count.total() > 1]
    total = Counter(chain.from_iterable(count.elements() for count in counts))
    if len(total) < 2:
        return None
    distance = _distance(total, level)
    observed = fsum(distance(count) / (count.total() - 1) for count in counts)
    expected = distance(total) / (total.total() - 1)
    return 1.0 - observed / expected


def _distance(total: Counter[Any], level: Level) -> Callable[[Counter[Any]], float]:
    """Return what sums the squared distance over all pairs among some labels.

    Sums over labels, not pairs of them: a column may hold very many different numbers.
    """
    if level == "nominal":
        return lambda count: count.total() ** 2 - sum(n * n for n in count.values())
    # Krippendorff's distance of ordinal labels is that of their mean ranks.
    places = _mean_ranks(total) if level == "ordinal" else {x: float(x) for x in total}

    def pairs(count: Counter[Any]) -> float:
        n = count.total()
        mean = fsum(k * places[x] for x, k in count.items()) / n
        return 2 * n * fsum(k * (places[x] - mean) ** 2 for x, k in count.items())

    return pairs


def _mean_ranks(total: Counter[Any]) -> dict[Any, float]:
    places, below = {}, 0
    for label in sorted(total):
        places[label] = below + total[label] / 2
        below += total[label]
    return places
