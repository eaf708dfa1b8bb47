"""A store whose library is not installed says what to install."""

from __future__ import annotations

import sys

import pytest

from annotator.audio import io, router
from annotator.errors import MissingDependency

ACTIONS = {
    "stat": io.stat,
    "read": io.read,
    "list_files": io.list_files,
    "write": lambda uri: io.write(__file__, uri),
}
STORES = [
    ("s3://bucket/a.csv", ("boto3", "botocore"), "boto3"),
    ("gs://bucket/a.csv", ("google.cloud.storage",), "google-cloud-storage"),
    ("https://example.org/a.csv", ("requests", "urllib3"), "requests"),
]


@pytest.mark.parametrize(
    ("uri", "modules", "package", "action"),
    [
        (*store, action)
        for store in STORES
        for action in ACTIONS
        # The web is read only, whatever is installed.
        if not (store[2] == "requests" and action in ("list_files", "write"))
    ],
)
def test_a_missing_library_is_named(
    monkeypatch: pytest.MonkeyPatch,
    uri: str,
    modules: tuple[str, ...],
    package: str,
    action: str,
) -> None:
    monkeypatch.setattr(router, "_kept", type(router._kept)())
    for name in [*sys.modules]:
        if name.startswith(modules):
            monkeypatch.delitem(sys.modules, name)
    for name in modules:
        monkeypatch.setitem(sys.modules, name, None)

    with pytest.raises(MissingDependency, match=f"pip install {package}"):
        ACTIONS[action](uri)
