"""The hub as it is served: who gets to what, and what a browser is told."""

from __future__ import annotations

import re

import pytest
import requests
from bokeh.util.token import get_token_payload

from annotator.hub.server.headers import HEADERS
from tests.integration.hub_people import *  # noqa: F403 (fixtures)
from tests.integration.hubs import PASSWORD, Browser, Hub

pytestmark = pytest.mark.slow

CANARY = "canary-7f3a9c"


# ------------------------------------------------------------------- pages


@pytest.mark.parametrize("path", ["/hub", "/hub/", "/annotate", "/hub/metadata"])
def test_a_page_asks_strangers_to_sign_in(stranger, path):
    answer = stranger.get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(("./login?next=", "/login?next="))


def test_the_way_to_the_log_in_is_right_from_each_page(stranger):
    for path in ("/", "/hub", "/hub/", "/annotate?project=1"):
        answer = stranger.get(path)
        while answer.is_redirect:
            target = requests.compat.urljoin(answer.url, answer.headers["Location"])
            answer = stranger.get(target.removeprefix(stranger.base))

        assert answer.status_code == 200
        assert "<h1>Annotator hub</h1>" in answer.text


def test_one_comes_to_the_page_that_one_asked_for(stranger):
    answer = stranger.sign_in("ann", next="/annotate?project=7")

    assert answer.headers["Location"] == "/annotate?project=7"


def test_a_page_knows_on_the_server_who_looks_at_it(bob, opened):
    socket = opened(bob.websocket(bob.token()))

    assert "bob" in socket.document()


def test_a_page_is_not_embedded_into_others(ann):
    path = "/hub/autoload.js?bokeh-autoload-element=1"

    assert ann.get(path).status_code == 404
    answer = ann.options(path, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 404


def test_files_of_components_are_for_those_who_are_signed_in(stranger, ann):
    path = "/components/antigravity/a/_css/b"  # a module that nothing here imports

    assert stranger.get(path).status_code == 403
    assert ann.get(path).status_code == 404


def test_health_is_told_without_a_log_in(stranger):
    assert stranger.get("/health").json() == {"status": "ok"}


# -------------------------------------------------------------- websockets


def test_a_websocket_needs_a_log_in(ann, stranger):
    token = ann.token()

    assert stranger.websocket(token).status == 403


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "http://localhost:1", "null"]
)
def test_a_websocket_from_a_page_of_another_site_is_refused(ann, origin):
    token = ann.token()

    assert ann.websocket(token, origin=origin).status == 403


def test_another_s_page_is_refused(ann, bob, opened):
    token = ann.token()
    opened(ann.websocket(token)).document()

    assert bob.websocket(token).status == 403


def test_a_page_that_nobody_opened_yet_is_refused_too(ann, bob):
    assert bob.websocket(ann.token()).status == 403


def test_a_forged_token_opens_nothing(ann, opened):
    head, _, tail = ann.token().partition(".")

    forged = f"{head}.{tail[::-1]}"
    socket = opened(ann.websocket(forged))

    assert socket.status == 403 or socket.wait_until_closed() is not None


@pytest.mark.parametrize("name", ["bokeh-session-id", "bokeh-token"])
def test_a_page_cannot_be_named_by_the_one_who_asks(ann, bob, name):
    token = ann.token()

    assert bob.get(f"/hub?{name}={token}").status_code == 403
    answer = bob.get("/hub", headers={"Bokeh-Session-Id": token})
    assert answer.status_code == 403


# ------------------------------------------------------------------ secrets


def test_what_a_browser_sends_is_neither_in_the_page_nor_in_the_log(hub, ann, opened):
    ann.cookies.set("other", f"{CANARY}-cookie")
    headers = {"Authorization": f"Bearer {CANARY}-token", "X-Secret": CANARY}

    page = ann.get("/hub", headers=headers).text
    token = re.search(r'"token":"([^"]+)"', page)[1]
    said = page + repr(get_token_payload(token))
    said += opened(ann.websocket(token)).document()
    said += hub.log.read_text()

    assert CANARY not in said
    assert ann.cookies["annotator_hub"] not in said
    assert PASSWORD not in said


def test_session_ids_are_signed(ann):
    from bokeh.util.token import check_token_signature

    token = ann.token()

    assert not check_token_signature(token, secret_key=b"x" * 40, signed=True)
    assert token.count(".") == 1


# ------------------------------------------------------------------ headers


@pytest.mark.parametrize(
    "path",
    ["/login", "/nothing", "/hub", "/health", "/static/js/bokeh.min.js", "/api/v1/me"],
)
def test_all_answers_say_what_a_browser_may_do(stranger, path):
    answer = stranger.get(path)

    policy = answer.headers["Content-Security-Policy"]
    rules = ("base-uri 'none'", "object-src 'none'", "script-src-attr 'none'")
    assert "default-src 'none'" in policy or all(rule in policy for rule in rules)
    for name, value in HEADERS.items():
        is_stricter = name in {"Content-Security-Policy", "Referrer-Policy"}
        assert is_stricter or answer.headers[name] == value
    assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert answer.headers["Server"] == "annotator"


def test_a_page_is_not_kept_by_the_browser(ann):
    assert ann.get("/hub").headers["Cache-Control"] == "no-store"
    assert ann.get("/logout").headers["Cache-Control"] == "no-store"


# ---------------------------------------------------------------------- API


def test_the_api_answers_on_the_same_port(hub, stranger):
    made = hub.store.tokens.create(hub.people["bob"], "script", scopes=["project:read"])
    stranger.headers["Authorization"] = f"Bearer {made.secret}"

    answer = stranger.get("/api/v1/me")

    assert answer.status_code == 200
    assert answer.json()["name"] == "bob"
    hub.store.tokens.delete(hub.people["bob"], made.info.key_id)
    assert stranger.get("/api/v1/me").status_code == 401


def test_the_api_takes_no_cookie(ann):
    assert ann.get("/api/v1/me").status_code == 401
    assert ann.post("/api/v1/projects", json={"name": "x"}).status_code == 401


def test_it_ends_when_it_is_asked_to(tmp_path):
    hub = Hub(f"sqlite:///{tmp_path / 'hub.db'}", tmp_path)
    hub.add("ann")
    hub.start()

    hub.stop()

    assert hub._process.returncode == 0
    assert "Traceback" not in hub.log.read_text()


def test_a_server_knows_the_files_of_pages_that_another_one_made(tmp_path):
    hub = Hub(f"sqlite:///{tmp_path / 'hub.db'}", tmp_path)
    hub.add("ann")
    try:
        hub.start()
        with Browser(hub.base) as ann:
            assert ann.sign_in("ann").status_code == 303
            file = "/static/extensions/panel-material-ui/panel-material-ui.bundle.js"
            answer = ann.get(file)
    finally:
        hub.stop()

    assert answer.status_code == 200
