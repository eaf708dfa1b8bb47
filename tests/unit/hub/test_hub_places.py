from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.audio.io import read_segment
from annotator.errors import ParameterError, Unreachable
from annotator.hub.places import DOWNLOAD, DOWNLOAD_VARIABLE, Places, is_public

INSIDE = [
    "127.0.0.1",
    "0.0.0.0",  # noqa: S104 - looked at, not listened to
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "nonsense",
    "",
]


def found_at(*addresses: str):
    def look_up(host, port, **_options):
        return [(socket.AF_INET, 1, 6, "", (text, port)) for text in addresses]

    return look_up


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_within_a_network_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1", "64:ff9b::808:808"])
def test_an_address_of_the_internet_is_public(address):
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_the_other_dress_of_an_address_changes_nothing(address):
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")

    assert is_public(str(mapped)) == is_public(str(address))


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/a.flac",
        "HTTPS://example.org/a b.flac",
        "s3://bucket/a/b.flac",
        "gs://my_bucket/a.flac",
    ],
)
def test_addresses_that_everybody_reaches_may_be_named(text):
    if " " in text:
        with pytest.raises(ParameterError):
            Places().check(text)
    else:
        assert Places().check(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "http://example.org/a.flac",
        "file:///etc/passwd",
        "ftp://example.org/a.flac",
        "https://",
        "https:///a.flac",
        "https://me:secret@example.org/a.flac",
        "https://example.org\\@127.0.0.1/a.flac",
        "https://example.org:99999/a.flac",
        "s3://bucket",
        "s3:///key",
        "s3://../key",
        "/etc/passwd",
        "a.flac",
        "../a.flac",
        "~/a.flac",
        "C:\\a.flac",
        "",
        "   ",
        "a\0b",
        "https://example.org/a\r\nHost: b",
    ],
)
def test_other_places_are_refused_with_a_sentence_that_does_not_repeat_them(text):
    with pytest.raises(ParameterError) as caught:
        Places().check(text)

    assert "secret" not in str(caught.value)
    assert str(caught.value).endswith((".", "?"))


def test_a_path_below_the_shared_folder_may_be_named(tmp_path):
    places = Places(audio_root=tmp_path)

    assert places.check("site/a.flac") == str(tmp_path / "site" / "a.flac")
    assert places.check(str(tmp_path / "a.flac")) == str(tmp_path / "a.flac")


def test_a_path_or_a_link_that_leads_out_is_refused(tmp_path):
    inside, outside = tmp_path / "shared", tmp_path / "secret"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    places = Places(audio_root=inside)

    for text in (
        "../secret/a.flac",
        "link/a.flac",
        "/etc/passwd",
        ".",
        "~/a",
        "x/../..",
    ):
        with pytest.raises(ParameterError, match="leads out"):
            places.check(text)


@given(st.lists(st.sampled_from(["..", ".", "a", "b c", "/", "//", "~"]), max_size=6))
def test_no_path_leads_out(parts):
    root = Path("/srv/shared/audio")
    try:
        found = Places(audio_root=root).check("/".join(parts))
    except ParameterError:
        return
    assert Path(found).is_relative_to(root.resolve())


def test_a_host_must_be_public_under_each_of_its_addresses():
    places = Places()

    places.check_host("https://example.org/a", found_at("8.8.8.8"))
    with pytest.raises(ParameterError, match="not on the public internet"):
        places.check_host("https://example.org/a", found_at("8.8.8.8", "10.0.0.1"))
    with pytest.raises(ParameterError, match="not on the public internet"):
        places.check_host("https://example.org/a", found_at())


def test_a_host_that_the_operator_lists_may_be_anywhere():
    places = Places(hosts=frozenset({"nas.local"}))

    places.check_host("https://NAS.local./a", found_at("10.0.0.1"))

    assert places.may_connect("NAS.local", "10.0.0.1")
    assert not places.may_connect("evil.example", "10.0.0.1")


def test_a_host_that_nobody_knows_is_refused():
    def look_up(*_args, **_options):
        raise socket.gaierror

    with pytest.raises(ParameterError, match="not known"):
        Places().check_host("https://nowhere.invalid/a", look_up)


def test_only_listed_buckets_are_read_where_there_is_a_list():
    places = Places(buckets=frozenset({"sounds"}))

    assert places.check("s3://sounds/a.flac")
    with pytest.raises(ParameterError, match="does not list"):
        places.check("s3://others/a.flac")


def test_the_operator_says_it_in_the_environment():
    places = Places.from_environment(
        {
            "ANNOTATOR_HUB_AUDIO": "/srv/audio",
            "ANNOTATOR_HUB_HOSTS": "NAS.local, files.example.org",
            "ANNOTATOR_HUB_BUCKETS": "sounds",
        }
    )

    assert places == Places(
        audio_root=Path("/srv/audio"),
        hosts=frozenset({"nas.local", "files.example.org"}),
        buckets=frozenset({"sounds"}),
    )
    assert Places.from_environment({}) == Places()


@pytest.mark.parametrize(
    ("said", "most"), [({}, DOWNLOAD), ({DOWNLOAD_VARIABLE: "20 MB"}, 20_000_000)]
)
def test_what_is_fetched_whole_has_a_size_that_the_operator_says(said, most):
    places = Places.from_environment(said)

    assert places.auth["max_download"] == most


def test_a_size_that_is_none_is_a_sentence():
    with pytest.raises(
        ParameterError, match="ANNOTATOR_HUB_DOWNLOAD='much' is no size"
    ):
        Places.from_environment({DOWNLOAD_VARIABLE: "much"})


@pytest.fixture
def inside():
    """Return a server of the hub's own network, and what it heard of each caller."""
    heard = []
    server = socket.create_server(("127.0.0.1", 0))

    def listen():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection:
                    heard.append(connection.recv(100))

    listener = threading.Thread(target=listen)
    listener.start()
    yield server, heard
    server.shutdown(socket.SHUT_RDWR)
    listener.join()
    server.close()


def test_a_name_that_leads_elsewhere_once_it_was_checked_opens_nothing(
    inside, monkeypatch
):
    """What a name server says changes between the check and the connection."""
    server, heard = inside
    places, address = Places(), "https://rebound.example/a.flac"
    places.check_host(places.check(address), found_at("8.8.8.8"))
    now = (socket.AF_INET, socket.SOCK_STREAM, 6, "", server.getsockname())
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [now])

    with pytest.raises(Unreachable):
        read_segment(address, 0.0, 1.0, **places.auth)

    assert heard
    assert set(heard) == {b""}  # left before a word was said
