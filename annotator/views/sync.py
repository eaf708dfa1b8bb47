"""The Sync button, its bar, its one line of result, and the secrets it asks for.

Beside it stands how far the hub is, while somebody is logged in to one.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

import panel as pn

from annotator.views import theme
from annotator.views.escape import error_html, plain
from annotator.views.secrets import SecretsDialog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from annotator.views.kit import Kit
    from annotator.views.stage import Stage

__all__ = ["LARGE", "HubNews", "Run", "SyncAction", "SyncView"]

LARGE = 5_000_000
"""Bytes from which a transfer shows how far it is, and can be stopped."""

_STATUS_CSS = """
.status { font-size: 12.5px; color: var(--muted); min-height: 18px; text-align: right; }
.status.done { color: var(--good); }
"""
_HUB_NEWS = ["connected", "paused", "trouble", "waiting", "sent", "set_aside"]


class HubNews(Protocol):
    """How far the hub is: an object with Parameters that a view follows."""

    param: Any
    connected: bool

    @property
    def summary(self) -> str:
        """One line."""

    @property
    def details(self) -> str:
        """What there is to say beyond it; empty if nothing."""

    @property
    def is_good(self) -> bool:
        """Whether the hub has everything."""


class Run(Protocol):
    """Syncs; returns one line of result."""

    def __call__(
        self,
        answers: Mapping[str, str],
        *,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> str:
        """Go; `progress` takes bytes done and in all, `cancelled` says when to stop."""


@dataclass(frozen=True)
class SyncAction:
    """What the button does.

    Attributes
    ----------
    label
        Text of the button; empty: there is none.
    run
        Called in a thread, with the answers to `questions`.
    questions
        Names of the secrets that a person must type.
    hub
        How far the hub is; None: the review belongs to no project.
    only_hub
        Whether there is nothing else to sync to, and so nothing to see without a hub.
    """

    label: str
    run: Run
    questions: Sequence[str] = ()
    hub: HubNews | None = None
    only_hub: bool = False


class SyncView(pn.viewable.Viewer):
    """Bottom right of the review form: send the answers, say how it went."""

    def __init__(self, action: SyncAction, *, kit: Kit, stage: Stage) -> None:
        super().__init__()
        self._action, self._stage = action, stage
        self.button = kit.button(
            action.label,
            icon="sync",
            css_classes=["sync-button"],
        )
        self.button.on_click(lambda _event: self._secrets.ask())
        self._bar = kit.progress(value=0, width=150, visible=False, margin=(8, 6))
        self._stop = kit.button("Stop", visible=False, css_classes=["sync-stop"])
        self._stop.on_click(lambda _event: self._stopped())
        self._cancelled = threading.Event()
        self._status = pn.pane.HTML(
            "",
            css_classes=["sync-status"],
            stylesheets=[theme.CSS, _STATUS_CSS],
            margin=(6, 8),
        )
        self._hub = pn.pane.HTML(
            "",
            css_classes=["hub-status"],
            stylesheets=[theme.CSS, _STATUS_CSS],
            margin=(6, 8),
            visible=False,
        )
        self._secrets: SecretsDialog = SecretsDialog(
            action.questions, kit=kit, answered=self._start
        )
        self._view = pn.Column(
            self._secrets,
            pn.Row(
                self._hub,
                self._status,
                self._bar,
                self._stop,
                self.button,
                margin=0,
                align="end",
            ),
            margin=0,
            align="end",
        )
        if action.hub is not None:
            stage.follow(cast("Any", action.hub), _HUB_NEWS, self._show_hub)
        self._show_hub()

    def __panel__(self) -> Any:
        return self._view

    def _show_hub(self) -> None:
        """Show how far the hub is; without a login, nothing of it."""
        hub, action = self._action.hub, self._action
        connected = hub is not None and hub.connected
        self.button.visible = bool(action.label) and (connected or not action.only_hub)
        self._status.visible = connected or not action.only_hub
        self._hub.visible = connected
        if hub is None or not connected:
            return
        details = (
            f"<details><summary>Details</summary><pre>{plain(hub.details)}</pre></details>"
            if hub.details
            else ""
        )
        done = " done" if hub.is_good else ""
        self._hub.object = (
            f'<div class="status{done}">{plain(hub.summary)} {details}</div>'
        )

    def _start(self, answers: Mapping[str, str]) -> None:
        self.button.param.update(disabled=True, label="Syncing…")
        self._say("")
        self._cancelled = cancelled = threading.Event()
        seen = [-1]

        def progress(done: int, total: int) -> None:
            percent = 100 * done // total if total >= LARGE else -1
            if percent != seen[0]:
                seen[0] = percent
                self._stage.run(lambda: self._advance(done, total))

        self._stage.work(
            lambda: self._action.run(
                answers, progress=progress, cancelled=cancelled.is_set
            ),
            then=lambda line: self._finished(
                f'<div class="status done">✓ {plain(line)}</div>'
            ),
            failed=lambda error: self._finished(
                f'<div class="status">{error_html(error)}</div>'
            ),
        )

    def _advance(self, done: int, total: int) -> None:
        if not self.button.disabled:
            return  # late news of a sync that is over
        self._bar.param.update(value=100 * done // total, visible=True)
        self._stop.visible = done < total
        if not self._cancelled.is_set():
            self._say(f"{done / 1e6:.1f} of {total / 1e6:.1f} MB")

    def _stopped(self) -> None:
        self._cancelled.set()
        self._stop.disabled = True
        self._say("Stopping…")

    def _finished(self, html: str) -> None:
        self._bar.param.update(value=0, visible=False)
        self._stop.param.update(visible=False, disabled=False)
        self.button.param.update(disabled=False, label=self._action.label)
        self._status.object = html

    def _say(self, text: str) -> None:
        self._status.object = f'<div class="status">{plain(text)}</div>'
