"""The notebooks of `examples/` run as they stand."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbclient
import nbformat
import pytest

if TYPE_CHECKING:
    from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bucket(s3: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a bucket that the environment gives access to."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("ANNOTATOR_BUCKET", f"s3://{s3.bucket}")
    return str(s3.bucket)


def run(name: str, folder: Path) -> NotebookNode:
    notebook = nbformat.read(ROOT / "examples" / name, as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(folder)}}
    ).execute()
    return notebook


def text_of(notebook: NotebookNode, words: str) -> str:
    """Return what the cell with these words showed."""
    (cell,) = (cell for cell in notebook.cells if words in cell.source)
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    ]
    return "\n".join(texts)


@pytest.mark.slow
def test_the_walkthrough_of_storage_runs_against_s3(bucket, s3, tmp_path):
    notebook = run("storage.ipynb", tmp_path)

    assert "equal to the local file: True" in text_of(notebook, "read_segment(")
    assert "Synced 3 annotations" in text_of(notebook, "result = ba.sync()")
    assert text_of(notebook, "ba.sync().uploaded").strip() == "0"
    body = s3.client.get_object(Bucket=bucket, Key="reviews/reviews.csv")["Body"].read()
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert [row["verdict"] for row in rows] == ["yes"] * 3
    shown = [
        kind
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        for kind in output.get("data", {})
    ]
    assert "application/vnd.holoviews_exec.v0+json" in shown
