"""Which of the headers found in some bytes are blocks, and which only look so.

Sound can hold bytes that look like a header, or like a whole FLAC file. Headers
that follow one another by number, each where the one before it ends, are
blocks. Where some do not fit, checksums of whole blocks decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from annotator.audio.remote.flac.frames import Blocks, is_whole_block

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["trusted"]


def trusted(
    blocks: Blocks, data: bytes, start: int, known: NDArray[np.bool_]
) -> Blocks:
    """Keep the blocks that can be relied on.

    Parameters
    ----------
    blocks
        Headers found in `data`.
    data
        Bytes of the file; more than two of its longest blocks.
    start
        Where in the file they begin.
    known
        Which of `blocks` were relied on before.

    Returns
    -------
    Blocks
        In the order of places and of frames; empty where nothing is sure. There
        may be gaps where the file is damaged.
    """
    if (blocks.firsts[1:] == blocks.ends[:-1]).all():
        is_sure = len(blocks) > 1 or known.any()
        return blocks if is_sure else blocks[:0]
    runs = _runs(blocks, memoryview(data), start, known)
    if not runs:
        return blocks[:0]
    extents = [int(blocks.places[run[-1]] - blocks.places[run[0]]) for run in runs]
    chosen = extents.index(max(extents))
    # A block may hold a shorter run, numbered as it likes: such a one counts only
    # if it agrees with the longest, and with what is known.
    index = list(runs[chosen])
    for run in reversed(runs[:chosen]):
        if known[run].any() and blocks.ends[run[-1]] <= blocks.firsts[index[0]]:
            index = run + index
    for run in runs[chosen + 1 :]:
        if known[run].any() and blocks.firsts[run[0]] >= blocks.ends[index[-1]]:
            index = index + run
    return blocks[np.array(index)]


def _runs(
    blocks: Blocks, data: memoryview, start: int, known: NDArray[np.bool_]
) -> list[list[int]]:
    """Return chains of blocks proved by their checksums, outermost only."""
    places = (blocks.places - start).tolist()
    ends = blocks.ends.tolist()
    beginning: dict[int, list[int]] = {}
    for index, first in enumerate(blocks.firsts.tolist()):
        beginning.setdefault(first, []).append(index)

    def following(i: int) -> int | None:
        for j in beginning.get(ends[i], ()):
            if j > i and is_whole_block(data[places[i] : places[j]]):
                return j
        return None

    runs: list[list[int]] = []
    i, run = 0, [0]
    while i < len(blocks):
        after = following(i)
        if after is None:
            if len(run) > 1 or known[run].any():
                runs.append(run)
            i += 1
            run = [i]
        else:
            run.append(after)
            i = after  # what lies between is inside the block
    return runs
