"""People who submit, edit, delete, undo and sync in any order end with the same."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.doubles.gcs import GoogleStorage
from tests.integration.replicas import Replicas
from tests.integration.syncing import Place

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def check(folder: str, auth: dict[str, str] | None = None, *, examples: int) -> None:
    """Let replicas live, each time with a new place in the folder."""
    profile = settings(
        max_examples=examples,
        stateful_step_count=25,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.reuse, Phase.generate],  # to shrink takes minutes
    )

    def place(kind: str) -> Place:
        return Place(f"{folder}/{uuid.uuid4().hex}", auth or {}, kind)

    run_state_machine_as_test(lambda: Replicas(place), settings=profile)


def test_replicas_converge_in_a_shared_folder(tmp_path: Path):
    check(str(tmp_path), examples=50)


def test_replicas_converge_on_s3(s3):
    check(f"s3://{s3.bucket}", s3.auth, examples=15)


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_replicas_converge_on_google_s_storage(monkeypatch):
    with GoogleStorage() as google:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", google.url)
        check("gs://bucket", examples=30)
