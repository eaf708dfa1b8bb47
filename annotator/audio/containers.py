"""Sound files that libsndfile misreads, dressed so that it reads them right.

- FLAC behind an ID3 tag: seeks fail near the end. The tag is hidden.
- FLAC that does not say its length (a recorder or a pipe wrote it): neither length
  nor seeks near the end. The frames are counted, once, and the header completed.
- MP3 without a Xing frame: the length is guessed from the first bit rate, and what
  lies behind it cannot be reached. Its frames are counted, once, and a Xing frame
  put before them.
"""

from __future__ import annotations

import io
import os
import struct
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import soundfile as sf

from annotator.audio.decode import ForwardSound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["readable"]

# kbit/s by index, of MPEG-1 and of MPEG-2 and 2.5; 0: no valid frame of ours
_BIT_RATES = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
}
_SAMPLE_RATES = {
    3: (44100, 48000, 32000),
    2: (22050, 24000, 16000),
    0: (11025, 12000, 8000),
}
_STREAMINFO_END = 42  # "fLaC", 4 bytes of block header, 34 of STREAMINFO
_COUNTED_AT_ONCE = 2**14  # of the block in which a file breaks off nothing counts


@contextmanager
def readable(path: Path) -> Iterator[Any]:
    """Give what `soundfile.SoundFile` should open to read a file.

    Parameters
    ----------
    path
        A file on this machine, of any kind.

    Yields
    ------
    path or file object
        The path itself for all but the cases above.
    """
    state = path.stat()
    splice = _find_splice(path, state.st_mtime_ns, state.st_size)
    if splice is None:
        yield path
        return
    with _Spliced(path, splice) as file:
        yield file


@dataclass(frozen=True)
class _Splice:
    """Read `prefix` in place of the file's first `skip` bytes."""

    prefix: bytes
    skip: int


class _Spliced(io.RawIOBase):
    def __init__(self, path: Path, splice: _Splice) -> None:
        self._file = path.open("rb")
        self._prefix = splice.prefix
        self._shift = splice.skip - len(splice.prefix)
        self._size = os.fstat(self._file.fileno()).st_size - self._shift
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}
        self._position = max(0, start[whence] + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        data = self._prefix[self._position : self._position + len(buffer)]
        if len(data) < len(buffer):
            self._file.seek(self._position + len(data) + self._shift)
            data += self._file.read(len(buffer) - len(data))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


@lru_cache(maxsize=1024)
def _find_splice(path: Path, _modified: int, size: int) -> _Splice | None:
    with path.open("rb") as file:
        tag = _tag_length(file.read(10))
        file.seek(tag)
        start = file.read(64)
        if start.startswith(b"fLaC"):
            return _flac_splice(path, start, tag)
        first = _Frame.parse(start)
        if first is None or _has_index(start, first):
            return None
        file.seek(tag)
        n_frames = _walk(file.read(), first)
    return _Splice(_xing_frame(start, n_frames, size), tag) if n_frames > 1 else None


def _tag_length(start: bytes) -> int:
    """Return the length of an ID3v2 tag at the start of a file."""
    if len(start) < 10 or not start.startswith(b"ID3"):
        return 0
    length = 0
    for byte in start[6:10]:  # seven bits each
        length = length << 7 | byte & 0x7F
    footer = 10 if start[5] & 0x10 else 0
    return 10 + length + footer


def _flac_splice(path: Path, start: bytes, tag: int) -> _Splice | None:
    first, rest = start[21], start[22:26]  # the length has the last 36 bits
    if len(start) < _STREAMINFO_END or first & 0x0F or any(rest):
        return _Splice(b"", tag) if tag else None
    n_frames = _count(path, _Splice(b"", tag))
    field = (first & 0xF0) << 32 | n_frames
    return _Splice(start[:21] + field.to_bytes(5, "big"), tag + 26)


def _count(path: Path, splice: _Splice) -> int:
    """Count frames by decoding them all: about 4 s for an hour."""
    with _Spliced(path, splice) as file, ForwardSound(file) as sound:
        n_frames = 0
        try:
            while read := len(sound.read(_COUNTED_AT_ONCE, dtype="int16")):
                n_frames += read
        except sf.SoundFileError:
            pass  # it breaks off; what was decoded counts
        return n_frames


@dataclass(frozen=True)
class _Frame:
    """What the four bytes before an MP3 frame (MPEG audio, layer III) say."""

    version: int  # 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
    bit_rate: int
    sample_rate: int
    padding: int
    is_mono: bool

    @classmethod
    def parse(cls, data: bytes, at: int = 0) -> _Frame | None:
        if len(data) < at + 4 or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
            return None
        version, layer = data[at + 1] >> 3 & 3, data[at + 1] >> 1 & 3
        bit_rate = _BIT_RATES[version == 3][data[at + 2] >> 4]
        rate_index = data[at + 2] >> 2 & 3
        if version == 1 or layer != 1 or rate_index == 3 or not bit_rate:
            return None
        return cls(
            version,
            bit_rate,
            _SAMPLE_RATES[version][rate_index],
            data[at + 2] >> 1 & 1,
            data[at + 3] >> 6 == 3,
        )

    @property
    def length(self) -> int:
        samples_per_byte = 144 if self.version == 3 else 72
        return samples_per_byte * 1000 * self.bit_rate // self.sample_rate + (
            self.padding
        )

    @property
    def side_info(self) -> int:
        stereo, mono = (32, 17) if self.version == 3 else (17, 9)
        return mono if self.is_mono else stereo


def _has_index(start: bytes, first: _Frame) -> bool:
    name = start[4 + first.side_info :][:4]
    return name in (b"Xing", b"Info") or start[36:40] == b"VBRI"


def _walk(data: bytes, first: _Frame) -> int:
    """Count the frames of an MP3, over gaps."""
    n_frames = at = 0
    while 0 <= at < len(data):
        frame = _Frame.parse(data, at)
        if frame and (frame.version, frame.sample_rate) == (
            first.version,
            first.sample_rate,
        ):
            n_frames += at + frame.length <= len(data)
            at += frame.length
        else:
            at = data.find(b"\xff", at + 1)
    return n_frames


def _xing_frame(start: bytes, n_frames: int, size: int) -> bytes:
    """Make a frame like the first one, silent, that tells the number of frames."""
    rate_index = start[2] & 0x0C
    for bit_rate_index in range(1, 15):
        # 0x01: no checksum
        header = bytes(
            (start[0], start[1] | 0x01, bit_rate_index << 4 | rate_index, start[3])
        )
        frame = _Frame.parse(header)
        if frame and frame.length >= 4 + frame.side_info + 16:
            break
    else:
        return b""
    xing = b"Xing" + struct.pack(">III", 3, n_frames, size + frame.length)
    return (header + bytes(frame.side_info) + xing).ljust(frame.length, b"\0")
