"""The REST API: what no request can do, and no answer says."""

from __future__ import annotations

import json

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.hub_api import FILLED, ROUTES, Hub

CANARY = "KANARIENVOGEL"
QUIET = settings(
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def hub(tmp_path):
    hub = Hub(tmp_path)
    yield hub
    hub.store.close()


@pytest.fixture(scope="module")
def shared_hub(tmp_path_factory):
    hub = Hub(tmp_path_factory.mktemp("hub"))
    hub.client.app.state.throttle._limit = 10**9
    yield hub
    hub.store.close()


TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from([CANARY, "\0", "\u202e", "a" * 300, "=1+1", "<img onerror=1>"]),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r[0] in ("POST", "PUT", "PATCH")], ids=" ".join
)
@QUIET
@given(data=st.data())
def test_no_body_breaks_it(shared_hub, route, data):
    method, path = route
    known = ROUTES[route][0] or {}
    body = data.draw(
        VALUES | st.fixed_dictionaries({}, optional=dict.fromkeys(known, VALUES))
    )
    for name, value in FILLED.items():
        path = path.replace(f"{{{name}}}", value)

    answer = shared_hub.ask(
        method,
        path,
        content=json.dumps(body).encode("utf-8", "surrogatepass"),
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code < 500
    hypothesis.event(str(answer.status_code))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"name": 1e999}',
        b'{"name": NaN}',
        b'{"name": "\\ud800"}',
        b'{"name": "a", "name": "b"}',
        b'{"name": ' + b"9" * 5_000 + b"}",
    ],
)
def test_odd_json_is_refused_in_words(shared_hub, content):
    answer = shared_hub.ask(
        "POST",
        "/projects",
        content=content,
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code in (201, 400, 422)
    assert "code" in answer.json() or answer.json()["name"] == "b"


def test_what_was_sent_is_in_no_error(shared_hub):
    odd = {CANARY: CANARY, "name": [CANARY], "role": CANARY, "yaml": f"{CANARY}: 1"}
    odd |= {"clips": [{CANARY: 1}], "events": [{"id": CANARY}], "clip": CANARY}
    for (method, path), (body, _, _) in ROUTES.items():
        wrong = {**(body or {}), **odd}
        sent = {key: wrong[key] for key in ({CANARY, *(body or {})} & set(wrong))}
        for given_body in (wrong, sent, {k: v for k, v in sent.items() if k != CANARY}):
            place = path
            for name in FILLED:
                place = place.replace(f"{{{name}}}", CANARY)
            answer = shared_hub.ask(method, place, json=given_body)
            if answer.status_code >= 400:
                assert CANARY not in answer.text, (method, path, answer.text)


def test_a_body_that_is_too_large_is_not_read_to_its_end(hub):
    pieces = (b"x" * 100_000 for _ in range(60))

    told = hub.ask("POST", "/projects", content=b"x" * 5_000_001)
    chunked = hub.ask("POST", "/projects", content=pieces)

    assert (told.status_code, chunked.status_code) == (413, 413)
    assert told.json()["code"] == chunked.json()["code"] == "too-large"


def test_too_many_wrong_tokens_must_wait_and_a_good_one_need_not(hub):
    wrong = [hub.ask("GET", "/me", "annh_junk").status_code for _ in range(21)]
    last = hub.ask("GET", "/me", "annh_junk")

    assert wrong == [401] * 20 + [429]
    assert 0 < int(last.headers["retry-after"]) <= 60
    assert hub.ask("GET", "/me").status_code == 200


def test_an_older_client_is_told_to_update(hub, monkeypatch):
    monkeypatch.setattr("annotator.hub.api.border.OLDEST", 3)

    old = hub.ask("GET", "/me", headers={"Annotator-Protocol": "2"})
    new = hub.ask("GET", "/me", headers={"Annotator-Protocol": "3"})

    assert (old.status_code, old.json()["code"]) == (426, "client-too-old")
    assert (new.status_code, new.headers["annotator-protocol"]) == (200, "1")


def test_trouble_of_its_own_says_a_number_and_nothing_else(hub, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError(CANARY)

    monkeypatch.setattr(hub.store.projects, "list", fail)
    answer = hub.ask("GET", "/projects")

    assert answer.status_code == 500
    assert CANARY not in answer.text
    number = answer.json()["detail"].rstrip(".").split()[-1]
    assert number in caplog.text


def test_every_answer_has_its_headers(hub):
    for answer in (
        hub.ask("GET", "/me"),
        hub.ask("GET", "/nothing"),
        hub.ask("PUT", "/me"),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_api_keeps_to_its_own_description(shared_hub):
    """Many requests that the OpenAPI document allows, and many that it does not."""
    import schemathesis

    schema = schemathesis.openapi.from_asgi("/api/openapi.json", shared_hub.client.app)
    token = shared_hub.tokens["owner"]

    for operation in schema.get_all_operations():
        check_operation(operation.ok(), token)


def check_operation(operation, token):
    from schemathesis.specs.openapi import checks

    @settings(
        max_examples=8,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def check(case):
        headers = {"Authorization": f"Bearer {token}"}
        # What a name may be, and which clips there are, no schema says.
        case.call_and_validate(
            headers=headers, excluded_checks=[checks.positive_data_acceptance]
        )

    check()
