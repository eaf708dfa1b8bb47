"""The REST API: what no request can do, and no answer says."""

from __future__ import annotations

import itertools
import json
from urllib.parse import unquote

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi import checks

from annotator.hub.protocol import API, MAX_BODY
from tests.doubles.databases import KINDS, empty_database
from tests.integration.hub_api import FILLED, ROUTES, Hub, documented

CANARY = "KANARIENVOGEL"
JSON = {"Content-Type": "application/json"}
WITH_BODY = [key for key in ROUTES if key[0] in ("POST", "PUT", "PATCH")]
OPERATIONS = sorted(ROUTES)
ODD_ADDRESSES = ["%00", "%FF", "%ED%A0%80", "%F0%9F%A6%89", "x" * 5_000, "9" * 30, "."]


def seeded(n_examples):
    """Return settings under which the same is tried each time."""
    return settings(
        max_examples=n_examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture
def hub(tmp_path):
    hub = Hub(f"sqlite:///{tmp_path / 'hub.db'}")
    yield hub
    hub.close()


@pytest.fixture(scope="module")
def shared_hub(tmp_path_factory):
    hub = Hub(f"sqlite:///{tmp_path_factory.mktemp('hub') / 'hub.db'}")
    yield hub
    hub.close()


@pytest.fixture(scope="module", params=KINDS)
def each_hub(request, tmp_path_factory):
    """Return a hub on each kind of database: they fail at different texts."""
    with empty_database(request.param, tmp_path_factory.mktemp("hub")) as url:
        hub = Hub(url)
        yield hub
        hub.close()


# -------------------------------------------------------------- hostile bodies

TEXTS = st.one_of(
    st.text(max_size=20),
    st.text(st.characters(categories=["Cs", "Cc", "Cf"]), max_size=3),
    st.sampled_from([CANARY, "\0", "\u202e", "a" * 300, "=1+1", "<img onerror=1>"]),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
)


def changed(body):
    """Return bodies like this one, with something else at one place or more."""
    if isinstance(body, dict):
        parts = {name: changed(value) for name, value in body.items()}
        return VALUES | st.fixed_dictionaries({}, optional=parts)
    if isinstance(body, list) and body:
        return VALUES | st.lists(changed(body[0]), max_size=3)
    return VALUES | st.just(body)


@pytest.mark.parametrize("key", WITH_BODY, ids=" ".join)
@seeded(40)
@given(data=st.data())
def test_no_body_breaks_it(each_hub, key, data):
    method, path = key
    body = data.draw(changed(ROUTES[key].body or {"minutes": 1.0}))

    answer = each_hub.ask(
        method,
        filled(path, FILLED),
        content=json.dumps(body).encode("utf-8", "surrogatepass"),
        headers=JSON,
    )

    assert answer.status_code < 500, answer.text
    hypothesis.event(str(answer.status_code))


@pytest.mark.parametrize("key", OPERATIONS, ids=" ".join)
def test_no_address_breaks_it(each_hub, key):
    method, path = key
    route = ROUTES[key]
    names = [name for name in (*FILLED, "uid") if f"{{{name}}}" in path]

    for text in ODD_ADDRESSES:
        odd = (filled(path, {**FILLED, name: text}) for name in names)
        query = {name: unquote(text, errors="replace") for name in route.query}
        for place, params in [*((place, {}) for place in odd), (path, query)]:
            answer = each_hub.ask(
                method, filled(place, FILLED), params=params, json=route.body
            )
            assert answer.status_code < 500, (place, params, answer.text)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"name": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"name": 1e999}',
        b'{"name": NaN}',
        b'{"name": "\\ud800"}',
        b'{"name": "\xed\xa0\x80"}',
        b'{"name": ' + b"9" * 5_000 + b"}",
        b'{"name": "a"} x',
        b"null",
        b"[]",
    ],
    ids=itertools.count(),
)
def test_odd_json_is_refused_in_words(shared_hub, content):
    answer = shared_hub.ask("POST", "/projects", content=content, headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (422, "refused")
    assert all(one["reason"].endswith(".") for one in answer.json()["problems"])


def test_of_a_name_that_comes_twice_the_last_counts(shared_hub):
    content = b'{"name": "a", "name": "b"}'

    answer = shared_hub.ask("POST", "/projects", content=content, headers=JSON)

    assert answer.json()["name"] == "b"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_what_a_page_of_another_site_can_send_is_no_request(shared_hub, kind):
    content = b'{"name": "c"}'

    answer = shared_hub.ask(
        "POST", "/projects", content=content, headers={"Content-Type": kind}
    )

    assert answer.status_code == 422
    assert "Content-Type: application/json" in answer.json()["detail"]


def test_a_body_in_pieces_has_the_same_limit(hub):
    def come():
        yield from (b" " * (MAX_BODY // 4) for _ in range(5))

    answer = hub.ask("POST", "/projects", content=come(), headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_a_body_that_says_its_size_is_not_read_at_all(hub):
    answer = hub.ask("POST", "/projects", content=b" " * (MAX_BODY + 1), headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


# ------------------------------------------------------------------ never echoed


def filled(path, values):
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def poisoned(document, key, operation):
    """Yield requests that are good, but for one place where something is sent."""
    method, path = key
    route = ROUTES[key]
    good = {"params": route.query, "json": route.body}
    for parameter in operation.get("parameters", []):
        name = parameter["name"]
        if parameter["in"] == "path":
            yield method, filled(path, {**FILLED, name: CANARY}), good
        else:
            params = {**route.query, name: CANARY}
            yield method, filled(path, FILLED), {**good, "params": params}
    path = filled(path, FILLED)
    yield method, path, {**good, "params": {**route.query, CANARY: CANARY}}
    for name in ("Annotator-Protocol", "Content-Type", "Accept", "X-Forwarded-For"):
        yield method, path, {**good, "headers": {name: CANARY}}
    yield method, path, {"content": CANARY, "headers": JSON}
    if "requestBody" not in operation:
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    for one in [schema, *schema.get("anyOf", [])]:
        reference = one.get("$ref", "").rpartition("/")[2]
        model = document["components"]["schemas"].get(reference, {})
        for name in model.get("properties", {}):
            for value in (CANARY, [CANARY], {CANARY: CANARY}, [{CANARY: CANARY}]):
                yield (
                    method,
                    path,
                    {**good, "json": {**(route.body or {}), name: value}},
                )
    yield method, path, {**good, "json": {**(route.body or {}), CANARY: CANARY}}


@pytest.mark.parametrize("key", OPERATIONS, ids=" ".join)
def test_what_was_sent_is_in_no_error(shared_hub, key):
    document = shared_hub.client.get("/api/openapi.json").json()
    operation = documented(shared_hub)[key]
    n_errors = 0

    for method, path, options in poisoned(document, key, operation):
        answer = shared_hub.ask(method, path, **options)
        if answer.status_code >= 400:
            n_errors += 1
            assert CANARY not in answer.text, (options, answer.text)
            assert CANARY not in str(answer.headers)

    assert n_errors or not operation.get("parameters")


def test_a_wrong_token_is_in_no_error(shared_hub):
    for shown in (f"Bearer {CANARY}", f"Basic {CANARY}", CANARY):
        answer = shared_hub.ask("GET", "/me", None, headers={"Authorization": shown})
        assert (answer.status_code, CANARY in answer.text) == (401, False)


# --------------------------------------------------------------- limits, headers


def test_too_many_wrong_tokens_must_wait_and_a_good_one_need_not(hub):
    hub.client.app.state.throttle._limit = 20
    ask = {"method": "GET", "path": "/me"}

    wrong = [hub.ask(**ask, who="annh_junk").status_code for _ in range(21)]
    # Whom it comes from, the server says; a header is nobody's word.
    last = hub.ask(**ask, who="junk", headers={"X-Forwarded-For": "192.0.2.7"})

    assert wrong == [401] * 20 + [429]
    assert (last.status_code, last.json()["code"]) == (429, "throttled")
    assert 0 < int(last.headers["retry-after"]) <= 60
    assert hub.ask(**ask).status_code == 200


def test_an_older_client_is_told_to_update(hub, monkeypatch):
    monkeypatch.setattr("annotator.hub.api.border.OLDEST", 3)

    old = hub.ask("GET", "/me", headers={"Annotator-Protocol": "2"})
    new = hub.ask("GET", "/me", headers={"Annotator-Protocol": "3"})

    assert (old.status_code, old.json()["code"]) == (426, "client-too-old")
    assert (new.status_code, new.headers["annotator-protocol"]) == (200, "1")
    assert hub.ask("GET", "/me").status_code == 200  # who says nothing, as with curl


def test_trouble_of_its_own_says_a_number_and_nothing_else(hub, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError(CANARY)

    monkeypatch.setattr(hub.store.projects, "list", fail)
    answer = hub.ask("GET", "/projects")

    assert (answer.status_code, answer.json()["code"]) == (500, "trouble")
    assert CANARY not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    number = answer.json()["detail"].rstrip(".").split()[-1]
    assert f"Request {number} failed" in caplog.text


def test_a_table_that_breaks_off_does_not_end_as_if_it_were_whole(hub, monkeypatch):
    def rows(*_, **__):
        yield from ({"clip": str(number)} for number in range(1_000))
        raise RuntimeError(CANARY)

    monkeypatch.setattr(hub.store.annotations, "rows", rows)

    with pytest.raises(RuntimeError, match=CANARY):  # a server ends the connection
        hub.ask("GET", "/projects/{uid}/annotations")


def test_every_answer_has_its_headers(hub):
    answers = [
        hub.ask("GET", "/me"),
        hub.ask("GET", "/me", None),
        hub.ask("GET", "/nothing"),
        hub.ask("PUT", "/me"),
        hub.ask("OPTIONS", "/me", headers={"Origin": "https://example.org"}),
        hub.client.get("/api/openapi.json"),
    ]

    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["annotator-protocol"] == "1"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/api/docs", f"{API}/projects/"])
def test_there_is_no_page_and_no_redirect(hub, path):
    answer = hub.client.get(path, follow_redirects=False)

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


# ------------------------------------------------------------ its own description


def test_errors_and_the_token_are_described(shared_hub):
    document = shared_hub.client.get("/api/openapi.json").json()
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}

    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for key, operation in documented(shared_hub).items():
        assert operation["security"] == [{"token": []}], key
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert answer["content"] == {"application/problem+json": problem}
        done = ROUTES[key].done
        assert set(map(str, [done] if isinstance(done, int) else done)) <= set(
            operation["responses"]
        )
        assert {"401", "403", "404", "409", "413", "422", "426", "429", "500"} <= set(
            operation["responses"]
        )


@pytest.mark.parametrize("key", OPERATIONS, ids=" ".join)
@pytest.mark.parametrize(
    "mode", list(schemathesis.GenerationMode), ids=lambda m: m.value
)
def test_the_api_keeps_to_its_own_description(shared_hub, key, mode):
    """Requests that the OpenAPI document allows, and others that it does not."""
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", shared_hub.client.app)
    operation = schema[f"{API}{key[1]}"][key[0]]
    is_good = mode is schemathesis.GenerationMode.POSITIVE
    token = {"Authorization": f"Bearer {shared_hub.tokens['owner']}"}

    @seeded(10)
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case):
        if is_good and "uid" in case.path_parameters:
            case.path_parameters["uid"] = shared_hub.uid
        case.call_and_validate(
            headers=token,
            # What a name may be, and which clips there are, no schema says.
            excluded_checks=[checks.positive_data_acceptance],
        )

    try:
        check()
    except hypothesis.errors.Unsatisfiable:
        assert not is_good  # nothing that is sent could be wrong
