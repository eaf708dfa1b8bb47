from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from annotator.audio.backends.local import LocalBackend, local_path
from annotator.errors import (
    AccessDenied,
    Cancelled,
    Conflict,
    ParameterError,
    StorageError,
)

if TYPE_CHECKING:
    from pathlib import Path

COUNT = """
import sys
from annotator.audio.backends.local import LocalBackend
from annotator.errors import Conflict
backend, path = LocalBackend(), sys.argv[1]
for _ in range(25):
    while True:
        version = backend.stat(path).version
        try:
            number = int(backend.read(path, version=version))
            backend.write(b"%d" % (number + 1), path, if_version=version)
            break
        except Conflict:
            pass
"""
CLAIM = """
import sys
from annotator.audio.backends.local import LocalBackend
from annotator.errors import Conflict
sys.stdin.read(1)
try:
    LocalBackend().write(sys.argv[2].encode(), sys.argv[1], create_only=True)
    print("won")
except Conflict:
    print("lost")
"""


@pytest.fixture
def backend() -> LocalBackend:
    return LocalBackend()


def test_processes_that_replace_one_file_lose_no_write(
    backend: LocalBackend, tmp_path: Path
) -> None:
    path = tmp_path / "count.txt"
    backend.write(b"0", str(path))

    writers = [
        subprocess.Popen([sys.executable, "-c", COUNT, str(path)]) for _ in range(3)
    ]
    codes = [writer.wait(60) for writer in writers]

    assert codes == [0, 0, 0]
    assert path.read_bytes() == b"75"


def test_of_processes_that_create_one_file_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "claim.txt"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, str(path), f"writer {number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]

    for writer in writers:
        writer.stdin.write("x")
        writer.stdin.flush()
    results = [writer.communicate(timeout=60)[0].strip() for writer in writers]

    assert sorted(results) == ["lost", "lost", "won"]
    assert path.read_text() == f"writer {results.index('won')}"


def test_quick_writes_of_the_same_size_have_versions_of_their_own(
    backend: LocalBackend, tmp_path: Path
) -> None:
    uri = str(tmp_path / "a.csv")

    versions = {backend.write(b"%03d" % n, uri).version for n in range(100)}

    assert len(versions) == 100


def test_without_hard_links_a_new_file_is_still_never_overwritten(
    backend: LocalBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(source: object, target: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "a.csv"

    backend.write(b"first", str(path), create_only=True)
    with pytest.raises(Conflict, match="is there already"):
        backend.write(b"second", str(path), create_only=True)
    backend.write(b"third", str(path))

    assert path.read_bytes() == b"third"


def test_a_write_that_fails_leaves_no_file_behind(
    backend: LocalBackend, tmp_path: Path
) -> None:
    def cancel(done: int, size: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        backend.write(b"content", str(tmp_path / "a.csv"), progress=cancel)

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_half_done_is_cleared_away_later(
    backend: LocalBackend, tmp_path: Path
) -> None:
    backend.write(b"old", str(tmp_path / "a.csv"))
    ages = {".a.csv.01.part": 10**6, ".a.csv.02.part": 60, ".b.csv.01.part": 10**6}
    for name, seconds in ages.items():
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - seconds,) * 2)

    backend.write(b"new", str(tmp_path / "a.csv"))

    left = {path.name for path in tmp_path.glob(".*.part")}
    assert left == {".a.csv.02.part", ".b.csv.01.part"}


def test_a_new_file_leaves_no_lock_beside_it(
    backend: LocalBackend, tmp_path: Path
) -> None:
    backend.write(b"content", str(tmp_path / "a.csv"))

    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_locks_and_unfinished_files_are_not_listed(
    backend: LocalBackend, tmp_path: Path
) -> None:
    uri = str(tmp_path / "a.csv")
    backend.write(b"first", uri)
    backend.write(b"second", uri)
    (tmp_path / ".b.csv.0123.part").write_bytes(b"half")

    found = [info.uri for info in backend.list(str(tmp_path))]

    assert found == [uri]
    assert (tmp_path / ".a.csv.lock").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_new_file_has_the_permissions_that_the_umask_leaves(
    backend: LocalBackend, tmp_path: Path
) -> None:
    before = os.umask(0o002)
    try:
        backend.write(b"content", str(tmp_path / "a.csv"))
    finally:
        os.umask(before)

    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o664


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_replaced_file_keeps_its_permissions(
    backend: LocalBackend, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")
    path.chmod(0o640)

    backend.write(b"new", str(path))

    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_stays_a_link(backend: LocalBackend, tmp_path: Path) -> None:
    target, link = tmp_path / "real" / "a.csv", tmp_path / "a.csv"
    target.parent.mkdir()
    target.write_bytes(b"old")
    link.symlink_to(target)

    backend.write(b"new", str(link))

    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_folder_is_not_a_file(backend: LocalBackend, tmp_path: Path) -> None:
    for action in (backend.stat, backend.read, lambda uri: backend.write(b"x", uri)):
        with pytest.raises(
            StorageError, match=r"Cannot (read|write) .*folder|Is a dir"
        ):
            action(str(tmp_path))


def test_a_file_in_the_way_of_a_folder_is_one_sentence(
    backend: LocalBackend, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StorageError, match=r"Cannot write .*file.a\.csv: "):
        backend.write(b"x", str(tmp_path / "file" / "a.csv"))


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to root"
)
def test_a_folder_that_may_not_be_written_denies_access(
    backend: LocalBackend, tmp_path: Path
) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(AccessDenied, match="Not allowed to write"):
        backend.write(b"x", str(tmp_path / "a.csv"))


def test_a_file_that_is_gone_while_listed_is_left_out(
    backend: LocalBackend, tmp_path: Path
) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(b"x")
    listing = backend.list(str(tmp_path))

    next(listing)
    (tmp_path / "b.csv").unlink()

    assert list(listing) == []


def test_listing_a_file_is_refused(backend: LocalBackend, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x")

    with pytest.raises(ParameterError, match="is a file; give the folder"):
        list(backend.list(str(tmp_path / "a.csv")))


def test_a_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    assert local_path("~/a.flac") == tmp_path / "a.flac"


@pytest.mark.parametrize("name", ["a b.flac", "å#1?.flac", "100%.flac"])
def test_a_file_address_is_its_path(tmp_path: Path, name: str) -> None:
    path = tmp_path / name

    assert local_path(path.as_uri()) == path
    assert local_path(path) == path


def test_a_remote_address_is_no_path() -> None:
    with pytest.raises(ParameterError, match="not on this machine"):
        local_path("s3://bucket/a.flac")
