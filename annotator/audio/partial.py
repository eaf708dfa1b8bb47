"""Decode part of a recording in a store out of the bytes around it.

How depends on the kind of file:

- constant bytes per frame (PCM, A-law, ...): the header says where, one range more;
- ADPCM: likewise, from the start of a block, as far as its share of the file;
- Vorbis, Opus: libsndfile searches by itself, over blocks;
- all else: the whole file comes into the cache, once.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import soundfile as sf

from annotator.audio.decode import ForwardSound, decode, landing_of
from annotator.audio.rangefile import RangeFile
from annotator.audio.segment import (
    RecordingInfo,
    check_count,
    cut_span,
    damaged,
    info_of,
    local_info,
    not_audio,
    read_local_segment,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from annotator.audio.remote import RemoteFile

__all__ = ["read_remote_segment", "remote_info"]

SMALL = 1 << 20
"""Bytes of a file that is fetched whole rather than searched: 5 to 12 requests."""

_CONSTANT = frozenset(
    [
        "ALAW",
        "DOUBLE",
        "FLOAT",
        "PCM_16",
        "PCM_24",
        "PCM_32",
        "PCM_S8",
        "PCM_U8",
        "ULAW",
    ]
)
_BLOCKS = frozenset({"IMA_ADPCM", "MS_ADPCM"})
_PACKETS = frozenset({"OPUS", "VORBIS"})

# More than two blocks of ADPCM, of which the first and the last are used in part.
_SLACK = 1 << 13

# How far the bit rate of a clip may be above the recording's before another
# request is needed.
_SPREAD = 1.25


def read_remote_segment(
    remote: RemoteFile, start_sec: float, dur_sec: float
) -> tuple[NDArray[np.float32], int]:
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
    with _opened(remote) as found:
        if found is None:
            return read_local_segment(remote.copy(), start_sec, dur_sec)
        file, sound = found
        rate = int(sound.samplerate)
        first, count = cut_span(
            remote.name, start_sec, dur_sec, int(sound.frames), rate
        )
        try:
            _prepare(remote, file, sound, first, count)
            samples = decode(sound, first, count)
        except sf.SoundFileError as err:
            file.check()
            raise damaged(remote.uri, start_sec, err) from err
        file.check()
    check_count(remote.uri, start_sec, count, len(samples))
    return samples, rate


def remote_info(remote: RemoteFile) -> RecordingInfo:
    """Say how long a recording is, and of what kind."""
    with _opened(remote) as found:
        return info_of(remote.uri, found[1]) if found else local_info(remote.copy())


@contextmanager
def _opened(remote: RemoteFile) -> Iterator[tuple[RangeFile, Any] | None]:
    """Open a recording over ranges; None where it is to be read whole."""
    if not remote.ranges or remote.existing_copy():
        yield None
        return
    horizon, kinds = _plan(remote)
    for end in horizon:
        file = RangeFile(remote, horizon=end)
        try:
            sound = ForwardSound(file)
        except (sf.SoundFileError, TypeError) as err:
            file.check()
            if end is not None:
                continue
            raise not_audio(remote.uri, err) from err
        with sound:
            file.check()
            if sound.subtype in kinds and sound.frames:
                file.horizon = None
                yield file, sound
                return
    yield None


def _plan(remote: RemoteFile) -> tuple[tuple[int | None, ...], frozenset[str]]:
    """Return where to look for the header, and the subtypes to be read in part."""
    start = remote.read(0, 12)
    if start.startswith(b"OggS"):
        if remote.size <= SMALL:
            remote.read(0, remote.size)
        return (None,), _PACKETS
    if start[:4] in (b"RIFF", b"RIFX", b"RF64", b"riff", b"FORM", b"caff"):
        # What follows the samples (tags) is of no use here, and is not fetched.
        return (remote.head, None), _CONSTANT | _BLOCKS
    return (), frozenset()


def _prepare(
    remote: RemoteFile, file: RangeFile, sound: Any, first: int, count: int
) -> None:
    """Fetch at once what decoding will ask for, as far as that is known."""
    share = remote.size / sound.frames
    if sound.subtype in _CONSTANT:
        sound.seek(first + count)
        stop = file.tell()
        sound.seek(first)
        file.fill(file.tell(), stop)
    elif sound.subtype in _BLOCKS:
        file.ahead = math.ceil(count * share) + _SLACK
    elif first > landing_of(sound, first):
        file.ahead = math.ceil(count * share * _SPREAD)
