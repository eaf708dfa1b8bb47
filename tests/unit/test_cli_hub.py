"""`annotator hub`: people, tokens and copies of the database, from the terminal."""

from __future__ import annotations

import io
import sqlite3
import stat
import sys
from contextlib import closing

import pytest

from annotator.cli import main
from annotator.hub.store.hub_store import HubStore

PASSWORD = "a quiet marsh at dawn"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "data" / "hub.db"


@pytest.fixture
def hub(file, monkeypatch, capsys):
    """Return a function that gives a command, and returns status, output and errors."""

    def say(*arguments, stdin="", terminal=False):
        monkeypatch.setattr("sys.stdin", Terminal() if terminal else io.StringIO(stdin))
        status = main(["hub", *arguments, "--db", str(file)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return say


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def store(file):
    """Return a function that opens what the commands wrote."""
    opened = []

    def open_it():
        opened.append(HubStore.open(f"sqlite:///{file}"))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def ann(hub):
    status, _, said = hub("user", "add", "ann", "--password-stdin", stdin=PASSWORD)
    assert status == 0, said
    return "ann"


# ------------------------------------------------------------------- people


def test_a_person_is_added_with_a_password_from_a_script(hub, store):
    status, out, _ = hub(
        "user", "add", "ann", "--password-stdin", stdin=f"{PASSWORD}\n"
    )

    assert (status, out) == (0, "Added ann\n")
    user = store().users.check("ann", PASSWORD)
    assert user.name == "ann"
    assert not user.is_admin


def test_an_admin_is_added(hub, store):
    hub("user", "add", "ann", "--admin", "--password-stdin", stdin=PASSWORD)

    assert store().users.by_name("ann").is_admin


def test_a_name_is_taken_once(hub, ann):
    status, _, said = hub("user", "add", ann, "--password-stdin", stdin=PASSWORD)

    assert status == 1
    assert said.startswith("annotator: ")
    assert PASSWORD not in said


def test_without_a_terminal_the_password_must_come_from_somewhere(hub, store):
    status, _, said = hub("user", "add", "ann")

    assert status == 1
    assert "--password-stdin" in said
    assert store().users.n() == 0


def test_a_terminal_asks_twice(hub, store, monkeypatch):
    answers = iter([PASSWORD, PASSWORD, PASSWORD, "something else"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))

    assert hub("user", "add", "ann", terminal=True)[0] == 0
    status, _, said = hub("user", "add", "bob", terminal=True)

    assert status == 1
    assert "differ" in said
    assert store().users.n() == 1


@pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")
def test_only_its_owner_reads_the_database(file, ann):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_new_password_ends_what_was_signed_in(hub, store, ann):
    opened = store()
    cookie = opened.web_sessions.create(opened.users.by_name(ann))

    status, _, _ = hub("user", "password", ann, "--password-stdin", stdin="another one")

    assert status == 0
    assert opened.web_sessions.check(cookie) is None
    assert opened.users.check(ann, PASSWORD) is None
    assert opened.users.check(ann, "another one")


def test_a_deactivated_person_comes_in_no_more(hub, store, ann):
    assert hub("user", "deactivate", ann)[0] == 0

    assert store().users.check(ann, PASSWORD) is None


@pytest.mark.parametrize(
    "command",
    [
        ("token", "create", "nobody", "script"),
        ("token", "list", "nobody"),
        ("user", "deactivate", "nobody"),
    ],
)
def test_a_name_that_nobody_has_is_named(hub, command):
    status, _, said = hub(*command)

    assert status == 1
    assert "nobody" in said
    assert "Traceback" not in said


# ------------------------------------------------------------------- tokens


def test_a_token_is_printed_alone(hub, store, ann):
    status, out, said = hub("token", "create", ann, "my notebook")

    assert (status, said) == (0, "")
    secret = out.removesuffix("\n")
    assert secret.startswith("annh_")
    assert secret.split() == [secret]
    assert store().tokens.check(secret).user.name == ann


def test_a_token_is_for_what_was_said(hub, store, ann):
    scopes = "annotate, project:read"
    _, out, _ = hub("token", "create", ann, "n", "--scopes", scopes, "--days", "7")

    opened = store()
    assert opened.tokens.check(out.strip()).scopes == {"annotate", "project:read"}
    (info,) = opened.tokens.list(opened.users.by_name(ann))
    assert info.expires_at > info.created_at


@pytest.mark.parametrize("scopes", ["annotate,everything", "", ","])
def test_a_scope_that_nobody_knows_is_refused(hub, ann, scopes):
    status, out, said = hub("token", "create", ann, "n", "--scopes", scopes)

    assert (status, out) == (1, "")
    assert "project:read" in said


def test_the_list_shows_all_but_the_secret(hub, ann):
    _, out, _ = hub("token", "create", ann, "my notebook", "--scopes", "annotate")
    secret = out.strip()

    status, out, _ = hub("token", "list", ann)

    assert status == 0
    for word in (secret[5:15], "my notebook", "annotate", "never"):
        assert word in out
    assert secret[15:] not in out


def test_a_deleted_token_is_invalid_at_once(hub, store, ann):
    from annotator.errors import InvalidToken

    _, out, _ = hub("token", "create", ann, "n")
    secret = out.strip()

    assert hub("token", "delete", secret[5:15])[0] == 0

    with pytest.raises(InvalidToken):
        store().tokens.check(secret)


def test_a_token_that_is_not_there_is_not_deleted(hub, ann):
    status, _, said = hub("token", "delete", "0123456789")

    assert status == 1
    assert said.startswith("annotator: ")


# ------------------------------------------------------------------- backup


def test_a_backup_is_a_database_with_all_that_was_in_it(hub, ann, tmp_path):
    status, _, _ = hub("backup", str(tmp_path / "copy.db"))

    assert status == 0
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT name FROM users").fetchall() == [(ann,)]


def test_there_is_no_backup_of_nothing(hub, file, tmp_path):
    status, _, said = hub("backup", str(tmp_path / "copy.db"))

    assert status == 1
    assert "--db" in said
    assert not file.exists()


def test_where_the_hub_is_not_installed_one_is_told_how(hub, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)

    for command in (("serve",), ("backup", str(tmp_path / "copy.db"))):
        status, _, said = hub(*command)

        assert status == 1
        assert 'pip install "bioacoustic-annotator[hub]"' in said


# -------------------------------------------------------------------- serve


def test_without_a_user_and_a_terminal_it_does_not_start(hub):
    status, _, said = hub("serve")

    assert status == 1
    assert "annotator hub user add NAME --admin" in said


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1"])  # noqa: S104
def test_where_others_reach_it_it_does_not_start_without_tls(hub, file, address):
    status, _, said = hub("serve", "--address", address)

    assert status == 1
    assert "--behind-proxy" in said
    assert not file.exists()


def test_with_a_terminal_it_asks_for_the_first_admin(hub, store, monkeypatch):
    served = []
    monkeypatch.setattr("annotator.hub.server.serving.HubServer", double(served))
    monkeypatch.setattr("builtins.input", lambda _: "ann")
    monkeypatch.setattr("getpass.getpass", lambda _: PASSWORD)

    arguments = ("--port", "0", "--num-threads", "3")
    status, out, _ = hub("serve", *arguments, terminal=True)

    assert status == 0
    assert "http://there/hub" in out
    assert store().users.check("ann", PASSWORD).is_admin
    (options,) = served
    assert (options.port, options.n_threads) == (0, 3)


def test_what_is_served_is_what_was_asked_for(hub, ann, monkeypatch, tmp_path, file):
    served = []
    monkeypatch.setattr("annotator.hub.server.serving.HubServer", double(served))
    proxy = ("--behind-proxy", "--origin", "a.org", "--origin", "b.org")

    assert hub("serve", *proxy)[0] == 0

    (options,) = served
    assert options.is_secure
    assert options.origins == ("a.org", "b.org")
    assert options.key_file == file.with_name("hub.db.key")


def double(served):
    class Served:
        def __init__(self, store, options):
            served.append(options)
            store.close()

        def run(self, announce):
            announce("http://there/hub")

    return Served
