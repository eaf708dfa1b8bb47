"""What every store does alike: one class of behaviours, subclassed per store."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from annotator.errors import Cancelled, Conflict, NotFound, ParameterError

if TYPE_CHECKING:
    from pathlib import Path

TEXT = bytes(range(256)) * 4
NAMES = [
    "plain.csv",
    "folder/within/a b.csv",
    "åäö #1?.csv",
    "100%.csv",
    "a+b=c&d.csv",
]


class Place:
    """A store under test, and a way to it that is not ours."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend

    def uri(self, name: str) -> str:
        raise NotImplementedError

    def put(self, name: str, content: bytes) -> None:
        raise NotImplementedError

    def get(self, name: str) -> bytes | None:
        raise NotImplementedError


class ReadingContract:
    """Behaviours of every store; `place` comes from the subclass."""

    def test_stat_tells_size_and_version(self, place: Place) -> None:
        place.put("a.flac", TEXT)

        info = place.backend.stat(place.uri("a.flac"))

        assert info.uri == place.uri("a.flac")
        assert info.size == len(TEXT)
        assert info.version
        assert info.modified is not None
        assert info.modified.tzinfo is not None

    @pytest.mark.parametrize("name", NAMES)
    def test_reads_what_was_put_under_any_name(self, place: Place, name: str) -> None:
        place.put(name, TEXT)

        content = place.backend.read(place.uri(name))

        assert content == TEXT

    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            (0, 0, TEXT[:1]),
            (10, 19, TEXT[10:20]),
            (None, 9, TEXT[:10]),
            (1000, None, TEXT[1000:]),
            (1000, 5000, TEXT[1000:]),
            (len(TEXT), None, b""),
            (5000, 5001, b""),
        ],
    )
    def test_reads_a_range_with_both_ends_included(
        self, place: Place, start: int | None, end: int | None, expected: bytes
    ) -> None:
        place.put("a.flac", TEXT)

        content = place.backend.read(place.uri("a.flac"), start, end)

        assert content == expected

    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            (0, 99, TEXT[:100]),
            (10, 10, TEXT[10:11]),
            (1000, 5000, TEXT[1000:]),
            (len(TEXT), 5000, b""),
        ],
    )
    def test_peeks_at_bytes_and_learns_what_they_are_of(
        self, place: Place, start: int, end: int, expected: bytes
    ) -> None:
        place.put("a b.flac", TEXT)
        uri = place.uri("a b.flac")

        content, info = place.backend.peek(uri, start, end)

        assert content == expected
        known = place.backend.stat(uri)
        assert (info.uri, info.size) == (uri, len(TEXT))
        assert (info.version, info.modified) == (known.version, known.modified)
        assert place.backend.read(uri, 1, 2, version=info.version) == TEXT[1:3]

    def test_peeks_at_an_empty_file(self, place: Place) -> None:
        place.put("empty.csv", b"")

        content, info = place.backend.peek(place.uri("empty.csv"), 0, 99)

        assert (content, info.size) == (b"", 0)
        assert info.version == place.backend.stat(place.uri("empty.csv")).version

    def test_peeks_at_the_file_as_it_is_now(self, place: Place) -> None:
        uri = place.uri("a.csv")
        place.put("a.csv", b"one")
        before = place.backend.peek(uri, 0, 9)
        place.put("a.csv", b"three")

        after = place.backend.peek(uri, 0, 9)

        assert (before[0], after[0]) == (b"one", b"three")
        assert before[1].version != after[1].version

    def test_reads_an_empty_file(self, place: Place) -> None:
        place.put("empty.csv", b"")

        content = [
            place.backend.read(place.uri("empty.csv")),
            place.backend.read(place.uri("empty.csv"), 0, 9),
        ]

        assert content == [b"", b""]

    @pytest.mark.parametrize(("start", "end"), [(-1, None), (5, 4)])
    def test_a_range_that_cannot_be_is_refused(
        self, place: Place, start: int, end: int | None
    ) -> None:
        place.put("a.flac", TEXT)

        with pytest.raises(ParameterError, match="0 <= start_byte <= end_byte"):
            place.backend.read(place.uri("a.flac"), start, end)
        if end is not None:
            with pytest.raises(ParameterError, match="0 <= start_byte <= end_byte"):
                place.backend.peek(place.uri("a.flac"), start, end)

    def test_a_missing_file_is_not_found(self, place: Place) -> None:
        uri = place.uri("missing.flac")

        with pytest.raises(NotFound, match=r"missing\.flac"):
            place.backend.stat(uri)
        with pytest.raises(FileNotFoundError, match=r"missing\.flac"):
            place.backend.read(uri)
        with pytest.raises(NotFound, match=r"missing\.flac"):
            place.backend.peek(uri, 0, 9)
        with pytest.raises(NotFound, match=r"missing\.flac"):
            place.backend.download(uri, io.BytesIO())

    def test_the_version_changes_with_the_content(self, place: Place) -> None:
        place.put("a.csv", b"one")
        before = place.backend.stat(place.uri("a.csv")).version

        place.put("a.csv", b"two")

        assert place.backend.stat(place.uri("a.csv")).version != before

    def test_reads_the_version_asked_for(self, place: Place) -> None:
        place.put("a.csv", TEXT)
        version = place.backend.stat(place.uri("a.csv")).version

        content = place.backend.read(place.uri("a.csv"), 2, 5, version=version)

        assert content == TEXT[2:6]

    def test_a_file_replaced_meanwhile_is_a_conflict(self, place: Place) -> None:
        uri = place.uri("a.csv")
        place.put("a.csv", b"one, long")
        version = place.backend.stat(uri).version
        place.put("a.csv", b"two, long")

        with pytest.raises(Conflict, match=r"a\.csv"):
            place.backend.read(uri, 2, 5, version=version)
        with pytest.raises(Conflict, match=r"a\.csv"):
            place.backend.read(uri, version=version)
        with pytest.raises(Conflict, match=r"a\.csv"):
            place.backend.download(uri, io.BytesIO(), version=version)

    def test_downloads_into_an_open_file(self, place: Place) -> None:
        place.put("a.flac", TEXT)
        target, seen = io.BytesIO(), []

        info = place.backend.download(
            place.uri("a.flac"), target, progress=lambda *now: seen.append(now)
        )

        assert target.getvalue() == TEXT
        assert info == place.backend.stat(place.uri("a.flac"))
        assert seen[-1] == (len(TEXT), len(TEXT))

    def test_an_unknown_option_is_refused(self, place: Place) -> None:
        names = sorted(place.backend.OPTIONS)
        near = names[0][:-1] if names else "profile"

        with pytest.raises(ParameterError, match="Unknown option"):
            type(place.backend)(**{near: "x"})


class WritingContract(ReadingContract):
    """Behaviours of stores that can be written."""

    @pytest.mark.parametrize("name", NAMES)
    def test_writes_bytes_under_any_name(self, place: Place, name: str) -> None:
        info = place.backend.write(TEXT, place.uri(name))

        assert place.get(name) == TEXT
        assert info.version == place.backend.stat(place.uri(name)).version
        assert info.size == len(TEXT)

    @pytest.mark.parametrize("content", [b"", TEXT])
    def test_writes_a_file(self, place: Place, tmp_path: Path, content: bytes) -> None:
        source = tmp_path / "source.bin"
        source.write_bytes(content)

        place.backend.write(source, place.uri("a.bin"))

        assert place.get("a.bin") == content

    def test_a_missing_source_is_not_found(self, place: Place, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match=r"nothing\.csv"):
            place.backend.write(tmp_path / "nothing.csv", place.uri("a.csv"))

        assert place.get("a.csv") is None

    def test_overwrites_by_default(self, place: Place) -> None:
        place.put("a.csv", b"old and longer")

        place.backend.write(b"new", place.uri("a.csv"))

        assert place.get("a.csv") == b"new"

    def test_create_only_makes_a_new_file(self, place: Place) -> None:
        place.backend.write(b"new", place.uri("a.csv"), create_only=True)

        assert place.get("a.csv") == b"new"

    @pytest.mark.parametrize("there", [b"old", b"new"])
    def test_create_only_leaves_what_is_there(self, place: Place, there: bytes) -> None:
        place.put("a.csv", there)
        before = place.backend.stat(place.uri("a.csv"))

        with pytest.raises(Conflict, match=r"a\.csv is there already"):
            place.backend.write(b"new", place.uri("a.csv"), create_only=True)

        assert place.get("a.csv") == there
        assert place.backend.stat(place.uri("a.csv")) == before

    def test_replaces_the_version_that_was_seen(self, place: Place) -> None:
        place.put("a.csv", b"old")
        seen = place.backend.stat(place.uri("a.csv")).version

        place.backend.write(b"new", place.uri("a.csv"), if_version=seen)

        assert place.get("a.csv") == b"new"

    def test_leaves_a_version_that_was_not_seen(self, place: Place) -> None:
        place.put("a.csv", b"one")
        seen = place.backend.stat(place.uri("a.csv")).version
        place.put("a.csv", b"two")

        with pytest.raises(Conflict, match="somebody else"):
            place.backend.write(b"new", place.uri("a.csv"), if_version=seen)

        assert place.get("a.csv") == b"two"

    def test_a_file_deleted_meanwhile_is_a_conflict(self, place: Place) -> None:
        place.put("other.csv", b"one")
        seen = place.backend.stat(place.uri("other.csv")).version

        with pytest.raises(Conflict, match="somebody else"):
            place.backend.write(b"new", place.uri("a.csv"), if_version=seen)

        assert place.get("a.csv") is None

    def test_a_write_chain_follows_its_own_versions(self, place: Place) -> None:
        uri, versions = place.uri("a.csv"), set()
        info = place.backend.write(b"0", uri, create_only=True)
        for number in range(1, 9):
            info = place.backend.write(b"%d" % number, uri, if_version=info.version)
            versions.add(info.version)

        assert place.get("a.csv") == b"8"
        assert len(versions) == 8

    def test_tells_progress_up_to_the_whole(self, place: Place) -> None:
        seen: list[tuple[int, int]] = []

        place.backend.write(
            TEXT, place.uri("a.csv"), progress=lambda *now: seen.append(now)
        )

        assert seen == sorted(seen)
        assert seen[0] == (0, len(TEXT))
        assert seen[-1] == (len(TEXT), len(TEXT))

    def test_a_cancelled_write_changes_nothing(self, place: Place) -> None:
        place.put("a.csv", b"old")

        def cancel(done: int, size: int) -> None:
            raise Cancelled

        with pytest.raises(Cancelled):
            place.backend.write(TEXT, place.uri("a.csv"), progress=cancel)

        assert place.get("a.csv") == b"old"

    def test_lists_the_files_of_one_folder_sorted(self, place: Place) -> None:
        for name in ("z/b.csv", "z/a.csv", "z/deep/c.csv", "zz/d.csv", "e.csv"):
            place.put(name, b"x")

        found = [info.uri for info in place.backend.list(place.uri("z"))]

        assert found == [place.uri("z/a.csv"), place.uri("z/b.csv")]

    @pytest.mark.parametrize("ending", ["", "/"])
    def test_lists_all_beneath_a_folder(self, place: Place, ending: str) -> None:
        names = ["z/a.csv", "z/b-1.csv", "z/b/c.csv", "z/b.csv"]
        for name in [*names, "y.csv"]:
            place.put(name, b"x" * 3)

        found = list(place.backend.list(place.uri("z") + ending, recursive=True))

        assert [info.uri for info in found] == [place.uri(n) for n in sorted(names)]
        assert {info.size for info in found} == {3}
        assert found[0].version == place.backend.stat(found[0].uri).version

    def test_a_missing_folder_lists_nothing(self, place: Place) -> None:
        assert list(place.backend.list(place.uri("missing"), recursive=True)) == []

    def test_copies_within_the_store(self, place: Place) -> None:
        place.put("a b.csv", TEXT)

        place.backend.copy(place.uri("a b.csv"), place.uri("kept/å.csv"))

        assert place.get("kept/å.csv") == place.get("a b.csv") == TEXT

    def test_a_copy_never_replaces(self, place: Place) -> None:
        place.put("a.csv", b"new")
        place.put("b.csv", b"old")

        with pytest.raises(Conflict, match=r"b\.csv is there already"):
            place.backend.copy(place.uri("a.csv"), place.uri("b.csv"))

        assert place.get("b.csv") == b"old"

    def test_a_copy_of_nothing_is_not_found(self, place: Place) -> None:
        with pytest.raises(NotFound):
            place.backend.copy(place.uri("missing.csv"), place.uri("b.csv"))

    def test_many_threads_share_one_backend(self, place: Place) -> None:
        def round_trip(number: int) -> bytes:
            uri = place.uri(f"{number}.csv")
            place.backend.write(b"%d" % number, uri)
            return bytes(place.backend.read(uri))

        with ThreadPoolExecutor(8) as pool:
            contents = list(pool.map(round_trip, range(24)))

        assert contents == [b"%d" % number for number in range(24)]
