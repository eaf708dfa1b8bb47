"""The clips about which annotators disagree: those to adjudicate, and those settled."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.hub.pages.desk import Notice
from annotator.hub.pages.listing import Action, listed
from annotator.hub.pages.look import card, html, moment, number, row
from annotator.hub.permissions import ACTIONS, is_at_least

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from annotator.hub.pages.desk import Desk
    from annotator.hub.store.disagreements import Disagreement
    from annotator.hub.store.projects import ProjectInfo

__all__ = ["DisagreementsView", "most_say"]

_MOST_LISTED = 200
_STATES = {"Open": "open", "Settled": "adjudicated"}
_COLUMNS = {
    "open": [
        ("Clip", "mono"),
        ("Labels", "wide"),
        ("Most say", ""),
        ("You say", ""),
        ("Decided before", "wide"),
    ],
    "adjudicated": [
        ("Clip", "mono"),
        ("Labels", "wide"),
        ("Decided", "main"),
        ("By", ""),
        ("When (UTC)", "muted"),
    ],
}
_EMPTY = {
    "open": "No clip waits for a decision. Either all agree, or no clip was reviewed by "
    "two people yet: ask for that on the tab “Clips”.",
    "adjudicated": "Nothing was adjudicated yet. A manager does that with those that are "
    "open.",
}
_DECIDES = (
    "Adjudicate opens clips for you, with what the others said. Your answer decides; it "
    "stands beside theirs, and nobody's is changed."
)
_WAITS = "A manager adjudicates them."
_REVIEWS = "Until then you can review yours again, with what the others said."


class DisagreementsView(pn.viewable.Viewer):
    """The list below the numbers of the tab "Agreement".

    Parameters
    ----------
    desk
        Asks the store.
    project
        Whose annotators they are.
    on_adjudicate
        Called with the disagreements that shall be reviewed once more, and the column
        about which the answers decide; "": they decide nothing.
    """

    def __init__(
        self,
        desk: Desk,
        project: ProjectInfo,
        on_adjudicate: Callable[[Sequence[Disagreement], str], None],
    ) -> None:
        super().__init__()
        self._desk, self._on_adjudicate = desk, on_adjudicate
        self._column = ""
        self._found: Sequence[Disagreement] = ()
        self._may_review = _may(project, "annotate")
        self._decides = _may(project, "adjudicate")
        self._verb = "Adjudicate" if self._decides else "Review again"
        note = f"{_WAITS} {_REVIEWS}" if self._may_review else _WAITS
        kit = desk.kit
        self.all_button = kit.button(
            self._verb,
            icon="gavel",
            width=220,
            disabled=True,
            visible=self._may_review,
        )
        self.all_button.on_click(lambda _event: self._adjudicate(self._of("open")))
        self.switch = kit.switcher(
            "Which disagreements", _STATES, value="open", margin=(4, 4)
        )
        self.counts = html("", width=130, sizing_mode="fixed")
        self.switch.param.watch(lambda _event: self._draw(), "value")
        self._notice = Notice(quiet=True)
        self.list = listed(
            "Disagreements",
            _COLUMNS["open"],
            actions=[Action("adjudicate", self._verb)] if self._may_review else [],
            on_action=lambda _name, clip: self._adjudicate(
                [one for one in self._found if one.clip == clip]
            ),
            height="460px",
        )
        self._view = card(
            "Disagreements",
            row(self.switch, self.counts, self.all_button),
            self._notice,
            self.list,
            note=f"Clips with different labels. {_DECIDES if self._decides else note}",
        )

    def __panel__(self) -> Any:
        return self._view

    def take(self, column: str, found: Sequence[Disagreement]) -> None:
        """Show these, of a column."""
        self._column, self._found = column, found
        n_open = len(self._of("open"))
        n_settled = len(found) - n_open
        self.counts.object = (
            f'<p class="hint">{n_open:,} open, {n_settled:,} settled</p>'
        )
        self.all_button.param.update(
            disabled=not n_open or not self._may_review,
            label=f"{self._verb} {number(n_open, 'clip')}",
        )
        self._draw()

    def _of(self, state: str) -> list[Disagreement]:
        return [one for one in self._found if one.state == state]

    def _draw(self) -> None:
        state = self.switch.value
        those = self._of(state)
        some = those[:_MOST_LISTED]
        self.list.param.update(
            columns=[{"label": label, "kind": kind} for label, kind in _COLUMNS[state]],
            empty_text=_EMPTY[state],
            rows=[
                {
                    "key": one.clip,
                    "cells": self._cells(one),
                    "actions": ["adjudicate"] if self._may_review else [],
                }
                for one in some
            ],
        )
        if len(those) > len(some):
            self._notice.say(f"The first {len(some)} of {len(those):,} are listed.")
        else:
            self._notice.clear()

    def _cells(self, one: Disagreement) -> list[str]:
        labels = " · ".join(f"{who}: {label}" for who, label in one.labels.items())
        said = [one.clip, labels]
        made = one.decision
        if one.state == "adjudicated" and made is not None:
            return [*said, one.decided or "nothing", made.by, moment(made.at)]
        before = ""
        if made is not None:
            since = ", ".join(one.changed_by)
            before = f"{one.decided or 'nothing'} by {made.by}; since then {since}"
        mine = one.labels.get(self._desk.user.name, "")
        return [*said, most_say(one.labels.values()), mine, before]

    def _adjudicate(self, clips: Sequence[Disagreement]) -> None:
        if clips and self._may_review:
            self._on_adjudicate(clips, self._column if self._decides else "")


def _may(project: ProjectInfo, action: str) -> bool:
    least = ACTIONS[action][0]
    return is_at_least(project.role, least) and not project.archived


def most_say(labels: Iterable[str]) -> str:
    """Return the label that more people gave than any other; "" if there is none.

    Examples
    --------
    >>> most_say(["owl", "wind", "owl"]), most_say(["owl", "wind"])
    ('owl', '')
    """
    counts = Counter(labels).most_common(2)
    if len(counts) > 1 and counts[0][1] == counts[1][1]:
        return ""
    return counts[0][0] if counts else ""
