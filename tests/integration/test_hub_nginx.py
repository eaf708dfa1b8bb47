"""Two servers behind nginx, as deploy/nginx has it, one of which dies."""

from __future__ import annotations

import sys

import pytest

from tests.integration.hubs import PASSWORD, Browser, From, Hub
from tests.integration.proxied import (
    NEEDED,
    Nginx,
    best_database,
    certificate,
    free_ports,
)

pytestmark = NEEDED


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def database_url(tmp_path_factory):
    with best_database(tmp_path_factory.mktemp("database")) as url:
        yield url


@pytest.fixture(scope="module")
def pair(certified, database_url):
    """Return two hubs on one database, and the address of nginx before them."""
    ports = free_ports(2)
    folder = certified.parent
    nginx = Nginx(folder, ports)
    hubs = [Hub(database_url, folder, f"hub-{n}.log") for n in range(2)]
    hubs[0].add("ann")
    hubs[0].add("eve")
    try:
        for hub, port in zip(hubs, ports, strict=True):
            hub.start("--behind-proxy", "--origin", nginx.origin, port=port)
        with nginx.running():
            yield hubs, ports, nginx.address
    finally:
        for hub in hubs:
            hub.stop()


@pytest.fixture
def ann(pair, certified):
    with Browser(pair[2], certified) as browser:
        assert browser.sign_in("ann").status_code == 303
        yield browser


def works(browser, headers):
    """Check that pages and API answer, more often than there are servers."""
    for _ in range(6):
        assert browser.get("/api/v1/me", headers=headers).json()["name"] == "ann"
    socket = browser.websocket(browser.token())
    try:
        return "ann" in socket.document()
    finally:
        socket.close()


def test_people_and_scripts_go_on_while_a_server_dies_and_comes_back(pair, ann):
    hubs, ports, address = pair
    user = hubs[0].store.users.by_name("ann")
    made = hubs[0].store.tokens.create(user, "script", scopes=["project:read"])
    headers = {"Authorization": f"Bearer {made.secret}"}
    assert works(ann, headers)

    for hub, port in zip(hubs, ports, strict=True):
        hub.kill()
        assert works(ann, headers), "and nobody had to sign in again"
        with Browser(address, ann.verify) as other:
            assert other.sign_in("ann").status_code == 303
        hub.start("--behind-proxy", "--origin", address[8:], port=port)
    assert works(ann, headers)


def test_the_cookie_goes_over_tls_only_and_to_this_host_only(ann):
    (cookie,) = [one for one in ann.cookies if one.name == "__Host-annotator_hub"]

    assert cookie.secure
    assert not cookie.domain_specified


def test_tls_is_asked_for_from_now_on(ann):
    assert "max-age" in ann.get("/hub").headers["Strict-Transport-Security"]


def test_a_websocket_from_another_site_is_refused_here_too(ann):
    token = ann.token()

    assert ann.websocket(token, origin="https://elsewhere.example").status == 403


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="has one loopback")
def test_nobody_guesses_under_invented_addresses(pair, certified):
    with Browser(pair[2], certified) as guesser:
        guesser.mount("https://", From("127.0.0.9"))
        field = guesser.field()
        statuses = []
        for number in range(21):
            for name in ("X-Real-IP", "X-Forwarded-For"):
                guesser.headers[name] = f"192.0.2.{number}"
            answer = guesser.sign_in("eve", "wrong", _xsrf=field)
            statuses.append(answer.status_code)

    assert statuses == [401] * 20 + [429]
    with Browser(pair[2], certified) as other:
        assert other.sign_in("eve", PASSWORD).status_code == 303


def test_more_than_the_hub_takes_is_refused_before_it(ann):
    assert ann.post("/api/v1/projects", data=b"x" * 7_000_000).status_code == 413
