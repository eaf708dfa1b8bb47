"""What a person answered about a clip, one answer for each region marked in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from annotator.errors import SubmitError

if TYPE_CHECKING:
    from annotator.form.spec import FormSpec
    from annotator.sources.clips import Clip

__all__ = ["Answer", "answers_of", "check", "rows_of"]

_EDGES = ("start_time", "end_time", "min_frequency", "max_frequency")


@dataclass(frozen=True)
class Answer:
    """What becomes one output row."""

    values: Mapping[str, Any]
    """Answers by output column."""
    region: Any = None
    """Edges of what was marked, in s and Hz; None: nothing was."""


def answers_of(
    values: Mapping[str, Any], regions: Sequence[Any] | None
) -> list[Answer]:
    """Return one answer for each region, or the one there is without regions."""
    return [_about(values, region) for region in regions or [None]]


def check(form: FormSpec, answers: Sequence[Answer]) -> None:
    """Raise unless the form takes the answers.

    Raises
    ------
    SubmitError
        It lists everything that is missing or out of range.
    """
    problems: dict[str, None] = {}
    for answer in answers:
        for label in form.missing(answer.values):
            problems[f"{label}: an answer is needed."] = None
        problems |= dict.fromkeys(form.check(answer.values))
    regions = [(answer.region, answer.values) for answer in answers]
    problems |= dict.fromkeys(form.check_regions(answers[0].values, regions))
    if problems:
        raise SubmitError("\n".join(problems))


def rows_of(
    form: FormSpec, answers: Sequence[Answer], clip: Clip, index_column: str
) -> list[dict[str, Any]]:
    """Return the output rows of a clip, without provenance."""
    return [
        {
            index_column: clip.index_value,
            **form.to_row(answer.values, clip.row, answer.region),
        }
        for answer in answers
    ]


def _about(values: Mapping[str, Any], region: Any) -> Answer:
    """Split a region into its edges and the answers given about it."""
    if not isinstance(region, Mapping):
        answers = getattr(region, "values", None)
        own = answers if isinstance(answers, Mapping) else {}
        return Answer({**values, **own}, region)
    answers = {name: value for name, value in region.items() if name not in _EDGES}
    edges = {name: value for name, value in region.items() if name in _EDGES}
    return Answer({**values, **answers}, edges)
