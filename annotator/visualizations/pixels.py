"""From the cells of a picture to pixels, so that nothing short vanishes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cell_starts", "loudest"]


def cell_starts(first: float, last: float, pixels: int, cells: int) -> NDArray[np.intp]:
    """Return the cell where each pixel begins, and where the last one ends.

    Parameters
    ----------
    first, last
        What is in sight, in cells from the picture's edge.
    pixels
        On which it is shown.
    cells
        Of the picture.

    Returns
    -------
    numpy.ndarray
        Shape (pixels + 1,); ascending, pixels within one cell have the same.
    """
    edges = np.linspace(first, last, pixels + 1)
    starts = np.clip(np.floor(edges + 1e-9), 0, cells - 1).astype(np.intp)
    starts[-1] = min(cells, max(math.ceil(last - 1e-9), int(starts[-2]) + 1))
    return starts


def loudest(
    levels: NDArray[np.uint8], starts: NDArray[np.intp], axis: int
) -> NDArray[np.uint8]:
    """Return the loudest cell of each pixel; of a pixel within a cell, that cell."""
    part = np.take(levels, np.arange(starts[0], starts[-1]), axis=axis)
    at = starts[:-1] - starts[0]
    found: NDArray[np.uint8] = np.maximum.reduceat(part, at, axis=axis)
    return found
