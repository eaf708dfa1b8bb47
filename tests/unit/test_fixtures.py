"""The tests' own tools do what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile


def test_wav_has_the_length_rate_and_channels_asked_for(wav):
    path = wav(duration=0.5, sample_rate=16_000, channels=2, frequency=1000.0)

    info = soundfile.info(path)
    assert (info.frames, info.samplerate, info.channels) == (8000, 16_000, 2)


def test_wav_is_the_same_noise_each_time(wav):
    first, second = wav(), wav()

    assert first != second
    assert first.read_bytes() == second.read_bytes()


def test_s3_server_keeps_what_is_put_there_and_minds_conditions(s3):
    s3.client.put_object(Bucket=s3.bucket, Key="a.txt", Body=b"hello", IfNoneMatch="*")

    got = s3.client.get_object(Bucket=s3.bucket, Key="a.txt", Range="bytes=1-3")
    assert got["Body"].read() == b"ell"


def test_the_persons_files_and_credentials_are_out_of_reach():
    assert Path.home().name.startswith("annotator-tests-")
    assert [name for name in os.environ if name.startswith("AWS_ACCESS")] == []
    assert os.environ["AWS_EC2_METADATA_DISABLED"] == "true"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ci", "options", "status"),
    [("", [], 0), ("true", [], 1), ("", ["--require-ui"], 1)],
)
def test_without_a_browser_its_tests_skip_and_in_ci_they_fail(
    ci, options, status, tmp_path
):
    tests = Path(__file__).resolve().parents[1] / "ui" / "test_browser.py"
    nowhere = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tests)]
    result = subprocess.run(
        [*command, *options],
        env={**os.environ, **nowhere, "ANNOTATOR_CHROMIUM": "", "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == status, result.stdout
    assert "apt-get install chromium" in result.stdout
