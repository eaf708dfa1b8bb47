"""What all tests of remote reading begin with: an empty cache, nothing known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from annotator.audio.remote import file as remote
from tests.doubles.web import WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ANNOTATOR_CACHE_DIR", str(tmp_path / "cache"))
    remote.forget_remotes()
    yield
    remote.forget_remotes()


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer({}) as web:
        yield web
