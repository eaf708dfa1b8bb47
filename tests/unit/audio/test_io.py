from __future__ import annotations

import doctest
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from annotator.audio import io, router
from annotator.audio.backends import base
from annotator.audio.remote.file import with_remote
from annotator.errors import (
    AccessDenied,
    Cancelled,
    Conflict,
    NotFound,
    ParameterError,
    ReadOnly,
    StorageError,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANNOTATOR_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with three files."""
    folder = tmp_path / "folder"
    for name in ("a.csv", "deep/b c.csv", "deep/er/å.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


# ---------------------------------------------------------------- read


def test_bytes_of_a_path_are_returned(folder: Path) -> None:
    assert io.read(folder / "a.csv") == b"a.csv"
    assert io.read(str(folder / "a.csv"), start_byte=2, end_byte=3) == b"cs"
    assert io.read((folder / "a.csv").as_uri(), end_byte=0) == b"a"


@pytest.mark.parametrize(
    ("span", "expected"), [((None, None), b"a.csv"), ((2, None), b"csv")]
)
def test_a_destination_gets_the_bytes_and_is_returned(
    folder: Path, tmp_path: Path, span: tuple[int | None, int | None], expected: bytes
) -> None:
    dest = tmp_path / "new" / "folder" / "copy.csv"

    result = io.read(folder / "a.csv", dest, *span)

    assert result == str(dest)
    assert dest.read_bytes() == expected


def test_a_destination_stays_as_it_was_if_reading_fails(tmp_path: Path) -> None:
    dest = tmp_path / "kept.csv"
    dest.write_bytes(b"old")

    with pytest.raises(NotFound):
        io.read(tmp_path / "missing.csv", dest)

    assert [path.name for path in tmp_path.iterdir()] == ["kept.csv"]
    assert dest.read_bytes() == b"old"


def test_a_destination_that_cannot_be_written_is_one_sentence(folder: Path) -> None:
    with pytest.raises(StorageError, match="Cannot write"):
        io.read(folder / "a.csv", folder / "a.csv" / "b.csv")


def test_a_destination_elsewhere_is_refused(folder: Path) -> None:
    with pytest.raises(ParameterError, match="not on this machine"):
        io.read(folder / "a.csv", "s3://bucket/a.csv")


# --------------------------------------------------------------- write


def test_a_file_is_written_to_a_bucket_and_the_address_returned(
    s3: Any, folder: Path
) -> None:
    result = io.write(folder / "a.csv", s3.uri("out/a.csv"), **s3.auth)

    assert result == s3.uri("out/a.csv")
    assert io.read(result, **s3.auth) == b"a.csv"


@pytest.mark.parametrize("dest", ["there", "there/", "new/"])
def test_a_file_goes_into_a_folder(folder: Path, tmp_path: Path, dest: str) -> None:
    (tmp_path / "there").mkdir()

    result = io.write(folder / "a.csv", f"{tmp_path}/{dest}")

    assert result == f"{tmp_path}/{dest}"
    assert (tmp_path / dest / "a.csv").read_text() == "a.csv"


def test_a_folder_needs_recursive(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pass recursive=True"):
        io.write(folder, tmp_path / "copy")


def test_a_folder_is_written_with_all_its_files(folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    io.write(
        folder,
        tmp_path / "copy",
        recursive=True,
        progress=lambda *now: seen.append(now),
    )

    assert contents(tmp_path / "copy") == contents(folder)
    assert seen == sorted(seen)
    assert seen[-1] == (31, 31)


def test_a_folder_is_written_to_a_bucket(s3: Any, folder: Path) -> None:
    io.write(folder, s3.uri("out/"), recursive=True, **s3.auth)

    found = io.list_files(s3.uri("out"), recursive=True, **s3.auth)
    assert found == [s3.uri(f"out/{name}") for name in sorted(contents(folder))]


def test_a_cancelled_folder_stops(folder: Path, tmp_path: Path) -> None:
    def cancel(done: int, size: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        io.write(folder, tmp_path / "copy", recursive=True, progress=cancel)

    assert contents(tmp_path / "copy") == {}


@pytest.mark.parametrize("recursive", [False, True])
def test_without_overwrite_what_is_there_stays(
    folder: Path, tmp_path: Path, recursive: bool
) -> None:
    dest = tmp_path / "copy"
    dest.mkdir()
    (dest / "a.csv").write_text("old")
    source, target = (folder, dest) if recursive else (folder / "a.csv", dest / "a.csv")

    with pytest.raises(FileExistsError, match="is there already"):
        io.write(source, target, recursive=recursive, overwrite=False)

    assert (dest / "a.csv").read_text() == "old"


def test_without_overwrite_an_object_stays(s3: Any, folder: Path) -> None:
    s3.client.put_object(Bucket=s3.bucket, Key="a.csv", Body=b"old")

    with pytest.raises(Conflict, match="is there already"):
        io.write(folder / "a.csv", s3.uri("a.csv"), overwrite=False, **s3.auth)

    assert io.read(s3.uri("a.csv"), **s3.auth) == b"old"


def test_a_missing_source_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file .*missing\.csv to write"):
        io.write(tmp_path / "missing.csv", tmp_path / "a.csv")


def test_the_web_takes_no_files(folder: Path) -> None:
    with pytest.raises(ReadOnly, match="HTTPS is read-only"):
        io.write(folder / "a.csv", "https://example.org/a.csv?signature=secret")


# ---------------------------------------------------------------- list


def test_files_are_listed_sorted(folder: Path) -> None:
    assert io.list_files(folder) == [str(folder / "a.csv")]
    assert io.list_files(str(folder), recursive=True) == [
        str(folder / name) for name in ("a.csv", "deep/b c.csv", "deep/er/å.csv")
    ]
    assert io.list_files(folder / "missing") == []


# ----------------------------------------------------------- recordings


def test_access_is_checked_even_if_a_copy_is_here(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.client.put_object(Bucket=s3.bucket, Key="a.csv", Body=b"private")
    with_remote(s3.uri("a.csv"), s3.auth, lambda file: file.copy())

    with pytest.raises(AccessDenied):
        with_remote(
            s3.uri("a.csv"),
            {"endpoint_url": s3.endpoint_url},
            lambda file: file.copy(),
        )


# --------------------------------------------------------------- router


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router, "_kept", type(router._kept)())


@pytest.mark.usefixtures("kept")
def test_one_store_is_kept_for_each_set_of_credentials() -> None:
    first = io.backend_for("s3://one/a", profile_name="x")

    assert io.backend_for("s3://two/b", profile_name="x") is first
    assert io.backend_for("s3://one/a", profile_name="y") is not first
    assert io.backend_for("gs://one/a") is not first


@pytest.mark.usefixtures("kept")
def test_stores_are_kept_by_the_value_of_nested_options() -> None:
    first = io.backend_for("https://a/b", headers={"X": "1"}, auth=["me", "x"])

    assert io.backend_for("https://a/b", headers={"X": "1"}, auth=["me", "x"]) is first
    assert io.backend_for("https://a/b", headers={"X": "2"}) is not first


@pytest.mark.usefixtures("kept")
def test_another_profile_in_the_environment_is_another_store(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = io.backend_for("s3://one/a")

    monkeypatch.setenv("AWS_PROFILE", "other")

    assert io.backend_for("s3://one/a") is not first


@pytest.mark.usefixtures("kept")
def test_not_all_stores_are_kept_for_ever() -> None:
    first = io.backend_for("s3://one/a", profile_name="0")

    for number in range(1, router.KEPT + 1):
        io.backend_for("s3://one/a", profile_name=str(number))

    assert len(router._kept) == router.KEPT
    assert io.backend_for("s3://one/a", profile_name="0") is not first


@pytest.mark.parametrize("uri", ["s3://bucket/a", "a.csv", "https://example.org/a"])
def test_an_option_that_no_store_knows_is_refused(uri: str) -> None:
    with pytest.raises(ParameterError, match="Unknown option 'profil_nam'") as caught:
        io.read(uri, profil_nam="secret-value")

    assert "secret-value" not in str(caught.value)


def test_an_option_of_another_store_is_left_out(folder: Path) -> None:
    assert io.read(folder / "a.csv", profile_name="soundhub", token="x") == b"a.csv"


def test_a_store_of_ones_own_is_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "_backends", dict(base._backends))
    io.register_backend("tape", "annotator.audio.backends.s3:S3Backend")

    assert type(io.backend_for("tape://a/b")).__name__ == "S3Backend"


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(ParameterError, match="ftp:// are not known"):
        io.read("ftp://example.org/a.csv")


def test_a_path_of_windows_is_local() -> None:
    with pytest.raises(NotFound, match="There is no file"):
        io.read("C:\\sounds\\missing.flac")


def test_the_examples_run() -> None:
    assert doctest.testmod(io).failed == 0


def test_importing_loads_no_sdk() -> None:
    code = (
        "import sys; from annotator.audio import io; "
        "print([name for name in ('boto3', 'botocore', 'google.cloud', 'requests',"
        " 'pandas', 'panel', 'librosa', 'soundfile') if name in sys.modules])"
    )

    loaded = subprocess.check_output([sys.executable, "-c", code], text=True)

    assert loaded.strip() == "[]"
