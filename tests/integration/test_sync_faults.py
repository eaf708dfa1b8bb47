"""Sync on bad days: the next one is right."""

from __future__ import annotations

import pytest

from annotator.annotations.sync import sync
from annotator.errors import StorageError
from tests.integration.syncing import Place, opened_stores, proxied


@pytest.fixture
def open_store(tmp_path):
    with opened_stores(tmp_path) as open_one:
        yield open_one


@pytest.fixture
def proxy(s3):
    with proxied(s3.endpoint_url) as proxy:
        yield proxy


@pytest.mark.slow
def test_after_the_network_went_in_the_middle_the_next_sync_is_right(
    s3, proxy, open_store
):
    auth = {**s3.auth, "endpoint_url": f"http://127.0.0.1:{proxy.port}"}
    maria, chen = open_store("maria"), open_store("chen")
    uri = f"s3://{s3.bucket}/reviews.csv"
    maria.submit("1", [{"label": "owl"}])
    sync(maria, uri, auth=s3.auth)
    for number in range(200):
        chen.submit(f"c{number}", [{"label": "wren" * 20}])

    # heads and reads pass, the upload of 30 kB does not
    proxy.dropping_after = 8000
    with pytest.raises(StorageError):
        sync(chen, uri, auth=auth)
    proxy.dropping_after = None
    result = sync(chen, uri, auth=auth)

    place = Place(f"s3://{s3.bucket}", s3.auth)
    assert len(place.rows()) == 201
    assert place.holds(chen)
    assert result.uploaded == 201
