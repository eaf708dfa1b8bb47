"""The review form: questions from the YAML, Prev/Skip/Submit, Sync."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import param

from annotator.config.templates import fill
from annotator.errors import AlreadyReviewed
from annotator.form.progress import progress_text
from annotator.review.session import ReviewSession
from annotator.views import theme
from annotator.views.escape import error_html, plain
from annotator.views.format import cell_text, column_label
from annotator.views.questions import Questions
from annotator.views.regions import RegionPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.form.fields import Annotation
    from annotator.form.spec import FormSpec
    from annotator.views.kit import Kit
    from annotator.views.stage import Stage
    from annotator.views.sync import SyncView

__all__ = ["ReviewForm"]

_CSS = """
.heading { display: flex; gap: 16px; align-items: baseline; min-height: 22px; }
.heading .title { font-size: 14px; font-weight: 650; letter-spacing: .02em; }
.heading .progress { color: var(--muted); font-size: 12.5px; font-variant-numeric: tabular-nums; }
.status { font-size: 12.5px; color: var(--muted); min-height: 18px; }
.status.saved { color: var(--good); }
.answers { display: flex; flex-wrap: wrap; gap: 4px 22px; }
.answers dt { font-size: 11.5px; color: var(--muted); }
.answers dd { margin: 0; font-weight: 550; max-width: 320px; overflow-wrap: anywhere; }
"""


def _html(html: str = "", **params: Any) -> Any:
    return pn.pane.HTML(html, stylesheets=[theme.CSS, _CSS], margin=(2, 6), **params)


class ReviewForm(pn.viewable.Viewer):
    """Asks about the current clip; shows the answers of a reviewed one."""

    session: Any = param.ClassSelector(
        class_=ReviewSession, constant=True, doc="State shown."
    )

    def __init__(
        self,
        session: ReviewSession,
        *,
        kit: Kit,
        stage: Stage,
        sync: SyncView | None = None,
        height: int = 175,
        duplicates: bool = False,
        add_region: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(session=session)
        self._regions: list[RegionPanel] = []
        self._form: FormSpec = session.form
        self._stage, self._duplicates = stage, duplicates
        self._busy = False
        self._typed: list[Callable[[], None]] = []  # while an answer is being saved
        self._heading = _html(sizing_mode="stretch_width")
        self._status = _html(css_classes=["form-status"])
        self._hint = _html(css_classes=["form-hint"])
        self._reviewed = _html(sizing_mode="stretch_width", visible=False)
        self._questions = Questions(
            self._form,
            kit=kit,
            changed=self._changed,
            annotate=lambda annotation: self._make_panel(annotation, kit, add_region),
        )
        self._buttons = self._make_buttons(kit)
        self._view = pn.Column(
            self._heading,
            self._questions,
            self._reviewed,
            pn.Row(
                *self._buttons,
                self._hint,
                self._status,
                pn.Spacer(sizing_mode="stretch_width", margin=0),
                *([sync] if sync is not None else []),
                sizing_mode="stretch_width",
                margin=(6, 0, 0, 0),
            ),
            css_classes=["review-form"],
            stylesheets=[theme.PANEL_CSS],
            sizing_mode="stretch_width",
            min_height=height,
        )
        stage.follow(session, ["clip"], self._load)
        stage.follow(session, ["revision", "n_session"], self._refresh)
        if self._regions:
            marked = ["annotation", "regions", "tool", "visit"]
            stage.follow(session.regions, marked, self._refresh_submit)
        self._load()

    def __panel__(self) -> Any:
        return self._view

    def _make_panel(
        self, annotation: Annotation, kit: Kit, add: Callable[[], None]
    ) -> Any:
        panel = RegionPanel(
            annotation,
            form=self._form,
            editor=self.session.regions,
            kit=kit,
            stage=self._stage,
            add=add,
        )
        self._regions.append(panel)
        return panel.__panel__()

    def _make_buttons(self, kit: Kit) -> list[Any]:
        wanted = self._form.buttons
        buttons = []
        self._previous = self._next = None
        if wanted.previous is not None:
            self._previous = kit.button(
                wanted.previous.label, css_classes=["previous-button"]
            )
            self._previous.on_click(lambda _event: self.session.previous())
            buttons.append(self._previous)
        if wanted.next is not None:
            self._next = kit.button(
                wanted.next.label,
                css_classes=["skip-button"],
            )
            self._next.on_click(lambda _event: self._work(self.session.skip))
            buttons.append(self._next)
        self._submit = kit.button(
            wanted.submit.label if wanted.submit is not None else "Submit",
            primary=True,
            css_classes=["submit-button"],
        )
        # A click that comes while an answer is being saved is a slip of the hand.
        self._submit.on_click(lambda _event: None if self._busy else self.submit())
        self._delete = kit.button(
            "Delete this review",
            css_classes=["delete-button"],
            visible=False,
        )
        self._delete.on_click(lambda _event: self._work(self.session.delete_review))
        return [*buttons, self._submit, self._delete]

    # What the person does ---------------------------------------------------

    def submit(self) -> None:
        """Submit the answers in sight, if they are complete."""
        if self._is_kept(self.submit):
            return
        # What was drawn a moment ago may not have come to the button yet.
        self._refresh_submit()
        clip = self.session.clip
        if clip is None or self._submit.disabled or not self._submit.visible:
            return
        values, position = self._questions.values, clip.position
        regions = self.session.regions.as_rows() if self._regions else None
        self._work(
            lambda: self.session.submit(values, regions, clip=position), saved=True
        )

    def undo(self) -> None:
        """Take the last answer back and return to its clip."""
        self._work(self.session.undo)

    def choose(self, number: int) -> None:
        """Give the answer of a number key to the first question that has one.

        A question about the region in hand comes before those about the clip.
        """
        if self._is_kept(lambda: self.choose(number)):
            return
        if not any(panel.choose(number) for panel in self._regions):
            self._questions.choose(number)

    def _is_kept(self, action: Callable[[], None]) -> bool:
        """Keep what is typed while an answer is being saved: it is for the next clip."""
        if self._busy:
            self._typed.append(action)
        return self._busy

    def _work(self, function: Any, *, saved: bool = False) -> None:
        if self._busy:
            return
        self._busy = True
        self._refresh_submit()
        self._stage.work(
            function,
            then=lambda _result: self._done("Saved" if saved else ""),
            failed=self._failed,
        )

    def _done(self, text: str) -> None:
        self._busy = False
        self._status.object = (
            f'<div class="status saved">✓ {text}</div>' if text else ""
        )
        self._refresh_submit()
        while self._typed and not self._busy:
            self._typed.pop(0)()

    def _failed(self, error: BaseException) -> None:
        self._busy = False
        self._typed.clear()
        if not isinstance(error, AlreadyReviewed) or not self._reviewed.visible:
            self._status.object = f'<div class="status">{error_html(error)}</div>'
        self._refresh_submit()

    # What follows the session -----------------------------------------------

    def _load(self) -> None:
        """Put the answers of a new clip at their start."""
        clip = self.session.clip
        if clip is not None:
            self._questions.start(clip.row)
            for panel in self._regions:
                panel.start(clip.row)
        self._refresh()

    def _refresh(self) -> None:
        session, clip = self.session, self.session.clip
        title = (
            fill(self._form.title, clip.row if clip is not None else {})
            if self._form.title
            else "Review"
        )
        progress = ""
        if self._form.progress is not None:
            progress = progress_text(
                self._form,
                session.n_session,
                session.n_reviewed,
                session.n_clips,
                session.output_rows(),
            )
        self._heading.object = (
            f'<div class="heading"><span class="title">{plain(title)}</span>'
            f'<span class="progress">{plain(progress)}</span></div>'
        )
        reviewed = (
            clip is not None
            and not self._duplicates
            and session.is_reviewed(clip.position)
        )
        self._questions.visible = clip is not None and not reviewed
        self._submit.visible = not reviewed
        self._delete.visible = reviewed
        self._reviewed.visible = reviewed
        if reviewed:
            self._reviewed.object = _answers_html(session.values_of(clip.position))
        self._changed()

    def _changed(self) -> None:
        self._questions.refresh()
        if self._regions:
            self.session.regions.use(self._form.annotation(self._questions.values))
        self._refresh_submit()

    def _refresh_submit(self) -> None:
        missing = self._form.missing(self._questions.values)
        if self._regions:
            missing += self.session.regions.missing()
        self._submit.disabled = self._busy or self.session.clip is None or bool(missing)
        asks = bool(missing) and self._questions.visible
        hint = f"Still to answer: {', '.join(missing)}" if asks else ""
        self._hint.object = f'<div class="status">{plain(hint)}</div>'


def _answers_html(rows: Any) -> str:
    parts = []
    for row in rows:
        cells = "".join(
            f"<div><dt>{plain(column_label(name))}</dt><dd>{plain(cell_text(value, name))}</dd></div>"
            for name, value in row.items()
            if name not in ("annotation_id", "app_version")
        )
        parts.append(f'<dl class="answers">{cells}</dl>')
    return "".join(parts)
