"""The hub: submits of many at once, growth to a million events, a snapshot of them."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from ratios import Row

from annotator.hub.permissions import Caller
from annotator.hub.store.hub_store import HubStore

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENTS, SECONDS = 16, 8.0
MILLION, THOUSAND, SAMPLE = 1_000_000, 1_000, 400
PASSWORD = "a long password"  # noqa: S105 - of a hub that is gone after this


def measure() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        yield from submits(Path(folder) / "busy.db")
        yield from growth(Path(folder) / "large.db")


def event() -> dict[str, Any]:
    """Make a submit as the annotator records it: one row about one clip."""
    now = "2026-03-01T06:30:00.000Z"
    key = str(uuid.uuid4())
    row = {"id": 1234, "verdict": "yes", "notes": "", "annotation_id": f"{key}-1"}
    return {
        "id": key,
        "clip": key[:8],
        "annotator": "me",
        "kind": "set",
        "rows": [{**row, "annotator": "me", "created_at": now, "app_version": "0.1.0"}],
        "created_at": now,
        "app_version": "0.1.0",
        "config": "0123456789abcdef",
    }


# ------------------------------------------------------------------ many at once


def submits(path: Path) -> Iterator[Row]:
    url = f"sqlite:///{path}"
    with HubStore.open(url) as store:
        user = store.users.add("ada", PASSWORD)
        token = store.tokens.create(user, "benchmark").secret
        uid = store.projects.create(Caller(user), "Owls").uid
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "annotator", "hub", "serve", "--db", url]
    server = subprocess.Popen(  # noqa: S603 - our own program
        [*command, "--port", str(port)],
        env={**os.environ, "ANNOTATOR_CACHE_DIR": str(path.parent / "cache")},
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/health")
        idle = statistics.median(pings(f"{address}/login", 1.5))
        counts, waits, looked_up = load(address, token, uid)
    finally:
        server.terminate()
        server.wait(30)
    rate = sum(counts) / SECONDS
    yield Row(
        f"150 submits a second with {CLIENTS} clients (what is reached)",
        150 / rate,
        1.0,
        f"{rate:.0f} submits a second, each on the disk",
    )
    busy = statistics.median(waits)
    yield Row(
        "a page's event loop meanwhile, ms (median)",
        1000 * busy,
        10.0,
        f"{1000 * idle:.1f} ms idle; with a look-up in the database "
        f"{1000 * statistics.median(looked_up):.1f} ms",
    )


def load(
    address: str, token: str, uid: str
) -> tuple[list[int], list[float], list[float]]:
    """Submit from all clients at once; count, and time the loop's answers meanwhile.

    The log-in form is made by the pages' loop itself; for `/health` it has a thread ask
    the database.
    """
    end = time.monotonic() + 1.0 + SECONDS
    begin = end - SECONDS
    counts = [0] * CLIENTS

    def client(number: int) -> None:
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {token}"
            while (now := time.monotonic()) < end:
                answer = session.post(
                    f"{address}/api/v1/projects/{uid}/events",
                    json={"events": [event()]},
                    timeout=30,
                )
                answer.raise_for_status()
                counts[number] += now > begin

    threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    time.sleep(1.0)
    waits = pings(f"{address}/login", SECONDS / 2)
    looked_up = pings(f"{address}/health", SECONDS / 2)
    for thread in threads:
        thread.join()
    return counts, waits, looked_up


def pings(url: str, seconds: float) -> list[float]:
    """Time answers that the pages' event loop gives itself."""
    taken, end = [], time.monotonic() + seconds
    with requests.Session() as session:
        while time.monotonic() < end:
            start = time.perf_counter()
            session.get(url, timeout=30)
            taken.append(time.perf_counter() - start)
            time.sleep(0.02)
    return taken


def wait_for(url: str) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    msg = "the hub did not start"
    raise RuntimeError(msg)


# ----------------------------------------------------------------------- growth


def growth(path: Path) -> Iterator[Row]:
    with HubStore.open(f"sqlite:///{path}") as store:
        caller = Caller(store.users.add("ada", PASSWORD))
        uid = store.projects.create(caller, "Owls").uid
        fill(store, caller, uid, THOUSAND - SAMPLE)
        early = submit_seconds(store, caller, uid)
        fill(store, caller, uid, MILLION - THOUSAND - SAMPLE)
        late = submit_seconds(store, caller, uid)
        detail = f"{1000 * late:.2f} ms / {1000 * early:.2f} ms (the 1,000th)"
        yield Row("the 1,000,000th event", late / early, 1.3, detail)
        start = time.perf_counter()
        taken = store.snapshots.create(caller, uid)
        seconds = time.perf_counter() - start
        yield Row(
            "snapshot of 1,000,000 events, s", seconds, 5.0, f"{taken.n_rows:,} rows"
        )


def fill(store: HubStore, caller: Caller, uid: str, n_events: int) -> None:
    while n_events > 0:
        store.events.add(caller, uid, [event() for _ in range(min(200, n_events))])
        n_events -= 200


def submit_seconds(store: HubStore, caller: Caller, uid: str) -> float:
    """Give the median seconds of a submit."""
    taken = []
    for _ in range(SAMPLE):
        one = event()
        start = time.perf_counter()
        store.events.add(caller, uid, [one])
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
