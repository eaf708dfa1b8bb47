"""Read any part of a FLAC file that lies far away, exactly, in few reads.

The head tells the format and sometimes has a table of places. Between the places
known, the byte of a frame is guessed; a small read there (a probe) shows the true
numbers, and the guess gets better, until one read can take all the blocks that
hold the segment (`annotator.audio.remote.flac.search`). They are decoded as if they were a file.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import soundfile as sf

from annotator.audio.remote.anchors import Anchors
from annotator.audio.remote.flac.decode import decode_blocks
from annotator.audio.remote.flac.frames import Layout, find_blocks
from annotator.audio.remote.flac.metadata import (
    NotMappable,
    Source,
    StreamInfo,
    read_head,
)
from annotator.audio.remote.flac.search import Held, Misled, collect, remember
from annotator.audio.remote.flac.trust import trusted
from annotator.errors import FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FlacInfo", "FlacMap"]

logger = logging.getLogger(__name__)

_NOTE_LENGTH = 34 + 8 + 1


@dataclass(frozen=True)
class FlacInfo:
    """What a FLAC file says of itself.

    `n_frames` is the length in frames (samples per channel), `sample_rate` in Hz,
    `subtype` libsndfile's name of the sample format, such as "PCM_16".
    """

    n_frames: int
    sample_rate: int
    channels: int
    subtype: str


class FlacMap:
    """The way into one version of one FLAC file; safe between threads.

    Parameters
    ----------
    source
        The file: `size` in bytes, and `read(start, stop)`.
    anchors
        What is known of it from before, and where to put what is learnt.

    Raises
    ------
    NotMappable
        The file must be fetched whole.
    """

    def __init__(self, source: Source, anchors: Anchors | None = None) -> None:
        self._source = source
        self._anchors = Anchors() if anchors is None else anchors
        self._layout = _parse_note(self._anchors.note) or self._learn()

    @property
    def info(self) -> FlacInfo:
        """Length and format."""
        info = self._layout.info
        return FlacInfo(info.n_frames, info.sample_rate, info.channels, info.subtype)

    def read(self, first: int, count: int) -> NDArray[np.float32]:
        """Decode a part of the file.

        Parameters
        ----------
        first, count
            Frames, from 0; cut at the end of the file.

        Returns
        -------
        numpy.ndarray
            float32, shape (frames, channels), in [-1, 1); equal to what decoding
            the whole file gives. Fewer frames than asked for where the file
            breaks off before the length that it tells.

        Raises
        ------
        FormatError
            The file is damaged here.
        NotMappable
            The file must be fetched whole, which shows only now.
        """
        info = self._layout.info
        first, stop = max(0, first), min(first + count, info.n_frames)
        if stop <= first:
            return np.empty((0, info.channels), np.float32)
        span = first, stop
        try:
            held = collect(self._source, self._layout, self._anchors, span)
        except Misled:
            held = self._collect_anew(span)
        finally:
            self._anchors.save()
        return self._decoded(held, first, stop)

    def _collect_anew(self, span: tuple[int, int]) -> Held:
        """Search without what was known, the seek table included."""
        logger.info("The anchors of a FLAC file are wrong; searching without.")
        self._anchors.forget()
        self._layout = self._learn(with_table=False)
        try:
            return collect(self._source, self._layout, self._anchors, span)
        except Misled as err:
            self._anchors.forget()
            msg = "its blocks cannot be told from its sound"
            raise NotMappable(msg) from err

    def _learn(self, *, with_table: bool = True) -> Layout:
        head = read_head(self._source)
        if len(head.data) < 5 or head.data[0] != 0xFF or head.data[1] & 0xFE != 0xF8:
            msg = "no sound follows its metadata"
            raise NotMappable(msg)
        layout = Layout(head.info, head.audio, head.data[1])
        blocks = find_blocks(head.data, head.audio, layout)
        if not len(blocks) or blocks.places[0] != head.audio or blocks.firsts[0]:
            msg = "its first block is not what it should be"
            raise NotMappable(msg)
        if with_table:
            self._anchors.add(head.frames, head.places)
        self._anchors.add([0], [head.audio])
        known = blocks.firsts == 0
        sure = trusted(blocks, head.data, head.audio, known)
        remember(self._anchors, sure, layout)
        self._anchors.note = _note(layout)
        self._anchors.save()
        return layout

    def _decoded(self, held: Held, first: int, stop: int) -> NDArray[np.float32]:
        """Decode frames from the blocks that hold them."""
        info = self._layout.info
        index = int(np.searchsorted(held.blocks.firsts, first, side="right")) - 1
        at = int(held.blocks.places[index]) - held.start
        skip = first - int(held.blocks.firsts[index])
        try:
            samples = decode_blocks(
                info, memoryview(held.data)[at:], skip, stop - first, stop
            )
        except sf.SoundFileError as err:
            raise _damaged(first, info, err) from err
        if len(samples) == 0:
            raise _damaged(first, info, "no frames decoded")
        if len(samples) < stop - first:
            logger.warning(
                "A FLAC file breaks off: %d of %d frames decoded at %g s",
                len(samples),
                stop - first,
                first / info.sample_rate,
            )
        return samples


def _damaged(first: int, info: StreamInfo, reason: object) -> FormatError:
    return FormatError(
        f"The FLAC file cannot be decoded at {first / info.sample_rate:g} s; it "
        f"seems to be damaged or cut short there.\n{reason}"
    )


def _note(layout: Layout) -> bytes:
    return layout.info.raw + layout.audio.to_bytes(8, "big") + bytes([layout.flag])


def _parse_note(note: bytes) -> Layout | None:
    if len(note) != _NOTE_LENGTH:
        return None
    try:
        info = StreamInfo.parse(note[:34])
    except NotMappable:
        return None
    return Layout(info, int.from_bytes(note[34:42], "big"), note[42])
