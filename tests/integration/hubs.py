"""A hub in a process of its own, and people who sign in to it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket
from requests.adapters import HTTPAdapter

from annotator.hub.store.hub_store import HubStore

__all__ = ["PASSWORD", "Browser", "From", "Hub"]

PASSWORD = "a quiet marsh at dawn"
ROOT = Path(__file__).resolve().parents[2]


class Hub:
    """`annotator hub serve` on a free port.

    Parameters
    ----------
    url
        Of the database; `add` people first, or nobody is served.
    folder
        For its log and its key.
    log
        Name of the log.
    **environment
        Variables of its own.
    """

    def __init__(
        self, url: str, folder: Path, log: str = "hub.log", **environment: str
    ) -> None:
        self._environment = environment
        self.store = HubStore.open(url)
        self.url = url
        self.folder = folder
        self.log = folder / log
        self.base = ""
        self._process: subprocess.Popen[str] | None = None

    def add(self, name: str, **options: Any) -> Any:
        """Add a person; all have the same password."""
        return self.store.users.add(name, PASSWORD, **options)

    def start(self, *arguments: str, port: int = 0) -> None:
        """Start it, and return as soon as it answers."""
        command = [sys.executable, "-m", "annotator", "hub", "serve", "--db", self.url]
        command += ["--address", "127.0.0.1", "--port", str(port), *arguments]
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={
                    **os.environ,
                    "ANNOTATOR_HUB_KEY_FILE": str(self.folder / "hub.key"),
                    **self._environment,
                },
            )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        found = re.search(r"http://[\w.:]+", said)
        assert found, self.log.read_text()
        self.base = found[0]

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._process.communicate()

    def stop(self) -> None:
        """End it as a supervisor does."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                self.kill()
        self.store.close()


class From(HTTPAdapter):
    """Makes requests from another address of this machine."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *values: Any, **options: Any) -> None:
        """Bind to the address."""
        super().init_poolmanager(*values, source_address=(self._address, 0), **options)


class Browser(requests.Session):
    """What a person's browser does, as far as the server can tell.

    Parameters
    ----------
    base
        Address of the hub.
    certificate
        That its own must be signed with; None: one that all trust.
    """

    def __init__(self, base: str, certificate: Path | None = None) -> None:
        super().__init__()
        self.base = base
        self.trust_env = False  # of the machine's own proxies and certificates
        if certificate is not None:
            self.verify = str(certificate)

    def request(self, method: Any, url: Any, *values: Any, **options: Any) -> Any:
        """Ask for a path of the hub; follow no redirect."""
        options["allow_redirects"] = False
        options.setdefault("timeout", 60)
        return super().request(method, self.base + url, *values, **options)

    def field(self, path: str = "/login") -> str:
        """Return the hidden field of a page's form."""
        page = self.get(path).text
        found = re.search(r'name="_xsrf" value="([^"]+)"', page)
        assert found, page
        return found[1]

    def sign_in(self, name: str, password: str = PASSWORD, **more: Any) -> Any:
        """Fill in the log-in page."""
        form = {"name": name, "password": password, **more}
        if "_xsrf" not in form:
            form["_xsrf"] = self.field()
        return self.post("/login", data=form)

    def token(self, path: str = "/hub") -> str:
        """Open a page, and return what its script opens the websocket with."""
        page = self.get(path).text
        found = re.search(r'"token":"([^"]+)"', page)
        assert found, page
        return found[1]

    def websocket(
        self, token: str, path: str = "/hub", origin: str | None = None
    ) -> Socket:
        """Open a page's websocket."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)
        url = f"ws{self.base.removeprefix('http')}{path}/ws"
        return Socket(url, origin or self.base, cookies, token, self.verify)


class Socket:
    """A page's websocket; `status` is 101 if it was opened."""

    def __init__(
        self, url: str, origin: str, cookie: str, token: str, verify: Any = True
    ) -> None:
        self.status = 101
        tls = {"ca_certs": verify} if isinstance(verify, str) else None
        self._connection = websocket.WebSocket(sslopt=tls)
        try:
            self._connection.connect(
                url,
                origin=origin,
                cookie=cookie,
                subprotocols=["bokeh", token],
                timeout=60,
            )
        except websocket.WebSocketBadStatusException as error:
            self.status = error.status_code

    def document(self) -> str:
        """Ask for the page's document, and return it as JSON."""
        from bokeh.protocol import Protocol

        while '"ACK"' not in str(self._connection.recv()):
            pass  # it takes no questions before it said so
        message: Any = Protocol().create("PULL-DOC-REQ")
        for part in (message.header_json, message.metadata_json, message.content_json):
            self._connection.send(part)
        while True:
            part = self._connection.recv()
            assert part, "the page was closed"
            if isinstance(part, str) and '"roots"' in part:
                return part

    def wait_until_closed(self) -> int:
        """Return the code it is closed with from there, within 30 s."""
        end = time.monotonic() + 30
        while (left := end - time.monotonic()) > 0:
            self._connection.settimeout(left)
            code, content = self._connection.recv_data(control_frame=True)
            if code == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(content[:2], "big")
        pytest.fail("the page stayed open")

    def close(self) -> None:
        """Close it from here."""
        self._connection.shutdown()
