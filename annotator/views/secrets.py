"""Ask a person for secrets, and keep none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.views import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from annotator.views.kit import Kit

__all__ = ["SecretsDialog"]


class SecretsDialog(pn.viewable.Viewer):
    """A password field for each name, and Continue; hidden until it asks.

    Parameters
    ----------
    names
        What is asked for.
    kit
        Makes the widgets.
    answered
        Called with the answers by name; the fields are empty again by then.
    can_cancel
        Whether there is a Cancel button.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        kit: Kit,
        answered: Callable[[Mapping[str, str]], None],
        can_cancel: bool = True,
    ) -> None:
        super().__init__()
        self._answered = answered
        self._fields = {name: kit.password(name, width=220) for name in names}
        go = kit.button("Continue", primary=True, width=100)
        go.on_click(lambda _event: self._go())
        buttons = [go]
        if can_cancel:
            cancel = kit.button("Cancel", width=80)
            cancel.on_click(lambda _event: self._show(visible=False))
            buttons.append(cancel)
        self._view = pn.Column(
            *self._fields.values(),
            pn.Row(*buttons, margin=0),
            css_classes=["secrets"],
            stylesheets=[theme.PANEL_CSS],
            visible=False,
        )

    def __panel__(self) -> Any:
        return self._view

    def ask(self) -> None:
        """Show the fields, or go on at once where there is nothing to ask."""
        if self._fields:
            self._show(visible=True)
        else:
            self._answered({})

    def _show(self, *, visible: bool) -> None:
        for field in self._fields.values():
            # Both, or the browser's document would keep what was typed.
            field.param.update(value="", value_input="")
        self._view.visible = visible

    def _go(self) -> None:
        answers = {name: field.value for name, field in self._fields.items()}
        self._show(visible=False)
        self._answered(answers)
