"""Several files at a time: all end when a person interrupts the sync."""

from __future__ import annotations

import pytest

from annotator.annotations.sync import remote as module
from annotator.annotations.sync.remote import Remote
from annotator.annotations.sync.watch import Watch

PIECES = 200_000


class Slow:
    """A store whose writes take many pieces."""

    def __init__(self) -> None:
        self.finished: list[str] = []

    def write(self, _content, address, *, progress):
        for done in range(PIECES):
            progress(done, PIECES)
        self.finished.append(address)


def test_interrupting_ends_the_transfers_under_way(monkeypatch):
    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "wait", interrupted)
    store, contents = Slow(), {"a": b"", "b": b""}
    watch = Watch(None, None, "stopped")
    remote = Remote(store, "s3://bucket/folder", folder=True, watch=watch)

    with pytest.raises(KeyboardInterrupt):
        remote.write(contents, {"a": {}, "b": {}}, lambda *_: None)

    assert store.finished == []
