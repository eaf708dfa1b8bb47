"""The signing key is made once, and nobody else reads it."""

from __future__ import annotations

import stat
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from annotator.errors import HubError
from annotator.hub.server.secret import SHORTEST, signing_key

posix = pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")


def test_the_key_stays_the_same(tmp_path):
    path = tmp_path / "new" / "hub.key"

    first = signing_key(path)

    assert len(first) >= SHORTEST
    assert signing_key(path) == first
    assert list(path.parent.iterdir()) == [path]


@posix
def test_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "hub.key"

    signing_key(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@posix
def test_a_key_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "hub.key"
    signing_key(path)
    path.chmod(0o640)

    with pytest.raises(HubError, match="chmod 600"):
        signing_key(path)


def test_a_short_key_is_refused(tmp_path):
    path = tmp_path / "hub.key"
    path.write_text("guess me")
    path.chmod(0o600)

    with pytest.raises(HubError, match="8 characters of at least 32"):
        signing_key(path)


def test_servers_that_start_at_once_have_the_same_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(signing_key, [tmp_path / "hub.key"] * 32))

    assert len(keys) == 1
