"""What sync does, wherever to: subclass with a place."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest

from annotator.annotations.sync import sync
from annotator.errors import Cancelled, Conflict, NotFound
from tests.integration.syncing import (
    KINDS,
    Place,
    in_threads,
    opened_stores,
    without_ids,
)

if TYPE_CHECKING:
    from annotator.annotations.store import AnnotationStore
    from annotator.annotations.sync.result import SyncResult


class SyncContract:
    """What sync does, wherever to."""

    @pytest.fixture(params=KINDS)
    def kind(self, request):
        return request.param

    @pytest.fixture
    def open_store(self, tmp_path, kind):
        with opened_stores(tmp_path) as open_one:
            yield functools.partial(open_one, extension=kind)

    @pytest.fixture
    def place(self, kind: str) -> Place:
        raise NotImplementedError

    def sync(self, store: AnnotationStore, place: Place, **options: Any):
        return sync(store, place.uri, auth=place.auth, **options)

    def test_where_nothing_is_the_output_is_written(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])

        result = self.sync(store, place)

        assert place.holds(store)
        assert result == place.uri
        assert (result.uploaded, result.merged) == (1, 0)
        assert result.summary == "Synced 1 annotation"

    def test_nothing_changed_on_either_side_is_no_upload(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        self.sync(store, place)
        versions = place.versions()

        result = self.sync(store, place)

        assert result.uploaded == result.bytes == 0
        assert result.summary == "Everything is in sync: 1 annotation"
        assert place.versions() == versions

    def test_what_we_last_saw_is_overwritten(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        store.submit("2", [{"label": "owl"}])
        self.sync(store, place)
        store.delete("1")
        store.submit("3", [{"label": "wren"}])

        result = self.sync(store, place)

        assert set(place.rows()) == {"2", "3"}
        assert place.holds(store)
        assert result.deleted == 1

    def test_rows_of_others_are_merged_into_both(self, place, open_store):
        maria, chen = open_store("maria"), open_store("chen")
        maria.submit("1", [{"label": "owl"}])
        chen.submit("2", [{"label": "wren"}])
        self.sync(maria, place)

        result = self.sync(chen, place)

        assert set(place.rows()) == {"1", "2"}
        (taken,) = chen.rows_of("1")
        assert taken == maria.rows_of("1")[0]
        assert result.summary == "Synced 2 annotations, 1 from others"

    def test_others_deletions_and_edits_arrive(self, place, open_store):
        maria, chen = open_store("maria"), open_store("chen")
        maria.submit("1", [{"label": "owl"}])
        (key,) = maria.submit("2", [{"label": "owl"}]).ids
        self.sync(maria, place)
        chen.submit("3", [{"label": "wren"}])
        self.sync(chen, place)
        chen.delete("1")
        chen.submit("2", [{"annotation_id": key, "label": "tawny owl"}])
        self.sync(chen, place)

        result = self.sync(maria, place)

        assert {row["clip_id"]: row["label"] for row in maria.rows()} == {
            "2": "tawny owl",
            "3": "wren",
        }
        assert (result.merged, result.deleted) == (2, 1)

    def test_of_two_edits_the_later_is_kept_and_the_other_is_in_the_log(
        self, place, open_store
    ):
        maria, chen = open_store("maria"), open_store("chen")
        (key,) = maria.submit("1", [{"label": "owl"}]).ids
        self.sync(maria, place)
        chen.submit("9", [{"label": "wren"}])
        self.sync(chen, place)
        chen.submit("1", [{"annotation_id": key, "label": "earlier"}])
        maria.submit("1", [{"annotation_id": key, "label": "later"}])
        self.sync(chen, place)

        result = self.sync(maria, place)

        (conflict,) = result.conflicts
        assert (conflict.kept["label"], conflict.other["label"]) == (
            "later",
            "earlier",
        )
        assert "earlier" in maria.log_path.read_text("utf-8")
        assert maria.rows_of("1")[0]["label"] == "later"
        assert place.rows()["1"]["label"] == "later"

    def test_an_edit_survives_a_deletion_elsewhere(self, place, open_store):
        maria, chen = open_store("maria"), open_store("chen")
        (key,) = maria.submit("1", [{"label": "owl"}]).ids
        self.sync(maria, place)
        chen.submit("9", [{"label": "wren"}])
        self.sync(chen, place)
        maria.delete("1")
        self.sync(maria, place)
        chen.submit("1", [{"annotation_id": key, "label": "edited"}])

        self.sync(chen, place)
        self.sync(maria, place)

        assert maria.rows_of("1")[0]["label"] == "edited"

    def test_rows_without_ids_are_kept_beside(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        place.put(without_ids(place.kind), store)

        result = self.sync(store, place)

        assert place.holds(store)
        assert self.kept(place, result) == without_ids(place.kind)
        assert result.kept_beside.rpartition("/")[2] in result.summary

    def test_what_is_no_table_is_kept_beside(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        place.put(b"\x00\x01 no table", store)

        result = self.sync(store, place)

        assert self.kept(place, result) == b"\x00\x01 no table"
        assert place.holds(store)

    def kept(self, place: Place, result: SyncResult) -> bytes:
        """Give what was kept; pandas must not find it in the copy."""
        assert ".replaced-" in result.kept_beside
        (name,) = [name for name in place.names() if ".replaced-" in name]
        uri = f"{place.folder}/{name}"
        assert uri.replace("\\", "/").startswith(result.kept_beside.replace("\\", "/"))
        assert not name.startswith("reviews/")
        return place.get(uri)

    def test_half_a_table_deletes_nothing(self, place, open_store):
        store = open_store("maria")
        for clip in "123":
            store.submit(clip, [{"label": "owl"}])
        self.sync(store, place)
        for name, data in place.files().items():
            place.backend.write(data[:-60], place.uri + name)

        self.sync(store, place)

        assert set(store.reviewed) == set(place.rows()) == set("123")

    def test_without_provenance_the_file_is_uploaded_as_it_is(self, place, open_store):
        store = open_store("maria", provenance=False)
        store.submit("1", [{"label": "owl"}])
        self.sync(store, place)
        place.put(without_ids(place.kind), store)

        result = self.sync(store, place)

        assert list(place.rows().values()) == [{"clip_id": "1", "label": "owl"}]
        assert self.kept(place, result) == without_ids(place.kind)
        assert result.deleted == 0

    def test_replace_overwrites(self, place, open_store):
        maria, chen = open_store("maria"), open_store("chen")
        maria.submit("1", [{"label": "owl"}])
        chen.submit("2", [{"label": "wren"}])
        self.sync(maria, place)

        result = self.sync(chen, place, on_conflict="replace")

        assert list(place.rows()) == ["2"]
        assert result.merged == 0

    def test_fail_refuses_and_changes_nothing(self, place, open_store):
        maria, chen = open_store("maria"), open_store("chen")
        maria.submit("1", [{"label": "owl"}])
        chen.submit("2", [{"label": "wren"}])
        self.sync(maria, place)
        before = place.files()

        with pytest.raises(Conflict, match="on_conflict='merge'"):
            self.sync(chen, place, on_conflict="fail")

        assert place.files() == before

    def test_without_annotations_there_is_nothing_to_sync(self, place, open_store):
        with pytest.raises(NotFound, match="Nothing to sync yet"):
            self.sync(open_store("maria"), place)

    def test_who_joins_gets_the_others_rows_at_once(self, place, open_store):
        maria, chen = open_store("maria"), open_store("chen")
        maria.submit("1", [{"label": "owl"}])
        self.sync(maria, place)

        result = self.sync(chen, place)

        assert [row["label"] for row in chen.rows_of("1")] == ["owl"]
        assert (result.merged, result.uploaded) == (1, 0)

    def test_an_empty_output_leaves_a_file_without_ids_alone(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        uri = place.put(without_ids(place.kind), store)

        with pytest.raises(NotFound, match="Nothing to sync yet"):
            self.sync(open_store("chen"), place)

        assert place.get(uri) == without_ids(place.kind)

    def test_the_last_annotation_s_deletion_is_synced(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        self.sync(store, place)
        store.delete("1")

        self.sync(store, place)

        assert place.rows() == {}

    def test_a_copy_that_was_removed_is_written_again(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        self.sync(store, place)
        place.wipe()

        self.sync(store, place)

        assert list(place.rows()) == ["1"]

    def test_a_folder_gets_the_output_s_name(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        folder = place.uri if place.kind == "folder" else place.folder + "/"

        result = sync(store, folder, auth=place.auth)

        assert result == place.uri
        assert place.holds(store)

    def test_progress_ends_with_all_bytes(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        seen: list[tuple[int, int]] = []

        result = self.sync(store, place, progress=lambda *now: seen.append(now))

        assert seen[-1] == (result.bytes, result.bytes)

    @pytest.mark.parametrize("n_asked", range(5))
    def test_cancelled_stops_with_nothing_half_done(self, place, open_store, n_asked):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        answers = iter([False] * n_asked + [True] * 100)

        try:
            self.sync(store, place, cancelled=lambda: next(answers))
        except Cancelled:
            assert place.names() == []
        else:
            assert place.holds(store)

    def test_four_who_sync_at_once_lose_nothing(self, place, open_store):
        stores = [open_store(f"person{number}") for number in range(4)]
        for store in stores:
            store.submit(store.path.parent.name, [{"label": "owl"}])

        failures = in_threads(
            [lambda store=store: self.sync(store, place) for store in stores]
        )

        assert failures == []
        assert len(place.rows()) == 4
