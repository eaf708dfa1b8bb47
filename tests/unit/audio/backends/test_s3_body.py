"""An upload in one request tells how far it is, and stops at once when told to."""

from __future__ import annotations

import pytest

from annotator.audio import io
from annotator.errors import Cancelled

SIZE = 3_000_000


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(SIZE))
    return path


def test_one_request_tells_its_progress_in_order(s3, source):
    told = []

    io.write(
        source,
        s3.uri("a.bin"),
        progress=lambda done, total: told.append((done, total)),
        **s3.auth,
    )

    done = [number for number, _ in told]
    assert len(done) > 8
    assert done == sorted(set(done))
    assert done[-1] == SIZE
    assert {total for _, total in told} == {SIZE}


def test_stopping_is_not_taken_for_a_broken_network_and_leaves_nothing(s3, source):
    told = []

    def progress(done, _total):
        told.append(done)
        if done > SIZE // 2:
            msg = "enough"
            raise Cancelled(msg)

    with pytest.raises(Cancelled, match="enough"):
        io.write(source, s3.uri("a.bin"), progress=progress, **s3.auth)

    assert sum(done > SIZE // 2 for done in told) == 1
    assert "Contents" not in s3.client.list_objects_v2(Bucket=s3.bucket)
