"""Write the demo as a folder that the annotator opens like anybody's own."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from annotator.demo.calls import SPECIES
from annotator.demo.soundscape import SAMPLE_RATE, Call, place_calls, write_soundscape
from annotator.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DURATION", "detections_of", "write_demo"]

DURATION = 300.0
"""Seconds of the demo's soundscape."""

_RECORDING = "soundscape.flac"
_WRONG_NAME, _NOTHING_THERE, _MISSED = 0.14, 0.12, 0.08  # shares of the calls


def write_demo(
    folder: str | Path, *, seed: int = 2, duration: float = DURATION
) -> Path:
    """Write the soundscape, its detections, the truth and a project file.

    Answers given earlier in the folder are left alone, and so is a soundscape
    that belongs to the same detections.

    Parameters
    ----------
    folder
        Made if it is not there.
    seed
        The same seed gives the same files.
    duration
        Seconds of sound; at least 30.

    Returns
    -------
    Path
        The project file, `demo.yaml`.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    calls = place_calls(duration, rng)
    detections, truth = detections_of(calls, duration, rng)
    _write_table(folder / "detections.csv", detections)
    _write_table(folder / "truth.csv", truth)
    recording = folder / _RECORDING
    if not _is_complete(recording, duration):
        # Beside it first: a run that was stopped leaves no half a recording.
        part = recording.with_suffix(".part")
        write_soundscape(part, calls, duration, rng)
        os.replace(part, recording)
    project = folder / "demo.yaml"
    project.write_bytes(_template().read_bytes())
    return project


def detections_of(
    calls: Iterable[Call], duration: float, rng: np.random.Generator
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Invent a detector's table: mostly right, with some errors of each kind.

    Returns
    -------
    tuple
        The detections, in order of time, and the truth: one row per detection
        (`verdict` is "yes" or "no", `heard` the true name, empty if nothing
        calls there) and one with an empty `id` per call that was missed.
    """
    found: list[tuple[float, float, str, str]] = []  # start, end, claimed, heard
    missed: list[dict[str, object]] = []
    for call in calls:
        start, end, heard = call.start_time, call.end_time, call.species.name
        if rng.random() < _MISSED:
            missed.append(_truth("", "missed", start, end, heard))
            continue
        claimed = heard
        if rng.random() < _WRONG_NAME:
            others = [species.name for species in SPECIES if species.name != heard]
            claimed = str(rng.choice(others))
        found.append((start - 0.2, end + 0.2, claimed, heard))
    found += _ghosts(list(found), missed, duration, rng)
    detections, truth = [], []
    for number, (start, end, claimed, heard) in enumerate(sorted(found), start=1001):
        is_right = claimed == heard
        spread = (7, 2) if is_right else (4, 4)
        low, high = _frequencies(claimed)
        detections.append(
            {
                "id": number,
                "recording": _RECORDING,
                "start_time": f"{start:.2f}",
                "end_time": f"{end:.2f}",
                "common_name": claimed,
                "confidence": f"{0.1 + 0.89 * rng.beta(*spread):.3f}",
                "min_frequency": low,
                "max_frequency": high,
            }
        )
        verdict = "yes" if is_right else "no"
        truth.append(_truth(number, verdict, start, end, heard))
    return detections, truth + missed


def _ghosts(
    found: list[tuple[float, float, str, str]],
    missed: list[dict[str, object]],
    duration: float,
    rng: np.random.Generator,
) -> list[tuple[float, float, str, str]]:
    """Return detections in the pauses, where no species calls."""
    busy = [(start, end) for start, end, _, _ in found]
    busy += [(float(str(m["start_time"])), float(str(m["end_time"]))) for m in missed]
    ghosts: list[tuple[float, float, str, str]] = []
    for _ in range(2000):
        if len(ghosts) >= _NOTHING_THERE * len(found):
            break
        start = rng.uniform(0, duration - 2)
        end = start + rng.uniform(0.8, 1.4)
        if all(end <= low or start >= high for low, high in busy):
            busy.append((start, end))
            ghosts.append((start, end, str(rng.choice([s.name for s in SPECIES])), ""))
    return ghosts


def _truth(
    number: int | str, verdict: str, start: float, end: float, heard: str
) -> dict[str, object]:
    return {
        "id": number,
        "verdict": verdict,
        "heard": heard,
        "start_time": f"{start:.2f}",
        "end_time": f"{end:.2f}",
    }


def _frequencies(name: str) -> tuple[float, float]:
    """Return the lowest and highest frequency of a species, Hz."""
    species = next(species for species in SPECIES if species.name == name)
    return species.min_frequency, species.max_frequency


def _write_table(path: Path, rows: list[dict[str, object]]) -> None:
    names = list(rows[0])
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _is_complete(recording: Path, duration: float) -> bool:
    """Say whether the soundscape is there in full."""
    if not recording.is_file():
        return False
    try:
        return bool(soundfile.info(recording).frames == round(duration * SAMPLE_RATE))
    except soundfile.LibsndfileError:
        return False


def _template() -> Path:
    """Return the project file that ships: beside the code, or in a checkout."""
    here = Path(__file__).resolve().parent
    for path in (here / "demo.yaml", here.parents[1] / "config" / "demo.yaml"):
        if path.is_file():
            return path
    msg = f"The demo's project file is not in {here}; install the package again."
    raise NotFound(msg)
