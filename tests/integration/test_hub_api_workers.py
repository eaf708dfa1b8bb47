"""Two workers of uvicorn on one database: what `docs/hub-server.md` says of growing."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from annotator.hub.permissions import Caller
from annotator.hub.store.hub_store import HubStore
from tests.integration.hub_api import clip, event

ROOT = Path(__file__).resolve().parents[2]
N_CLIENTS, N_BATCHES = 6, 5


@pytest.fixture
def prepared(tmp_path):
    """Return a database's file, a token and a project."""
    file = tmp_path / "hub.db"
    with HubStore.open(f"sqlite:///{file}") as store:
        ada = store.users.add("ada", "a quiet marsh at dawn")
        token = store.tokens.create(ada, "test").secret
        uid = store.projects.create(Caller(ada), "Owls").uid
    return file, token, uid


@pytest.fixture
def base(prepared, tmp_path):
    """Serve it, and return the address of its API."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "annotator.hub.api:app"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    log = tmp_path / "uvicorn.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "ANNOTATOR_HUB_DB": str(prepared[0])},
        )
    try:
        until(lambda: log.read_text().count("startup complete") == 2, process, log)
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        process.terminate()
        process.wait(60)
    assert "Traceback" not in log.read_text()


def until(condition, process, log):
    end = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.02)  # between two looks, not instead of one


class Client(requests.Session):
    """A client with a connection of its own, so that either worker may take it."""

    def __init__(self, base, token):
        super().__init__()
        self.trust_env = False
        self.headers["Authorization"] = f"Bearer {token}"
        self.base = base

    def ask(self, method, path, **options):
        answer = self.request(method, self.base + path, timeout=60, **options)
        assert answer.ok, answer.text
        return answer


@pytest.mark.slow
def test_events_of_many_are_numbered_without_a_gap_in_two_processes(base, prepared):
    _, token, uid = prepared

    def send(number):
        with Client(base, token) as client:
            for batch in range(N_BATCHES):
                sent = [event(f"c{number}-{batch}-{n}") for n in range(3)]
                for _ in range(2):  # each batch comes twice, as after a lost answer
                    path = f"/projects/{uid}/events"
                    client.ask("POST", path, json={"events": sent})

    with ThreadPoolExecutor(N_CLIENTS) as pool:
        list(pool.map(send, range(N_CLIENTS)))

    n = 3 * N_CLIENTS * N_BATCHES
    with Client(base, token) as client:
        listed = client.ask("GET", f"/projects/{uid}/events").json()
        rows = client.ask("GET", f"/projects/{uid}/annotations").text.splitlines()
    assert [one["seq"] for one in listed] == list(range(1, n + 1))
    assert len({one["clip"] for one in listed}) == len(rows) == n


@pytest.mark.slow
def test_over_a_real_connection_names_and_limits_are_as_in_process(base, prepared):
    _, token, uid = prepared
    name = "site a/2026/x?.flac#1%2F"

    with Client(base, token) as client:
        path = f"/projects/{uid}"
        client.ask("POST", f"{path}/clips", json={"clips": [clip(name)]})
        leased = client.ask("POST", f"{path}/leases").json()
        quoted = requests.utils.quote(name, safe="")
        client.ask("DELETE", f"{path}/leases/{quoted}")
        lost = client.post(
            f"{base}{path}/leases/renew", json={"clip": name}, timeout=60
        )
        pieces = (b"x" * 100_000 for _ in range(60))
        chunked = client.post(f"{base}/projects", data=pieces, timeout=60)
        told = client.post(f"{base}/projects", data=b"x" * 20_000_000, timeout=60)

    assert leased["clip"]["identity"] == name
    assert (lost.status_code, lost.json()["code"]) == (409, "conflict")
    for answer in (chunked, told):  # and not a connection that breaks off
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


@pytest.mark.slow
def test_the_example_of_the_page_works(base, prepared, monkeypatch, capsys):
    page = (ROOT / "docs" / "hub-api.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    monkeypatch.setenv("ANNOTATOR_HUB_URL", base.removesuffix("/api/v1"))
    monkeypatch.setenv("ANNOTATOR_HUB_TOKEN", prepared[1])
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    found = {}

    try:
        exec(compile(code, "hub-api.md", "exec"), found)  # noqa: S102
    finally:
        found["hub"].close()

    header, row = capsys.readouterr().out.strip().splitlines()
    assert header == "clip,annotator,annotation_id,created_at,species"
    assert row.endswith(",nightjar")
    assert found["answer"].json() == {"new": 0, "known": 1, "last_seq": 1}
