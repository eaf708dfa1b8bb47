"""The visualizations a person may choose from, made of what the configuration says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from annotator.signal.spectrogram import Spectrogram, compute_spectrogram
from annotator.visualizations.visualization import Visualization

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from annotator.visualizations.drawing import Drawing

__all__ = ["Gallery", "gallery"]

_SELECTED = "selected::"


class Gallery(dict[str, Visualization]):
    """Visualizations by their keys, in the order in which they were named.

    A key is the name that was given in the configuration ("mel"), or the label where
    one was given; `Visualization.label` is what a person is shown.
    """

    default: str = ""
    """Key of the one shown first."""


def gallery(items: Iterable[Any]) -> Gallery:
    """Make the visualizations that a configuration lists.

    Parameters
    ----------
    items
        Names, functions ``(mono, sr, width) -> dict``, mappings ``{fn, label}`` or
        ``{name, label, ...options}``; one may be marked ``selected::``.
    """
    made = Gallery()
    for item in items:
        name = str(item).removeprefix(_SELECTED).strip()

        def compute(
            samples: NDArray[np.float32],
            sample_rate: float,
            drawing: Drawing,
            *,
            start_time: float,
            span: tuple[float, float] | None,
            kind: str = name,
        ) -> Spectrogram:
            return compute_spectrogram(
                samples,
                sample_rate,
                kind=kind if kind == "mel" else "linear",
                n_fft=drawing.n_fft,
                width=drawing.width,
                start_time=start_time,
            )

        made[name] = Visualization(name.replace("_", " ").capitalize(), compute)
        if str(item).startswith(_SELECTED) or not made.default:
            made.default = name
    return made
