"""`ba.sync()` in a notebook's kernel: a bar, and the stop button."""

from __future__ import annotations

import queue
import textwrap
import time
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from jupyter_client.manager import start_new_kernel

from tests.doubles.doorway import Doorway

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

SIZE = 16_000_000


@pytest.fixture
def kernel(tmp_path: Any) -> Iterator[Any]:
    """Return (manager, client) of a kernel that works in `tmp_path`."""
    manager, client = start_new_kernel(cwd=str(tmp_path))
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def follow(client: Any, until: str, seconds: float = 90.0) -> str:
    """Return all that a cell writes, until something is there or the cell is done."""
    seen, end = "", time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            message = client.get_iopub_msg(timeout=1)
        except queue.Empty:
            continue
        content = message["content"]
        seen += content.get("text", "") + content.get("ename", "")
        seen += content.get("data", {}).get("text/plain", "")
        if until in seen or content.get("execution_state") == "idle":
            return seen
    pytest.fail(f"{until!r} did not come; there was: {seen}")


def run(client: Any, code: str) -> str:
    client.execute(textwrap.dedent(code))
    return follow(client, until="\0")


def test_a_large_sync_has_a_bar_and_is_stopped_by_interrupting_the_cell(
    kernel, s3, wav, tmp_path
):
    manager, client = kernel
    large = pd.DataFrame({"id": [1], "ok": ["no"], "comment": ["x" * SIZE]})
    large.to_csv(tmp_path / "out.csv", index=False)
    table = pd.DataFrame({"id": [1], "start_time": [0.0], "end_time": [1.0]})
    table.to_csv(tmp_path / "clips.csv", index=False)
    with Doorway(int(s3.endpoint_url.rpartition(":")[2])) as doorway:
        auth = {**s3.auth, "endpoint_url": doorway.address}
        made = run(
            client,
            f"""
            from annotator import BioacousticAnnotator
            ba = BioacousticAnnotator(
                data="clips.csv", audio={str(wav())!r}, data_index_column="id",
                output={{"path": "out.csv", "uri": {s3.uri("out.csv")!r},
                         "secrets": {auth!r}}},
                form_config={{"select": {{"label": "ok", "items": ["yes", "no"]}}}},
            )
            """,
        )

        assert "Error" not in made
        doorway.narrow.clear()
        client.execute("ba.sync()")
        bar = follow(client, until="Syncing")
        manager.interrupt_kernel()
        stopped = follow(client, until="KeyboardInterrupt")
        doorway.narrow.set()
        follow(client, until="\0")
        left = s3.client.list_objects_v2(Bucket=s3.bucket)
        again = run(client, "print(ba.sync().summary)")

    assert "Syncing" in bar
    assert "KeyboardInterrupt" in stopped
    assert "Contents" not in left
    assert "Synced 1 annotation" in again
    assert (
        s3.client.head_object(Bucket=s3.bucket, Key="out.csv")["ContentLength"] > SIZE
    )
