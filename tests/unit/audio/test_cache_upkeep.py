"""How large the cache gets, what is in it, and how it is emptied."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from annotator.audio import cache
from annotator.audio.remote.anchors import anchors_of
from annotator.cli import main
from annotator.errors import ParameterError

if TYPE_CHECKING:
    from pathlib import Path

CROWD = """
import sys
from annotator.audio import cache
cache.IN_USE = -1.0
print("ready", flush=True)
sys.stdin.read(1)
for number in range(40):
    address = f"s3://bucket/{sys.argv[1]}/{number}.wav"
    path = cache.cached_copy(address, "1", lambda file: file.write(bytes(1000)))
    cache.cached_copy(f"s3://bucket/shared/{number % 5}.wav", "1", lambda f: f.write(b"x"))
    if number == 20:
        cache.clear_cache()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANNOTATOR_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def keep(name: str, n_bytes: int) -> Path:
    return cache.cached_copy(
        f"s3://bucket/{name}", "1", lambda file: file.write(bytes(n_bytes))
    )


def learn(name: str) -> None:
    anchors = anchors_of(f"s3://bucket/{name}", "1")
    anchors.add([0, 4096], [100, 2000])
    anchors.save()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 5_000_000_000),
        ("20 GB", 20_000_000_000),
        ("1.5gb", 1_500_000_000),
        ("300 M", 300_000_000),
        (" 2TB ", 2_000_000_000_000),
        ("64 kB", 64_000),
        ("1234", 1234),
        ("0", 0),
    ],
)
def test_the_size_is_named_by_a_variable(
    monkeypatch: pytest.MonkeyPatch, text: str, expected: int
) -> None:
    monkeypatch.setenv("ANNOTATOR_CACHE_SIZE", text)

    assert cache.cache_limit() == expected


@pytest.mark.parametrize("text", ["much", "-5 GB", "5 XB", "GB"])
def test_a_size_that_is_none_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("ANNOTATOR_CACHE_SIZE", text)

    with pytest.raises(ParameterError, match="is no size; write for example 20 GB"):
        keep("a.wav", 1)


def test_copies_beyond_the_size_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANNOTATOR_CACHE_SIZE", "2 kB")
    old, young = keep("old.wav", 900), keep("young.wav", 900)
    for path, seconds in ((old, 500), (young, 400)):
        os.utime(path, (time.time() - seconds,) * 2)

    new = keep("new.wav", 900)

    assert [path.exists() for path in (old, young, new)] == [False, True, True]


def test_processes_share_the_cache_and_its_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANNOTATOR_CACHE_SIZE", "10 kB")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CROWD, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"

    for process in processes:
        process.stdin.write("x")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)

    assert [process.returncode for process in processes] == [0, 0, 0]
    assert 5_000 < cache.cache_content().copy_bytes <= 10_000


def test_the_command_tells_what_is_in_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep("a.wav", 1_200_000)
    keep("b.wav", 34_000)
    learn("c.flac")

    status = main(["cache", "info"])

    assert status == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Folder: {folder}",
        "Holds:  2 copies of remote files, notes on 1 recording",
        "Takes:  1.23 MB of 5 GB",
    ]


def test_the_command_empties_it_and_says_what_that_freed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = keep("a.wav", 2_000_000)
    learn("c.flac")
    (folder / "notes.txt").write_bytes(b"mine")
    parts = [folder / ".a.part", folder / ".b.part"]
    for path, seconds in zip(parts, (10**6, 60), strict=True):
        path.write_bytes(b"half")
        os.utime(path, (time.time() - seconds,) * 2)

    status = main(["cache", "clear"])

    assert status == 0
    told = capsys.readouterr().out
    assert told == "Freed 2 MB: 1 copy of remote files, notes on 1 recording\n"
    assert not copy.exists()
    assert (folder / "notes.txt").exists()
    assert [path.exists() for path in parts] == [False, True]
    assert cache.cache_content() == cache.CacheContent()


def test_a_file_is_fetched_again_after_the_cache_was_emptied() -> None:
    keep("a.wav", 10)
    cache.clear_cache()

    assert keep("a.wav", 20).stat().st_size == 20


@pytest.mark.parametrize("action", ["info", "clear"])
def test_a_cache_that_was_never_used_is_no_trouble(
    action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["cache", action])

    assert status == 0
    assert "0 copies of remote files" in capsys.readouterr().out
