"""Where a sync may go: names, formats, stores that may not be looked into."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from annotator.annotations.sync import sync
from annotator.audio.backends.base import register_backend
from annotator.audio.backends.local import LocalBackend
from annotator.errors import AccessDenied, ParameterError
from tests.integration.syncing import opened_stores

if TYPE_CHECKING:
    from pathlib import Path

    from annotator.audio.backends.base import FileInfo


@pytest.fixture
def open_store(tmp_path):
    with opened_stores(tmp_path) as open_one:
        yield open_one


@pytest.mark.parametrize("extension", ["jsonl", "parquet"])
def test_other_formats_merge_too(tmp_path, open_store, extension):
    maria = open_store("maria", extension=extension, columns=["label", "n"])
    chen = open_store("chen", extension=extension, columns=["label", "n"])
    maria.submit("1", [{"label": "owl", "n": 2**60 + 1}])
    chen.submit("2", [{"label": "wren", "n": None}])

    for store in (maria, chen, maria):
        sync(store, f"{tmp_path}/shared.{extension}")
    again = [sync(store, f"{tmp_path}/shared.{extension}") for store in (chen, maria)]

    assert chen.rows_of("1")[0]["n"] == 2**60 + 1
    assert maria.rows_of("2")[0]["label"] == "wren"
    assert [result.uploaded for result in again] == [0, 0]


def test_an_existing_local_folder_gets_the_output_s_name(tmp_path, open_store):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])
    (tmp_path / "copies").mkdir()

    result = sync(store, tmp_path / "copies")

    assert result == str(tmp_path / "copies" / "reviews.csv")


def test_the_output_itself_is_no_destination(open_store):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])

    with pytest.raises(ParameterError, match="the output itself"):
        sync(store, store.path)


def test_a_destination_with_another_format_s_extension_is_refused(tmp_path, open_store):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])

    with pytest.raises(ParameterError, match=r"ends in \.csv"):
        sync(store, tmp_path / "copy.parquet")


def test_each_destination_has_a_base_of_its_own(tmp_path, open_store):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])
    sync(store, tmp_path / "one.csv")

    result = sync(store, tmp_path / "two.csv")

    assert result.uploaded == 1
    assert sync(store, tmp_path / "one.csv").uploaded == 0


class BlindBackend(LocalBackend):
    """A store that may not be listed: what is not there looks forbidden."""

    def stat(self, uri: str) -> FileInfo:
        msg = f"Not allowed to read {uri}."
        raise AccessDenied(msg)

    def write(self, source: bytes | Path, uri: str, **options: Any) -> FileInfo:
        return super().write(source, uri.partition("://")[2], **options)


@pytest.fixture
def blind(tmp_path) -> str:
    """Return the address of a file in such a store."""
    sys.modules["blind_store"] = sys.modules[__name__]
    register_backend("blind", "blind_store:BlindBackend", replace=True)
    yield f"blind://{tmp_path}/shared.csv"
    del sys.modules["blind_store"]


def test_where_looking_is_forbidden_a_new_copy_is_written(tmp_path, open_store, blind):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])

    sync(store, blind)

    assert (tmp_path / "shared.csv").read_bytes() == store.path.read_bytes()


def test_where_looking_is_forbidden_nothing_is_overwritten(tmp_path, open_store, blind):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])
    (tmp_path / "shared.csv").write_text("theirs")

    with pytest.raises(AccessDenied):
        sync(store, blind)

    assert (tmp_path / "shared.csv").read_text() == "theirs"
