"""What stands before the sound of a FLAC file: STREAMINFO and the seek table.

Metadata comes in blocks that tell their length, so that pictures and padding,
which may be megabytes, are stepped over and never fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FIRST_READ", "Head", "NotMappable", "Source", "StreamInfo", "read_head"]

FIRST_READ = 32 * 1024
"""Bytes of the first read; nearly all metadata without pictures is shorter."""

_STREAMINFO_LENGTH = 34
_STREAMINFO, _SEEKTABLE, _INVALID = 0, 3, 127
_POINT_LENGTH = 18
_PLACEHOLDER = 2**64 - 1
# A table for a point each second of a day; a longer one costs more than it saves.
_LONGEST_TABLE = 2**21
_MOST_BLOCKS = 4096
_DEPTHS = {8: "PCM_S8", 16: "PCM_16", 24: "PCM_24"}  # what libsndfile reads


class NotMappable(Exception):
    """The file must be fetched whole: its parts cannot be found one by one."""


class Source(Protocol):
    """A file whose parts are read one by one, each at a cost."""

    @property
    def size(self) -> int:
        """Bytes in all."""

    def read(self, start: int, stop: int, /) -> bytes:
        """Return the bytes [start, stop), cut at the end."""


@dataclass(frozen=True)
class StreamInfo:
    """The STREAMINFO block: what holds for the whole file.

    Lengths of blocks are in frames (samples per channel), those of `least_bytes`
    and `most_bytes` in bytes per block, 0 where the encoder did not say.
    """

    raw: bytes
    least_block: int
    most_block: int
    least_bytes: int
    most_bytes: int
    sample_rate: int
    channels: int
    depth: int
    n_frames: int

    @classmethod
    def parse(cls, raw: bytes) -> StreamInfo:
        """Take a STREAMINFO block apart.

        Parameters
        ----------
        raw
            Its 34 bytes, without the block's header.

        Raises
        ------
        NotMappable
            The block is impossible, or the file does not tell its length, or
            libsndfile does not read this kind.
        """
        packed = int.from_bytes(raw[10:18], "big")
        info = cls(
            raw=bytes(raw),
            least_block=int.from_bytes(raw[0:2], "big"),
            most_block=int.from_bytes(raw[2:4], "big"),
            least_bytes=int.from_bytes(raw[4:7], "big"),
            most_bytes=int.from_bytes(raw[7:10], "big"),
            sample_rate=packed >> 44,
            channels=(packed >> 41 & 0x7) + 1,
            depth=(packed >> 36 & 0x1F) + 1,
            n_frames=packed & (1 << 36) - 1,
        )
        if len(raw) != _STREAMINFO_LENGTH or info.sample_rate == 0:
            msg = "its STREAMINFO block is broken"
            raise NotMappable(msg)
        if not 0 < info.least_block <= info.most_block:
            msg = "its block sizes are impossible"
            raise NotMappable(msg)
        if info.depth not in _DEPTHS:
            msg = f"its samples have {info.depth} bits"
            raise NotMappable(msg)
        if info.n_frames == 0:
            msg = "it does not tell its length"
            raise NotMappable(msg)
        return info

    @property
    def subtype(self) -> str:
        """Name of the sample format, as libsndfile has it."""
        return _DEPTHS[self.depth]

    @property
    def longest_block(self) -> int:
        """Bytes that no block exceeds: such an encoder would not compress at all."""
        return self._uncompressed(self.most_block, 1)

    @property
    def longest_sound(self) -> int:
        """Bytes that all blocks together do not exceed."""
        return self._uncompressed(self.n_frames, self.n_frames // self.least_block + 1)

    def _uncompressed(self, n_frames: int, n_blocks: int) -> int:
        # One of two channels may be coded as the difference: one bit more. Then
        # there are a header, a checksum, and what begins each channel.
        bits = n_frames * (self.channels * self.depth + 1)
        return bits // 8 + n_blocks * (16 + 2 + 8 * self.channels)

    @property
    def likely_block(self) -> int:
        """Bytes of the longest block, if the file says so truly."""
        return min(self.most_bytes or self.longest_block, self.longest_block)

    def header(self, end: int) -> bytes:
        """Return what to put before some blocks to make a FLAC file of them.

        Parameters
        ----------
        end
            The frame, counted in the whole file, after the last one of them.
        """
        # libFLAC stops at the length told, and counts as the blocks' numbers do.
        # The checksum of all the sound is not known: zeros mean that.
        packed = int.from_bytes(self.raw[10:18], "big") >> 36 << 36 | end
        info = self.raw[:10] + packed.to_bytes(8, "big") + bytes(16)
        return b"fLaC\x80" + _STREAMINFO_LENGTH.to_bytes(3, "big") + info


@dataclass(frozen=True)
class Head:
    """The metadata, and what came with them of the sound.

    `audio` is the byte where the sound begins; `data` are bytes from there on.
    `frames` and `places` are the seek table's points: int64, shape (points,),
    frame and byte, both counted from the start of the file's sound and file.
    """

    info: StreamInfo
    audio: int
    data: bytes
    frames: NDArray[np.int64]
    places: NDArray[np.int64]


class _Reader:
    """Reads forward, in few reads; `position` may run ahead of what was read."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._start = 0
        self._data = b""
        self.position = 0

    def peek(self, count: int, more: int = 0) -> bytes:
        """Return up to `count` bytes; a read for them takes `more` with them."""
        begin = self.position - self._start
        if self.position + count > self._start + len(self._data):
            kept = self._data[begin:] if begin <= len(self._data) else b""
            known = self.position + len(kept)
            wanted = max(count + more - len(kept), 0)
            fresh = (
                self._source.read(known, min(known + wanted, self._source.size))
                if known < self._source.size
                else b""
            )
            self._start, self._data, begin = self.position, kept + fresh, 0
        return self._data[begin : begin + count]

    def take(self, count: int) -> bytes:
        data = self.peek(count, FIRST_READ)
        self.position += count
        return data

    def rest(self) -> bytes:
        return self._data[self.position - self._start :]


def read_head(source: Source) -> Head:
    """Read the metadata of a FLAC file.

    Parameters
    ----------
    source
        The file.

    Raises
    ------
    NotMappable
        It is no FLAC file, or one that says too little of itself.
    """
    reader = _Reader(source)
    start = reader.peek(10, FIRST_READ - 10)
    while start.startswith(b"ID3") and len(start) == 10:
        reader.position += _tag_length(start)
        start = reader.peek(10, FIRST_READ - 10)
    if reader.take(4) != b"fLaC":
        msg = "it is no FLAC file"
        raise NotMappable(msg)
    raw, table = _blocks(reader)
    info = StreamInfo.parse(raw)
    audio = reader.position
    # The first two blocks: they show whether blocks are as we expect.
    reader.peek(16, max(FIRST_READ, 2 * info.likely_block))
    frames, places = _points(table, info.n_frames)
    return Head(info, audio, reader.rest(), frames, places + audio)


def _tag_length(start: bytes) -> int:
    length = 0
    for byte in start[6:10]:  # seven bits each
        length = length << 7 | byte & 0x7F
    return 10 + length + (10 if start[5] & 0x10 else 0)


def _blocks(reader: _Reader) -> tuple[bytes, bytes]:
    info, table, is_last = b"", b"", False
    for _ in range(_MOST_BLOCKS):
        if is_last:
            break
        header = reader.take(4)
        if len(header) < 4:
            msg = "it breaks off in its metadata"
            raise NotMappable(msg)
        is_last, kind = bool(header[0] & 0x80), header[0] & 0x7F
        length = int.from_bytes(header[1:4], "big")
        if kind == _INVALID:
            msg = "its metadata are broken"
            raise NotMappable(msg)
        if kind == _STREAMINFO and not info:
            info = reader.take(length)
        elif kind == _SEEKTABLE and length <= _LONGEST_TABLE:
            table = reader.take(length)
        else:
            reader.position += length
    return info, table


def _points(table: bytes, n_frames: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    whole = table[: len(table) // _POINT_LENGTH * _POINT_LENGTH]
    points = np.frombuffer(
        whole, dtype=[("frame", ">u8"), ("place", ">u8"), ("count", ">u2")]
    )
    # Placeholders, and whatever else cannot be.
    points = points[(points["frame"] < n_frames) & (points["place"] < 2**62)]
    frames, index = np.unique(points["frame"].astype(np.int64), return_index=True)
    places = points["place"].astype(np.int64)[index]
    if len(places) and (np.diff(places) <= 0).any():
        return frames[:0], places[:0]
    return frames, places
