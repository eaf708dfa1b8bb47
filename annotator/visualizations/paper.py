"""How a figure is laid out: a picture in its margins."""

from __future__ import annotations

from annotator.visualizations.ink import font_size

__all__ = ["figure_size", "frame_of"]


def frame_of(
    width: int, height: int, *, has_title: bool = False
) -> tuple[int, int, int, int]:
    """Return where the picture stands in a figure: left, top, right, bottom in px."""
    size = font_size(height)
    top = round(2.2 * size) if has_title else round(0.8 * size)
    return round(4.2 * size), top, width - round(1.2 * size), height - round(3.4 * size)


def figure_size(
    frame: tuple[int, int], *, height: int | None = None, has_title: bool = False
) -> tuple[int, int]:
    """Return width and height of a figure whose picture has some proportions.

    Parameters
    ----------
    frame
        Width and height of the picture without its axes, px.
    height
        Of the whole, px; None: so that the picture is as large as `frame`.
    has_title
        Whether there is a title above it.
    """
    wide, high = max(frame[0], 1), max(frame[1], 1)
    if height is None:
        height = high
        for _ in range(20):  # larger text takes more room, which is a larger figure
            _, top, _, bottom = frame_of(1000, height, has_title=has_title)
            height += high - (bottom - top)
    left, top, right, bottom = frame_of(1000, height, has_title=has_title)
    return round(wide * (bottom - top) / high) + 1000 - (right - left), height
