"""What would not be safe is refused before anything listens."""

from __future__ import annotations

import pytest

from annotator.errors import HubError
from annotator.hub.server.options import ServeOptions, is_loopback


@pytest.fixture
def options(tmp_path):
    def make(**values):
        return ServeOptions(key_file=tmp_path / "key", **values)

    return make


@pytest.fixture
def tls(tmp_path):
    files = {"cert_file": tmp_path / "cert.pem", "cert_key": tmp_path / "key.pem"}
    for file in files.values():
        file.touch()
    return files


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::", ""])  # noqa: S104
def test_an_address_that_others_reach_needs_tls(options, address):
    with pytest.raises(HubError, match="in the clear"):
        options(address=address)


def test_tls_of_its_own_is_enough(options, tls):
    assert options(address="192.0.2.1", **tls).is_secure


def test_a_proxy_is_enough_if_one_says_its_name(options):
    assert options(address="192.0.2.1", behind_proxy=True, origins=("a.org",)).is_secure
    with pytest.raises(HubError, match="--origin"):
        options(behind_proxy=True)


def test_a_certificate_needs_its_key(options, tls):
    with pytest.raises(HubError, match="--tls-key"):
        options(cert_file=tls["cert_file"])


def test_a_missing_file_of_tls_is_named(options, tls, tmp_path):
    tls["cert_key"] = tmp_path / "gone.pem"

    with pytest.raises(HubError, match=r"gone\.pem"):
        options(**tls)


@pytest.mark.parametrize(
    "origin", ["https://a.org", "a.org/hub", "*", "*.a.org", "me@a.org", "", "a.org:x"]
)
def test_an_origin_is_a_name_with_at_most_a_port(options, origin):
    with pytest.raises(HubError, match="origin"):
        options(origins=(origin,))


def test_only_the_hub_s_own_pages_may_open_a_websocket(options, tls):
    assert options().hosts(5006) == ["127.0.0.1:5006", "localhost:5006"]
    assert options().hosts(80) == ["127.0.0.1", "localhost"]
    proxied = options(behind_proxy=True, origins=("a.org", "a.org:8443"))
    assert proxied.hosts(5006) == ["a.org", "a.org:8443"]
    own = options(address="192.0.2.1", origins=("a.org",), **tls)
    assert own.hosts(443) == ["192.0.2.1", "a.org"]
    assert own.hosts(8443) == ["192.0.2.1:8443", "a.org:8443"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104
        ("", False),
        ("no-such-name.invalid", False),
    ],
)
def test_what_only_this_machine_reaches(address, expected):
    assert is_loopback(address) is expected
