"""Hear the current clip: the player in the browser, and what a person sets on it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import panel as pn
import param
from panel.custom import JSComponent

from annotator.views import theme

if TYPE_CHECKING:
    from annotator.session.prepare import PreparedClip
    from annotator.views.spectrogram import SpectrogramView

__all__ = ["AudioPlayer", "SoundView"]

_HERE = Path(__file__).parent

_CSS = """
.bar { display: flex; align-items: center; gap: 10px; }
.play { width: 38px; height: 32px; border: 0; border-radius: 6px; cursor: pointer; font-size: 13px;
        background: var(--accent); color: var(--on-accent); }
.play:disabled { opacity: .35; cursor: default; }
.play:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.time { font-variant-numeric: tabular-nums; min-width: 128px; white-space: nowrap; }
"""


class AudioPlayer(JSComponent):
    """Play button, clock and sound; see sound.js."""

    audio = param.Bytes(default=b"", doc="Samples, int16, mono, little endian.")
    clip_start = param.Number(default=0.0, doc="Start of the clip itself, s.")
    figure = param.String(default="", doc="Name of the figure to click in.")
    playhead = param.String(default="", doc="Name of the Span to move.")
    playing = param.Boolean(default=False, doc="Whether sound is heard.")
    position = param.Number(default=0.0, doc="Where it was paused, s.")
    restart = param.Integer(default=0, doc="Counts plays from the very start.")
    revision = param.Integer(default=0, doc="Counts the clips put in.")
    sample_rate = param.Integer(default=8000, bounds=(1, None), doc="Hz.")
    seek = param.Number(default=0.0, doc="Go there, s.")
    start_time = param.Number(default=0.0, doc="Time of the first sample, s.")

    _esm = _HERE / "sound.js"
    _stylesheets: ClassVar[list[str]] = [theme.CSS, _CSS]


class SoundView(pn.viewable.Viewer):
    """The player of one clip after another.

    Parameters
    ----------
    spectrogram
        Shows where it plays.
    """

    def __init__(self, spectrogram: SpectrogramView) -> None:
        super().__init__()
        self.name_in_document = f"player-{uuid.uuid4().hex}"
        self._player = AudioPlayer(
            name=self.name_in_document,
            figure=spectrogram.figure_name,
            playhead=spectrogram.playhead_name,
            margin=(4, 4),
        )

    def __panel__(self) -> Any:
        return self._player

    def show_clip(self, clip: PreparedClip) -> None:
        """Put a clip into the player; call it on the stage."""
        self._put_in(
            audio=clip.audio.astype("<i2", copy=False).tobytes(),
            sample_rate=clip.sample_rate,
            start_time=clip.start_time,
            clip_start=clip.clip_start,
        )

    def clear(self) -> None:
        """Take the sound away."""
        self._put_in(audio=b"")

    def _put_in(self, **sound: Any) -> None:
        self._player.param.update(playing=False, **sound)
        # Last: of changes sent together the browser takes one after the other, and
        # would put in the new sound at the old one's rate and time.
        self._player.revision += 1
