"""How far annotators agree, and the clips about which they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.hub.pages.desk import Notice, nothing, then_ready
from annotator.hub.pages.disagreements import DisagreementsView
from annotator.hub.pages.label_columns import label_columns
from annotator.hub.pages.look import card, html, number, row
from annotator.views.escape import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from annotator.hub.agreement import PairAgreement
    from annotator.hub.pages.desk import Desk
    from annotator.hub.permissions import Caller
    from annotator.hub.store.disagreements import Disagreement
    from annotator.hub.store.progress import Agreement
    from annotator.hub.store.projects import ProjectInfo

__all__ = ["AgreementView", "matrix", "meaning"]

_LEVELS = {
    "Names": "nominal",
    "Numbers with an order": "ordinal",
    "Numbers with distances": "interval",
}
_MOST_IN_MATRIX = 12  # annotators
_FEW = 10  # shared clips below which a kappa says little


class AgreementView(pn.viewable.Viewer):
    """The tab "Agreement".

    Parameters
    ----------
    desk
        Asks the store.
    project
        Whose annotators they are.
    on_adjudicate
        As for `DisagreementsView`.
    """

    def __init__(
        self,
        desk: Desk,
        project: ProjectInfo,
        on_adjudicate: Callable[[Sequence[Disagreement], str], None],
    ) -> None:
        super().__init__()
        self._desk, self._project = desk, project
        self._asked = 0
        kit = desk.kit
        self.column = kit.choice("Question", [], width=240)
        self.level = kit.choice("Its labels are", _LEVELS, value="nominal", width=220)
        for widget in (self.column, self.level):
            widget.param.watch(lambda _event: self._look(), "value")
        self._notice = Notice(quiet=True)
        self.alpha = html("")
        self.matrix = html("")
        self.disagreements = DisagreementsView(desk, project, on_adjudicate)
        self._view = pn.Column(
            card(
                "Agreement",
                row(self.column, self.level),
                self._notice,
                self.alpha,
                self.matrix,
            ),
            self.disagreements,
            sizing_mode="stretch_width",
            margin=0,
        )

    def __panel__(self) -> Any:
        return self._view

    def load(self, ready: Callable[[], None] = nothing) -> None:
        """Look at everything anew."""
        store, uid = self._desk.store, self._project.uid
        self._desk.ask(
            lambda caller: label_columns(store, caller, uid),
            then_ready(self._take_columns, ready),
            then_ready(self._notice.tell, ready),
        )

    def _take_columns(self, columns: list[str]) -> None:
        self.column.visible = self.level.visible = bool(columns)
        if list(self.column.options) != columns:
            self.column.options = columns
            if columns and self.column.value not in columns:
                self.column.value = columns[0]  # and that looks
                return
        self._look()

    def _look(self) -> None:
        column, level = self.column.value, self.level.value
        self._asked += 1
        asked = self._asked
        if not column:
            self.alpha.object = (
                '<div class="nothing">There is no question yet whose answers could be '
                "compared. A manager writes the form on the tab “Settings”.</div>"
            )
            return
        store, uid = self._desk.store, self._project.uid

        def look(caller: Caller) -> tuple[Agreement, list[Disagreement]]:
            return (
                store.progress.agreement(caller, uid, column, level=level),
                store.progress.disagreements(caller, uid, column),
            )

        self._desk.ask(
            look,
            lambda found: self._show(asked, *found),
            lambda error: self._fail(asked, error),
        )

    def _fail(self, asked: int, error: BaseException) -> None:
        if asked == self._asked:
            self._notice.tell(error)

    def _show(self, asked: int, found: Agreement, clips: list[Disagreement]) -> None:
        if asked != self._asked:
            return  # another question meanwhile
        self._notice.clear()
        value = "&ndash;" if found.alpha is None else f"{found.alpha:.2f}"
        self.alpha.object = (
            f'<div class="alpha"><b>{value}</b><div>'
            f"<p>{plain(meaning(found))}</p>"
            '<p class="small">Krippendorff&rsquo;s alpha of '
            f"{number(found.n_clips, 'clip')} with two labels or more: 1 is full "
            "agreement, 0 what chance would give.</p></div></div>"
        )
        self.matrix.object = matrix(found.pairs)
        self.disagreements.take(found.column, clips)


def meaning(found: Agreement) -> str:
    """Say in one sentence what Krippendorff's alpha means.

    The steps are Krippendorff's own: .800 for what may be relied upon, .667 for what
    allows tentative conclusions.
    """
    alpha = found.alpha
    if not found.n_clips:
        return "No clip has labels of two people yet, so agreement cannot be told."
    if alpha is None:
        return "All labels are the same, so agreement cannot be told from chance."
    if alpha >= 0.8:
        return "The annotators agree well: the labels can be relied upon."
    if alpha >= 0.667:
        return "The annotators agree fairly: good for tentative conclusions."
    if alpha > 0.1:
        return "The annotators agree too little: talk about what the labels mean."
    return "The annotators agree about as often as chance would have it, or less."


def matrix(pairs: Sequence[PairAgreement]) -> str:
    """Return the HTML of Cohen's kappa of each two annotators."""
    names = sorted({name for pair in pairs for name in (pair.first, pair.second)})
    if not names:
        return ""
    names = names[:_MOST_IN_MATRIX]
    by_pair = {(pair.first, pair.second): pair for pair in pairs}
    head = "".join(f'<th scope="col">{plain(name)}</th>' for name in names[1:])
    lines = []
    for position, first in enumerate(names[:-1]):
        cells = []
        for other, second in enumerate(names[1:], start=1):
            if other <= position:
                cells.append('<td class="self"></td>')
            else:
                cells.append(_cell(by_pair.get((first, second))))
        lines.append(f'<tr><th scope="row">{plain(first)}</th>{"".join(cells)}</tr>')
    return (
        '<p class="hint">Cohen&rsquo;s kappa of each two, and the clips that both labelled:'
        '</p><table class="matrix"><thead><tr><th></th>'
        f"{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )


def _cell(pair: PairAgreement | None) -> str:
    if pair is None:
        return '<td class="none" title="No clip in common">&ndash;</td>'
    said = f"{pair.n_same} of {pair.n_clips} clips have the same label"
    if pair.kappa is None:
        return (
            f'<td class="none" title="{said}">&ndash;<small>{pair.n_clips}</small></td>'
        )
    if pair.n_clips < _FEW:
        said += "; too few to say much"
    strength = round(max(0.0, min(1.0, pair.kappa)) * 62)
    style = f"background: color-mix(in srgb, var(--accent) {strength}%, transparent)"
    return (
        f'<td style="{style}" title="{said}">{pair.kappa:.2f}'
        f"<small>{pair.n_clips:,}</small></td>"
    )
