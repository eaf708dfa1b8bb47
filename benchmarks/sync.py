"""A folder of 1,000 small files into S3: ours, `aws s3 sync`, and bare `put_object`.

The server is moto, on this machine. The command line client goes into an
environment of its own, since it pins another botocore; where that cannot be
made, the lines that need it are left out, with a reason on stderr.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import uuid
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import boto3
from ratios import Row

from annotator.annotations.partitions import mark_of
from annotator.annotations.store import AnnotationStore
from annotator.annotations.sync import sync
from annotator.audio import io

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["measure"]

FILES, SIZE, THREADS = 1_000, 2_000, 8
ROUNDS = 3
KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
REGION = "us-east-1"
CLIENT = Path(tempfile.gettempdir()) / "annotator-bench-awscli"
SERVER = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


class Times(NamedTuple):
    """Least seconds of several rounds, by turns."""

    put: float
    write: float
    sync: float
    again: float
    aws: float | None
    aws_again: float | None


def measure() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name, server() as endpoint:
        times = compare(Path(name), endpoint)
    for what, ours in (("io.write of a folder", times.write), ("sync", times.sync)):
        yield from against(f"{what}, {FILES:,} small files", ours, times)
    base = times.aws
    detail = f"{times.again:.3f} s"
    if base is None:
        yield Row("sync of it, nothing changed, s", times.again, None, detail)
        return
    detail += f" / {base:.2f} s (`aws s3 sync` of all; again: {times.aws_again:.2f} s)"
    yield Row("sync of it, nothing changed", times.again / base, 0.1, detail)


def against(what: str, ours: float, times: Times) -> Iterator[Row]:
    """Give ours against the greater of 0.6 of the client's and 1.3 of bare puts."""
    allowed = 1.3 * times.put
    detail = f"{ours:.2f} s / 1.3 x {times.put:.2f} s (`put_object`, {THREADS} threads)"
    if times.aws is not None:
        allowed = max(allowed, 0.6 * times.aws)
        detail += f" or 0.6 x {times.aws:.2f} s (`aws s3 sync`)"
    yield Row(what, ours / allowed, 1.0, detail)


def compare(folder: Path, endpoint: str) -> Times:
    """Let all have the same files, by turns, each time into a new bucket."""
    files, auth = folder / "files", {**KEYS, "region_name": REGION}
    auth["endpoint_url"] = endpoint
    write_files(files)
    aws, found = client(), []
    with contextlib.closing(boto3.client("s3", **auth)) as s3, a_store(folder) as store:

        def bucket() -> str:
            name = f"bench-{uuid.uuid4().hex[:12]}"
            s3.create_bucket(Bucket=name)
            return name

        for _ in range(ROUNDS):
            copy, remote = bucket(), f"s3://{bucket()}/reviews/"
            put = seconds(lambda copy=copy: put_all(s3, files, copy))
            write = seconds(
                lambda: io.write(files, f"s3://{bucket()}/x", recursive=True, **auth)
            )
            full, again = (
                seconds(lambda remote=remote: sync(store, remote, auth=auth))
                for _ in range(2)
            )
            theirs, theirs_again = two_runs(aws, files, bucket(), endpoint)
            found.append((put, write, full, again, theirs, theirs_again))
    every = zip(*found, strict=True)
    return Times(*(min(taken) if taken[0] else None for taken in every))


def seconds(task: Callable[[], object]) -> float:
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def write_files(folder: Path) -> None:
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:04}.bin").write_bytes(os.urandom(SIZE))


def a_store(folder: Path) -> AnnotationStore:
    """Open an output that is a folder, with an annotation on each of many days."""
    path = f"{folder / 'reviews'}/"
    store = AnnotationStore(path, columns=["label"], annotator="maria")
    day, mark = 86_400_000, mark_of("maria")
    rows = []
    for number in range(FILES):
        moment = f"{(20_000 + number) * day:012x}"
        key = f"{moment[:8]}-{moment[8:]}-7{mark:03x}-8000-{number:012x}"
        rows.append({"annotation_id": key, "label": "Strix aluco"})
    store.submit("1", rows)
    store.flush()
    return store


def put_all(s3: object, folder: Path, bucket: str) -> None:
    def put(path: Path) -> None:
        s3.put_object(Bucket=bucket, Key=path.name, Body=path.read_bytes())

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(put, folder.iterdir()))


def two_runs(
    aws: Path | None, folder: Path, bucket: str, endpoint: str
) -> tuple[float, float] | tuple[None, None]:
    if aws is None:
        return None, None
    environment = {name.upper(): value for name, value in KEYS.items()}
    environment |= {"AWS_DEFAULT_REGION": REGION, "PATH": os.environ["PATH"]}
    command = [aws, "--endpoint-url", endpoint, "s3", "sync", "--quiet", folder]

    def run() -> None:
        subprocess.run(  # noqa: S603 - our own command
            [*command, f"s3://{bucket}/x"], check=True, env=environment
        )

    return seconds(run), seconds(run)


def client() -> Path | None:
    """Install the command line client beside the benchmarks, once."""
    found = CLIENT / ("Scripts" if os.name == "nt" else "bin")
    if not (found / "aws").exists():
        try:
            venv.create(CLIENT, with_pip=True, clear=True)
            subprocess.run(  # noqa: S603 - our own command
                [found / "python", "-m", "pip", "install", "--quiet", "awscli"],
                check=True,
                timeout=600,
            )
        except (OSError, subprocess.SubprocessError) as err:
            print(f"without `aws s3 sync`: awscli: {err}", file=sys.stderr)
            return None
    return found / "aws"


@contextlib.contextmanager
def server() -> Iterator[str]:
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.stdin.close()
        process.wait(10)
