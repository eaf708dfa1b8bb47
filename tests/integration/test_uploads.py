"""What is written to a store appears whole or not at all, whatever happens."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from annotator.audio import folders, io
from annotator.audio.backends import s3_upload
from annotator.errors import AccessDenied, Cancelled, Conflict
from tests.doubles.gcs import GoogleStorage
from tests.doubles.scripted import (
    S3_KEYS,
    Answer,
    Request,
    ScriptedServer,
    forward,
    s3_error,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MB = 1 << 20
NAMES = [
    "a b.csv",
    "åäö/ñ.csv",
    "#1.csv",
    "what?.csv",
    "100%.csv",
    "a%20b.csv",
    "a+b=c&d.csv",
    "deep/er/empty.csv",
]
HELD = """
import json, sys
from annotator.audio import io
from annotator.audio.backends import s3_upload
s3_upload.PUT_LIMIT, s3_upload.PART_SIZE = 6 << 20, 5 << 20
def progress(done, size):
    if done > 5 << 20:
        print("half", flush=True)
        sys.stdin.read()
io.write(sys.argv[1], sys.argv[2], progress=progress, **json.loads(sys.argv[3]))
"""


class Target:
    """A folder somewhere, and what `io` needs to reach it."""

    def __init__(self, uri: str, auth: dict[str, str]) -> None:
        self.uri, self.auth = uri, auth

    def contents(self) -> dict[str, bytes]:
        found = io.list_files(self.uri, recursive=True, **self.auth)
        start = str(io.local_path(self.uri)) if "://" not in found[0] else self.uri
        return {
            uri.removeprefix(start.rstrip("/") + "/"): io.read(uri, **self.auth)
            for uri in found
        }


@pytest.fixture(params=["local", "file", "s3", "gs"])
def target(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Target]:
    if request.param == "gs":
        with GoogleStorage() as google:
            monkeypatch.setenv("STORAGE_EMULATOR_HOST", google.url)
            yield Target("gs://bucket/out", {})
            io.backend_for("gs://bucket").close()
    elif request.param == "s3":
        s3 = request.getfixturevalue("s3")
        yield Target(s3.uri("out"), s3.auth)
    else:
        folder = tmp_path / "there #1 50%"
        yield Target(folder.as_uri() if request.param == "file" else str(folder), {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"" if "empty" in name else name.encode())
    return folder


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_upload, "PUT_LIMIT", 6 * MB)
    monkeypatch.setattr(s3_upload, "PART_SIZE", 5 * MB)


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.parametrize("ending", ["", "/"])
def test_a_folder_arrives_under_any_names(
    target: Target, folder: Path, ending: str
) -> None:
    dest = target.uri + ending

    result = io.write(folder, dest, recursive=True, **target.auth)

    assert result == dest
    assert target.contents() == {
        name: b"" if "empty" in name else name.encode() for name in NAMES
    }


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.parametrize("name", NAMES[:-1])
def test_a_file_arrives_in_a_folder_under_its_own_name(
    target: Target, folder: Path, name: str
) -> None:
    io.write(folder / name, f"{target.uri}/", **target.auth)

    assert target.contents() == {Path(name).name: name.encode()}


def test_the_root_of_a_bucket_takes_files_and_shows_them(s3: Any, folder: Path) -> None:
    root = f"s3://{s3.bucket}"

    io.write(folder / "#1.csv", f"{root}/", **s3.auth)
    io.write(folder / "åäö", root, recursive=True, **s3.auth)

    assert io.list_files(root, **s3.auth) == [s3.uri("#1.csv"), s3.uri("ñ.csv")]
    assert io.list_files(f"{root}/", **s3.auth) == io.list_files(root, **s3.auth)


def test_a_folder_that_is_stopped_stops_everywhere(
    s3: Any, tmp_path: Path, small_parts: None
) -> None:
    for number in range(12):
        path = tmp_path / "many" / f"{number:02}.bin"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(7 * MB))
    told: list[int] = []

    def progress(done: int, total: int) -> None:
        told.append(done)
        if done > 20 * MB:
            raise Cancelled

    with pytest.raises(Cancelled):
        io.write(
            tmp_path / "many",
            s3.uri("many"),
            recursive=True,
            progress=progress,
            **s3.auth,
        )

    assert max(told) < 30 * MB
    assert "Uploads" not in s3.client.list_multipart_uploads(Bucket=s3.bucket)
    arrived = [io.stat(uri, **s3.auth) for uri in io.list_files(s3.uri(), **s3.auth)]
    assert {info.size for info in arrived} <= {7 * MB}


def test_of_a_folder_one_file_that_fails_stops_the_others(folder: Path) -> None:
    written: list[str] = []
    failed = threading.Event()

    class Store:
        def write(self, source: Path, uri: str, **options: Any) -> None:
            if source.name == "#1.csv":
                failed.set()
                msg = f"Not allowed to write {uri}."
                raise AccessDenied(msg)
            failed.wait(10)
            over = time.monotonic() + 5
            while time.monotonic() < over:  # sooner: the folder's error is known
                options["progress"](0, 9)
            written.append(uri)

    with pytest.raises(AccessDenied, match=r"write s3://bucket/#1\.csv"):
        folders.write_folder(
            folder, "s3://bucket", Store(), overwrite=True, progress=None
        )

    assert written == []


def test_each_file_of_a_folder_is_one_request(tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for number in range(60):
        (tmp_path / "many" / f"{number}.csv").write_bytes(b"x" * number)

    with ScriptedServer(lambda request: Answer(200, b"", {"ETag": '"1"'})) as server:
        auth = {"endpoint_url": server.url, **S3_KEYS}
        io.write(tmp_path / "many", "s3://bucket/many", recursive=True, **auth)
        io.backend_for("s3://bucket", **auth).close()

    assert server.methods == ["PUT"] * 60
    assert server.connections <= 8


@pytest.mark.parametrize("place", ["local", "s3"])
def test_a_process_that_is_killed_leaves_what_was_there(
    s3: Any, tmp_path: Path, place: str
) -> None:
    source, folder = tmp_path / "a.bin", tmp_path / "there"
    source.write_bytes(bytes(11 * MB))
    uri = s3.uri("out/a.bin") if place == "s3" else str(folder / "a.bin")
    auth = s3.auth if place == "s3" else {}
    (tmp_path / "old").write_bytes(b"old")
    io.write(tmp_path / "old", uri, **auth)

    with subprocess.Popen(
        [sys.executable, "-c", HELD, str(source), uri, json.dumps(auth)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "half\n"
        process.kill()

    assert io.read(uri, **auth) == b"old"
    assert io.list_files(uri.rpartition("/")[0], **auth) == [uri]


@pytest.mark.parametrize("whose", ["ours", "theirs"])
@pytest.mark.parametrize("code", ["PreconditionFailed", "NoSuchUpload"])
def test_parts_whose_joining_got_no_answer_are_recognised(
    s3: Any, small_parts: None, whose: str, code: str
) -> None:
    joined: list[Request] = []
    content = bytes(11 * MB)

    def answers(request: Request) -> Answer:
        if not (request.method == "POST" and "uploadId" in request.path):
            return forward(request, s3.endpoint_url)
        joined.append(request)
        if len(joined) > 1:
            return s3_error(412 if code == "PreconditionFailed" else 404, code)
        if whose == "ours":
            forward(request, s3.endpoint_url)
        else:
            s3.client.put_object(Bucket=s3.bucket, Key="a.bin", Body=b"theirs")
        return Answer(reset=True)

    with ScriptedServer(answers) as proxy:
        backend = io.backend_for(s3.uri(), **{**s3.auth, "endpoint_url": proxy.url})
        if whose == "ours":
            info = backend.write(content, s3.uri("a.bin"), create_only=True)
            assert info.version == io.stat(s3.uri("a.bin"), **s3.auth).version
        else:
            with pytest.raises(Conflict, match=r"a\.bin"):
                backend.write(content, s3.uri("a.bin"), create_only=True)
        backend.close()

    there = io.read(s3.uri("a.bin"), **s3.auth)
    assert there == (content if whose == "ours" else b"theirs")


@pytest.mark.parametrize("condition", ["create_only", "if_version"])
def test_a_file_that_comes_while_parts_are_sent_is_not_overwritten(
    s3: Any, small_parts: None, condition: str
) -> None:
    """The server's emulator joins parts on no condition, so a proxy checks it."""
    if condition == "if_version":
        s3.client.put_object(Bucket=s3.bucket, Key="a.bin", Body=b"old")

    def answers(request: Request) -> Answer:
        if request.method == "POST" and "uploadId" in request.path:
            s3.client.put_object(Bucket=s3.bucket, Key="a.bin", Body=b"theirs")
            now = s3.client.head_object(Bucket=s3.bucket, Key="a.bin")["ETag"]
            if (
                request.headers["If-None-Match"] == "*"
                or request.headers.get("If-Match", now) != now
            ):
                return s3_error(412, "PreconditionFailed")
        return forward(request, s3.endpoint_url)

    with ScriptedServer(answers) as proxy:
        backend = io.backend_for(s3.uri(), **{**s3.auth, "endpoint_url": proxy.url})
        options: dict[str, Any] = {"create_only": True}
        if condition == "if_version":
            options = {"if_version": backend.stat(s3.uri("a.bin")).version}

        with pytest.raises(Conflict, match=r"a\.bin"):
            backend.write(bytes(11 * MB), s3.uri("a.bin"), **options)
        backend.close()

    assert io.read(s3.uri("a.bin"), **s3.auth) == b"theirs"
    assert "Uploads" not in s3.client.list_multipart_uploads(Bucket=s3.bucket)
