"""The sound of a clip on its way to the browser, piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotator.audio.encode import VORBIS_RATES, to_vorbis
from annotator.signal.sound import render_frames

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from annotator.signal.sound import Rendition

__all__ = ["Piece", "encode_piece"]

_MARGIN = 4096  # frames: a lossy codec's edges are cut away, so pieces join


@dataclass(frozen=True)
class Piece:
    """A part of a sound as it is sent."""

    index: int
    """Its number, from 0."""
    data: bytes
    """int16, little endian; or an Ogg Vorbis file."""
    codec_rate: int
    """Hz that the Vorbis file declares; 0: int16."""
    skip: int
    """Frames at the start of `data` that belong to the piece before."""
    length: int
    """Frames of the piece."""


def encode_piece(
    samples: NDArray[np.int16], how: Rendition, index: int, *, codec: str = "int16"
) -> Piece:
    """Make one piece of a sound ready to be sent.

    Parameters
    ----------
    samples
        The recording, int16, shape (frames,).
    how
        What is made of it.
    index
        Which piece, from 0.
    codec
        "int16" or "vorbis"; what Vorbis cannot take is sent as int16.
    """
    start = min(index * how.piece_length, how.length)
    stop = min(start + how.piece_length, how.length)
    declared = round(how.rate / how.expansion)
    if codec == "vorbis" and VORBIS_RATES[0] <= declared <= VORBIS_RATES[1]:
        first, last = max(0, start - _MARGIN), min(how.length, stop + _MARGIN)
        data = to_vorbis(render_frames(samples, how, first, last), declared)
        return Piece(index, data, declared, start - first, stop - start)
    data = render_frames(samples, how, start, stop).astype("<i2", copy=False).tobytes()
    return Piece(index, data, 0, 0, stop - start)
