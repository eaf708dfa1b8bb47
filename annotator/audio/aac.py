"""AAC recordings (M4A, MP4, ADTS), which libsndfile does not read.

PyAV, or a program `ffmpeg` on this machine, decodes them whole, once, into a
32-bit file in the cache; parts are taken from there. Exact seeks in AAC itself
would need each file's priming, edit lists and packet overlap to be right.
"""

from __future__ import annotations

import importlib.util
import itertools
import math
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import soundfile as sf

from annotator._optional import require
from annotator.audio.cache import cache_folder, cached_copy
from annotator.audio.span import name_of
from annotator.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["decoded_copy", "is_aac"]

_BLOCK = 1 << 20
_DECODED = ".w64"  # without the 4 GB of WAV


def is_aac(start: bytes) -> bool:
    """Tell by its first 12 bytes whether a file is M4A, MP4 or bare AAC."""
    if start[4:8] == b"ftyp":
        return True
    # An ADTS header: 12 bits set, any MPEG version, layer 0. MP3 has layer 1 to 3.
    return len(start) > 1 and start[0] == 0xFF and start[1] & 0xF6 == 0xF0


def decoded_copy(path: Path, place: str, most: int | None = None) -> Path:
    """Return the sound of an AAC file as one that libsndfile reads.

    Parameters
    ----------
    path
        A file on this machine.
    place
        Where it is from, for messages.
    most
        Bytes that the sound may have; None: any.

    Raises
    ------
    FormatError
        There is nothing here to decode it with, or it cannot be decoded, or is too long.
    """
    state = path.stat()
    # The name of a copy has its version; its time is that of its last use.
    is_copy = path.parent == cache_folder()
    version = f"{state.st_size} {0 if is_copy else state.st_mtime_ns}"
    decode = _decoder(place)

    def fill(file: BinaryIO) -> None:
        try:
            decode(path, file, most or sys.maxsize)
        except _Failed as err:
            msg = (
                f"{name_of(place)} cannot be decoded as AAC; the file seems to be "
                f"damaged, or without sound.\n{err}"
            )
            raise FormatError(msg) from err

    return cached_copy(f"{path.absolute()}{_DECODED}", version, fill, most=most)


class _Failed(Exception):
    """What the decoder said."""


_TOO_LONG = "it is longer than is decoded here; cut it into shorter files"


def _decoder(place: str) -> Callable[[Path, BinaryIO, int], None]:
    if importlib.util.find_spec("av"):
        return _by_pyav
    if shutil.which("ffmpeg"):
        return _by_ffmpeg
    msg = (
        f"{name_of(place)} is an M4A or AAC recording, which needs PyAV: install it "
        "with: pip install av (or install the program ffmpeg)"
    )
    raise FormatError(msg)


def _by_pyav(path: Path, file: BinaryIO, most: int) -> None:
    av = require("av", why="to read AAC")

    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                msg = "it has no sound"
                raise _Failed(msg)
            stream = container.streams.audio[0]
            rate, channels = stream.rate, stream.channels
            resampler = av.AudioResampler("flt", stream.layout, rate)
            left = math.inf
            if "mp4" in container.format.name and stream.duration:
                # The last block is filled up; ffmpeg cuts that off, PyAV does not.
                left = round(stream.duration * stream.time_base * rate)
            with sf.SoundFile(file, "w", rate, channels, "FLOAT", format="W64") as out:
                for frame in itertools.chain(container.decode(stream), [None]):
                    for part in resampler.resample(frame):
                        # Interleaved: (1, frames * channels)
                        samples = part.to_ndarray().reshape(-1, channels)
                        out.write(samples[: int(min(left, len(samples)))])
                        left -= min(left, len(samples))
                        if out.tell() * channels * 4 > most:
                            raise _Failed(_TOO_LONG)
    except av.FFmpegError as err:
        raise _Failed(str(err)) from err


def _by_ffmpeg(path: Path, file: BinaryIO, most: int) -> None:
    # Not in the system's place: that may be small, and this is 0.7 GB per hour.
    with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
        target = Path(folder) / f"sound{_DECODED}"
        options = ["-vn", "-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "w64"]
        options += ["-fs", str(most)]
        command = ["ffmpeg", "-nostdin", "-v", "error", "-i", f"file:{path}"]
        done = subprocess.run(  # noqa: S603 - no shell, and a name that is a file's
            [*command, *options, str(target)], capture_output=True, check=False
        )
        if done.returncode:
            raise _Failed(done.stderr.decode(errors="replace").strip())
        if target.stat().st_size >= most - _BLOCK:  # it stops a little before
            raise _Failed(_TOO_LONG)
        with target.open("rb") as decoded:
            shutil.copyfileobj(decoded, file)
