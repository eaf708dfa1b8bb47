"""Sync as a person starts it: by the button, or by `ba.sync()` with a bar of its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from annotator.annotations.sync import SyncResult, sync
from annotator.app import notebook
from annotator.errors import ParameterError
from annotator.views.sync import LARGE, SyncAction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from annotator.app.assembly import Review

__all__ = ["OutputSync", "ProgressBar"]


class OutputSync:
    """Syncs the output of one review to where its configuration says, or elsewhere."""

    def __init__(self, review: Review) -> None:
        self._review = review

    def __call__(
        self,
        dest: str | None = None,
        recursive: bool | None = None,
        auth: Mapping[str, Any] | None = None,
        *,
        ask: Callable[[str], str] | None = None,
        **watching: Any,
    ) -> SyncResult:
        """Sync; see `BioacousticAnnotator.sync`.

        `ask` gives the secrets that a person must type; `watching` may have the
        `progress` and `cancelled` of `annotator.annotations.sync.sync`.
        """
        settings, auth = self._review.config, auth or {}
        output = settings.output
        target = dest or output.uri
        if not target:
            msg = (
                "No sync destination configured. Set 'uri' in the 'output' section, "
                "or pass dest= to sync()."
            )
            raise ParameterError(msg)
        # What the call gives need not be asked for.
        secrets = settings.output_auth(ask, skip=auth)
        result = sync(
            self._review.store,
            settings.resolve_output(str(target)),
            recursive=output.recursive if recursive is None else recursive,
            on_conflict=output.on_conflict,
            auth={**secrets, **auth},
            **watching,
        )
        self._review.session.refresh()
        return result

    def action(self) -> SyncAction | None:
        """Return what the button does; None where there is no button."""
        settings, hub = self._review.config, self._review.hub
        label = settings.output.sync_label
        state = hub.state if hub is not None else None
        if label is None:
            if hub is None:
                return None
            wanted = settings.output.sync_button is not False

            def send(answers: Mapping[str, str], **watching: Any) -> str:
                return hub.send()

            return SyncAction("Sync" if wanted else "", send, hub=state, only_hub=True)

        def run(answers: Mapping[str, str], **watching: Any) -> str:
            if hub is not None:
                hub.wake()
            return self(ask=answers.__getitem__, **watching).summary

        return SyncAction(label, run, settings.questions("output"), hub=state)


class ProgressBar:
    """Shows how far a large transfer is, in a notebook or a terminal.

    It appears with the first `LARGE` transfer and only where a person looks.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        """Show the bytes done of the bytes in all."""
        if total < LARGE or not (notebook.is_active() or sys.stderr.isatty()):
            return
        if self._bar is None or self._bar.total != total:
            from tqdm import tqdm

            self.close()
            self._bar = tqdm(
                desc=self._title, total=total, unit="B", unit_scale=True, leave=False
            )
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
