"""What clips of remote recordings cost: requests and bytes, counted by the server.

Each clip is 21 s long. Cold: nothing is known of the recording, as in a first
session. Warm: the clip follows one that was read before. Ideal are the bytes that
hold the clip's samples. Beside it stands a plain cache of 256-KB blocks, as fsspec
has it, under libsndfile; its request for the file's size is not counted.
"""

from __future__ import annotations

import io as memory
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import requests
import soundfile
from ratios import Row

from annotator.audio import io
from annotator.audio.remote.file import forget_remotes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

RATE, CLIP = 48_000, 21.0
BLOCK = 4096  # frames in each block of a FLAC file
COLD = (2_000.0, 700.0, 3_100.0, 1_234.5, 333.0, 2_390.0)
WARM_FROM, WARM = 2_330.0, 6
"""Clips in a row after a cold one; they cross the step from quiet to loud."""


@dataclass
class Recording:
    """A file, and where its frames stand: (frame, byte), ascending."""

    name: str
    frames: NDArray[np.int64]
    places: NDArray[np.int64]

    def ideal(self, start: float) -> float:
        """Bytes that hold a clip."""
        span = np.array([start, start + CLIP]) * RATE
        return float(np.diff(np.interp(span, self.frames, self.places))[0])


def measure() -> Iterator[Row]:
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    from tests.doubles.web import WebServer

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["ANNOTATOR_CACHE_DIR"] = str(folder / "cache")
        with WebServer(folder) as web:
            pcm = write_pcm(folder / "hour.wav")
            yield from costs("PCM", web, pcm, (2, 1.05), (1, 1.05))
            mild = write_flac(folder / "mild.flac", [1 + m % 7 for m in range(60)])
            table = with_table(folder / "table.flac", folder / mild.name, mild)
            yield from costs("FLAC, seek table", web, table, (2, 1.4), (1, 1.4))
            yield from costs("FLAC, mild", web, mild, (6, None), (3, 1.15))
            levels = [0.05] * 40 + [40.0] * 20
            hard = write_flac(folder / "hard.flac", levels)
            yield from costs(
                "FLAC, 40 quiet + 20 loud min", web, hard, (15, None), (3, 1.15)
            )
            ogg = write_ogg(folder / "hour.ogg")
            yield from costs("OGG Vorbis", web, ogg, (None, None), (None, None))


# ----------------------------------------------------------------- recordings


def minutes(levels: Sequence[float]) -> Iterator[NDArray[np.float32]]:
    """Give noise, minute by minute, of these levels (1: 0.002 of full scale)."""
    rng = np.random.default_rng(1)
    for level in levels:
        noise = rng.standard_normal(60 * RATE, dtype=np.float32)
        yield np.clip(noise * np.float32(0.002 * level), -1, 1)


def write_pcm(path: Path) -> Recording:
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as sound:
        for samples in minutes([3.0] * 60):
            sound.write(samples)
    ends = np.array([0, 60 * 60 * RATE])
    return Recording(path.name, ends, 44 + 2 * ends)


def write_flac(path: Path, levels: Sequence[float]) -> Recording:
    """Write blocks one by one, and take down where each begins."""
    places = []
    with (
        path.open("wb") as file,
        soundfile.SoundFile(file, "w", RATE, 1, "PCM_16", format="FLAC") as sound,
    ):
        rest = np.empty(0, np.float32)
        for samples in minutes(levels):
            samples = np.concatenate([rest, samples])
            for start in range(0, len(samples) - BLOCK + 1, BLOCK):
                sound.write(samples[start : start + BLOCK])
                # The encoder keeps a block until the next one's first sample.
                places.append(file.tell())
            rest = samples[len(samples) // BLOCK * BLOCK :]
    frames = np.arange(len(places), dtype=np.int64) * BLOCK
    recording = Recording(path.name, frames, np.array(places, np.int64))
    check_places(path, recording)
    return recording


def check_places(path: Path, recording: Recording) -> None:
    with path.open("rb") as file:
        for place in recording.places[:: len(recording.places) // 50].tolist():
            file.seek(place)
            assert file.read(2) == b"\xff\xf8", place


def with_table(path: Path, source: Path, recording: Recording) -> Recording:
    """Put a seek table with a point each 10 s into a FLAC file."""
    points = range(0, len(recording.frames), 10 * RATE // BLOCK)
    audio = int(recording.places[0])
    table = b"".join(
        int(recording.frames[point]).to_bytes(8, "big")
        + (int(recording.places[point]) - audio).to_bytes(8, "big")
        + BLOCK.to_bytes(2, "big")
        for point in points
    )
    block = b"\x03" + len(table).to_bytes(3, "big") + table
    with source.open("rb") as old, path.open("wb") as new:
        head = old.read(42)  # with STREAMINFO, which is not the last block
        assert not head[4] & 0x80
        new.write(head + block)
        shutil.copyfileobj(old, new)
    return Recording(path.name, recording.frames, recording.places + len(block))


def write_ogg(path: Path) -> Recording:
    with soundfile.SoundFile(path, "w", RATE, 1, "VORBIS", format="OGG") as sound:
        for samples in minutes([1.0, 20.0] * 30):
            for start in range(0, len(samples), RATE):
                sound.write(samples[start : start + RATE])
    ends = np.array([0, 60 * 60 * RATE])
    return Recording(path.name, ends, np.array([0, path.stat().st_size]))


# ---------------------------------------------------------------- measurement

Limits = tuple[float | None, float | None]
Cost = tuple[int, float, float]  # requests, MB, bytes / ideal


def costs(
    what: str, web: Any, recording: Recording, cold: Limits, warm: Limits
) -> Iterator[Row]:
    ours, theirs = (
        taken(web, recording, reader) for reader in (read_ours, read_blocks)
    )
    for state, limits, mine, other in zip(
        ("cold", "warm"), (cold, warm), ours, theirs, strict=True
    ):
        most, megabytes, ratio = summary(mine)
        their_most, their_megabytes, their_ratio = summary(other)
        beside = f"256-KB blocks: {their_most}"
        yield Row(f"{what}, {state}: requests, at most", most, limits[0], beside)
        beside = (
            f"{megabytes:.2f} MB; 256-KB blocks: {their_megabytes:.2f} MB, "
            f"{their_ratio:.2f}x"
        )
        yield Row(f"{what}, {state}: bytes / ideal", ratio, limits[1], beside)


def summary(found: Sequence[Cost]) -> Cost:
    """Return the most requests, and the means of MB and ratio."""
    counts, megabytes, ratios = zip(*found, strict=True)
    return max(counts), float(np.mean(megabytes)), float(np.mean(ratios))


def taken(web: Any, recording: Recording, reader: Any) -> tuple[list[Cost], list[Cost]]:
    """Return the costs of cold and of warm clips."""
    url = web.url(recording.name)

    def cost(clip: Callable[[float], object], start: float) -> Cost:
        web.forget()
        clip(start)
        sent = web.sent
        return len(web.requests), sent / 1e6, sent / recording.ideal(start)

    cold = [cost(reader(url), start) for start in COLD]
    clip = reader(url)
    clip(WARM_FROM)
    warm = [cost(clip, WARM_FROM + CLIP * (1 + i)) for i in range(WARM)]
    return cold, warm


def read_ours(url: str) -> Callable[[float], object]:
    shutil.rmtree(os.environ["ANNOTATOR_CACHE_DIR"], ignore_errors=True)
    forget_remotes()

    def clip(start: float) -> object:
        io.recording_info(url)
        return io.read_segment(url, start, CLIP)

    return clip


def read_blocks(url: str) -> Callable[[float], object]:
    session, blocks = requests.Session(), {}
    size = int(session.head(url).headers["Content-Length"])

    def clip(start: float) -> object:
        with BlockFile(url, size, session, blocks) as file:
            sound = soundfile.SoundFile(file)
            sound.seek(round(start * RATE))
            return sound.read(round(CLIP * RATE), dtype="float32")

    return clip


class BlockFile(memory.RawIOBase):
    """A file over a cache of aligned blocks."""

    BLOCK = 256 << 10

    def __init__(
        self, url: str, size: int, session: requests.Session, blocks: dict[int, bytes]
    ) -> None:
        self._url, self._size, self._session = url, size, session
        self._blocks = blocks
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position}
        self._position = base.get(whence, self._size) + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        stop = min(self._position + len(buffer), self._size)
        first, last = self._position // self.BLOCK, (stop - 1) // self.BLOCK
        data = b"".join(self._block(index) for index in range(first, last + 1))
        begin = self._position - first * self.BLOCK
        part = data[begin : begin + max(0, stop - self._position)]
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)

    def _block(self, index: int) -> bytes:
        if index not in self._blocks:
            start = index * self.BLOCK
            wanted = f"bytes={start}-{start + self.BLOCK - 1}"
            answer = self._session.get(self._url, headers={"Range": wanted})
            self._blocks[index] = answer.content
        return self._blocks[index]
