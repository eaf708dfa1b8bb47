"""A store that another package brings, found by its entry point."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from annotator.audio import io
from annotator.audio.backends import base
from annotator.errors import ParameterError
from tests.contracts.backend_contract import TEXT, Place, WritingContract

if TYPE_CHECKING:
    from pathlib import Path

METADATA = "Metadata-Version: 2.1\nName: shelf-store\nVersion: 1.0\n"
ENTRY_POINTS = """[bioacoustic_annotator.backends]
shelf = tests.doubles.shelf:ShelfBackend
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a package, as far as the import system can tell."""
    folder = tmp_path / "site-packages" / "shelf_store-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(METADATA)
    (folder / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder.parent)])
    monkeypatch.setattr(base, "_backends", dict(base._backends))
    importlib.invalidate_caches()


class ShelfPlace(Place):
    def __init__(self) -> None:
        super().__init__(io.backend_for("shelf://board/a"))
        self.backend.files.clear()  # the store is kept for the whole run

    def uri(self, name: str) -> str:
        return f"shelf://board/{name}"

    def put(self, name: str, content: bytes) -> None:
        self.backend.write(content, self.uri(name))

    def get(self, name: str) -> bytes | None:
        return self.backend.files.get(self.uri(name), (None, None))[1]


class TestInstalled(WritingContract):
    @pytest.fixture
    def place(self, installed: None) -> Place:
        return ShelfPlace()

    def test_the_router_leads_to_it(self, place: Place, tmp_path: Path) -> None:
        (tmp_path / "a.bin").write_bytes(TEXT)

        io.write(tmp_path / "a.bin", place.uri("a.bin"))

        assert io.read(place.uri("a.bin"), start_byte=1, end_byte=3) == TEXT[1:4]
        assert io.list_files("shelf://board") == [place.uri("a.bin")]

    def test_its_options_are_checked_like_others(self, place: Place) -> None:
        with pytest.raises(ParameterError, match="Did you mean 'board'"):
            io.read(place.uri("a"), bord="oak")


def test_without_the_package_the_scheme_is_not_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(base, "_backends", dict(base._backends))
    base._backends.pop("shelf", None)

    with pytest.raises(ParameterError, match="shelf:// are not known"):
        io.read("shelf://board/a")
