"""Signing in to a hub and out of it, and who may not."""

from __future__ import annotations

import re
import sys

import pytest

from annotator.hub.permissions import Caller
from tests.integration.hub_people import *  # noqa: F403 (fixtures)
from tests.integration.hubs import PASSWORD, Browser, From

pytestmark = pytest.mark.slow

WRONG = "not the password"


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
