"""nginx with the site of `deploy/`, and the API's workers, for tests of several processes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.doubles.databases import empty_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "NEEDED",
    "Nginx",
    "Workers",
    "best_database",
    "certificate",
    "free_ports",
    "until",
]

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "deploy" / "nginx" / "annotator-hub.conf"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
OPENSSL = shutil.which("openssl")

NEEDED = [
    pytest.mark.slow,
    pytest.mark.skipif(NGINX is None, reason="no nginx: apt-get install nginx-light"),
    pytest.mark.skipif(OPENSSL is None, reason="no openssl: apt-get install openssl"),
]
"""Marks of a test module that needs all this."""

_AROUND = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    log_format where "$upstream_addr $request_uri $hub_person";
    access_log {folder}/access.log where;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    include {folder}/site.conf;
}}
"""


def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"it did not happen within {seconds} s")
        time.sleep(0.02)  # between two looks, not instead of one


def free_ports(n: int) -> list[int]:
    """Return ports that were free a moment ago, all different."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def certificate(folder: Path) -> Path:
    """Make a certificate for localhost, and return its file."""
    assert OPENSSL is not None
    subprocess.run(
        [
            *(OPENSSL, "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    return folder / "cert.pem"


@contextmanager
def best_database(folder: Path) -> Iterator[str]:
    """Give an empty database: PostgreSQL, which is what many processes are for, or SQLite."""
    kind = "PostgreSQL" if "ANNOTATOR_TEST_PG_URL" in os.environ else "SQLite"
    with empty_database(kind, folder) as url:
        yield url


class Nginx:
    """nginx with the shipped site, but for ports, name and certificate.

    Parameters
    ----------
    folder
        Has the certificate.
    ports
        Of the two servers of pages.
    workers
        Port of the API's workers, to which `/api/` is then led as the site says; None: the
        servers of the pages answer it.
    """

    def __init__(
        self, folder: Path, ports: list[int], workers: int | None = None
    ) -> None:
        self._folder = folder
        self._port, self._redirect = free_ports(2)
        self.origin = f"localhost:{self._port}"
        self.address = f"https://{self.origin}"
        (folder / "site.conf").write_text(self._site(ports, workers))
        (folder / "nginx.conf").write_text(_AROUND.format(folder=folder))

    def _site(self, ports: list[int], workers: int | None) -> str:
        changes = [
            (r"\n *listen \[::\][^\n]*", ""),
            (r"listen 80;", f"listen 127.0.0.1:{self._redirect};"),
            (r"listen 443 ssl;", f"listen 127.0.0.1:{self._port} ssl;"),
            (r"hub\.example\.org;", "localhost;"),
            (r"/etc/letsencrypt/live/hub\.example\.org/fullchain", self._file("cert")),
            (r"/etc/letsencrypt/live/hub\.example\.org/privkey", self._file("key")),
            (r"127\.0\.0\.1:5006", f"127.0.0.1:{ports[0]}"),
            (r"127\.0\.0\.1:5007", f"127.0.0.1:{ports[1]}"),
            # A server is tried again by the time that it has started.
            (r"fail_timeout=5s", "fail_timeout=1s"),
        ]
        if workers is not None:
            changes += [
                (r"127\.0\.0\.1:5010", f"127.0.0.1:{workers}"),
                (r"proxy_pass http://hub_api;", "proxy_pass http://hub_api_workers;"),
            ]
        text = SITE.read_text()
        for pattern, replacement in changes:
            text, n = re.subn(pattern, replacement, text)
            assert n, pattern
        return text

    def _file(self, name: str) -> str:
        return str(self._folder / name)

    @contextmanager
    def running(self) -> Iterator[Nginx]:
        """Run it."""
        assert NGINX is not None
        command = [NGINX, "-p", self._folder, "-c", self._folder / "nginx.conf"]
        with (self._folder / "nginx.log").open("w") as log:
            process = subprocess.Popen(command, stderr=log)
        try:
            until(lambda: process.poll() is not None or self._listens())
            assert process.poll() is None, (self._folder / "nginx.log").read_text()
            yield self
        finally:
            process.terminate()
            process.wait(30)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def ports_of(self, path: str, person: str = "") -> list[int]:
        """Return where requests for such a path went, of a person's cookie, in their order.

        Where several servers were tried, the one that answered counts.
        """
        log = (self._folder / "access.log").read_text()
        return [
            int(found[1])
            for found in re.finditer(r"^(?:.*, )?\S+?:(\d+) (\S+) (.+)$", log, re.M)
            if found[2].startswith(path) and found[3].startswith(person)
        ]


class Workers:
    """`uvicorn annotator.hub.api:app`, as `deploy/systemd` has it.

    Parameters
    ----------
    url
        Address of the database.
    log
        What it says.
    """

    def __init__(self, url: str, log: Path) -> None:
        self._url, self._log = url, log
        (self.port,) = free_ports(1)
        self.base = f"http://127.0.0.1:{self.port}/api/v1"

    @contextmanager
    def running(self) -> Iterator[Workers]:
        """Run two workers."""
        command = [sys.executable, "-m", "uvicorn", "annotator.hub.api:app"]
        command += ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "2"]
        command += ["--proxy-headers", "--forwarded-allow-ips", "127.0.0.1"]
        with self._log.open("w") as out:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, "ANNOTATOR_HUB_DB": self._url},
            )
        try:
            self.until_started(2)
            yield self
        finally:
            self._process.terminate()
            self._process.wait(60)
        assert "Traceback" not in self._log.read_text()

    def until_started(self, n: int) -> None:
        """Wait until so many workers have started since the beginning."""

        def started() -> bool:
            assert self._process.poll() is None, self._log.read_text()
            return self._log.read_text().count("startup complete") >= n

        until(started)

    def kill_one(self) -> None:
        """End one worker as a lack of memory does."""
        found = re.search(r"Started server process \[(\d+)\]", self._log.read_text())
        assert found
        os.kill(int(found[1]), signal.SIGKILL)
