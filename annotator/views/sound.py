"""Hear the current clip: the player in the browser, and what a person sets on it."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import panel as pn
import param
from panel.custom import JSComponent

from annotator.review.sound import encode_piece
from annotator.views import theme

if TYPE_CHECKING:
    from annotator.review.listening import Listening
    from annotator.review.prepare import PreparedClip
    from annotator.review.sound import Piece
    from annotator.signal.sound import Rendition
    from annotator.views.spectrogram import SpectrogramView
    from annotator.views.stage import Stage

__all__ = ["AudioPlayer", "SoundView"]

_HERE = Path(__file__).parent
_SCRIPTS = ("tape", "resample", "stretch", "band", "engine", "controls")
_MANNER = ("carrier", "expansion", "heterodyne")
"""What the server has a part in."""
_NEAR = {"", "localhost", "127.0.0.1", "::1"}


def _script() -> str:
    names = ["models.js", *(f"sound_{name}.js" for name in _SCRIPTS), "sound.js"]
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


class AudioPlayer(JSComponent):
    """Controls, clock and sound; see sound.js.

    Other components find it in the document by its name and set, without telling the
    server: `seek`, `playing`, `restart`, `play_selection`, `selection`, `in_sight`.
    """

    autoplay = param.Boolean(default=False, doc="Play each clip when it is shown.")
    band = param.Boolean(default=False, doc="Play only what is selected.")
    carrier = param.Number(default=45_000.0, doc="Of the heterodyne, Hz.")
    expansion = param.Integer(default=0, doc="Times slower; 0: by the sample rate.")
    gain = param.Number(default=0.0, doc="dB.")
    heterodyne = param.Boolean(default=False, doc="Mix ultrasound down.")
    in_sight = param.List(
        default=[], doc="Start and end of what is in sight, s; empty: all."
    )
    keep_pitch = param.Boolean(default=True, doc="Same pitch at other speeds.")
    loop = param.Boolean(default=False, doc="Begin again at the end.")
    piece = param.Dict(default={}, doc="Part of the sound; see `Piece`.")
    play_selection = param.Integer(default=0, doc="Counts plays of the selection.")
    playhead = param.String(default="", doc="Name of the Span to move.")
    playing = param.Boolean(default=False, doc="Whether sound is heard.")
    position = param.Number(default=0.0, doc="Where it was paused, s.")
    restart = param.Integer(default=0, doc="Counts plays from the start in sight.")
    seek = param.Number(default=None, allow_None=True, doc="Go there, s.")
    selection = param.List(
        default=[], doc="Start and end, s, and lowest and highest frequency, Hz."
    )
    sound = param.Dict(default={}, doc="Times and rates of the sound.")
    speed = param.Number(default=1.0, doc="1: as recorded.")

    _esm = _script()
    _stylesheets: ClassVar[list[str]] = [
        theme.CSS,
        (_HERE / "sound.css").read_text(encoding="utf-8"),
    ]


class SoundView(pn.viewable.Viewer):
    """The player of one clip after another.

    Parameters
    ----------
    spectrogram
        Shows where it plays.
    listening
        What the person set.
    stage
        Where it lives.
    """

    def __init__(
        self, spectrogram: SpectrogramView, *, listening: Listening, stage: Stage
    ) -> None:
        super().__init__()
        self.name_in_document = f"player-{uuid.uuid4().hex}"
        self._listening, self._stage = listening, stage
        self._codec = _codec(listening.codec)
        self._clip: PreparedClip | None = None
        self._how: Rendition | None = None
        self._n_clips = self._revision = 0
        self._player = AudioPlayer(
            name=self.name_in_document,
            playhead=spectrogram.playhead_name,
            margin=(4, 0),
            sizing_mode="stretch_width",
            **listening.settings,
        )
        self._player.param.watch(self._on_set, list(listening.settings))
        self._player.on_msg(self._on_message)
        stage.follow(listening, list(listening.settings), self._show_settings)

    def __panel__(self) -> Any:
        return self._player

    def show_clip(self, clip: PreparedClip) -> None:
        """Put a clip into the player; call it on the stage."""
        self._clip = clip
        self._n_clips += 1
        self._put_in()

    def clear(self) -> None:
        """Take the sound away."""
        self._clip = self._how = None
        self._revision += 1
        self._player.param.update(playing=False, sound={}, piece={})

    def _put_in(self) -> None:
        clip = self._clip
        if clip is None:
            return
        how = self._how = self._listening.rendition(clip)
        self._revision += 1
        first = how.piece_at(clip.clip_start - clip.start_time)
        self._player.sound = {
            "revision": self._revision,
            "clip": self._n_clips,
            "start_time": clip.start_time,
            "end_time": clip.end_time,
            "clip_start": clip.clip_start,
            "sample_rate": clip.sample_rate,
            "rate": how.rate,
            "length": how.length,
            "piece_length": how.piece_length,
            "expansion": how.expansion,
            "carrier": how.carrier or 0.0,
            "first": first,
        }
        self._make(clip, how, first)

    def _make(self, clip: PreparedClip, how: Rendition, index: int) -> None:
        revision = self._revision
        self._stage.work(
            lambda: encode_piece(clip.audio, how, index, codec=self._codec),
            then=lambda piece: self._send(piece, revision),
        )

    def _on_message(self, event: Any) -> None:
        told = event.data
        if not isinstance(told, dict) or told.get("type") != "piece":
            return
        clip, how, index = self._clip, self._how, told.get("index")
        if clip is None or how is None or told.get("revision") != self._revision:
            return
        if not isinstance(index, int) or not 0 <= index < how.n_pieces:
            return
        self._make(clip, how, index)

    def _send(self, piece: Piece, revision: int) -> None:
        if revision == self._revision:
            self._player.piece = {"revision": revision, **asdict(piece)}

    def _on_set(self, *changes: Any) -> None:
        """Keep what was set in the browser, as far as it makes sense."""
        for change in changes:
            try:
                setattr(self._listening, change.name, change.new)
            except ValueError:
                setattr(
                    self._player, change.name, getattr(self._listening, change.name)
                )

    def _show_settings(self) -> None:
        self._player.param.update(**self._listening.settings)
        if self._clip is not None and self._how != self._listening.rendition(
            self._clip
        ):
            self._put_in()


def _codec(asked: str) -> str:
    """Return "int16" or "vorbis": the network decides, unless the configuration did."""
    if asked != "auto":
        return asked
    headers: Any = pn.state.headers if pn.state.curdoc else {}
    host = str(headers.get("X-Forwarded-Host") or headers.get("Host") or "")
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return "int16" if name.strip("[]") in _NEAR else "vorbis"
