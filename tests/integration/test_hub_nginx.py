"""Two servers behind nginx, as deploy/nginx has it, one of which dies."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.doubles.databases import empty_database
from tests.integration.hubs import PASSWORD, Browser, From, Hub

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "deploy" / "nginx" / "annotator-hub.conf"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
OPENSSL = shutil.which("openssl")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NGINX is None, reason="no nginx: apt-get install nginx-light"),
    pytest.mark.skipif(OPENSSL is None, reason="no openssl: apt-get install openssl"),
]

AROUND = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    include {folder}/site.conf;
}}
"""


def free_ports(n):
    """Return ports that were free a moment ago, all different."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def certificate(folder):
    subprocess.run(
        [
            *(OPENSSL, "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", folder / "key.pem", "-out", folder / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    return folder / "cert.pem"


def adapted(folder, listen, redirect, first, second):
    """Return the shipped site with this test's ports, name and certificate."""
    text = SITE.read_text()
    changes = [
        (r"\n *listen \[::\][^\n]*", ""),
        (r"listen 80;", f"listen 127.0.0.1:{redirect};"),
        (r"listen 443 ssl;", f"listen 127.0.0.1:{listen} ssl;"),
        (r"hub\.example\.org;", "localhost;"),
        (r"/etc/letsencrypt/live/hub\.example\.org/fullchain", f"{folder}/cert"),
        (r"/etc/letsencrypt/live/hub\.example\.org/privkey", f"{folder}/key"),
        (r"127\.0\.0\.1:5006", f"127.0.0.1:{first}"),
        (r"127\.0\.0\.1:5007", f"127.0.0.1:{second}"),
        # A server is tried again by the time that it has started.
        (r"fail_timeout=5s", "fail_timeout=1s"),
    ]
    for pattern, replacement in changes:
        text, n = re.subn(pattern, replacement, text)
        assert n, pattern
    return text


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def database_url(tmp_path_factory):
    """Return a database: PostgreSQL, which is what two servers are for, or SQLite."""
    kind = "PostgreSQL" if "ANNOTATOR_TEST_PG_URL" in os.environ else "SQLite"
    with empty_database(kind, tmp_path_factory.mktemp("database")) as url:
        yield url


@pytest.fixture(scope="module")
def pair(certified, database_url):
    """Return two hubs on one database, and the address of nginx before them."""
    listen, redirect, *ports = free_ports(4)
    folder = certified.parent
    (folder / "site.conf").write_text(adapted(folder, listen, redirect, *ports))
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    hubs = [Hub(database_url, folder, f"hub-{n}.log") for n in range(2)]
    hubs[0].add("ann")
    hubs[0].add("eve")
    nginx = None
    try:
        for hub, port in zip(hubs, ports, strict=True):
            hub.start("--behind-proxy", "--origin", f"localhost:{listen}", port=port)
        with (folder / "nginx.log").open("w") as log:
            nginx = subprocess.Popen(
                [NGINX, "-p", folder, "-c", folder / "nginx.conf"], stderr=log
            )
        wait_for(listen, nginx)
        yield hubs, ports, f"https://localhost:{listen}"
    finally:
        if nginx is not None:
            nginx.terminate()
            nginx.wait(30)
        for hub in hubs:
            hub.stop()


def wait_for(port, process):
    """Return as soon as it listens."""
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("nginx did not start")


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
