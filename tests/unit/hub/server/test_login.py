"""The log-in page shows what it is given as text, and leads nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.hub.server.login import HOME, local_target
from annotator.hub.server.login_page import login_page, logout_page

PAYLOAD = "\"'><img src=x onerror=alert(1)>&{x}"


def test_nothing_that_is_given_becomes_html():
    pages = (
        login_page(PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD),
        logout_page(PAYLOAD, PAYLOAD),
    )

    for page in pages:
        assert "<img" not in page
        assert "'>" not in page
        assert '""' not in page.replace('value=""', "")


def test_it_needs_no_script_and_nothing_from_elsewhere():
    page = login_page("token", "/hub")

    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert "prefers-color-scheme: dark" in page


def test_the_problem_is_read_out():
    assert 'role="alert">Wrong.</p>' in login_page("token", "/hub", "ann", "Wrong.")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hub",
        "//elsewhere.example",
        "https://elsewhere.example",
        "/\\elsewhere.example",
        "/\t/elsewhere.example",
        "/\n/elsewhere.example",
        "\\\\elsewhere.example",
        "/login?next=/login",
        "/logout",
    ],
)
def test_one_is_not_led_elsewhere(address):
    assert local_target(address) == HOME


@pytest.mark.parametrize("address", ["/", "/annotate?project=a%2F..%2Fb", "/hub#top"])
def test_one_is_led_to_a_page_of_the_hub(address):
    assert local_target(address) == address


@given(st.text(alphabet="/\\.:@?#abc \t\n", max_size=12))
def test_a_browser_reads_the_target_as_of_this_host(address):
    target = local_target(address)

    assert target[0] == "/"
    assert target[1:2] not in ("/", "\\")
    assert not set(target) & set("\\\t\n")
