"""The demo is the same each time, and its truth agrees with its sound."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import soundfile
import yaml

from annotator.demo.calls import SPECIES
from annotator.demo.project import write_demo
from annotator.demo.soundscape import SAMPLE_RATE


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, duration=60.0)
    return folder


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_gives_the_same_bytes(demo, tmp_path):
    write_demo(tmp_path, duration=60.0)

    names = sorted(path.name for path in demo.iterdir())
    assert names == ["demo.yaml", "detections.csv", "soundscape.flac", "truth.csv"]
    for name in names:
        assert (tmp_path / name).read_bytes() == (demo / name).read_bytes(), name


def test_another_seed_gives_another_soundscape(demo, tmp_path):
    write_demo(tmp_path, seed=3, duration=60.0)

    assert rows(tmp_path / "truth.csv") != rows(demo / "truth.csv")


def test_the_soundscape_is_stereo_48_khz_and_never_clipped(demo):
    samples, sample_rate = soundfile.read(demo / "soundscape.flac", always_2d=True)

    assert (samples.shape, sample_rate) == ((60 * 48_000, 2), 48_000)
    assert np.abs(samples).max() < 0.99
    assert not np.array_equal(samples[:, 0], samples[:, 1])


def test_right_detections_have_their_power_in_the_species_band(demo):
    detections = {row["id"]: row for row in rows(demo / "detections.csv")}
    right = [row for row in rows(demo / "truth.csv") if row["verdict"] == "yes"]

    assert len(right) >= 8
    for row in right:
        spectrum = power_between(demo, row["start_time"], row["end_time"])
        band = slice_of(detections[row["id"]])
        above_wind = spectrum[600:]  # Hz
        # Others may call at the same time; the species' own band must stand out.
        assert spectrum[band].max() > 5000 * np.median(above_wind), row


def test_nothing_calls_where_the_truth_says_so(demo):
    ghosts = [
        row
        for row in rows(demo / "truth.csv")
        if row["verdict"] == "no" and not row["heard"]
    ]

    assert ghosts
    for row in ghosts:
        spectrum = power_between(demo, row["start_time"], row["end_time"])
        above_wind = spectrum[600:]  # Hz
        assert above_wind.max() < 500 * np.median(above_wind), row


def test_some_detections_are_wrong_in_each_way(demo):
    detections = {
        row["id"]: row["common_name"] for row in rows(demo / "detections.csv")
    }
    truth = rows(demo / "truth.csv")

    named = [row for row in truth if row["id"]]
    assert [row["id"] for row in named] == list(detections)
    for row in named:
        is_right = row["heard"] == detections[row["id"]]
        assert row["verdict"] == ("yes" if is_right else "no")
    assert any(row["heard"] and row["verdict"] == "no" for row in named)
    assert any(row["verdict"] == "missed" for row in truth)


def test_a_sweep_reaches_above_20_khz(demo):
    bat = next(row for row in rows(demo / "truth.csv") if "bat" in row["heard"])
    spectrum = power_between(demo, bat["start_time"], bat["end_time"])

    assert spectrum[20_500:22_500].mean() > 10 * np.median(spectrum[600:])


def test_a_stopped_run_is_finished_and_answers_are_left_alone(demo, tmp_path):
    write_demo(tmp_path, duration=60.0)
    answers = tmp_path / "outputs" / "reviews.csv"
    answers.parent.mkdir()
    answers.write_text("id,verdict\n1001,yes\n")
    (tmp_path / "soundscape.flac").write_bytes(b"fLaC cut short")

    write_demo(tmp_path, duration=60.0)

    expected = (demo / "soundscape.flac").read_bytes()
    assert (tmp_path / "soundscape.flac").read_bytes() == expected
    assert answers.read_text() == "id,verdict\n1001,yes\n"


def test_the_form_offers_every_species(demo):
    project = yaml.safe_load((demo / "demo.yaml").read_text(encoding="utf-8"))

    (correction,) = project["form_config"]["dynamic_forms"]["correction"]
    names = [species.name for species in SPECIES]
    assert correction["select"]["items"][:-1] == names


def power_between(folder, start, end):
    """Return the power of each whole Hz, louder channel, in a span of time."""
    first, last = (round(float(time) * SAMPLE_RATE) for time in (start, end))
    samples, _ = soundfile.read(
        folder / "soundscape.flac", start=first, stop=last, always_2d=True
    )
    samples *= np.hanning(len(samples))[:, None]  # the wind must not leak upwards
    power = np.abs(np.fft.rfft(samples, n=SAMPLE_RATE * 4, axis=0)) ** 2
    return power.max(axis=1)[1:].reshape(-1, 4).sum(axis=1)  # (24000,)


def slice_of(detection):
    low, high = float(detection["min_frequency"]), float(detection["max_frequency"])
    return slice(round(low), round(high))
