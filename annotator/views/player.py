"""See and hear the current clip.

The clip is prepared in a thread; a clip that is no longer current when it arrives
is dropped. Palette, contrast and the playhead are the browser's own affair.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import panel as pn
import param

from annotator.errors import DataError
from annotator.review.session import ReviewSession
from annotator.views import theme
from annotator.views.capture import CaptureView
from annotator.views.escape import error_html, plain
from annotator.views.marks import Marks
from annotator.views.overview import OverviewView
from annotator.views.settings import SettingsView
from annotator.views.sight import SightKeeper
from annotator.views.sound import SoundView
from annotator.views.spectrogram import SpectrogramView
from annotator.views.surface import Surface
from annotator.views.zoom import Details

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotator.review.look import ViewState
    from annotator.review.overview import Overview
    from annotator.review.prepare import ClipLoader, PreparedClip
    from annotator.sources.clips import Clip
    from annotator.views.capture import CaptureAction
    from annotator.views.kit import Kit
    from annotator.views.stage import Stage

__all__ = ["PlayerView"]

_ELSEWHERE = "Elsewhere in the recording; answers are about the clip."
_PATIENCE = 0.25  # s until a person is told why there is no picture yet
_REST = 0.3  # s until the next clips are prepared: the browser draws this one meanwhile

_MESSAGE_CSS = """
:host { position: absolute !important; left: 62px; right: 12px; top: 30%; text-align: center;
        pointer-events: none; z-index: 2; }
.box { display: inline-block; pointer-events: auto; padding: 8px 14px; border-radius: 8px; max-width: 90%;
       background: var(--surface); border: 1px solid var(--line); box-shadow: 0 2px 12px #0002; text-align: left; }
"""


class PlayerView(pn.viewable.Viewer):
    """Spectrogram, sound and their settings for the session's current clip."""

    session: Any = param.ClassSelector(
        class_=ReviewSession, constant=True, doc="State shown."
    )

    def __init__(  # noqa: PLR0913 - keyword-only, the parts of a review
        self,
        session: ReviewSession,
        *,
        loader: ClipLoader,
        kit: Kit,
        stage: Stage,
        resolutions: Sequence[int],
        overview: Overview,
        captures: CaptureAction,
        height: int | None = 260,
    ) -> None:
        super().__init__(session=session)
        self._loader, self._stage = loader, stage
        self._overview = overview
        self._wanted: tuple[Clip, ViewState] | None = None
        self._spectrogram = SpectrogramView(height=height)
        self.sound = SoundView(
            self._spectrogram, listening=session.listening, stage=stage
        )
        self.surface = Surface(
            figure=self._spectrogram.figure_name,
            player=self.sound.name_in_document,
            playhead=self._spectrogram.playhead_name,
            name=f"surface-{uuid.uuid4().hex}",
        )
        self.marks = Marks(session, surface=self.surface, stage=stage)
        self._details = Details(
            self._spectrogram, self.surface, loader=loader, stage=stage
        )
        self._settings = SettingsView(
            session.look,
            surface=self.surface,
            visualizations=loader.visualizations,
            resolutions=resolutions,
            kit=kit,
            stage=stage,
        )
        self._sight = SightKeeper(
            session,
            spectrogram=self._spectrogram,
            surface=self.surface,
            title_of=captures.title_of,
        )
        self.capture = CaptureView(captures, sight=self._sight, kit=kit, stage=stage)
        self._is_reading = False
        self._heard: tuple[Clip, float, int | None] | None = None
        self._message = pn.pane.HTML(
            "", stylesheets=[theme.CSS, _MESSAGE_CSS], margin=0, visible=False
        )
        self._note = pn.pane.HTML(
            _note_html(""),
            stylesheets=[
                theme.CSS,
                ".note { color: var(--muted); font-size: 12px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; min-height: 16px; }",
            ],
            sizing_mode="stretch_width",
            margin=(0, 8),
        )
        self._view = pn.Column(
            pn.Column(
                self._spectrogram,
                self.surface,
                self._message,
                sizing_mode="stretch_width",
                margin=0,
                stylesheets=[":host { position: relative; }"],
            ),
            OverviewView(overview, stage=stage, figure=self._spectrogram.figure_name),
            self.sound,
            self._settings,
            pn.Row(
                self._note,
                self.capture.button,
                sizing_mode="stretch_width",
                margin=0,
                stylesheets=[":host { align-items: center !important; }"],
            ),
            self.capture,
            css_classes=["player"],
            stylesheets=[theme.PANEL_CSS],
            sizing_mode="stretch_width",
        )
        stage.stand_on(self._spectrogram.figure)
        stage.follow(session, ["clip"], self._load)
        stage.follow(session.look, list(session.look.param), self._load)
        stage.follow(overview, ["elsewhere"], self._load)
        self._load(is_first=True)

    def __panel__(self) -> Any:
        return self._view

    def _load(self, *, is_first: bool = False) -> None:
        clip, state = self._overview.shown(), self.session.look.state
        if clip is None:
            self._wanted = None
            self._show_nothing("No clip is selected. Choose one in the table.")
            return
        if self._wanted == (clip, state):
            return
        self._wanted = (clip, state)
        # A page opens empty: its first clip comes over the line, as bytes.
        ready = None if is_first else self._loader.ready(clip, state)
        if ready is not None:
            self._arrived(clip, state, ready)
            return
        self._is_reading = True
        self._stage.later(_PATIENCE, lambda: self._say_reading(clip, state))
        self._stage.work(
            lambda: self._loader.prepare(clip, state),
            then=lambda prepared: self._arrived(clip, state, prepared),
            failed=lambda error: self._failed(clip, state, error),
        )

    def _say_reading(self, clip: Clip, state: ViewState) -> None:
        if self._is_reading and self._wanted == (clip, state):
            self._say('<span class="box">Reading the recording…</span>')

    def _arrived(self, clip: Clip, state: ViewState, prepared: PreparedClip) -> None:
        if self._wanted != (clip, state):
            return  # the person went on meanwhile
        self._is_reading = False
        key = f"{clip.identity} {clip.start_time} {clip.end_time}"
        self._spectrogram.show_clip(prepared, key)
        self._details.of(clip, state, prepared.spectrogram)
        self._sight.show(clip, state, prepared)
        self._settings.adapt(prepared)
        self.marks.show_clip(prepared, clip, key)
        heard = clip, state.buffer, state.channel
        if heard != self._heard:  # in another look it goes on playing
            self._heard = heard
            self.sound.show_clip(prepared)
        self._say("")
        away = [_ELSEWHERE] if self._overview.elsewhere is not None else []
        self._note.object = _note_html(" · ".join([*away, *prepared.notes]))
        self._stage.later(_REST, lambda: self._prepare_next(clip, state))

    def _prepare_next(self, clip: Clip, state: ViewState) -> None:
        if self._wanted == (clip, state):
            self._loader.prefetch(self.session.upcoming(3), state)

    def _failed(self, clip: Clip, state: ViewState, error: BaseException) -> None:
        if self._wanted != (clip, state):
            return
        self._is_reading = False
        self._wanted = None  # so that selecting it again tries again
        self._show_nothing("")
        if not isinstance(error, Exception):
            error = DataError(str(error))
        self._say(f'<span class="box">{error_html(error)}</span>')

    def _show_nothing(self, text: str) -> None:
        self._heard = None
        self._spectrogram.clear()
        self._details.clear()
        self._sight.clear()
        self.sound.clear()
        self._note.object = _note_html("")
        self._say(f'<span class="box">{plain(text)}</span>' if text else "")

    def _say(self, html: str) -> None:
        self._message.param.update(object=html, visible=bool(html))


def _note_html(note: str) -> str:
    # Always a line of its height: what is below it shall not jump.
    return f'<div class="note" title="{plain(note)}">{plain(note)}</div>'
