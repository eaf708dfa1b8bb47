"""Blocks cut out of a FLAC file, decoded as if they were a file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import soundfile as sf

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from annotator.audio.remote.flac.metadata import StreamInfo

__all__ = ["decode_blocks"]


class _Forward(sf.SoundFile):  # type: ignore[misc]
    """A sound file that does not seek after each read: in a cut that fails."""

    def seekable(self) -> bool:
        return False


def decode_blocks(
    info: StreamInfo, data: bytes | memoryview, skip: int, count: int, end: int
) -> NDArray[np.float32]:
    """Decode frames from whole blocks.

    Parameters
    ----------
    info
        Of the file that they are from.
    data
        From the first byte of a block on; may end within one not needed.
    skip, count
        Frames to leave out at the start of the block, and to return.
    end
        The frame after the last one, counted in the file.

    Returns
    -------
    numpy.ndarray
        float32, shape (frames, channels); fewer than `count` frames where the
        file breaks off.

    Raises
    ------
    soundfile.SoundFileError
        The blocks are damaged.
    """
    with _Forward(io.BytesIO(b"".join([info.header(end), data]))) as sound:
        samples: NDArray[np.float32] = sound.read(
            skip + count, dtype="float32", always_2d=True
        )
    return samples[skip:]
