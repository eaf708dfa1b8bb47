"""S3 as it fails: a scripted server says what Amazon's would."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from annotator.audio.backends import s3 as module
from annotator.audio.backends.s3 import S3Backend
from annotator.errors import (
    AccessDenied,
    NotFound,
    ParameterError,
    StorageError,
    Unreachable,
)
from tests.doubles.scripted import (
    S3_KEYS,
    Answer,
    Request,
    ScriptedServer,
    free_port,
    s3_error,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSES", (0.0, 0.0))


ACTIONS = {
    "stat": lambda backend, uri: backend.stat(uri),
    "read": lambda backend, uri: backend.read(uri),
    "download": lambda backend, uri: backend.download(uri, io.BytesIO()),
    "write": lambda backend, uri: backend.write(b"x", uri),
    "list": lambda backend, uri: list(backend.list(uri)),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_missing_bucket_is_named(s3: Any, action: str) -> None:
    backend = S3Backend(**s3.auth)

    with pytest.raises(NotFound, match=r"There is no bucket no-such-bucket\."):
        ACTIONS[action](backend, "s3://no-such-bucket/folder/a.csv")


def test_a_missing_object_in_a_bucket_there_is_does_not_blame_the_bucket(
    s3: Any,
) -> None:
    backend = S3Backend(**s3.auth)

    with pytest.raises(NotFound, match="There is nothing at s3://"):
        backend.stat(s3.uri("missing.csv"))


def test_writing_without_credentials_says_what_to_set(s3: Any) -> None:
    backend = S3Backend(endpoint_url=s3.endpoint_url)

    with pytest.raises(AccessDenied, match=r"No credentials for s3://.*profile_name"):
        backend.write(b"x", s3.uri("a.csv"))


def test_credentials_that_come_later_are_found(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = S3Backend(endpoint_url=s3.endpoint_url)
    with pytest.raises(AccessDenied):
        backend.write(b"x", s3.uri("a.csv"))

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret")
    backend.write(b"x", s3.uri("a.csv"))

    assert backend.read(s3.uri("a.csv")) == b"x"


def test_public_objects_are_read_without_credentials(s3: Any) -> None:
    s3.client.put_object(
        Bucket=s3.bucket, Key="z/a.csv", Body=b"public", ACL="public-read"
    )
    backend = S3Backend(endpoint_url=s3.endpoint_url)

    contents = [backend.read(info.uri) for info in backend.list(s3.uri("z"))]

    assert contents == [b"public"]


def test_public_objects_are_read_with_credentials_that_are_refused(
    server: ScriptedServer,
) -> None:
    def answers(request: Request) -> Answer:
        if "Authorization" in request.headers:
            return s3_error(403, "InvalidAccessKeyId")
        return Answer(200, b"public", {"ETag": '"1"'})

    server.answers = answers
    backend = S3Backend(endpoint_url=server.url, **S3_KEYS)

    contents = [backend.read("s3://open/a"), backend.read("s3://open/b")]

    assert contents == [b"public", b"public"]
    assert len(server.requests) == 3  # the second time it is known


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("InvalidAccessKeyId", "wrong or have expired"),
        ("ExpiredToken", "wrong or have expired"),
        ("AccessDenied", "Not allowed to"),
        ("SignatureDoesNotMatch", "Not allowed to"),
    ],
)
@pytest.mark.parametrize("action", ["read", "write", "list"])
def test_refused_credentials_deny_access_and_are_not_shown(
    server: ScriptedServer, action: str, code: str, sentence: str
) -> None:
    server.answers = lambda request: s3_error(403, code)
    backend = S3Backend(endpoint_url=server.url, **S3_KEYS)

    with pytest.raises(AccessDenied, match=sentence) as caught:
        ACTIONS[action](backend, "s3://bucket/a.csv")

    told = f"{caught.value} {caught.value!r} {backend!r} {vars(backend)!r}"
    for name in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token"):
        assert S3_KEYS[name] not in told


def test_a_profile_that_is_not_there_is_named() -> None:
    backend = S3Backend(profile="soundhub")

    for action in ACTIONS.values():
        with pytest.raises(AccessDenied, match="no AWS profile 'soundhub'"):
            action(backend, "s3://bucket/a.csv")


@pytest.mark.parametrize("name", ["profile", "profile_name"])
def test_a_profile_gives_the_credentials(
    s3: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    file = tmp_path / "credentials"
    file.write_text(
        "[soundhub]\naws_access_key_id = test-key\naws_secret_access_key = x\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    backend = S3Backend(endpoint_url=s3.endpoint_url, **{name: "soundhub"})

    backend.write(b"x", s3.uri("a.csv"))

    assert backend.read(s3.uri("a.csv")) == b"x"


def test_a_server_that_is_not_there_is_unreachable() -> None:
    backend = S3Backend(endpoint_url=f"http://127.0.0.1:{free_port()}", **S3_KEYS)

    with pytest.raises(Unreachable, match="Cannot reach the server of s3://bucket/a"):
        backend.stat("s3://bucket/a")


def test_a_server_in_trouble_is_asked_three_times(server: ScriptedServer) -> None:
    server.answers = lambda request: s3_error(503, "SlowDown")
    backend = S3Backend(endpoint_url=server.url, **S3_KEYS)

    with pytest.raises(Unreachable, match=r"has trouble now \(SlowDown\)"):
        backend.write(b"x", "s3://bucket/a")

    assert len(server.requests) == 3


def test_a_bucket_elsewhere_asks_for_its_region(server: ScriptedServer) -> None:
    server.answers = lambda request: s3_error(400, "AuthorizationHeaderMalformed")
    backend = S3Backend(endpoint_url=server.url, **S3_KEYS)

    with pytest.raises(StorageError, match="another region; set region_name"):
        backend.write(b"x", "s3://bucket/a")


def test_a_code_nobody_knows_is_still_a_sentence(server: ScriptedServer) -> None:
    server.answers = lambda request: s3_error(400, "MalformedXML")
    backend = S3Backend(endpoint_url=server.url, **S3_KEYS)

    with pytest.raises(StorageError, match="Cannot write s3://bucket/a: S3 says Malf"):
        backend.write(b"x", "s3://bucket/a")


@pytest.mark.parametrize("name", ["read", "download"])
def test_a_transfer_that_breaks_off_is_taken_up_again(
    server: ScriptedServer, name: str
) -> None:
    def answers(request: Request) -> Answer:
        headers = {"ETag": '"1"', "Content-Length": "10"}
        if len(server.requests) == 1:
            return Answer(200, b"01234", headers)
        start = int((request.headers["Range"] or "bytes=0-")[6:-1])
        headers["Content-Length"] = str(10 - start)
        return Answer(206 if start else 200, b"0123456789"[start:], headers)

    server.answers = answers
    backend, file = S3Backend(endpoint_url=server.url, **S3_KEYS), io.BytesIO()

    if name == "read":
        content = backend.read("s3://bucket/a")
    else:
        backend.download("s3://bucket/a", file)
        content = file.getvalue()

    assert content == b"0123456789"
    assert len(server.requests) == 2


@pytest.mark.parametrize("name", ["read", "download"])
def test_a_transfer_that_breaks_off_each_time_is_given_up(
    server: ScriptedServer, name: str
) -> None:
    headers = {"ETag": '"1"', "Content-Length": "10"}
    server.answers = lambda request: Answer(200, b"", headers)
    backend = S3Backend(endpoint_url=server.url, **S3_KEYS)

    with pytest.raises(StorageError):
        ACTIONS[name](backend, "s3://bucket/a")

    assert len(server.requests) == 3


def test_a_long_listing_comes_in_pages(server: ScriptedServer) -> None:
    def answers(request: Request) -> Answer:
        more = "continuation-token" not in request.path
        name = "a" if more else "b"
        return Answer(
            200,
            f"""<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>
            <NextContinuationToken>next</NextContinuationToken><Contents>
            <Key>{name}</Key><Size>1</Size><ETag>"1"</ETag>
            <LastModified>2026-01-02T03:04:05Z</LastModified></Contents>
            </ListBucketResult>""".encode(),
        )

    server.answers = answers
    backend = S3Backend(endpoint_url=server.url, **S3_KEYS)

    found = [info.uri for info in backend.list("s3://bucket")]

    assert found == ["s3://bucket/a", "s3://bucket/b"]


@pytest.mark.parametrize("ending", ["", "/"])
def test_the_root_of_a_bucket_is_listed(s3: Any, ending: str) -> None:
    for key in ("b.csv", "a.csv", "folder/c.csv", "folder/"):
        s3.client.put_object(Bucket=s3.bucket, Key=key, Body=b"x")
    backend = S3Backend(**s3.auth)
    root = f"s3://{s3.bucket}{ending}"

    flat = [info.uri for info in backend.list(root)]
    deep = [info.uri for info in backend.list(root, recursive=True)]

    assert flat == [s3.uri("a.csv"), s3.uri("b.csv")]
    assert deep == [*flat, s3.uri("folder/c.csv")]


@pytest.mark.parametrize("uri", ["s3://", "s3:///a", "s3://bucket", "s3://bucket/a/"])
def test_an_address_without_a_name_is_refused(uri: str) -> None:
    with pytest.raises(ParameterError, match="write s3://"):
        S3Backend(**S3_KEYS).stat(uri)


def test_a_bucket_name_that_cannot_be_is_refused() -> None:
    with pytest.raises(ParameterError, match="not an address that S3 can have"):
        S3Backend(**S3_KEYS).write(b"x", "s3://my bucket/a")


def test_an_endpoint_that_is_no_address_is_refused() -> None:
    with pytest.raises(ParameterError, match="endpoint_url='nonsense' is not an"):
        S3Backend(endpoint_url="nonsense", **S3_KEYS).stat("s3://bucket/a")


def test_the_users_own_client_is_used(s3: Any) -> None:
    backend = S3Backend(client=s3.client)

    backend.write(b"x", s3.uri("a.csv"))

    assert backend.read(s3.uri("a.csv")) == b"x"


def test_a_peek_is_one_request(server: ScriptedServer) -> None:
    headers = {
        "ETag": '"1"',
        "Content-Range": "bytes 2-3/1234",
        "Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT",
    }
    server.answers = lambda request: Answer(206, b"ab", headers)
    backend = S3Backend(endpoint_url=server.url, **S3_KEYS)

    content, info = backend.peek("s3://bucket/a.flac", 2, 3)

    assert (content, info.size, info.version) == (b"ab", 1234, '"1"')
    assert [request.method for request in server.requests] == ["GET"]


def test_a_server_that_knows_no_ranges_is_told_of(server: ScriptedServer) -> None:
    server.answers = lambda request: Answer(200, b"0123456789", {"ETag": '"1"'})
    backend = S3Backend(endpoint_url=server.url, **S3_KEYS)

    content, info = backend.peek("s3://bucket/a.flac", 2, 3)

    assert (content, info.size, info.ranges) == (b"23", 10, False)
