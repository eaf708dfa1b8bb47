"""What every test may ask for: recordings, shared data, an S3 server, a browser.

The tests never see the person's own files or credentials: HOME and the caches
point to a folder of this run, and the AWS variables are gone.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import numpy as np
import pytest
import soundfile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "msedge",
)
GET_CHROMIUM = (
    "no Chromium was found: 'apt-get install chromium' (Debian), "
    "'playwright install chromium' (anywhere), or set ANNOTATOR_CHROMIUM to its path"
)

# Two shared cores: a single slow example says nothing about the code.
hypothesis.settings.register_profile("annotator", deadline=None, max_examples=60)
hypothesis.settings.load_profile("annotator")


# ---------------------------------------------------------------- the run


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-ui",
        action="store_true",
        default=bool(os.environ.get("CI")),
        help="fail, instead of skipping, the browser tests if there is no browser",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[BROWSER] = find_browser()  # before HOME changes
    home = Path(tempfile.mkdtemp(prefix="annotator-tests-"))
    config.stash[HOME] = home
    for name in [name for name in os.environ if name.startswith(("AWS_", "GOOGLE_"))]:
        del os.environ[name]
    os.environ.update(
        HOME=str(home),
        USERPROFILE=str(home),
        XDG_CACHE_HOME=str(home / "cache"),
        XDG_CONFIG_HOME=str(home / "config"),
        XDG_DATA_HOME=str(home / "data"),
        ANNOTATOR_CACHE_DIR=str(home / "cache" / "annotator"),
        AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE=str(home / "aws-config"),
        AWS_SHARED_CREDENTIALS_FILE=str(home / "aws-credentials"),
        NO_GCE_CHECK="true",
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[HOME], ignore_errors=True)


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    for item in items:
        if ROOT / "tests" / "ui" in item.path.parents:
            item.add_marker("ui")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("ui") and item.config.stash[BROWSER] is None:
        if item.config.getoption("--require-ui") or os.environ.get("CI") == "true":
            pytest.fail(GET_CHROMIUM, pytrace=False)
        pytest.skip(GET_CHROMIUM)


BROWSER = pytest.StashKey[Path | None]()
HOME = pytest.StashKey[Path]()


def find_browser() -> Path | None:
    """Return a Chromium: the one named, the system's, or playwright's own."""
    if named := os.environ.get("ANNOTATOR_CHROMIUM"):
        return Path(named)
    for name in BROWSERS:
        if found := shutil.which(name):
            return Path(found)
    cache = {"darwin": "~/Library/Caches", "win32": "~/AppData/Local"}.get(
        sys.platform, "~/.cache"
    )
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", f"{cache}/ms-playwright"))
    found = [
        path
        for path in folder.expanduser().glob("chromium-*/chrome-*/**/*")
        if path.name in {"chrome", "chrome.exe", "Chromium"} and path.is_file()
    ]
    return max(found, default=None)


@pytest.fixture(scope="session")
def chromium(pytestconfig: pytest.Config) -> Path:
    """Return the browser's executable; tests marked `ui` run only if it is there."""
    path = pytestconfig.stash[BROWSER]
    if path is None:
        pytest.skip(GET_CHROMIUM)
    return path


# ------------------------------------------------------------- recordings


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real recordings beside the repository."""
    folder = Path(os.environ.get("ANNOTATOR_SHARED_DATA", ROOT.parent / "shared/data"))
    if not folder.is_dir():
        pytest.skip(
            "the shared recordings are not here: put them in ../shared/data, "
            "or set ANNOTATOR_SHARED_DATA"
        )
    return folder


@pytest.fixture
def wav(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a recording into the test's folder.

    Channel `c` holds a sine of `frequency * (c + 1)` Hz at half of full scale;
    without a frequency, noise that is the same each time. The name's extension
    chooses the container (WAV has 16 bits).
    """

    def write(
        duration: float = 1.0,
        sample_rate: int = 8000,
        channels: int = 1,
        name: str | None = None,
        frequency: float | None = None,
    ) -> Path:
        path = tmp_path / (name or f"recording-{uuid.uuid4().hex[:8]}.wav")
        path.parent.mkdir(parents=True, exist_ok=True)
        n_frames = round(duration * sample_rate)
        if frequency is None:
            shape = (n_frames, channels)
            samples = np.random.default_rng(20).uniform(-0.5, 0.5, shape)
        else:
            seconds = np.arange(n_frames)[:, None] / sample_rate  # (frames, 1)
            tones = frequency * np.arange(1, channels + 1)  # (channels,)
            samples = 0.5 * np.sin(2 * np.pi * tones * seconds)
        soundfile.write(path, samples, sample_rate)
        return path

    return write


# --------------------------------------------------------------- S3 server

SERVER = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()  # until the tests are over, however they end
"""
AUTH = {
    "aws_access_key_id": "test-key",
    "aws_secret_access_key": "test-secret",
    "region_name": "us-east-1",
}


@dataclasses.dataclass(frozen=True)
class S3:
    """A running S3 server with a fresh bucket."""

    endpoint_url: str
    bucket: str
    client: Any

    @property
    def auth(self) -> dict[str, str]:
        """Return what `annotator.audio.io` takes as `**auth` to reach it."""
        return {**AUTH, "endpoint_url": self.endpoint_url}

    def uri(self, key: str = "") -> str:
        """Return the address of an object in the bucket."""
        return f"s3://{self.bucket}/{key}"


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Return the address of a moto server that lives as long as the run."""
    # A process of its own: moto changes botocore where it is imported, and the
    # tests are to meet the real one.
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        port = server.stdout.readline().strip()
        assert port, "the moto server did not start"
        yield f"http://127.0.0.1:{port}"
        server.stdin.close()
        server.wait(10)


@pytest.fixture
def s3(s3_endpoint: str) -> Iterator[S3]:
    """Return a fresh bucket, its boto3 client, and the `auth` to reach it."""
    import boto3

    client = boto3.client("s3", endpoint_url=s3_endpoint, **AUTH)
    bucket = f"annotator-{uuid.uuid4().hex[:12]}"
    client.create_bucket(Bucket=bucket)
    yield S3(s3_endpoint, bucket, client)
    client.close()
