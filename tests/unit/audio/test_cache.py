from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, BinaryIO

import pytest

from annotator.audio.cache import cache_folder, cached_copy, kept_copy
from annotator.errors import NotFound, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILL = """
import pathlib, sys, time
from annotator.audio.cache import cached_copy
def fill(file):
    with open(sys.argv[1], "a") as log:
        log.write("x")
    file.write(b"content")
    sys.stdout.flush()
print("ready", flush=True)
sys.stdin.read(1)
print(cached_copy("s3://bucket/a.flac", "1", fill).read_bytes())
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANNOTATOR_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def content(text: bytes) -> Callable[[BinaryIO], None]:
    def fill(file: BinaryIO) -> None:
        file.write(text)

    return fill


def never(file: BinaryIO) -> None:
    pytest.fail("the copy was made again")


def old(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_a_copy_is_made_once_for_each_version() -> None:
    first = cached_copy("s3://bucket/a.flac", "1", content(b"one"))

    again = cached_copy("s3://bucket/a.flac", "1", never)
    second = cached_copy("s3://bucket/a.flac", "2", content(b"two"))

    assert again == first
    assert (first.read_bytes(), second.read_bytes()) == (b"one", b"two")


def test_a_copy_is_found_by_its_version_without_being_made() -> None:
    path = cached_copy("s3://bucket/a.flac", "1", content(b"one"))

    assert kept_copy("s3://bucket/a.flac", "1") == path
    assert kept_copy("s3://bucket/a.flac", "2") is None


def test_a_copy_keeps_the_extension_and_hides_the_address() -> None:
    path = cached_copy("https://example.org/a.FLAC?key=secret", "1", content(b""))

    assert path.suffix == ".flac"
    assert "secret" not in path.name


def test_two_addresses_share_no_copy() -> None:
    one = cached_copy("s3://bucket/a.flac", "1", content(b"one"))
    two = cached_copy("s3://bucket/b.flac", "1", content(b"two"))

    assert one.read_bytes() != two.read_bytes()


def test_without_a_version_a_copy_serves_this_process_only() -> None:
    first = cached_copy("https://example.org/a.wav", None, content(b"one"))
    code = (
        "from annotator.audio.cache import cached_copy;"
        "print(cached_copy('https://example.org/a.wav', None, lambda f: f.write(b'2')))"
    )

    again = cached_copy("https://example.org/a.wav", None, never)
    other = subprocess.check_output([sys.executable, "-c", code], text=True).strip()

    assert again == first
    assert other != str(first)


def test_a_copy_that_fails_is_not_kept(folder: Path) -> None:
    def fill(file: BinaryIO) -> None:
        file.write(b"half")
        msg = "gone"
        raise NotFound(msg)

    with pytest.raises(NotFound):
        cached_copy("s3://bucket/a.flac", "1", fill)

    assert [p.suffix for p in folder.iterdir()] == [".lock"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_copies_are_for_the_user_alone(folder: Path) -> None:
    path = cached_copy("s3://bucket/a.flac", "1", content(b"one"))

    assert folder.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600


def test_processes_that_want_the_same_file_fetch_it_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", FILL, str(log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"

    for process in processes:
        process.stdin.write("x")
        process.stdin.flush()
    contents = [process.communicate(timeout=60)[0] for process in processes]

    assert contents == ["b'content'\n"] * 3
    assert log.read_text() == "x"


def test_the_copies_not_used_for_longest_make_room() -> None:
    paths = [cached_copy(f"s3://bucket/{n}", "1", content(b"x" * 40)) for n in range(3)]
    for path, seconds in zip(paths, (300, 500, 400), strict=True):
        old(path, seconds)
    cached_copy("s3://bucket/1", "1", never)  # used now

    newest = cached_copy("s3://bucket/new", "1", content(b"x" * 40), limit=130)

    assert [path.exists() for path in paths] == [True, True, False]
    assert newest.exists()


def test_copies_in_use_and_the_new_one_stay_even_beyond_the_limit() -> None:
    used = cached_copy("s3://bucket/a", "1", content(b"x" * 40))

    newest = cached_copy("s3://bucket/b", "1", content(b"x" * 40), limit=10)

    assert used.exists()
    assert newest.exists()


def test_other_files_in_the_folder_are_not_touched(folder: Path) -> None:
    folder.mkdir()
    notes, abandoned, part = folder / "notes", folder / ".a.part", folder / ".b.part"
    for path, seconds in ((notes, 10**6), (abandoned, 10**6), (part, 60)):
        path.write_bytes(b"x" * 40)
        old(path, seconds)

    cached_copy("s3://bucket/a", "1", content(b"x"), limit=1)

    assert [p.exists() for p in (notes, abandoned, part)] == [True, False, True]


def test_a_folder_that_cannot_be_is_one_sentence(folder: Path) -> None:
    folder.write_bytes(b"a file")

    with pytest.raises(StorageError, match=r"Cannot keep a copy.*ANNOTATOR_CACHE_DIR"):
        cached_copy("s3://bucket/a", "1", content(b"x"))


def test_the_folder_is_the_systems_unless_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ANNOTATOR_CACHE_DIR")

    folder = cache_folder()

    assert folder.parts[-2:] == ("annotator", "audio")


def test_copies_that_others_name_stay_within_the_limit_even_in_use() -> None:
    first = cached_copy("https://a/1", "v", content(b"x" * 60), limit=100, most=60)

    with pytest.raises(StorageError, match=r"no room .* try again in a minute"):
        cached_copy("https://a/2", "v", never, limit=100, most=60)

    old(first, 3_600)
    second = cached_copy("https://a/2", "v", content(b"x" * 60), limit=100, most=60)
    assert (first.exists(), second.exists()) == (False, True)


def test_copies_on_their_way_have_their_room() -> None:
    def during(file: BinaryIO) -> None:
        with pytest.raises(StorageError, match="no room"):
            cached_copy("https://a/2", "v", never, limit=100, most=60)
        file.write(b"x")

    assert cached_copy("https://a/1", "v", during, limit=100, most=60).exists()


def test_what_a_process_that_died_left_takes_no_more_room_than_it_has(
    folder: Path,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    left = folder / ".abc.part"
    left.write_bytes(b"x" * 10)
    old(left, 1_000)

    cached_copy("https://a/1", "v", content(b"x" * 60), limit=100, most=60)


def test_a_full_disk_is_one_sentence(folder: Path) -> None:
    def fill(file: BinaryIO) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(StorageError, match=r"No space left .* make room there"):
        cached_copy("https://a/1", "v", fill)

    assert not list(folder.glob("*.part")) + list(folder.glob(".*.part"))
