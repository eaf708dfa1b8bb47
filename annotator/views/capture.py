"""Save what is in sight: a button, a name, and where the picture is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import panel as pn

from annotator.views import theme
from annotator.views.escape import error_html, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.review.capture import Sight
    from annotator.sources.clips import Clip
    from annotator.views.kit import Kit
    from annotator.views.stage import Stage

__all__ = ["CaptureAction", "CaptureView"]

_CSS = """
.said { font-size: 12px; color: var(--muted); line-height: 1.4; overflow-wrap: anywhere; }
.said b { color: var(--good); font-weight: 600; }
"""


class CaptureAction(Protocol):
    """What saves pictures."""

    @property
    def label(self) -> str | None:
        """Label of the button; None where there is none."""

    def title_of(self, clip: Clip) -> str:
        """Return the title of a clip, "" if it has none."""

    def propose(self, clip: Clip) -> str:
        """Return the name for a picture of a clip."""

    def save(self, sight: Sight, name: str) -> str:
        """Save what is in sight; return where."""


class CaptureView(pn.viewable.Viewer):
    """The button, and the line that opens beneath the picture.

    Parameters
    ----------
    action
        Saves pictures.
    sight
        Returns what is in sight; None: nothing.
    """

    def __init__(
        self,
        action: CaptureAction,
        *,
        sight: Callable[[], Sight | None],
        kit: Kit,
        stage: Stage,
    ) -> None:
        super().__init__()
        self._action, self._sight, self._stage = action, sight, stage
        self._taken: Sight | None = None
        self.button = kit.button(
            action.label or "Capture",
            icon="photo_camera",
            visible=action.label is not None,
            css_classes=["capture-button"],
            description="Save what is in sight as a picture",
        )
        self._name = kit.text("File", width=460, css_classes=["capture-name"])
        self._save = kit.button("Save", primary=True, width=70)
        self._cancel = kit.button("Cancel", width=76)
        self._said = pn.pane.HTML(
            "",
            stylesheets=[theme.CSS, _CSS],
            margin=(2, 6),
            sizing_mode="stretch_width",
        )
        self._fields = pn.Row(
            self._name, self._save, self._cancel, visible=False, margin=0
        )
        self._view = pn.Column(
            self._fields,
            self._said,
            css_classes=["capture"],
            sizing_mode="stretch_width",
            margin=0,
        )
        self._said.visible = False
        self.button.on_click(lambda _event: self._open())
        self._save.on_click(lambda _event: self._write())
        self._cancel.on_click(lambda _event: self.close())
        if "enter_pressed" in self._name.param:
            self._name.param.watch(lambda _event: self._write(), "enter_pressed")

    def __panel__(self) -> Any:
        return self._view

    def close(self) -> None:
        """Put the line away."""
        self._taken = None
        self._fields.visible = False
        self._tell("")

    def _open(self) -> None:
        # What is in sight now is saved, whatever happens while the name is typed.
        self._taken = self._sight()
        if self._taken is None:
            self._tell('<span class="said">There is no picture to save.</span>')
            return
        self._name.value = self._action.propose(self._taken.clip)
        self._fields.visible = True
        self._tell("")

    def _write(self) -> None:
        sight, name = self._taken, str(self._name.value or "")
        if sight is None or self._save.disabled:
            return
        self._save.disabled = True
        self._tell('<span class="said">Saving…</span>')
        self._stage.work(
            lambda: self._action.save(sight, name),
            then=self._saved,
            failed=self._failed,
        )

    def _saved(self, path: str) -> None:
        self._save.disabled = False
        self.close()
        self._tell(f'<span class="said"><b>✓</b> Saved {plain(path)}</span>')

    def _failed(self, error: BaseException) -> None:
        self._save.disabled = False
        self._tell(f'<span class="said">{error_html(error)}</span>')

    def _tell(self, html: str) -> None:
        self._said.param.update(object=html, visible=bool(html))
