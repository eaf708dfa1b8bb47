"""What is in sight, for a picture of it: bounds, colours and boxes of this moment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from annotator.review.capture import Sight
from annotator.views import theme
from annotator.views.marks import mark_label
from annotator.visualizations.figure import FigureBox

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.review.look import Look, ViewState
    from annotator.review.prepare import PreparedClip
    from annotator.review.session import ReviewSession
    from annotator.signal.spectrogram import Spectrogram
    from annotator.sources.clips import Clip
    from annotator.views.spectrogram import SpectrogramView
    from annotator.views.surface import Surface

__all__ = ["SightKeeper", "contrast_of"]

_COLOURS = re.findall(
    r"--mark-(?:green|mauve|peach|sky|red): (#[0-9a-f]{6})", theme.CSS
)
_DARKEST, _BRIGHTEST, _LEAST_SPAN = 0.1, 0.999, 20.0  # as in levels.js


class SightKeeper:
    """Knows what a person sees of a session's clip.

    Parameters
    ----------
    session
        Its look and regions.
    spectrogram, surface
        Where it is seen.
    title_of
        Returns the title of a clip.
    """

    def __init__(
        self,
        session: ReviewSession,
        *,
        spectrogram: SpectrogramView,
        surface: Surface,
        title_of: Callable[[Clip], str],
    ) -> None:
        self._session, self._spectrogram = session, spectrogram
        self._title_of = title_of
        self._shown: tuple[Clip, ViewState, PreparedClip] | None = None
        self._rest: dict[str, Any] = {}
        surface.on("viewport", self._came_to_rest)

    def show(self, clip: Clip, state: ViewState, prepared: PreparedClip) -> None:
        """Take note of what is shown from now on."""
        before = self._shown
        if before is None or before[0] != clip:
            self._rest = {}
        self._shown = clip, state, prepared

    def clear(self) -> None:
        """Take note that nothing is shown."""
        self._shown, self._rest = None, {}

    def __call__(self) -> Sight | None:
        """Return what is in sight; None: nothing."""
        if self._shown is None:
            return None
        clip, state, prepared = self._shown
        look, figure = self._session.look, self._spectrogram.figure
        return Sight(
            clip=clip,
            state=state,
            bounds=self._bounds(prepared.spectrogram),
            boxes=self._boxes(clip),
            palette=theme.PALETTES[look.palette],
            contrast=contrast_of(look, prepared.spectrogram),
            frame=(figure.inner_width or 1000, figure.inner_height or 300),
            title=self._title_of(clip),
        )

    def _came_to_rest(self, seen: dict[str, Any]) -> None:
        edges = [seen.get(name) for name in ("t0", "t1", "y0", "y1")]
        numbers = all(isinstance(edge, int | float) for edge in edges)
        is_zoomed = bool(seen.get("zoomed")) and numbers
        self._rest = seen if is_zoomed else {}

    def _bounds(self, picture: Spectrogram) -> tuple[float, float, float, float] | None:
        if not self._rest:
            return None
        t0, t1, y0, y1 = (float(self._rest[name]) for name in ("t0", "t1", "y0", "y1"))
        low, high = picture.scale.frequency([y0, y1]).tolist()
        return t0, t1, low, high

    def _boxes(self, clip: Clip) -> list[FigureBox]:
        editor, session = self._session.regions, self._session
        here = session.clip is not None and session.clip.identity == clip.identity
        if editor.annotation is None or not here:
            return []
        return [
            FigureBox(
                region.start_time,
                region.start_time if region.end_time is None else region.end_time,
                region.min_frequency,
                region.max_frequency,
                _COLOURS[number % len(_COLOURS)],
                mark_label(editor, editor.annotation, number),
            )
            for number, region in enumerate(editor.regions)
            if region.start_time is not None
        ]


def contrast_of(look: Look, picture: Spectrogram) -> tuple[float, float]:
    """Return the levels of the first and the last colour, dB below the loudest."""
    if not look.auto_contrast:
        low, high = look.contrast
        return float(low), float(high)
    span = picture.contrast_range
    counts = np.bincount(picture.data.ravel(), minlength=256)
    counts[0] = 0  # silence of the machine, not of the place
    if not counts.any():
        return -span, 0.0
    below = np.cumsum(counts) / counts.sum()
    dark, bright = (
        span * (float(np.searchsorted(below, share)) / 255.0 - 1.0)
        for share in (_DARKEST, _BRIGHTEST)
    )
    dark = min(dark, -_LEAST_SPAN)
    return dark, max(bright, dark + _LEAST_SPAN)
