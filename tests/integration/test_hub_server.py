"""The hub as it is served: who gets in, to what, and what a browser is told."""

from __future__ import annotations

import re
import sys

import pytest
import requests
from bokeh.util.token import get_token_payload

from annotator.hub.permissions import Caller
from annotator.hub.server.headers import HEADERS
from tests.integration.hubs import PASSWORD, Browser, From, Hub

pytestmark = pytest.mark.slow

WRONG = "not the password"
CANARY = "canary-7f3a9c"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    hub = Hub(f"sqlite:///{folder / 'hub.db'}", folder)
    try:
        hub.people = {
            name: hub.add(name, is_admin=name == "ann")
            for name in ("ann", "bob", "eve")
        }
        hub.start()
        yield hub
    finally:
        hub.stop()


@pytest.fixture
def stranger(hub):
    with Browser(hub.base) as browser:
        yield browser


@pytest.fixture
def ann(hub):
    with Browser(hub.base) as browser:
        assert browser.sign_in("ann").status_code == 303
        yield browser


@pytest.fixture
def bob(hub):
    with Browser(hub.base) as browser:
        assert browser.sign_in("bob").status_code == 303
        yield browser


@pytest.fixture
def opened():
    """Return a function that keeps a websocket, and closes it after the test."""
    sockets = []

    def keep(socket):
        sockets.append(socket)
        return socket

    yield keep
    for socket in sockets:
        socket.close()


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


# ------------------------------------------------------------------ log-in


def test_a_wrong_password_is_refused_and_the_name_kept(stranger):
    answer = stranger.sign_in("<b>ann", WRONG)

    assert answer.status_code == 401
    assert "No user has this name and password." in answer.text
    assert 'value="&lt;b&gt;ann"' in answer.text
    assert WRONG not in answer.text
    assert stranger.get("/hub").status_code == 302


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger):
    answer = stranger.sign_in("ann")

    (cookie,) = re.findall(r"annotator_hub=[^,]*", answer.headers["Set-Cookie"])
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_the_database_does_not_hold_the_cookie(hub, ann):
    cookie = ann.cookies["annotator_hub"]

    files = [file for file in hub.folder.glob("hub.db*") if file.is_file()]
    assert files
    for file in files:
        assert cookie.encode() not in file.read_bytes()


@pytest.mark.parametrize("field", [None, "", "2|aa|bb|1"])
def test_a_form_without_its_hidden_field_is_refused(stranger, field):
    stranger.field()
    form = {"name": "ann", "password": PASSWORD}
    if field is not None:
        form["_xsrf"] = field

    answer = stranger.post("/login", data=form)

    assert answer.status_code == 403
    assert "annotator_hub" not in stranger.cookies


def test_another_browser_s_hidden_field_is_no_use(hub, stranger):
    with Browser(hub.base) as other:
        field = other.field()
    stranger.field()

    answer = stranger.sign_in("ann", _xsrf=field)

    assert answer.status_code == 403


def test_a_form_of_another_site_is_refused(stranger):
    stranger.headers["Origin"] = "https://elsewhere.example"

    assert stranger.sign_in("ann").status_code == 403


def test_a_huge_form_is_refused(stranger):
    assert stranger.sign_in("ann", "x" * 100_000).status_code == 413


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="has one loopback")
def test_after_twenty_failures_an_address_has_to_wait(hub):
    with Browser(hub.base) as guesser:
        guesser.mount("http://", From("127.0.0.9"))
        field = guesser.field()
        for _ in range(20):
            assert guesser.sign_in("eve", WRONG, _xsrf=field).status_code == 401

        answer = guesser.sign_in("eve", PASSWORD)

        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
    with Browser(hub.base) as other:
        assert other.sign_in("eve").status_code == 303


def test_the_audit_log_has_who_came_and_went(hub, ann):
    ann.post("/logout", data={"_xsrf": ann.field("/logout")})

    notes = hub.store.audit.everything(Caller(hub.people["ann"]), limit=2)

    assert [(note.action, note.by) for note in notes] == [
        ("session.end", "ann"),
        ("session.begin", "ann"),
    ]
    assert notes[0].detail == {"address": "127.0.0.1"}


# ----------------------------------------------------------------- log-out


def test_a_link_signs_nobody_out(ann):
    answer = ann.get("/logout")

    assert "You are signed in as ann" in answer.text
    assert ann.get("/hub").status_code == 200
    assert ann.post("/logout").status_code == 403


def test_signing_out_ends_it_on_the_server_too(ann, opened):
    socket = opened(ann.websocket(ann.token()))
    socket.document()
    cookie = ann.cookies["annotator_hub"]

    answer = ann.post("/logout", data={"_xsrf": ann.field("/logout")})

    assert answer.headers["Location"] == "/login"
    assert "annotator_hub" not in ann.cookies
    ann.cookies.set("annotator_hub", cookie)
    assert ann.get("/hub").status_code == 302
    assert socket.wait_until_closed() == 4401


def test_one_signs_out_after_leaving_a_page(ann):
    socket = ann.websocket(ann.token())
    socket.document()
    socket.close()

    answer = ann.post("/logout", data={"_xsrf": ann.field("/logout")})

    assert answer.status_code == 303


def test_a_page_is_closed_when_its_sign_in_ends_elsewhere(hub, ann, opened):
    token = ann.token()
    socket = opened(ann.websocket(token))
    socket.document()

    hub.store.web_sessions.delete(ann.cookies["annotator_hub"])

    assert socket.wait_until_closed() == 4401
    assert ann.websocket(token).status == 403


def test_pages_of_a_deactivated_person_are_closed(hub, stranger, opened):
    user = hub.add("zoe")
    stranger.sign_in("zoe")
    socket = opened(stranger.websocket(stranger.token()))
    socket.document()

    hub.store.users.deactivate(user)

    assert socket.wait_until_closed() == 4401
    assert stranger.get("/hub").status_code == 302
    assert stranger.sign_in("zoe").status_code == 401


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
    for name in set(HEADERS) - {"Content-Security-Policy"}:
        assert answer.headers[name] == HEADERS[name]
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


def test_what_is_far_too_large_is_not_even_read(stranger):
    try:
        status = stranger.post("/api/v1/projects", data=b"x" * 20_000_000).status_code
    except requests.ConnectionError:  # hung up while it was still being sent
        status = 400

    assert status == 400


def test_it_ends_when_it_is_asked_to(tmp_path):
    hub = Hub(f"sqlite:///{tmp_path / 'hub.db'}", tmp_path)
    hub.add("ann")
    hub.start()

    hub.stop()

    assert hub._process.returncode == 0
    assert "Traceback" not in hub.log.read_text()
