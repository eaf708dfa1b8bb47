"""Two workers of uvicorn on one database: what `docs/hub-server.md` says of growing."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from annotator.hub.permissions import Caller
from annotator.hub.store.hub_store import HubStore
from tests.doubles.databases import database_url
from tests.integration.hub_api import clip, event
from tests.integration.proxied import Workers

__all__ = ["database_url"]  # a fixture

ROOT = Path(__file__).resolve().parents[2]
N_CLIENTS, N_BATCHES = 6, 5


@pytest.fixture
def prepared(database_url):
    """Return a database's address, a token and a project."""
    with HubStore.open(database_url) as store:
        ada = store.users.add("ada", "a quiet marsh at dawn")
        token = store.tokens.create(ada, "test").secret
        uid = store.projects.create(Caller(ada), "Owls").uid
    return database_url, token, uid


@pytest.fixture
def workers(prepared, tmp_path):
    with Workers(prepared[0], tmp_path / "uvicorn.log").running() as workers:
        yield workers


@pytest.fixture
def base(workers):
    """Return the address of the API."""
    return workers.base


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
def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(workers, prepared):
    _, token, uid = prepared
    n_batches, path = 40, f"{workers.base}/projects/{uid}/events"

    def send(number):
        """Send as a client does: again, where no answer came."""
        with Client(workers.base, token) as client:
            for batch in range(n_batches):
                sent = {"events": [event(f"c{number}-{batch}-{n}") for n in range(3)]}
                while True:
                    try:
                        answer = client.post(path, json=sent, timeout=60)
                    except requests.ConnectionError:
                        continue
                    assert answer.ok, answer.text
                    break
                if number == 0 and batch == n_batches // 4:
                    workers.kill_one()

    with ThreadPoolExecutor(N_CLIENTS) as pool:
        list(pool.map(send, range(N_CLIENTS)))
    workers.until_started(3)

    n = 3 * N_CLIENTS * n_batches
    with Client(workers.base, token) as client:
        seqs = [
            one["seq"]
            for one in client.ask("GET", path.removeprefix(client.base)).json()
        ]
        rows = client.ask("GET", f"/projects/{uid}/annotations").text.splitlines()
    assert seqs == list(range(1, n + 1))
    assert len(rows) == n


@pytest.mark.slow
def test_each_worker_counts_wrong_tokens_by_itself(base, prepared):
    statuses = []
    for _ in range(60):
        with Client(base, "annh_" + "0" * 49) as client:
            statuses.append(client.get(f"{base}/me", timeout=60).status_code)

    assert set(statuses) == {401, 429}
    assert 20 <= statuses.count(401) <= 40  # 20 a minute in each of the two


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
