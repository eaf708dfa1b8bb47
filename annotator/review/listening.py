"""How a person listens: what is set once and holds for all clips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import param

from annotator.signal.sound import Rendition

if TYPE_CHECKING:
    from annotator.review.prepare import PreparedClip

__all__ = ["Listening"]

_ULTRASOUND = 96_000
"""Above this sample rate, Hz, a recording is made for ears other than ours."""
_CHOICE = 48_000
"""Up to this sample rate, Hz, everything in it can be heard as it is."""
_AUTOMATIC = 10


class Listening(param.Parameterized):
    """What a person set about listening; the player shows it."""

    autoplay = param.Boolean(default=False, doc="Play each clip when it is shown.")
    band = param.Boolean(
        default=False, doc="Play only the selected time and frequencies."
    )
    carrier = param.Number(
        default=45_000.0, bounds=(1.0, 500_000.0), doc="Of the heterodyne, Hz."
    )
    codec: param.Selector[str] = param.Selector(
        default="auto",
        objects=["auto", "int16", "vorbis"],
        doc="How sound is sent; auto: Vorbis to another machine, else int16.",
    )
    expansion: param.Selector[int] = param.Selector(
        default=0,
        objects=[0, 1, 2, 5, 10, 20],
        doc="How many times slower ultrasound is heard; 0: 10 above 96 kHz, else 1.",
    )
    gain = param.Number(default=0.0, bounds=(-60.0, 40.0), doc="dB.")
    heterodyne = param.Boolean(
        default=False, doc="Mix ultrasound down with the carrier, in real time."
    )
    keep_pitch = param.Boolean(
        default=True, doc="Leave frequencies as they are at other speeds."
    )
    loop = param.Boolean(default=False, doc="Begin again at the end.")
    speed = param.Number(
        default=1.0, bounds=(0.1, 4.0), doc="1: as recorded, 0.5: half as fast."
    )

    def rendition(self, clip: PreparedClip) -> Rendition:
        """Return what is to be made of a clip's sound."""
        rate = clip.sample_rate
        expansion, carrier = 1, None
        if rate > _CHOICE:
            if self.heterodyne:
                carrier = float(min(self.carrier, rate / 2))
            else:
                automatic = _AUTOMATIC if rate > _ULTRASOUND else 1
                expansion = self.expansion or automatic
        return Rendition(rate, len(clip.audio), expansion, carrier)

    @property
    def settings(self) -> dict[str, Any]:
        """What a person can change, by name."""
        return {
            name: value
            for name, value in self.param.values().items()
            if name not in ("name", "codec")
        }
