"""Secrets that went through a hub are in nothing that it sends, says or keeps."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from bokeh.util.token import get_token_payload

from annotator.app.hub_review import ReviewMaker
from annotator.hub.member_config import read
from annotator.hub.pages.review_clips import frame_of
from annotator.hub.permissions import Caller
from annotator.hub.places import Places
from annotator.hub.server.backup import backup
from tests.integration.hub_people import ann, opened, stranger  # noqa: F401 (fixtures)
from tests.integration.hubs import PASSWORD, Hub
from tests.unit.hub.pages.samples import Visitor, clip, event

pytestmark = pytest.mark.slow

OPERATORS = {
    "AWS_SECRET_ACCESS_KEY": "canary-operator-4f1d",
    "PGPASSWORD": "canary-database-77aa",
}
NEW_PASSWORD = "canary password of a quiet pond"
FORM = "form_config:\n  select: {label: S, column: s, items: [a, b]}\n"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    hub = Hub(f"sqlite:///{folder / 'hub.db'}", folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in OPERATORS.items():
            patch.setenv(name, value)
        hub.people = {"ann": hub.add("ann", is_admin=True)}
        hub.start()
    yield hub
    hub.stop()


@pytest.fixture
def used(hub, ann, stranger, opened):  # noqa: F811
    """Use a hub as people do; return the secrets, and all that its pages sent."""
    store, user = hub.store, hub.people["ann"]
    caller = Caller(user)
    project = store.projects.create(
        caller, f"Owls of {ann.cookies['annotator_hub'][:3]}"
    )
    store.projects.set_config(caller, project.uid, FORM)
    store.clips.add(
        caller, project.uid, [clip(n, recording="nowhere.wav") for n in (0, 1)]
    )
    token = store.tokens.create(user, "script").secret
    headers = {"Authorization": f"Bearer {token}"}
    path = f"/api/v1/projects/{project.uid}"
    sent = {"events": [event("clip-0", "ann", s="a")]}
    answers = (
        ann.post(f"{path}/events", json=sent, headers=headers),
        ann.get(f"{path}/events", headers=headers),
        ann.post(f"{path}/snapshots", json={"message": "m"}, headers=headers),
        ann.get("/api/v1/tokens", headers=headers),
        ann.get("/api/v1/me", headers={"Authorization": f"Bearer {token}x"}),
        ann.get("/api/openapi.json"),
        stranger.sign_in("ann", "canary-wrong-9d2e"),
        ann.get("/hub?_xsrf=canary-query-31fe"),
    )
    seen = [answer.text + repr(answer.headers) for answer in answers]
    for address in ("/hub", f"/hub?project={project.uid}", "/annotate"):
        text = ann.get(address).text
        page = re.search(r'"token":"([^"]+)"', text)[1]
        document = opened(ann.websocket(page, address.partition("?")[0])).document()
        seen += [text, repr(get_token_payload(page)), document]
    return project, token, seen


def reviewed(hub, project):
    """Review a clip as the page does; return the files of that."""
    visitor = Visitor(hub.people["ann"], hub.store)
    frame = frame_of(hub.store, visitor.caller, project.uid)
    review = ReviewMaker(Places())(project, visitor, frame, read(FORM), leased=True)
    try:
        review.session.submit({"s": "b"})
    finally:
        review.close()
    return list(hub.folder.glob("hub.db.reviews/**/*"))


def test_no_page_answer_log_or_file_has_one(hub, used, ann, tmp_path):  # noqa: F811
    project, token, seen = used
    command = [sys.executable, "-m", "annotator", "hub"]
    changed = subprocess.run(
        [*command, "user", "password", "ann", "--password-stdin", "--db", hub.url],
        input=NEW_PASSWORD,
        capture_output=True,
        text=True,
        check=True,
    )
    copy = tmp_path / "copy.db"
    backup(hub.url, copy)
    kept = [file for file in reviewed(hub, project) if file.is_file()]
    kept += [*hub.folder.glob("hub.db*"), hub.log, copy]
    secrets = {
        "password": PASSWORD,
        "new password": NEW_PASSWORD,
        "wrong password": "canary-wrong-9d2e",
        "token": token.split("_")[2][:32],
        "cookie": ann.cookies.get("annotator_hub") or "",
        "signing key": (hub.folder / "hub.key").read_text().strip(),
        **OPERATORS,
    }
    said = {f"page {n}": text for n, text in enumerate(seen)}
    said["command"] = changed.stdout + changed.stderr
    said |= {
        file.name: file.read_bytes().decode("latin-1")
        for file in kept
        if file.is_file() and not file.name.endswith(".key")
    }

    assert {"annotations.csv.log", "hub.db", "copy.db", "hub.log"} <= set(said)
    assert len(json.dumps(said)) > 100_000
    assert {
        (secret, where)
        for secret, value in secrets.items()
        for where, text in said.items()
        if value and value in text
    } == set()
    assert "canary-query" not in hub.log.read_text()
