"""What a hub's answers mean."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.errors import (
    Forbidden,
    HubConflict,
    HubError,
    HubUnreachable,
    InvalidToken,
    ProjectNotFound,
    Refused,
    Throttled,
)
from annotator.hub.client.answers import error_of, retry_after

HUB = {"Annotator-Protocol": "1", "Content-Type": "application/problem+json"}


def meaning(status, problem=None, headers=HUB):
    body = json.dumps(problem or {}).encode()
    return error_of(status, headers, body, url="https://hub", key_id="KEY")


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_good_answer_is_no_error(status):
    assert meaning(status) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, InvalidToken),
        (403, Forbidden),
        (404, ProjectNotFound),
        (409, HubConflict),
        (400, Refused),
        (413, Refused),
        (422, Refused),
        (426, HubError),
        (429, Throttled),
        (302, HubUnreachable),
        (405, HubUnreachable),
        (500, HubUnreachable),
        (503, HubUnreachable),
    ],
)
def test_each_status_is_one_of_our_errors(status, kind):
    assert type(meaning(status)) is kind


@pytest.mark.parametrize("status", [200, 302, 401, 403, 404, 422, 500])
def test_a_proxy_that_answers_in_its_place_is_no_hub(status):
    error = meaning(status, headers={"Content-Type": "text/html"})

    assert type(error) is HubUnreachable
    assert "not as a hub" in str(error)


def test_a_problem_without_the_protocol_is_still_the_hubs_word():
    found = meaning(403, headers={"Content-Type": "application/problem+json"})

    assert isinstance(found, Forbidden)


def test_the_hubs_own_sentence_is_shown_shortened_and_in_one_line():
    error = meaning(403, {"detail": "Your role\nis viewer." + "x" * 1000})

    assert str(error).startswith("Your role is viewer.")
    assert len(str(error)) == 300


def test_an_invalid_token_is_named_by_its_key():
    assert "KEY" in str(meaning(401, {"detail": "no"}))


def test_an_older_client_is_told_to_update():
    assert "pip install --upgrade" in str(meaning(426, {"code": "client-too-old"}))


def test_problems_say_which_and_why():
    problems = [{"index": 3, "reason": "no id"}, {"index": "x"}, {"index": -1}, 7]

    error = meaning(422, {"detail": "bad", "problems": problems})

    assert list(error.problems) == [(3, "no id"), (None, "bad"), (None, "bad")]


def test_a_refusal_without_problems_is_one_of_the_whole():
    assert list(meaning(422, {"detail": "bad"}).problems) == [(None, "bad")]


def test_a_pause_that_is_asked_for_is_known():
    error = meaning(429, headers={**HUB, "Retry-After": "7"})

    assert error.wait == 7


NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 0.5 ", 0.5),
        ("-3", 0),
        ("1e9", 3600),
        ("nan", 60),
        ("inf", 3600),
        ("soon", 60),
        ("", 60),
        (None, 60),
        ("Thu, 01 Jan 2026 00:01:30 GMT", 90),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0),
        ("Thu, 01 Jan 2026 00:00:10 -0000", 10),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, seconds):
    assert retry_after(text, NOW) == seconds


@given(
    st.integers(100, 599),
    st.one_of(
        st.binary(),
        st.recursive(
            st.none() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(["detail", "problems", "index", "reason"]), inner
                )
            ),
        ).map(lambda found: json.dumps(found).encode()),
    ),
)
def test_no_answer_is_a_surprise(status, body):
    error = error_of(status, HUB, body, url="https://hub", key_id="KEY")

    assert (error is None) == (status < 300)
    assert error is None or str(error)
