"""The built-in visualizations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from annotator.signal.analysis import Analysis
from annotator.signal.denoised import compute_denoised
from annotator.signal.pcen import Pcen, compute_pcen
from annotator.signal.reassigned import compute_reassigned
from annotator.signal.spectrogram import draw_spectrogram
from annotator.signal.waveform import compute_waveform

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from annotator.signal.spectrogram import Spectrogram
    from annotator.visualizations.settings import PictureSettings

    Span = tuple[float, float] | None
    Samples = NDArray[np.float32]

__all__ = ["BuiltIn"]

_PASSED = (1_000.0, 8_000.0)  # Hz: the band of "bandpass"


@dataclass(frozen=True)
class BuiltIn:
    """Draws one of `annotator.visualizations.options.OPTIONS`, with options.

    What a person sets while looking goes before the options; those go before what
    suits the sound. A band that the sound does not reach is the whole axis.
    """

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def __call__(
        self,
        samples: Samples,
        sample_rate: float,
        settings: PictureSettings,
        *,
        start_time: float,
        span: Span,
    ) -> Spectrogram:
        """Draw; see `Visualization.draw`."""
        if self.kind == "waveform":
            return compute_waveform(
                samples,
                sample_rate,
                width=settings.width,
                height=settings.height,
                limits=_amplitudes(settings),
                start_time=start_time,
                span=span,
            )
        analysis = self._analysis(sample_rate, settings)
        if self.kind == "pcen":
            names = ("gain", "bias", "power", "time_constant")
            given = {name: self.options[name] for name in names if name in self.options}
            return compute_pcen(
                samples,
                sample_rate,
                analysis,
                settings=Pcen(**given),
                high=settings.max_db,
                start_time=start_time,
                span=span,
            )
        if self.kind == "denoised":
            return compute_denoised(
                samples,
                sample_rate,
                analysis,
                percentile=self.options.get("percentile", 50.0),
                high=settings.max_db,
                start_time=start_time,
                span=span,
            )
        draw = compute_reassigned if self.kind == "reassigned" else draw_spectrogram
        return draw(
            samples,
            sample_rate,
            analysis,
            dynamic_range=settings.dynamic_range,
            max_db=settings.max_db,
            start_time=start_time,
            span=span,
        )

    def _analysis(self, sample_rate: float, settings: PictureSettings) -> Analysis:
        own = {"mel": "mel", "pcen": "mel", "log_frequency": "log"}
        scale = self.options.get("scale", own.get(self.kind, "linear"))
        counts = {"mel": "n_mels", "log": "n_bins"}
        low, high = self._band(sample_rate, settings)
        return Analysis(
            kind=scale,
            n_fft=_first(settings.n_fft, self.options.get("n_fft")),
            overlap=_first(settings.overlap, self.options.get("overlap")),
            window=_first(settings.window, self.options.get("window")) or "hann",
            width=settings.width,
            n_rows=self.options.get(counts.get(scale, ""), None)
            or (settings.height if scale == "linear" else None),
            min_frequency=low,
            max_frequency=high,
        )

    def _band(
        self, sample_rate: float, settings: PictureSettings
    ) -> tuple[float | None, float | None]:
        low = _first(settings.min_frequency, self.options.get("min_frequency"))
        high = _first(settings.max_frequency, self.options.get("max_frequency"))
        if self.kind == "bandpass":
            # What lies outside of its band is not there.
            least = self.options.get("min_frequency", _PASSED[0])
            most = self.options.get("max_frequency", _PASSED[1])
            low = max(_first(settings.min_frequency, least), least)
            high = min(_first(settings.max_frequency, most), most)
            if low >= high:
                low, high = least, most
        top = sample_rate / 2
        if (low or 0.0) >= min(high if high is not None else top, top):
            return None, None
        return low, high


def _first(*values: Any) -> Any:
    """Return the first that is not None."""
    return next((value for value in values if value is not None), None)


def _amplitudes(settings: PictureSettings) -> tuple[float, float]:
    low, high = settings.min_frequency, settings.max_frequency
    if low is None or high is None or not -1.0 <= low < high <= 1.0:
        return -1.0, 1.0  # those are Hz, for other pictures
    return low, high
