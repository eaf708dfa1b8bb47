"""Find and fetch the blocks of a FLAC file that hold some frames, in few reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from annotator.audio.remote.flac.estimate import Guess, guess
from annotator.audio.remote.flac.frames import (
    LONGEST_HEADER,
    Blocks,
    Layout,
    find_blocks,
)
from annotator.audio.remote.flac.trust import trusted
from annotator.errors import FormatError

if TYPE_CHECKING:
    from annotator.audio.remote.anchors import Anchors
    from annotator.audio.remote.flac.metadata import Source

__all__ = ["Held", "Misled", "collect", "remember"]

_MOST_READS = 64
_PATIENCE = 3  # probes
_MOST_GROWN = 2  # times, while the first frame is still not in sight
_SMALLEST_PROBE = 8 * 1024
# Bytes read in vain rather than to ask once more: a request takes as long as a
# megabyte, but it is needed only if the guess was wrong.
_CHEAP = 32 * 1024
_NARROW = 128 * 1024
_SLACK = 0.1  # of the segment's bytes
_END_SLACK = 0.04


class Misled(Exception):
    """An anchor, or the seek table, says what is not so."""


@dataclass(frozen=True)
class Held:
    """Bytes of the file from `start` on, and the blocks that begin in them."""

    start: int
    data: bytes
    blocks: Blocks

    @property
    def stop(self) -> int:
        """The byte after the last one."""
        return self.start + len(self.data)


def collect(
    source: Source, layout: Layout, anchors: Anchors, span: tuple[int, int]
) -> Held:
    """Fetch the blocks that hold a span of frames.

    Parameters
    ----------
    source, layout
        The file.
    anchors
        What is known of it, at least its first block; learns what is seen.
    span
        First frame, and the one after the last: within the file's length.

    Raises
    ------
    Misled
        An anchor is wrong.
    FormatError
        There are no blocks to be found.
    """
    return _Search(source, layout, anchors, span).run()


def remember(anchors: Anchors, blocks: Blocks, layout: Layout) -> None:
    """Keep some blocks as anchors: the first, the last, and one a second."""
    if not len(blocks):
        return
    seconds = (blocks.firsts - blocks.firsts[0]) // layout.info.sample_rate
    is_kept = np.diff(seconds, prepend=-1) > 0
    is_kept[-1] = True
    anchors.add(blocks.firsts[is_kept], blocks.places[is_kept])


class _Search:
    """One search; what it reads beside the segment is held or remembered."""

    def __init__(
        self, source: Source, layout: Layout, anchors: Anchors, span: tuple[int, int]
    ) -> None:
        self._source = source
        self._layout = layout
        self._anchors = anchors
        self._first, self._stop = span
        self._begin = layout.audio
        # Behind it there are no more blocks.
        self._end = min(source.size, layout.audio + layout.info.longest_sound)
        self._gaps: list[int] = []  # bytes between the anchors, at each probe
        self._grown_times = 0
        self._missed = False  # what looked near was not
        self._is_end_seen = False

    def run(self) -> Held:
        held: Held | None = None
        for _ in range(_MOST_READS):
            if held is None:
                held = self._approach()
            elif not len(held.blocks):
                held = self._beyond(held)
            elif self._is_covered(held):
                return held
            elif self._is_far(held):
                held = None
            else:
                self._grown_times += 1
                held = self._grown(held)
        where = self._first / self._layout.info.sample_rate
        msg = (
            f"The FLAC file cannot be read at {where:g} s; it seems to be damaged "
            "or cut short there."
        )
        raise FormatError(msg)

    # ------------------------------------------------------- where to read

    def _guess(self, frame: int) -> Guess:
        frames, places = self._anchors.points()
        # A table may be wrong, or the file cut short.
        is_inside = (frames < self._layout.info.n_frames) & (places < self._end)
        frames, places = frames[is_inside], places[is_inside]
        if not len(frames) or frames[0] > 0:
            frames, places = np.insert(frames, 0, 0), np.insert(places, 0, self._begin)
        frames = np.append(frames, self._layout.info.n_frames)
        return guess(frame, frames, np.append(places, self._end))

    def _amount(self) -> int:
        """Bytes of the segment, probably."""
        rate = self._guess(self._first).rate
        return int(rate * (self._stop - self._first))

    def _slack(self) -> int:
        return max(int(_SLACK * self._amount()), _CHEAP)

    def _probe_size(self) -> int:
        # Two blocks at least, wherever it begins.
        return max(3 * self._layout.info.likely_block, _SMALLEST_PROBE)

    def _first_byte(self) -> int:
        """Where to begin, so that the segment's first block is most likely in."""
        around = self._guess(self._first)
        if around.middle - around.floor <= self._slack():
            return around.floor
        spare = self._layout.info.likely_block + self._spare(around)
        return max(around.floor, around.low - spare)

    def _last_byte(self) -> int:
        """Where to end, so that the block after the segment's last has begun."""
        around, amount = self._guess(self._stop), self._amount()
        if self._stop >= self._layout.info.n_frames:
            return self._end + self._layout.info.longest_block
        slack = max(int(_END_SLACK * amount), _SMALLEST_PROBE)
        if around.ceiling - around.middle <= slack:
            return around.ceiling + LONGEST_HEADER
        spare = self._layout.info.likely_block + self._spare(around)
        return min(around.middle + slack + spare, around.ceiling) + LONGEST_HEADER

    def _spare(self, around: Guess) -> int:
        """Bytes more between anchors that are close, as those of a seek table."""
        gap = around.ceiling - around.floor
        return gap // 8 if gap < self._amount() else 0

    # ------------------------------------------------------------- reading

    def _approach(self) -> Held:
        """Read the segment if its place is known well enough, else a probe."""
        around, size = self._guess(self._first), self._probe_size()
        gap = around.ceiling - around.floor
        is_near = around.high - around.low <= self._slack() and not self._missed
        if is_near or gap <= max(size, self._amount(), _NARROW):
            start = around.floor if self._missed else self._first_byte()
            return self._read(start, max(self._last_byte(), start + size))
        place = around.middle
        # Where guessing does not get on, halving the bytes does.
        self._gaps.append(gap)
        patience = 0 if self._is_end_seen else _PATIENCE
        if len(self._gaps) > patience and self._gaps[-1] > self._gaps[-3:][0] / 4:
            place = (around.floor + around.ceiling) // 2
        start = min(place - size // 2, around.ceiling - size)
        return self._read(max(start, around.floor), start + size)

    def _beyond(self, held: Held) -> Held | None:
        """Go on where no block was seen."""
        enough = 2 * self._layout.info.longest_block
        if len(held.data) < enough and held.stop < self._end:
            return self._extended(held, held.start, held.start + enough)
        if self._guess(self._first).ceiling < self._end:
            # Damage: somewhere before the anchor behind there are blocks again.
            stop = held.stop + 2 * len(held.data)
            return self._extended(held, held.start, stop)
        if not self._is_end_seen and held.stop < self._end:
            self._is_end_seen = True
            last = max(held.stop, self._end - enough)
            if len(self._read(last, self._end).blocks):
                return None
        # Tags, or what else is put behind the sound.
        self._end, self._missed = held.start, True
        return None

    def _grown(self, held: Held) -> Held:
        most = self._layout.info.likely_block
        start, stop = held.start, held.stop
        if held.blocks.firsts[0] > self._first:
            floor = self._guess(self._first).floor
            start = max(floor, min(self._first_byte(), start - most))
        if not self._reaches_end(held):
            # Twice as much if the guess is of no help: in damage, or in tags.
            last = self._last_byte()
            stop = last if last > stop else stop + max(len(held.data), most)
        return self._extended(held, start, stop)

    def _extended(self, held: Held, start: int, stop: int) -> Held:
        start, stop = min(start, held.start), min(stop, self._source.size)
        if start < held.start and stop > held.stop and len(held.data) <= _CHEAP:
            return self._read(start, stop)  # a probe again, in one read not two
        before = self._source.read(start, held.start) if start < held.start else b""
        after = self._source.read(held.stop, stop) if stop > held.stop else b""
        return self._found(start, before + held.data + after)

    def _read(self, start: int, stop: int) -> Held:
        return self._found(
            start, self._source.read(start, min(stop, self._source.size))
        )

    def _found(self, start: int, data: bytes) -> Held:
        seen = find_blocks(data, start, self._layout)
        frames, places = self._anchors.points()
        known = np.isin(seen.places, places) & np.isin(seen.firsts, frames)
        blocks = trusted(seen, data, start, known)
        inside = (places >= start) & (places <= start + len(data) - LONGEST_HEADER)
        if len(blocks) and not np.isin(places[inside], blocks.places).all():
            raise Misled
        remember(self._anchors, blocks, self._layout)
        return Held(start, data, blocks)

    # ---------------------------------------------------------- what is missing

    def _is_covered(self, held: Held) -> bool:
        return bool(held.blocks.firsts[0] <= self._first) and self._reaches_end(held)

    def _reaches_end(self, held: Held) -> bool:
        blocks, length = held.blocks, self._layout.info.longest_block
        return bool(
            blocks.firsts[-1] >= self._stop
            or held.stop >= self._source.size
            or (
                blocks.ends[-1] >= self._stop
                and held.stop >= blocks.places[-1] + length
            )
        )

    def _is_far(self, held: Held) -> bool:
        """Whether it takes less to search anew than to read on from here."""
        is_behind = held.blocks.firsts[0] > self._first
        if not is_behind and held.blocks.ends[-1] > self._first:
            return False
        place = self._guess(self._first).middle
        gap = held.start - place if is_behind else place - held.stop
        if gap > self._slack() or self._grown_times >= _MOST_GROWN:
            self._missed = self._missed or self._grown_times > 0
            self._grown_times = 0
            return True
        return False
