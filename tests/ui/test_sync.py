"""The Sync button: folders, S3, secrets, other people, and things that go wrong."""

from __future__ import annotations

import csv
import io
import logging
import socket
import threading

import pandas as pd
import panel as pn
import pytest

from annotator.app import BioacousticAnnotator, syncing
from tests.doubles.doorway import Doorway
from tests.ui.driving import Screen, open_page, open_review

FORM = {
    "select": {
        "label": "Right?",
        "column": "right",
        "items": ["yes", "no"],
        "required": True,
    }
}
CANARY = "canary-5f0c1e"


DOCUMENT = """
(() => {
  const seen = new Set();
  const texts = [];
  const look = (value) => {
    if (typeof value === "string") texts.push(value);
    if (value === null || typeof value !== "object" || seen.has(value)) return;
    seen.add(value);
    const inside = value.attributes ?? value;
    if (ArrayBuffer.isView(inside) || inside instanceof Node) return;
    (inside instanceof Map ? [...inside.values()] : Object.values(inside)).forEach(look);
  };
  Bokeh.documents.forEach((doc) => [...doc._all_models.values()].forEach(look));
  return texts.join("\\n");
})()
"""


@pytest.fixture
def review(wav, tmp_path):
    recording = str(wav(duration=4.0, name="sound.wav"))
    table = pd.DataFrame({"id": [1, 2, 3], "start_time": [0.0, 1.0, 2.0]})
    table["end_time"] = table["start_time"] + 1

    def make(name="answers", **output):
        settings = {"path": str(tmp_path / f"{name}.csv"), **output}
        return BioacousticAnnotator(
            data=table,
            audio=recording,
            output=settings,
            data_index_column="id",
            form_config=FORM,
            default_buffer=0,
            annotator=name,
        )

    return make


@pytest.fixture
def screens(page, serve, wait_until):
    """Return a function that puts annotators on one page."""

    def show(*annotators):
        view = pn.Column(*annotators)
        screen = open_page(page, serve(lambda: view), wait_until, len(annotators))
        return [Screen(screen.page, wait_until, k) for k in range(len(annotators))]

    return show


def answer(screen, annotator, label="yes"):
    before = annotator.session.n_session
    screen.answer(label)
    screen.until(screen.submit_button.is_enabled)
    screen.submit_button.click()
    screen.until(lambda: annotator.session.n_session == before + 1)


def press_sync(screen, expected: str) -> str:
    """Press Sync and wait for the line of result."""
    screen.sync_button.click()
    screen.until(lambda: expected in screen.seen("sync-status"), seconds=90)
    screen.until(screen.sync_button.is_enabled)
    return screen.seen("sync-status")


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"))))


def is_ours(record) -> bool:
    # botocore tells the headers of its requests to those who ask for its DEBUG.
    return not record.name.startswith("botocore.")


def object_rows(s3, key):
    return rows_of(s3.client.get_object(Bucket=s3.bucket, Key=key)["Body"].read())


def test_the_button_has_the_label_of_the_project(screens, review, tmp_path):
    uri = str(tmp_path / "copies")
    plain = review("a", uri=uri, sync_button=True)
    named = review("b", uri=uri, sync_button="Send to the lab's <b>S3</b>")
    hidden = review("c", uri=uri, sync_button=False)
    nowhere = review("d")

    seen = screens(plain, named, hidden, nowhere)

    assert seen[0].sync_button.inner_text().split() == ["sync", "Sync"]
    assert "Send to the lab's <b>S3</b>" in seen[1].sync_button.inner_text()
    assert seen[2].sync_button.count() == 0
    assert seen[3].sync_button.count() == 0


def test_the_button_sleeps_while_it_works_and_says_what_was_done(
    page, serve, wait_until, review, tmp_path, monkeypatch
):
    gate = threading.Event()
    really = syncing.sync

    def sync(*args, **kwargs):
        assert gate.wait(60)
        return really(*args, **kwargs)

    monkeypatch.setattr(syncing, "sync", sync)
    annotator = review(uri=str(tmp_path / "shared" / "answers.csv"))
    screen = open_review(page, serve, wait_until, annotator)
    before = screen.boxes()
    answer(screen, annotator)

    screen.sync_button.click()
    screen.until(lambda: "Syncing" in screen.seen("sync-button"))
    asleep = screen.sync_button.is_disabled()
    answer(screen, annotator, "no")  # the review goes on meanwhile
    gate.set()
    screen.until(lambda: "Synced" in screen.seen("sync-status"))

    assert asleep
    screen.until(screen.sync_button.is_enabled)
    assert screen.seen("sync-status") == "✓ Synced 2 annotations"
    assert screen.seen("sync-button").endswith("Sync")
    assert screen.boxes() == before
    copy = (tmp_path / "shared" / "answers.csv").read_bytes()
    assert copy == (tmp_path / "answers.csv").read_bytes()
    assert [row["right"] for row in rows_of(copy)] == ["yes", "no"]


def test_secrets_in_each_spelling_reach_s3(screens, review, s3, tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_SECRET", s3.auth["aws_secret_access_key"])
    monkeypatch.setenv("LAB_PROFILE", "lab")
    (tmp_path / "aws").write_text(
        f"[profile lab]\nregion = us-east-1\nendpoint_url = {s3.endpoint_url}\n"
    )
    (tmp_path / "aws-keys").write_text(
        "[lab]\naws_access_key_id = test-key\naws_secret_access_key = test-secret\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-keys"))
    mapping = {**s3.auth, "aws_secret_access_key": "env:LAB_SECRET"}
    pairs = [{"key": key, "value": value} for key, value in mapping.items()]
    one = {"key": "profile_name", "value": "env:LAB_PROFILE"}
    annotators = [
        review(name, uri=s3.uri(f"{name}.csv"), secrets=secrets)
        for name, secrets in {"pairs": pairs, "one": one, "mapping": mapping}.items()
    ]

    for screen, annotator in zip(screens(*annotators), annotators, strict=True):
        answer(screen, annotator)
        line = press_sync(screen, "Synced")
        assert line == "✓ Synced 1 annotation"

    for name in ("pairs", "one", "mapping"):
        (row,) = object_rows(s3, f"{name}.csv")
        assert (row["id"], row["right"], row["annotator"]) == ("1", "yes", name)


def test_a_secret_is_asked_for_and_leaves_no_trace(
    page, serve, wait_until, review, s3, caplog, tmp_path
):
    caplog.set_level(logging.DEBUG)
    secrets = {
        **s3.auth,
        "aws_secret_access_key": "dialog",
        "aws_session_token": f"{CANARY}-literal",
    }
    annotator = review(uri=s3.uri("asked.csv"), secrets=secrets)
    screen = open_review(page, serve, wait_until, annotator)
    answer(screen, annotator)

    screen.sync_button.click()
    field = screen.root.locator(".secrets input[type=password]")
    field.fill(f"{CANARY}-typed")
    screen.until(lambda: CANARY in page.evaluate(DOCUMENT))  # a look finds it
    screen.root.get_by_role("button", name="Continue").click()
    screen.until(lambda: "Synced 1 annotation" in screen.seen("sync-status"))

    (row,) = object_rows(s3, "asked.csv")
    assert row["right"] == "yes"
    assert not field.is_visible()
    for text in (
        page.content(),
        page.evaluate(DOCUMENT),
        field.input_value(),
        screen.seen("review-form"),
        *(f"{r.name} {r.getMessage()}" for r in caplog.records if is_ours(r)),
        annotator.describe(print_config=False),
        repr(annotator),
        *(path.read_text("utf-8") for path in tmp_path.glob("answers.*")),
    ):
        assert CANARY not in text


def test_cancelled_questions_sync_nothing(page, serve, wait_until, review, s3):
    secrets = {**s3.auth, "aws_secret_access_key": "dialog"}
    annotator = review(uri=s3.uri("asked.csv"), secrets=secrets)
    screen = open_review(page, serve, wait_until, annotator)

    screen.sync_button.click()
    screen.root.get_by_role("button", name="Cancel").click()
    field = screen.root.locator(".secrets input[type=password]")
    screen.until(lambda: not field.is_visible())

    assert screen.sync_button.is_enabled()
    assert "Contents" not in s3.client.list_objects_v2(Bucket=s3.bucket)


def test_two_people_get_each_others_answers(screens, review, s3):
    ours = {"uri": s3.uri("shared.csv"), "secrets": s3.auth}
    ada, ben = review("ada", **ours), review("ben", **ours)
    first, second = screens(ada, ben)
    answer(first, ada, "yes")
    second.click_row("2")
    second.until(lambda: ben.session.clip.index_value == 2)
    answer(second, ben, "no")

    assert press_sync(first, "Synced") == "✓ Synced 1 annotation"
    line = press_sync(second, "Synced")
    assert line == "✓ Synced 2 annotations, 1 from others"
    line = press_sync(first, "from others")
    assert line == "✓ Synced 2 annotations, 1 from others"

    wanted = {("1", "yes", "ada"), ("2", "no", "ben")}
    found = object_rows(s3, "shared.csv")
    assert {(row["id"], row["right"], row["annotator"]) for row in found} == wanted
    for annotator, screen in ((ada, first), (ben, second)):
        assert annotator.session.n_reviewed == 2
        assert len(annotator.output()) == 2
        screen.until(lambda s=screen: s.column(0) == ["3"])  # what is pending


def test_what_goes_wrong_is_one_sentence_and_loses_nothing(screens, review, s3):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{probe.getsockname()[1]}"
    keyless = {"endpoint_url": s3.endpoint_url, "region_name": "us-east-1"}
    annotators = [
        review("nobucket", uri="s3://no-such-bucket-here/a.csv", secrets=s3.auth),
        review(
            "gone", uri=s3.uri("a.csv"), secrets={**s3.auth, "endpoint_url": closed}
        ),
        review("unset", uri=s3.uri("a.csv"), secrets={"profile_name": "env:NOT_SET_X"}),
        review("keyless", uri=s3.uri("b.csv"), secrets=keyless),
    ]
    says = ["no-such-bucket-here", "network", "NOT_SET_X", "b.csv"]

    for screen, annotator, hint in zip(
        screens(*annotators), annotators, says, strict=True
    ):
        answer(screen, annotator)
        screen.sync_button.click()
        error = screen.part("sync-status").locator(".annotator-error")
        error.wait_for(timeout=90_000)
        sentence = error.inner_text()

        screen.until(screen.sync_button.is_enabled)
        assert hint in sentence
        assert "\n" not in sentence
        assert "Traceback" not in screen.seen("sync-status")
        assert screen.seen("sync-button").endswith("Sync")
        assert [row["right"] for _, row in annotator.output().iterrows()] == ["yes"]
        answer(screen, annotator, "no")  # and the review goes on


def test_a_server_that_dies_in_the_middle_loses_nothing(
    page, serve, wait_until, review, s3
):
    port = int(s3.endpoint_url.rpartition(":")[2])
    with Doorway(port) as doorway:
        secrets = {**s3.auth, "endpoint_url": doorway.address}
        annotator = review(uri=s3.uri("mid.csv"), secrets=secrets)
        screen = open_review(page, serve, wait_until, annotator)
        answer(screen, annotator)

        doorway.cut_uploads = True
        screen.sync_button.click()
        screen.part("sync-status").locator(".annotator-error").wait_for(timeout=90_000)
        screen.until(screen.sync_button.is_enabled)
        assert "Contents" not in s3.client.list_objects_v2(Bucket=s3.bucket)
        doorway.cut_uploads = False
        line = press_sync(screen, "Synced")

    assert line == "✓ Synced 1 annotation"
    assert [row["right"] for row in object_rows(s3, "mid.csv")] == ["yes"]


def test_a_large_sync_shows_how_far_it_is_and_can_be_stopped(
    page, serve, wait_until, review, s3, tmp_path
):
    large = pd.DataFrame({"id": [9], "right": ["no"], "comment": ["x" * 16_000_000]})
    large.to_csv(tmp_path / "answers.csv", index=False)
    port = int(s3.endpoint_url.rpartition(":")[2])
    with Doorway(port) as doorway:
        secrets = {**s3.auth, "endpoint_url": doorway.address}
        annotator = review(uri=s3.uri("large.csv"), secrets=secrets)
        screen = open_review(page, serve, wait_until, annotator)

        doorway.narrow.clear()
        screen.sync_button.click()
        screen.until(lambda: " of 16.0 MB" in screen.seen("sync-status"), seconds=30)
        screen.part("sync-stop").click()
        screen.until(lambda: "Stopping" in screen.seen("sync-status"))
        doorway.narrow.set()
        screen.until(lambda: "was stopped" in screen.seen("sync-status"), seconds=30)
        screen.until(screen.sync_button.is_enabled)
        left = s3.client.list_objects_v2(Bucket=s3.bucket)
        stop_is_gone = not screen.part("sync-stop").is_visible()
        line = press_sync(screen, "Synced")

    assert "Contents" not in left
    assert stop_is_gone
    assert line == "✓ Synced 1 annotation"
    assert len(object_rows(s3, "large.csv")[0]["comment"]) == 16_000_000
