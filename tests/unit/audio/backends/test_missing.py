"""A store whose library is not installed says what to install."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from annotator.audio import io, router
from annotator.errors import MissingDependency

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("action", ["stat", "read", "list_files", "write"])
@pytest.mark.parametrize(
    ("uri", "modules", "package"),
    [
        ("s3://bucket/a.csv", ("boto3", "botocore"), "boto3"),
        ("gs://bucket/a.csv", ("google.cloud.storage",), "google-cloud-storage"),
        ("https://example.org/a.csv", ("requests", "urllib3"), "requests"),
    ],
)
def test_a_missing_library_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    uri: str,
    modules: tuple[str, ...],
    package: str,
    action: str,
) -> None:
    if uri.startswith("https") and action in ("list_files", "write"):
        pytest.skip("the web is read only, whatever is installed")
    (tmp_path / "a.csv").write_bytes(b"x")
    monkeypatch.setattr(router, "_kept", type(router._kept)())
    for name in [*sys.modules]:
        if name.startswith(modules):
            monkeypatch.delitem(sys.modules, name)
    for name in modules:
        monkeypatch.setitem(sys.modules, name, None)

    with pytest.raises(MissingDependency, match=f"pip install {package}"):
        if action == "write":
            io.write(tmp_path / "a.csv", uri)
        else:
            getattr(io, action)(uri)
