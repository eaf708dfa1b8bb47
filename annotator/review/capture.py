"""A capture: what is in sight of a clip, as a picture with a name."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from annotator.errors import ParameterError
from annotator.visualizations.figure import draw_figure
from annotator.visualizations.paper import figure_size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from annotator.review.look import ViewState
    from annotator.review.prepare import ClipLoader
    from annotator.sources.clips import Clip
    from annotator.visualizations.figure import FigureBox

__all__ = ["Sight", "checked_name", "draw_sight", "proposed_name"]

_LONGEST = 80  # letters of a title in a file's name
_BAD = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')


@dataclass(frozen=True)
class Sight:
    """What a person sees of a clip, and how."""

    clip: Clip
    """The clip, or the place elsewhere that is shown for it."""
    state: ViewState
    bounds: tuple[float, float, float, float] | None = None
    """Start and end in seconds, bottom and top in Hz; None: all of the picture."""
    boxes: Sequence[FigureBox] = ()
    palette: Sequence[str] = ()
    """Colours "#rrggbb", the quietest first; empty: greys."""
    contrast: tuple[float, float] = (-80.0, 0.0)
    """Levels of the first and the last colour, dB below the clip's loudest."""
    frame: tuple[int, int] = (1000, 300)
    """Width and height of the picture without its axes, px."""
    title: str = ""


def draw_sight(loader: ClipLoader, sight: Sight, *, height: int | None = None) -> bytes:
    """Draw what is in sight at full detail, with axes and boxes.

    Parameters
    ----------
    loader
        Reads the clip.
    sight
        What to draw.
    height
        Of the whole, px; the proportions stay. None: as large as it is seen.

    Returns
    -------
    bytes
        A PNG file.
    """
    size = figure_size(sight.frame, height=height, has_title=bool(sight.title))
    # As many columns as the paper can show.
    state = replace(sight.state, width=max(sight.state.width, size[0]))
    whole = loader.prepare(sight.clip, sight.state)
    picture = whole.spectrogram
    if sight.bounds is not None and picture.rgba is None:
        t0, t1, low, high = sight.bounds
        picture = loader.detail(
            sight.clip, state, (t0, t1), (low, high), max_db=picture.max_db
        )
    return draw_figure(
        picture,
        boxes=sight.boxes,
        title=sight.title,
        contrast=sight.contrast,
        bounds=sight.bounds,
        clip=(whole.clip_start, whole.clip_end),
        width=size[0],
        height=size[1],
        **({"palette": sight.palette} if sight.palette else {}),
    )


def proposed_name(title: str, clip: Clip, now: datetime) -> str:
    """Return the name of a new picture's file.

    Parameters
    ----------
    title
        Of the info card, filled in; "" if there is none.
    clip
        What is shown.
    now
        Local time.

    Examples
    --------
    >>> from datetime import datetime
    >>> proposed_name("Strix varia (0.93)", None, datetime(2026, 5, 1, 7, 30))
    'strix_varia_0_93.20260501-0730.png'
    """
    slug = _slug(title)
    if slug:
        return f"{slug}.{now:%Y%m%d-%H%M}.png"
    return f"clip_{_slug(str(clip.index_value)) or clip.position}.png"


def checked_name(name: str, folder: str) -> str:
    """Return a file's path beneath the folder of captures.

    Parameters
    ----------
    name
        As a person typed it; it may begin with the folder.
    folder
        As configured; "" is the working directory.

    Returns
    -------
    str
        Relative to the folder, with ".png" at its end.

    Raises
    ------
    ParameterError
        It leads out of the folder, or is no name.

    Examples
    --------
    >>> checked_name("captures/owls/one", "captures")
    'owls/one.png'
    """
    text = name.strip().replace("\\", "/")
    start = folder.replace("\\", "/").rstrip("/") + "/"
    if folder and text.startswith(start):
        text = text[len(start) :]
    parts = PurePosixPath(text).parts
    if not parts or text.endswith("/") or _BAD.search(text) or len(text) > 200:
        msg = f"{_shown(name)} is no name of a file; give letters, digits, _ and -."
        raise ParameterError(msg)
    if text.startswith(("/", "~")) or ".." in parts:
        place = folder or "the working directory"
        msg = f"{_shown(name)} leads out of {place}; captures are kept inside of it."
        raise ParameterError(msg)
    path = PurePosixPath(*parts)
    return str(
        path if path.suffix.lower() == ".png" else path.with_name(path.name + ".png")
    )


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower())[:_LONGEST].strip("_")


def _shown(name: str) -> str:
    return repr(name if len(name) <= 60 else name[:57] + "...")
