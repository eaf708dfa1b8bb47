from __future__ import annotations

import doctest
from importlib.metadata import EntryPoint, EntryPoints
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from annotator.audio.backends import base, common
from annotator.audio.backends.local import LocalBackend
from annotator.errors import ParameterError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "_backends", dict(base._backends))


@pytest.mark.parametrize("module", [base, common])
def test_the_examples_run(module: Any) -> None:
    result = doctest.testmod(module)

    assert result.attempted >= 1
    assert result.failed == 0


@pytest.mark.parametrize(
    ("uri", "scheme"),
    [
        ("s3://bucket/a", "s3"),
        ("HTTPS://example.org/a", "https"),
        ("file:///home/a", "file"),
        ("/home/a", "file"),
        ("a b.flac", "file"),
        ("C:\\sounds\\a.flac", "file"),
        ("C:/sounds/a.flac", "file"),
        ("C://sounds/a.flac", "file"),
        ("notes s3://bucket/a", "file"),
    ],
)
def test_the_scheme_is_what_stands_before_the_slashes(uri: str, scheme: str) -> None:
    assert base.scheme_of(uri) == scheme


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://example.org/a%20b?X-Amz-Signature=x", "https://example.org/a%20b"),
        ("http://me:pass@example.org:8000/a#b", "http://example.org:8000/a"),
        ("https://example.org?token=x", "https://example.org"),
        ("https://example.org/a@b.flac", "https://example.org/a@b.flac"),
        ("s3://bucket/a?b#c", "s3://bucket/a?b#c"),
    ],
)
def test_addresses_are_shown_without_secrets(uri: str, expected: str) -> None:
    assert base.shown(uri) == expected


def test_an_unknown_scheme_names_the_known_ones() -> None:
    with pytest.raises(ParameterError, match=r"ftp:// are not known.*gs://.*s3://"):
        base.backend_class("ftp")


def test_a_scheme_can_be_registered() -> None:
    base.register_backend("memory", "annotator.audio.backends.local:LocalBackend")

    assert base.backend_class("memory") is LocalBackend


def test_a_scheme_is_not_replaced_by_accident() -> None:
    target = "annotator.audio.backends.local:LocalBackend"

    with pytest.raises(ParameterError, match="replace=True"):
        base.register_backend("s3", target)
    base.register_backend("s3", target, replace=True)

    assert base.backend_class("s3") is LocalBackend


def test_an_installed_package_can_bring_a_scheme(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = "bioacoustic_annotator.backends"
    target = "annotator.audio.backends.local:LocalBackend"
    points = EntryPoints([EntryPoint("tape", target, group)])
    monkeypatch.setattr(base, "entry_points", lambda **query: points.select(**query))

    assert base.backend_class("tape") is LocalBackend


def test_an_option_that_is_nearly_right_gets_a_suggestion() -> None:
    with pytest.raises(ParameterError, match="Did you mean 'profile_name'"):
        common.check_options("s3://", {"profile_name", "client"}, {"profil_name": "x"})


def test_an_option_that_is_far_off_gets_the_list_and_hides_its_value() -> None:
    with pytest.raises(ParameterError, match="It takes client, project") as caught:
        common.check_options("gs://", {"project", "client"}, {"zzz": "secret-value"})

    assert "secret-value" not in str(caught.value)


def test_a_store_that_cannot_peek_is_given_a_way(tmp_path: Path) -> None:
    base.register_backend("plain", f"{__name__}:PlainBackend")
    kind = base.backend_class("plain")
    path = tmp_path / "a.csv"
    path.write_bytes(b"0123456789")

    content, info = kind().peek(str(path), 2, 5)

    assert (content, info.size) == (b"2345", 10)
    assert base.backend_class("plain") is kind


def test_a_file_replaced_while_it_is_peeked_at_is_looked_at_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")

    class Slow(PlainBackend):
        def read(self, *arguments: Any, **options: Any) -> bytes:
            if path.read_bytes() == b"old":
                self.files.write(b"new, longer", str(path))
            return super().read(*arguments, **options)

    content, info = base.Backend.peek(Slow(), str(path), 0, 99)

    assert (content, info.size) == (b"new, longer", 11)


class PlainBackend:
    """What somebody else's package may bring: no `peek`."""

    OPTIONS: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, **auth: Any) -> None:
        self.files = LocalBackend()

    def stat(self, uri: str) -> base.FileInfo:
        return self.files.stat(uri)

    def read(self, *arguments: Any, **options: Any) -> bytes:
        return self.files.read(*arguments, **options)
