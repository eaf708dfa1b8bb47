"""FLAC files as no encoder at hand writes them, for tests of what reads FLAC.

Blocks of any length, numbered either way; metadata of any size in front; seek
tables with placeholders or lies; a length that is not told. Written from the
format's description (RFC 9639), with checksums computed bit by bit, so that it
shares no code with what is tested.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Coding = Literal["auto", "constant", "fixed", "verbatim"]

_RATES = {
    88200: 1,
    176400: 2,
    192000: 3,
    8000: 4,
    16000: 5,
    22050: 6,
    24000: 7,
    32000: 8,
    44100: 9,
    48000: 10,
    96000: 11,
}
_DEPTHS = {8: 1, 12: 2, 16: 4, 20: 5, 24: 6, 32: 7}
_LENGTHS = {192: 1} | {576 << n: n + 2 for n in range(4)}
_LENGTHS |= {256 << n: n + 8 for n in range(8)}


@dataclasses.dataclass(frozen=True)
class FlacFile:
    """A FLAC file in memory, and where its blocks begin."""

    data: bytes
    audio: int
    places: tuple[int, ...]
    firsts: tuple[int, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class FlacWriter:
    """How to write a FLAC file.

    `lengths` is the frames per block (the last is cut): one number, or a sequence
    that is repeated, which makes the block size variable. `points` are the frames
    of the seek table, each put at its block; `placeholders` follow them. `id3`,
    `padding` and `picture` are bytes in front; the seek table comes after them if
    `table_last`. `tells_rate` puts rate and depth into each block's header.
    """

    rate: int = 48000
    depth: int = 16
    lengths: int | Sequence[int] = 4096
    coding: Coding = "auto"
    points: Sequence[int] = ()
    placeholders: int = 0
    table_last: bool = False
    id3: int = 0
    padding: int | None = None
    picture: int | None = None
    tells_length: bool = True
    tells_sizes: bool = True
    tells_rate: bool = True
    first_number: int = 0
    tail: bytes = b""

    @property
    def _is_variable(self) -> bool:
        return not isinstance(self.lengths, int)

    def write(self, samples: NDArray[np.integer]) -> FlacFile:
        """Write integers, shape (frames, channels) or (frames,)."""
        samples = np.asarray(samples, np.int64)
        samples = samples.reshape(len(samples), -1)  # (frames, channels)
        blocks, firsts = [], []
        first = 0
        while first < len(samples):
            length = self._length(len(blocks))
            number = first if self._is_variable else len(blocks)
            part = samples[first : first + length]
            blocks.append(self._block(part, number + self.first_number))
            firsts.append(first)
            first += length
        metadata = self._metadata(samples, blocks, firsts)
        starts = np.cumsum([0, *map(len, blocks)]) + len(metadata)
        return FlacFile(
            data=metadata + b"".join(blocks) + self.tail,
            audio=len(metadata),
            places=tuple(starts[:-1].tolist()),
            firsts=tuple(firsts),
        )

    def _length(self, index: int) -> int:
        if isinstance(self.lengths, int):
            return self.lengths
        return self.lengths[index % len(self.lengths)]

    # ------------------------------------------------------------- metadata

    def _metadata(
        self, samples: NDArray[np.int64], blocks: list[bytes], firsts: list[int]
    ) -> bytes:
        table = self._table(blocks, firsts)
        found = [(3, table)] if table and not self.table_last else []
        if self.picture is not None:
            found.append((6, _picture(self.picture)))
        if self.padding is not None:
            found.append((1, bytes(self.padding)))
        if table and self.table_last:
            found.append((3, table))
        found.insert(0, (0, self._stream_info(samples, blocks)))
        text = b"fLaC"
        for index, (kind, content) in enumerate(found):
            is_last = 0x80 if index == len(found) - 1 else 0
            text += bytes([is_last | kind]) + len(content).to_bytes(3, "big") + content
        return self._id3() + text

    def _id3(self) -> bytes:
        if not self.id3:
            return b""
        size = bytes(self.id3 >> shift & 0x7F for shift in (21, 14, 7, 0))
        return b"ID3\x04\x00\x00" + size + bytes(self.id3)

    def _stream_info(self, samples: NDArray[np.int64], blocks: list[bytes]) -> bytes:
        lengths = [self._length(index) for index in range(len(blocks))]
        least, most = min(lengths[:-1] or lengths), max(lengths)
        sizes = [len(block) for block in blocks] if self.tells_sizes else [0]
        n_frames = len(samples) if self.tells_length else 0
        packed = (
            self.rate << 44
            | (samples.shape[1] - 1) << 41
            | (self.depth - 1) << 36
            | n_frames
        )
        return (
            least.to_bytes(2, "big")
            + most.to_bytes(2, "big")
            + min(sizes).to_bytes(3, "big")
            + max(sizes).to_bytes(3, "big")
            + packed.to_bytes(8, "big")
            + bytes(16)
        )

    def _table(self, blocks: list[bytes], firsts: list[int]) -> bytes:
        starts = np.cumsum([0, *map(len, blocks)])
        table = b""
        for frame in self.points:
            index = int(np.searchsorted(firsts, frame, side="right")) - 1
            table += firsts[index].to_bytes(8, "big")
            table += int(starts[index]).to_bytes(8, "big")
            table += self._length(index).to_bytes(2, "big")
        return table + (b"\xff" * 8 + bytes(10)) * self.placeholders

    # --------------------------------------------------------------- blocks

    def _block(self, samples: NDArray[np.int64], number: int) -> bytes:
        header = self._header(samples, number)
        header += bytes([crc(header, 0x07, 8)])
        bits = [self._channel(channel) for channel in samples.T]
        block = header + np.packbits(np.concatenate(bits)).tobytes()
        return block + crc(block, 0x8005, 16).to_bytes(2, "big")

    def _header(self, samples: NDArray[np.int64], number: int) -> bytes:
        length, channels = samples.shape
        extra = b""
        length_code = _LENGTHS.get(length, 6 if length <= 256 else 7)
        if length_code in (6, 7):
            extra += (length - 1).to_bytes(length_code - 5, "big")
        rate_code = depth_code = 0
        if self.tells_rate:
            depth_code = _DEPTHS[self.depth]
            rate_code, rate_text = _rate(self.rate)
            extra += rate_text
        return (
            bytes([0xFF, 0xF9 if self._is_variable else 0xF8])
            + bytes([length_code << 4 | rate_code])
            + bytes([(channels - 1) << 4 | depth_code << 1])
            + coded(number)
            + extra
        )

    def _channel(self, samples: NDArray[np.int64]) -> NDArray[np.uint8]:
        coding = self.coding
        if coding == "auto":
            coding = "constant" if np.ptp(samples) == 0 else "fixed"
        if coding == "fixed" and len(samples) < 16:
            coding = "verbatim"
        if coding == "constant":
            assert np.ptp(samples) == 0
            return np.concatenate([_bits([0], 8), _bits(samples[:1], self.depth)])
        if coding == "verbatim":
            return np.concatenate([_bits([0b10], 8), _bits(samples, self.depth)])
        residual = np.diff(samples)  # a predictor of order 1: the sample before
        folded = np.where(residual >= 0, 2 * residual, -2 * residual - 1)
        rice = max(0, int(folded.mean() + 1).bit_length() - 1)
        if rice > 14:  # more than its four bits say
            return np.concatenate([_bits([0b10], 8), _bits(samples, self.depth)])
        return np.concatenate(
            [
                _bits([0b0010010], 8),
                _bits(samples[:1], self.depth),
                _bits([rice], 10),  # one partition, parameters of 4 bits
                _rice(folded, rice),
            ]
        )


def _picture(size: int) -> bytes:
    """Return a picture whose bytes look like blocks' headers at a glance."""
    kind, empty = (3).to_bytes(4, "big"), bytes(4)
    name = b"image/png"
    content = b"\xff\xf8\xc9\x18" * (size // 4)
    return (
        kind
        + len(name).to_bytes(4, "big")
        + name
        + empty  # no description
        + 4 * empty  # width, height, depth, colours
        + len(content).to_bytes(4, "big")
        + content
    )


def _rate(rate: int) -> tuple[int, bytes]:
    if rate in _RATES:
        return _RATES[rate], b""
    if rate % 1000 == 0 and rate < 256_000:
        return 12, (rate // 1000).to_bytes(1, "big")
    if rate < 65536:
        return 13, rate.to_bytes(2, "big")
    if rate % 10 == 0 and rate < 655_360:
        return 14, (rate // 10).to_bytes(2, "big")
    return 0, b""


def _bits(values: Sequence[int] | NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    shifts = np.arange(width - 1, -1, -1)
    return (np.asarray(values)[:, None] >> shifts & 1).astype(np.uint8).ravel()


def _rice(values: NDArray[np.int64], low: int) -> NDArray[np.uint8]:
    high = values >> low
    ends = np.cumsum(high + 1 + low)
    bits = np.zeros(int(ends[-1]), np.uint8)
    stops = ends - low - 1
    bits[stops] = 1
    for k in range(low):
        bits[stops + 1 + k] = values >> (low - 1 - k) & 1
    return bits


def coded(number: int) -> bytes:
    """Code a number as FLAC does: UTF-8's scheme, up to 36 bits."""
    if number < 0x80:
        return bytes([number])
    count = next(n for n in range(2, 8) if number < 1 << 5 * n + 1)
    tail = [0x80 | number >> 6 * k & 0x3F for k in range(count - 1)]
    lead = 0xFF << 8 - count - (1 if count == 8 else 0) & 0xFF
    return bytes([lead | number >> 6 * (count - 1), *reversed(tail)])


def crc(data: bytes, polynomial: int, bits: int) -> int:
    """Compute a checksum from its definition, with a table of one byte."""
    table = _crc_table(polynomial, bits)
    value, mask = 0, (1 << bits) - 1
    for byte in data:
        value = value << 8 & mask ^ table[value >> bits - 8 ^ byte]
    return value


@functools.lru_cache
def _crc_table(polynomial: int, bits: int) -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << bits - 8
        for _ in range(8):
            carry = value >> bits - 1
            value = value << 1 & (1 << bits) - 1 ^ carry * polynomial
        table.append(value)
    return tuple(table)


class CountedSource:
    """A file in memory that counts what is read of it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)
        self.reads: list[tuple[int, int]] = []

    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes [start, stop); to ask for none is a mistake."""
        assert 0 <= start < stop <= self.size, (start, stop, self.size)
        self.reads.append((start, stop))
        return self.data[start:stop]

    @property
    def n_bytes(self) -> int:
        """Bytes read so far."""
        return sum(stop - start for start, stop in self.reads)
