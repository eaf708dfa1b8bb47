"""What a project is called, how it is reviewed, and whether it is put away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.errors import Refused
from annotator.hub.member_config import EXAMPLE, problems_of
from annotator.hub.pages.desk import Notice, nothing, then_ready
from annotator.hub.pages.look import card, html, row
from annotator.hub.permissions import is_at_least
from annotator.views.escape import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.hub.pages.desk import Desk
    from annotator.hub.permissions import Caller
    from annotator.hub.store.projects import ProjectInfo

__all__ = ["SettingsView"]

_NOTE = (
    "What is asked about each clip, and how it looks: the same YAML as in a project "
    "file, without data, audio and output."
)
_MOST_SHOWN = 30  # problems


class SettingsView(pn.viewable.Viewer):
    """The tab "Settings".

    Parameters
    ----------
    desk
        Asks the store.
    project
        Which one.
    on_changed
        Called after its name, or whether it is archived, was changed.
    """

    def __init__(
        self, desk: Desk, project: ProjectInfo, on_changed: Callable[[], None]
    ) -> None:
        super().__init__()
        self._desk, self._project, self._on_changed = desk, project, on_changed
        kit = desk.kit
        may_edit = is_at_least(project.role, "manager") and not project.archived
        self.editor = kit.text(
            "Configuration (YAML)",
            multiline=True,
            rows=22,
            placeholder="Nothing is configured yet. Press “Insert an example”.",
            sizing_mode="stretch_width",
            sx=_CODE,
            disabled=not may_edit,
        )
        self.example_button = kit.button("Insert an example", width=150)
        self.example_button.on_click(lambda _event: self.insert_example())
        self.check_button = kit.button("Check", icon="rule", width=110)
        self.check_button.on_click(lambda _event: self.check())
        self.save_button = kit.button("Save", primary=True, icon="save", width=110)
        self.save_button.on_click(lambda _event: self.save())
        self.problems = html("")
        self._editing = Notice()
        self.name_field = kit.text("Name", value=project.name, width=300)
        self.description = kit.text("Description", value=project.description, width=460)
        self.rename_button = kit.button("Rename", width=110)
        self.rename_button.on_click(lambda _event: self.rename())
        self._renaming = Notice()
        label = "Take back" if project.archived else "Archive"
        self.archive_button = kit.button(label, width=130)
        self.archive_button.on_click(lambda _event: self.archive())
        self._archiving = Notice()
        buttons = [self.example_button, self.check_button, self.save_button]
        parts = [
            card(
                "How it is reviewed",
                self.editor,
                row(*buttons) if may_edit else html(""),
                self._editing,
                self.problems,
                note=_NOTE,
            )
        ]
        if may_edit:
            parts.append(
                card(
                    "Name",
                    row(self.name_field, self.description, self.rename_button),
                    self._renaming,
                )
            )
        if project.role == "owner":
            parts.append(
                card(
                    label,
                    row(self.archive_button),
                    self._archiving,
                    note="An archived project can be looked at and takes nothing new; "
                    "nothing in it is lost.",
                )
            )
        self._view = pn.Column(*parts, sizing_mode="stretch_width", margin=0)

    def __panel__(self) -> Any:
        return self._view

    def load(self, ready: Callable[[], None] = nothing) -> None:
        """Look at the configuration anew."""
        store, uid = self._desk.store, self._project.uid
        self._desk.ask(
            lambda caller: store.projects.config(caller, uid),
            then_ready(self._take, ready),
            then_ready(self._editing.tell, ready),
        )

    def _take(self, text: str) -> None:
        self.editor.param.update(value=text, value_input=text)

    def insert_example(self) -> None:
        """Put an example into the editor, where nothing is lost by that."""
        if self.editor.value_input.strip() or self.editor.value.strip():
            self._editing.say("Empty the editor first: an example would replace it.")
            return
        self._take(EXAMPLE)
        self._editing.say("An example to change as you like; Save keeps it.")

    def check(self) -> None:
        """Say what is wrong with the text."""
        text = self._text()
        self._desk.press(
            self.check_button,
            "Checking…",
            lambda caller: self._problems(caller, text),
            self._checked,
            self._editing,
        )

    def save(self) -> None:
        """Keep the text, if nothing is wrong with it."""
        text = self._text()
        store, uid = self._desk.store, self._project.uid

        def keep(caller: Caller) -> list[str]:
            problems = self._problems(caller, text)
            if not problems:
                store.projects.set_config(caller, uid, text)
            return problems

        self._desk.press(
            self.save_button,
            "Saving…",
            keep,
            lambda problems: self._saved(text, problems),
            self._editing,
        )

    def _text(self) -> str:
        # What is typed comes as `value_input`, and as `value` when one leaves it.
        return str(self.editor.value_input or self.editor.value or "")

    def _problems(self, caller: Caller, text: str) -> list[str]:
        store, uid = self._desk.store, self._project.uid
        some = store.clips.list(caller, uid, limit=1)
        return problems_of(text, some[0].row if some else ())

    def _checked(self, problems: list[str]) -> None:
        self._show(problems)
        if not problems:
            self._editing.done("Nothing is wrong with it.")

    def _saved(self, text: str, problems: list[str]) -> None:
        self._show(problems)
        if problems:
            self._editing.say("It was not saved: the hub would not understand it.")
        else:
            self._take(text)
            self._editing.done(
                "Saved. It holds for all who open the review from now on."
            )

    def _show(self, problems: list[str]) -> None:
        some = problems[:_MOST_SHOWN]
        if len(problems) > len(some):
            some = [*some, f"… and {len(problems) - len(some)} more"]
        lines = "".join(f"<li>{plain(sentence)}</li>" for sentence in some)
        self.problems.object = f'<ul class="problems">{lines}</ul>' if lines else ""

    def rename(self) -> None:
        """Give it the name and the description that stand there."""
        name, description = self.name_field.value, self.description.value
        store, uid = self._desk.store, self._project.uid
        self._desk.press(
            self.rename_button,
            "Saving…",
            lambda caller: store.projects.edit(
                caller, uid, name=name, description=description
            ),
            lambda _nothing: self._renamed(),
            self._renaming,
        )

    def _renamed(self) -> None:
        self._renaming.done("Saved.")
        self._on_changed()

    def archive(self) -> None:
        """Put it away, or take it back."""
        if self._project.role != "owner":
            raise Refused((None, "Only the owner of a project archives it."))
        store, uid, put_away = (
            self._desk.store,
            self._project.uid,
            not self._project.archived,
        )
        self._desk.press(
            self.archive_button,
            "Working…",
            lambda caller: store.projects.archive(caller, uid, archived=put_away),
            lambda _nothing: self._on_changed(),
            self._archiving,
        )


_CODE = {
    "& textarea": {
        "fontFamily": "ui-monospace, SFMono-Regular, Menlo, monospace",
        "fontSize": "12.5px",
        "lineHeight": 1.55,
        "tabSize": 2,
    }
}
