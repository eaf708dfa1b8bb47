"""Decode part of a recording in a store out of the bytes around it.

How depends on the kind of file:

- constant bytes per frame (PCM, A-law, ...): the header says where, one range more;
- ADPCM: from the start of a block, as far as its share of the file;
- FLAC: `annotator.audio.remote.flac` finds the blocks that hold it;
- Vorbis, Opus: libsndfile searches by itself, over larger pieces;
- all else: the whole file comes into the cache, once.
"""

from __future__ import annotations

import logging
import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import soundfile as sf

from annotator.audio.decode import ForwardSound, decode, landing_of
from annotator.audio.remote.anchors import anchors_of
from annotator.audio.remote.flac.map import FlacMap
from annotator.audio.remote.flac.metadata import NotMappable
from annotator.audio.remote.rangefile import BLOCK, RangeFile
from annotator.audio.segment import (
    RecordingInfo,
    check_count,
    damaged,
    info_of,
    local_info,
    read_local_segment,
)
from annotator.audio.span import cut_span
from annotator.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from annotator.audio.remote.file import RemoteFile

    Samples = tuple[NDArray[np.float32], int]

__all__ = ["read_remote_segment", "remote_info"]

logger = logging.getLogger(__name__)
T = TypeVar("T")

SMALL = 1 << 20
"""Bytes of a file that is fetched whole rather than searched.

Measured with 60 ms for a request: the whole is quicker up to 2.5 MB where 20 MB come
in a second, and up to 0.5 MB where 2 MB do; then all other clips of it are free.
"""

_PCM = {"PCM_16", "PCM_24", "PCM_32", "PCM_S8", "PCM_U8"}
_CONSTANT = frozenset({*_PCM, "ALAW", "DOUBLE", "FLOAT", "ULAW"})
_BLOCKS = frozenset({"IMA_ADPCM", "MS_ADPCM"})
_PACKETS = frozenset({"OPUS", "VORBIS"})

# Starts of the files whose header stands before the samples, as a rule.
_CHUNKED = (b"RIFF", b"RIFX", b"RF64", b"riff", b"FORM", b"caff")

# More than two blocks of ADPCM, of which the first and the last are used in part.
_SLACK = 1 << 13

# How far the bit rate of a clip may be above the recording's before another
# request is needed.
_SPREAD = 1.25


class _Whole(Exception):
    """Said where parts of a file are of no use."""


def read_remote_segment(
    remote: RemoteFile, start_sec: float, dur_sec: float
) -> Samples:
    """Decode part of a recording, fetching no more than is needed.

    Parameters
    ----------
    remote
        The recording.
    start_sec, dur_sec
        Seconds; the part is cut at the end of the recording.

    Returns
    -------
    samples, sample_rate
        float32, shape (frames, channels); Hz. The samples are those of a decode
        from the start, to the bit.
    """

    def from_flac(flac: FlacMap) -> Samples:
        rate, n_frames = flac.info.sample_rate, flac.info.n_frames
        span = cut_span(remote.uri, start_sec, dur_sec, n_frames, rate)
        try:
            samples = flac.read(*span)
        except FormatError as err:
            raise damaged(remote.uri, start_sec, err) from err
        check_count(remote.uri, start_sec, span[1], len(samples))
        return samples, rate

    def from_sound(file: RangeFile, sound: Any) -> Samples:
        rate, n_frames = int(sound.samplerate), int(sound.frames)
        span = cut_span(remote.uri, start_sec, dur_sec, n_frames, rate)
        try:
            _fetch_for(remote, file, sound, *span)
            samples = decode(sound, *span)
        except sf.SoundFileError as err:
            file.check()
            raise damaged(remote.uri, start_sec, err) from err
        file.check()
        check_count(remote.uri, start_sec, span[1], len(samples))
        return samples, rate

    try:
        return _opened(remote, from_flac, from_sound)
    except _Whole:
        copy = remote.copy()
    return read_local_segment(
        copy, start_sec, dur_sec, place=remote.uri, most=remote.most_decoded
    )


def remote_info(remote: RemoteFile) -> RecordingInfo:
    """Say how long a recording is, and of what kind."""

    def from_flac(flac: FlacMap) -> RecordingInfo:
        info = flac.info
        return RecordingInfo(
            remote.uri,
            info.n_frames,
            info.sample_rate,
            info.channels,
            "FLAC",
            info.subtype,
        )

    try:
        return _opened(
            remote, from_flac, lambda _file, sound: info_of(remote.uri, sound)
        )
    except _Whole:
        return local_info(remote.copy(), place=remote.uri, most=remote.most_decoded)


def _opened(
    remote: RemoteFile,
    from_flac: Callable[[FlacMap], T],
    from_sound: Callable[[RangeFile, Any], T],
) -> T:
    """Open a recording over ranges as befits it, and do something with it."""
    if not remote.ranges or remote.existing_copy():
        raise _Whole
    start = remote.read(0, 4)
    if start.startswith((b"fLaC", b"ID3")):
        try:
            return from_flac(_flac(remote))
        except NotMappable as err:
            logger.info("%s is fetched whole: %s", remote.name, err)
            raise _Whole from err
    with _sound(remote, start) as (file, sound):
        return from_sound(file, sound)


def _flac(remote: RemoteFile) -> FlacMap:
    found = remote.notes.get("flac")
    if isinstance(found, FlacMap):
        return found
    if remote.size <= SMALL:
        remote.read(0, remote.size)
    flac = FlacMap(remote, anchors_of(remote.address, remote.version))
    remote.notes["flac"] = flac
    return flac


@contextmanager
def _sound(remote: RemoteFile, start: bytes) -> Iterator[tuple[RangeFile, Any]]:
    """Open a file that libsndfile is able to read in parts."""
    ends: tuple[int | None, ...] = (None,)
    if start in _CHUNKED:
        # What follows the samples (tags) is of no use here, and is not fetched.
        ends, kinds = (remote.head, None), _CONSTANT | _BLOCKS
    elif start == b"OggS":
        kinds = _PACKETS
        if remote.size <= SMALL:
            remote.read(0, remote.size)
    else:
        raise _Whole
    for end in ends:
        file = RangeFile(remote, horizon=end)
        try:
            sound = ForwardSound(file)
        except (sf.SoundFileError, TypeError):
            file.check()
            continue
        with sound:
            file.check()
            if sound.subtype in kinds and sound.frames:
                file.horizon = None
                yield file, sound
                return
    raise _Whole  # whose reader says, too, what may be wrong with it


def _fetch_for(
    remote: RemoteFile, file: RangeFile, sound: Any, first: int, count: int
) -> None:
    """Fetch at once what decoding will ask for, as far as that is known."""
    share = remote.size / sound.frames  # bytes per frame
    if sound.subtype in _CONSTANT:
        sound.seek(first + count)
        stop = file.tell()
        sound.seek(first)
        file.fill(file.tell(), stop)
    elif sound.subtype in _BLOCKS:
        file.jump = math.ceil(count * share) + _SLACK
    else:
        run_up = first - landing_of(sound, first)
        file.ahead = max(BLOCK, math.ceil((run_up + count) * share * _SPREAD))
