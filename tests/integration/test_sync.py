"""Sync to a local folder, to S3 and to Google's storage: the four cases."""

from __future__ import annotations

import shutil

import pytest

from annotator.annotations.sync import sync
from annotator.errors import AccessDenied, NotFound
from tests.doubles.gcs import GoogleStorage
from tests.integration.sync_contract import SyncContract
from tests.integration.syncing import Place


class TestLocalFolder(SyncContract):
    @pytest.fixture
    def place(self, tmp_path, kind) -> Place:
        place = Place(str(tmp_path / "shared"), {}, kind)
        place.wipe = lambda: shutil.rmtree(place.folder)
        return place


class TestS3(SyncContract):
    @pytest.fixture
    def place(self, s3, kind) -> Place:
        place = Place(f"s3://{s3.bucket}/team", s3.auth, kind)

        def wipe() -> None:
            for name in place.names():
                s3.client.delete_object(Bucket=s3.bucket, Key=f"team/{name}")

        place.wipe = wipe
        return place

    def test_a_bucket_alone_gets_the_output_s_name(self, open_store, kind, s3):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])

        result = sync(store, f"s3://{s3.bucket}", auth=s3.auth)

        assert result == f"s3://{s3.bucket}/{store.path.name}"

    def test_a_bucket_that_is_not_there_is_named(self, open_store, kind, s3):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])

        with pytest.raises(NotFound, match="no-such-bucket-here"):
            sync(store, f"s3://no-such-bucket-here/r.{kind}", auth=s3.auth)

    def test_without_credentials_access_is_denied(self, open_store, kind, s3):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        auth = {"endpoint_url": s3.endpoint_url, "region_name": "us-east-1"}

        with pytest.raises(AccessDenied):
            sync(store, f"s3://{s3.bucket}/r.{kind}", auth=auth)


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
class TestGCS(SyncContract):
    @pytest.fixture
    def place(self, kind, monkeypatch):
        with GoogleStorage() as google:
            monkeypatch.setenv("STORAGE_EMULATOR_HOST", google.url)
            place = Place("gs://bucket/team", {}, kind)
            place.wipe = google.objects.clear
            yield place
            place.backend.close()
