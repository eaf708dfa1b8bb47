"""The review form: questions from the YAML, Prev/Skip/Submit, Sync.

All widgets are made once. A section that an answer opens is shown or hidden,
never built, so nothing jumps but what must.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import param

from annotator.config.templates import fill
from annotator.errors import AlreadyReviewed
from annotator.form.progress import progress_text
from annotator.form.rules import referenced_forms
from annotator.session.review import ReviewSession
from annotator.views import theme
from annotator.views.escape import error_html, plain
from annotator.views.fields import FieldWidget, field_widget
from annotator.views.format import cell_text, column_label

if TYPE_CHECKING:
    from annotator.form.spec import FormSpec
    from annotator.views.kit import Kit
    from annotator.views.stage import Stage
    from annotator.views.sync import SyncView

__all__ = ["ReviewForm"]

_INPUTS = {"select", "textbox", "checkbox", "number"}

_NO_DRAWING = (
    "Regions cannot be drawn in this version: the clip's own times are written."
)

_CSS = """
.note { color: var(--muted); font-size: 12px; }
.heading { display: flex; gap: 16px; align-items: baseline; min-height: 22px; }
.heading .title { font-size: 14px; font-weight: 650; letter-spacing: .02em; }
.heading .progress { color: var(--muted); font-size: 12.5px; font-variant-numeric: tabular-nums; }
.text { white-space: pre-line; }
.line { border-top: 1px solid var(--line); margin: 4px 0; }
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
    ) -> None:
        super().__init__(session=session)
        self._form: FormSpec = session.form
        self._kit, self._stage, self._duplicates = kit, stage, duplicates
        self._fields: dict[str, tuple[Any, FieldWidget]] = {}
        self._holders: dict[str, Any] = {}
        self._texts: list[tuple[Any, str]] = []
        self._loading = False
        self._busy = False
        self._heading = _html(sizing_mode="stretch_width")
        self._status = _html(css_classes=["form-status"])
        self._hint = _html(css_classes=["form-hint"])
        self._reviewed = _html(sizing_mode="stretch_width", visible=False)
        self._questions = pn.FlexBox(
            *self._draw(self._form.elements, seen=set()),
            align_items="end",
            sizing_mode="stretch_width",
            margin=0,
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
        self._load()

    def __panel__(self) -> Any:
        return self._view

    # What is drawn, once ---------------------------------------------------

    def _draw(self, elements: Any, seen: set[str]) -> list[Any]:
        drawn: list[Any] = []
        for element in elements:
            holder = self._draw_one(element)
            if holder is not None:
                self._holders[element.key] = holder
                drawn.append(holder)
            for name, _ in referenced_forms((element,)):
                if name not in seen and name in self._form.sections:
                    seen.add(name)
                    drawn += self._draw(self._form.sections[name], seen)
        return drawn

    def _draw_one(self, element: Any) -> Any:
        if element.kind in _INPUTS:
            field = field_widget(element, self._kit, self._changed)
            self._fields[element.key] = (element, field)
            return field.view
        if element.kind == "text":
            pane = _html(styles={"flex-basis": "100%"})
            self._texts.append((pane, element.value))
            return pane
        if element.kind == "annotation":
            # Regions are not drawn yet; the clip's own times are written for them.
            return _html(f'<div class="note">{plain(_NO_DRAWING)}</div>')
        if element.kind == "line":
            return _html('<div class="line"></div>', styles={"flex-basis": "100%"})
        if element.kind == "break":
            return pn.Spacer(height=0, styles={"flex-basis": "100%"}, margin=0)
        return None

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
        self._submit.on_click(lambda _event: self.submit())
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
        clip = self.session.clip
        if (
            self._busy
            or clip is None
            or self._submit.disabled
            or not self._submit.visible
        ):
            return
        values, position = self._values(), clip.position
        self._work(lambda: self.session.submit(values, clip=position), saved=True)

    def undo(self) -> None:
        """Take the last answer back and return to its clip."""
        self._work(self.session.undo)

    def choose(self, number: int) -> None:
        """Give the answer of a number key to the first question that has one."""
        if self._questions.visible:
            any(
                field.choose(number)
                for key, (_, field) in self._fields.items()
                if self._holders[key].visible
            )

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

    def _failed(self, error: BaseException) -> None:
        self._busy = False
        if not isinstance(error, AlreadyReviewed) or not self._reviewed.visible:
            self._status.object = f'<div class="status">{error_html(error)}</div>'
        self._refresh_submit()

    # What follows the session -----------------------------------------------

    def _load(self) -> None:
        """Put the answers of a new clip at their start."""
        clip = self.session.clip
        if clip is not None:
            self._set_values(self._form.initial(clip.row))
            for pane, template in self._texts:
                pane.object = (
                    f'<div class="text">{plain(fill(template, clip.row))}</div>'
                )
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
        if self._loading:
            return
        visible = {element.key for element in self._form.visible(self._values())}
        for key, holder in self._holders.items():
            if holder.visible != (key in visible):
                holder.visible = key in visible
        self._refresh_submit()

    def _refresh_submit(self) -> None:
        missing = self._form.missing(self._values())
        self._submit.disabled = self._busy or self.session.clip is None or bool(missing)
        asks = bool(missing) and self._questions.visible
        hint = f"Still to answer: {', '.join(missing)}" if asks else ""
        self._hint.object = f'<div class="status">{plain(hint)}</div>'

    def _values(self) -> dict[str, Any]:
        # Two sections may ask for the same column: the one in sight counts.
        values: dict[str, Any] = {}
        for key, (element, field) in self._fields.items():
            if element.column not in values or self._holders[key].visible:
                values[element.column] = field.value
        return values

    def _set_values(self, values: dict[str, Any]) -> None:
        self._loading = True
        try:
            for element, field in self._fields.values():
                field.value = values.get(element.column)
        finally:
            self._loading = False


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
