"""Which addresses a token may be sent to."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.errors import ParameterError
from annotator.hub.client.address import check_address, is_loopback


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://hub.example.org", "https://hub.example.org"),
        (" https://HUB.example.org:8443/ ", "https://hub.example.org:8443"),
        ("https://example.org/team/hub/", "https://example.org/team/hub"),
        ("https://example.org/hub/api/v1/", "https://example.org/hub"),
        ("http://localhost:5006", "http://localhost:5006"),
        ("http://127.8.9.1:5006", "http://127.8.9.1:5006"),
        ("http://[::1]:5006/api/v1", "http://[::1]:5006"),
    ],
)
def test_an_address_is_brought_into_its_form(given, expected):
    assert check_address(given) == expected


@pytest.mark.parametrize(
    "address",
    [
        "http://hub.example.org",
        "http://10.0.0.1",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
        "http://0.0.0.0:5006",
    ],
)
def test_plain_http_is_for_this_machine_alone(address):
    with pytest.raises(ParameterError, match="use https://"):
        check_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "hub.example.org",
        "ftp://hub.example.org",
        "https://",
        "https://hub.example.org:port",
        "https://[::1",
        "https://hub.exam\nple.org",
        "https://hub.example.org/a b",
        "https:\\\\hub.example.org",
        "https://hub.example.org/?project=1",
        "https://hub.example.org/#top",
        "",
    ],
)
def test_what_is_no_address_says_how_to_write_one(address):
    with pytest.raises(ParameterError, match=r"write it as https://|without \? and #"):
        check_address(address)


def test_a_password_in_the_address_is_refused_and_not_shown():
    with pytest.raises(ParameterError) as caught:
        check_address("https://maria:canary@hub.example.org")

    assert "must not hold a user name" in str(caught.value)
    assert "canary" not in str(caught.value)


@given(st.text(), st.sampled_from(["", "http://", "https://", "http://127.0.0.1@"]))
def test_whatever_is_accepted_is_safe(text, start):
    try:
        found = check_address(start + text)
    except ParameterError:
        return

    parts = urlsplit(found)
    assert parts.scheme == "https" or is_loopback(parts.hostname)
    assert check_address(found) == found
