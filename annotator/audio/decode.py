"""Where to begin, so that libsndfile decodes the right samples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import soundfile as sf

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ForwardSound", "decode", "landing_of"]

# These codecs carry state from packet to packet, and libsndfile starts them cold
# after a seek: measured errors of 0.5 of full scale in the first 300 frames of
# an MP3 (its bit reservoir), 1e-5 in Opus. One second of run-up heals both.
_RUN_UP_SECONDS = 1.0
_NEEDS_RUN_UP = frozenset({"MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III", "OPUS"})

# libvorbis lands up to 576 frames off when it seeks into the last page of a file
# (its end is trimmed there), even with a fresh handle. A page holds at most 255
# packets of 4096 frames; decoding them all takes 25 ms.
_VORBIS_LAST_PAGE = 255 * 4096

_SKIPPED_AT_ONCE = 1 << 16


class ForwardSound(sf.SoundFile):  # type: ignore[misc]
    """A sound file that does not seek after each read, as `SoundFile` does.

    Where a file ends early, or is cut out of another one, that seek fails.
    """

    def seekable(self) -> bool:
        """Deny it to `SoundFile.read`; `seek` works all the same."""
        return False


def decode(sound: Any, first: int, count: int) -> NDArray[np.float32]:
    """Decode frames of an open sound file.

    Parameters
    ----------
    sound
        A `soundfile.SoundFile` that was not read from yet.
    first, count
        Frames; they lie within the recording.

    Returns
    -------
    numpy.ndarray
        float32, shape (frames, channels); fewer frames if the file breaks off.
    """
    landing = landing_of(sound, first)
    if not sf.SoundFile.seekable(sound):  # GSM 6.10 and other old telephone codecs
        _skip(sound, landing)
    elif landing > 0:
        sound.seek(landing)
    samples: NDArray[np.float32] = sound.read(
        first - landing + count, dtype="float32", always_2d=True
    )
    return samples[first - landing :]


def landing_of(sound: Any, first: int) -> int:
    """Return the frame to seek to, so that `first` is decoded right."""
    landing = first
    if sound.subtype == "VORBIS":
        landing = min(first, int(sound.frames) - _VORBIS_LAST_PAGE)
    elif sound.subtype in _NEEDS_RUN_UP:
        landing = first - math.ceil(_RUN_UP_SECONDS * sound.samplerate)
    return max(0, landing)


def _skip(sound: Any, count: int) -> None:
    while count > 0:
        sound.read(min(count, _SKIPPED_AT_ONCE), dtype="int16")
        count -= _SKIPPED_AT_ONCE
