"""How far a project is, and how far its annotators agree.

The *label* of an annotator for a clip is what the asked column holds in the latest of
their rows that stand. Labels are texts: 12, 12.0 and "12" are one; an empty one is none.
Those of rows by which a manager adjudicates say what is right, and are not among them.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.annotations.events import identity as text_of
from annotator.errors import Refused
from annotator.hub import agreement as agreeing
from annotator.hub.store import access, lacking, tables, terms
from annotator.hub.store.adjudications import decisions_at, is_adjudication
from annotator.hub.store.disagreements import Label, disagreement
from annotator.hub.store.tables import clips, events, users

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection

    from annotator.hub.permissions import Caller
    from annotator.hub.store.disagreements import Disagreement, State
    from annotator.hub.store.engine import Database

__all__ = ["Agreement", "DayCount", "Overall", "Progress"]

_rows = tables.annotations
_Labels = dict[str, dict[str, Label]]
"""By clip and annotator; both in the order in which they were given."""


@dataclass(frozen=True)
class Overall:
    """How far a project is."""

    n_clips: int
    n_reviewed: int
    """Clips with a review that stands."""
    n_complete: int
    """Clips with as many as they want."""
    n_reviews: int
    """Pairs of clip and annotator, those of clips that nobody added included."""
    n_lacking: int
    """Clips that lack a person to become complete; see `annotator.hub.store.lacking`."""


@dataclass(frozen=True)
class DayCount:
    """What one annotator did on one day."""

    annotator: str
    day: str
    """UTC, by the hub's clock: 2026-03-01."""
    n_clips: int
    """Clips reviewed, each once."""
    n_events: int
    """Everything, with what was skipped, changed and deleted."""


@dataclass(frozen=True)
class Agreement:
    """How far the annotators of a project agree."""

    column: str
    level: agreeing.Level
    n_clips: int
    """Clips with labels of two annotators or more."""
    alpha: float | None
    """Krippendorff's; None: it cannot be told."""
    pairs: Sequence[agreeing.PairAgreement]
    """Cohen's kappa of each two."""


class Progress:
    """Counts what stands in a project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def overall(self, caller: Caller, uid: str) -> Overall:
        """Count clips, those reviewed once, and those that are complete."""
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            given = (
                sa.select(
                    _rows.c.clip,
                    sa.func.count(sa.distinct(_rows.c.user_id)).label("n"),
                )
                .where(*_standing(project.id))
                .group_by(_rows.c.clip)
                .subquery()
            )
            counts = connection.execute(
                sa.select(
                    sa.func.count(clips.c.id),
                    sa.func.count(given.c.n),
                    sa.func.count(sa.case((given.c.n >= terms.wanted(), 1))),
                )
                .select_from(clips)
                .outerjoin(given, given.c.clip == clips.c.identity)
                .where(clips.c.project_id == project.id)
            ).one()
            n_reviews = connection.scalar(sa.select(sa.func.sum(given.c.n)))
            n_lacking = lacking.n_lacking(connection, project.id)
            return Overall(*counts, int(n_reviews or 0), n_lacking)

    def by_annotator_and_day(self, caller: Caller, uid: str) -> list[DayCount]:
        """Count what each annotator did on each day, by name and day."""
        day = sa.func.substr(events.c.received_at, 1, 10)
        reviewed = sa.case((events.c.kind == "set", events.c.clip))
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            counts = (
                sa.select(
                    events.c.user_id,
                    day.label("day"),
                    sa.func.count(sa.distinct(reviewed)).label("n_clips"),
                    sa.func.count().label("n_events"),
                )
                .where(events.c.project_id == project.id)
                .group_by(events.c.user_id, day)
                .subquery()
            )
            rows = connection.execute(
                sa.select(
                    users.c.name, counts.c.day, counts.c.n_clips, counts.c.n_events
                ).join_from(counts, users, users.c.id == counts.c.user_id)
            )
            return sorted(
                (DayCount(*row) for row in rows), key=lambda c: (c.annotator, c.day)
            )

    def label_counts(self, caller: Caller, uid: str, column: str) -> dict[str, int]:
        """Count the labels of a column, each annotator's of each clip once.

        Returns
        -------
        dict
            How often by label, the most frequent first.
        """
        labels = self._labels(caller, uid, column)
        counts = Counter(
            label.text for by_name in labels.values() for label in by_name.values()
        )
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def disagreements(
        self, caller: Caller, uid: str, column: str, state: State | None = None
    ) -> list[Disagreement]:
        """List the clips whose annotators gave different labels, the oldest first.

        Parameters
        ----------
        caller, uid
            Who asks, and the project's uid.
        column
            Of the annotations' rows.
        state
            Only those that are so; None: all.
        """
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            labels = _labels(connection, project.id, column)
            decisions = decisions_at(connection, project.id, project.last_seq)
        found = (
            disagreement(clip, by_name, decisions.get(clip), column)
            for clip, by_name in labels.items()
        )
        return [one for one in found if one and state in (None, one.state)]

    def agreement(
        self,
        caller: Caller,
        uid: str,
        column: str,
        *,
        level: agreeing.Level = "nominal",
    ) -> Agreement:
        """Tell how far the annotators agree, beyond what chance would give.

        Parameters
        ----------
        caller, uid
            Who asks, and the project's uid.
        column
            Of the annotations' rows.
        level
            What its labels are, see `annotator.hub.agreement.LEVELS`.

        Raises
        ------
        Refused
            The level is unknown, or it is one for numbers and a label is none.
        """
        if level not in agreeing.LEVELS:
            levels = ", ".join(agreeing.LEVELS)
            raise Refused((None, f"The level of a column is one of {levels}."))
        labels = self._labels(caller, uid, column)
        several = [
            {name: label.text for name, label in by_name.items()}
            for by_name in labels.values()
            if len(by_name) > 1
        ]
        units: list[list[Any]] = [list(by_name.values()) for by_name in several]
        if level != "nominal":
            units = [_numbers(unit) for unit in units]
        return Agreement(
            column=column,
            level=level,
            n_clips=len(several),
            alpha=agreeing.alpha(units, level),
            pairs=agreeing.kappas(several),
        )

    def _labels(self, caller: Caller, uid: str, column: str) -> _Labels:
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            return _labels(connection, project.id, column)


def _standing(project_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return _rows.c.project_id == project_id, _rows.c.until_seq.is_(None)


def _labels(connection: Connection, project_id: int, column: str) -> _Labels:
    query = (
        sa.select(_rows.c.clip, users.c.name, _rows.c.row, _rows.c.from_seq)
        .join_from(_rows, users, users.c.id == _rows.c.user_id)
        .where(
            *_standing(project_id),
            ~is_adjudication(_rows.c.project_id, _rows.c.from_seq),
        )
        .order_by(_rows.c.from_seq, _rows.c.id)
    )
    cells: dict[str, dict[str, tuple[Any, int]]] = {}
    for clip, name, row, seq in connection.execute(query):
        by_name = cells.setdefault(clip, {})
        by_name.pop(name, None)  # the later goes to the end
        by_name[name] = json.loads(row).get(column), seq
    found: _Labels = {}
    for clip, by_name in cells.items():
        labels = {who: Label(text_of(cell), n) for who, (cell, n) in by_name.items()}
        labels = {name: label for name, label in labels.items() if label.text}
        if labels:
            found[clip] = labels
    return found


def _numbers(labels: Sequence[str]) -> list[float]:
    try:
        numbers = [float(label) for label in labels]
    except ValueError:
        numbers = [math.nan]
    if not all(map(math.isfinite, numbers)):
        reason = "A label of this column is no number; use the level nominal."
        raise Refused((None, reason))
    return numbers
