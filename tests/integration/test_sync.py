"""Sync to a local folder and an S3 server: the four cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotator.annotations.sync import sync
from annotator.errors import AccessDenied, NotFound
from tests.integration.sync_contract import SyncContract
from tests.integration.syncing import Place


class TestLocalFolder(SyncContract):
    @pytest.fixture
    def place(self, tmp_path) -> Place:
        return Place(str(tmp_path / "shared"), {})

    def remove(self, place: Place, s3: Any) -> None:
        Path(place.uri).unlink()


class TestS3(SyncContract):
    @pytest.fixture
    def place(self, s3) -> Place:
        return Place(f"s3://{s3.bucket}/team", s3.auth)

    def remove(self, place: Place, s3: Any) -> None:
        s3.client.delete_object(Bucket=s3.bucket, Key="team/reviews.csv")

    def test_a_bucket_alone_gets_the_output_s_name(self, open_store, s3):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])

        result = sync(store, f"s3://{s3.bucket}", auth=s3.auth)

        assert result == f"s3://{s3.bucket}/reviews.csv"

    def test_a_bucket_that_is_not_there_is_named(self, open_store, s3):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])

        with pytest.raises(NotFound, match="no-such-bucket-here"):
            sync(store, "s3://no-such-bucket-here/r.csv", auth=s3.auth)

    def test_without_credentials_access_is_denied(self, open_store, s3):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        auth = {"endpoint_url": s3.endpoint_url, "region_name": "us-east-1"}

        with pytest.raises(AccessDenied):
            sync(store, f"s3://{s3.bucket}/r.csv", auth=auth)
