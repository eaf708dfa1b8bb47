"""Users, tokens and web sessions, on each database."""

from __future__ import annotations

import contextlib
import datetime as dt
import hmac
import pickle
import types

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher, extract_parameters

from annotator.errors import Forbidden, HubConflict, InvalidToken, Refused
from annotator.hub.permissions import Caller
from annotator.hub.store import clock, tables
from annotator.hub.store import users as users_module
from annotator.hub.store.audit import Audit
from annotator.hub.store.tokens import Tokens
from annotator.hub.store.users import Users
from annotator.hub.store.web_sessions import WebSessions
from tests.doubles.databases import database  # noqa: F401 (a fixture)

PASSWORD = "a long password"


@pytest.fixture
def users(database):  # noqa: F811
    return Users(database)


@pytest.fixture
def ada(users):
    return users.add("Ada", PASSWORD, is_admin=True)


@pytest.fixture
def tokens(database):  # noqa: F811
    return Tokens(database)


@pytest.fixture
def sessions(database):  # noqa: F811
    return WebSessions(database)


def work_of(check, monkeypatch, *, cold=True):
    """Return what is asked of argon2 during a check: of a new process, if cold."""
    if cold:
        users_module._nobodys.cache_clear()
    hasher, steps = users_module._hasher(), []

    class Watched:
        def hash(self, password):
            steps.append(("hash", hasher.time_cost, hasher.memory_cost))
            return hasher.hash(password)

        def verify(self, hashed, password):
            steps.append(("verify", extract_parameters(hashed)))
            return hasher.verify(hashed, password)

    with monkeypatch.context() as patch:
        patch.setattr(users_module, "_hasher", Watched)
        assert check() is None
    return steps


def stopped(moment):
    """Return a module `datetime` whose clock stands still."""

    class Stopped(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz)

    return types.SimpleNamespace(datetime=Stopped, timedelta=dt.timedelta, UTC=dt.UTC)


def last_used(tokens, user, made):
    (used,) = (
        info.last_used_at
        for info in tokens.list(user)
        if info.key_id == made.info.key_id
    )
    return used


class TestUsers:
    def test_name_and_password_let_in_whatever_the_case_of_the_name(self, users, ada):
        assert users.check(" aDA ", PASSWORD) == ada
        assert users.check("Ada", PASSWORD + "x") is None
        assert users.check("bob", PASSWORD) is None

    def test_a_name_is_the_same_however_its_letters_are_composed(self, users):
        zoe = users.add("Zo\u0065\u0308", PASSWORD)

        assert zoe.name == "Zo\u00eb"
        assert users.by_name("ZO\u0045\u0308") == users.by_name("zo\u00eb") == zoe
        assert users.check("Zo\u0065\u0308", PASSWORD) == zoe
        with pytest.raises(HubConflict):
            users.add("Zo\u00eb", PASSWORD)

    def test_a_name_that_nobody_has_is_as_much_work(self, users, ada, monkeypatch):
        users.deactivate(users.add("eve", PASSWORD))
        work = {
            name: work_of(lambda name=name: users.check(name, "wrong"), monkeypatch)
            for name in ("ada", "bob", "eve", "", "\ud800")
        }

        assert set(map(str, work.values())) == {str(work["ada"])}
        assert [step[0] for step in work["ada"]] == ["hash", "verify"]
        (again,) = work_of(lambda: users.check("bob", "wrong"), monkeypatch, cold=False)
        assert again == work["ada"][1]

    def test_a_longer_password_is_another(self, users):
        bob = users.add("bob", "x" * 1000)

        assert users.check("bob", "x" * 1001) is None
        assert users.check("bob", "x" * 1000) == bob

    def test_an_older_kind_of_hash_is_renewed(self, users, ada, database):  # noqa: F811
        weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
        with database.writing() as connection:
            connection.execute(sa.update(tables.users).values(password_hash=weak))

        assert users.check("ada", PASSWORD) == ada
        with database.reading() as connection:
            assert "m=19456,t=2" in connection.scalar(
                sa.select(tables.users.c.password_hash)
            )
        assert users.check("ada", PASSWORD) == ada

    def test_no_password_is_in_the_database(self, users, ada, database):  # noqa: F811
        with database.reading() as connection:
            (row,) = connection.execute(sa.select(tables.users))

        assert row.password_hash.startswith("$argon2id$")
        assert PASSWORD not in str(row)

    def test_a_name_is_given_once(self, users, ada):
        with pytest.raises(HubConflict):
            users.add("ADA", PASSWORD)

    @pytest.mark.parametrize(
        "name", ["", " ", "a\nb", "a\0b", "x" * 81, "a\u202eb", "\ud800", "a/b", None]
    )
    def test_a_name_is_one_plain_line(self, users, name):
        with pytest.raises(Refused):
            users.add(name, PASSWORD)

    @pytest.mark.parametrize("password", ["short", "", "x" * 1001, "\ud800" * 12, None])
    def test_a_password_is_long_but_not_endless(self, users, password):
        with pytest.raises(Refused) as refused:
            users.add("bob", password)
        assert not password or password not in str(refused.value)

    def test_who_is_deactivated_is_out_at_once(self, users, ada, tokens, sessions):
        token, cookie = tokens.create(ada, "t").secret, sessions.create(ada)

        users.deactivate(ada)

        assert users.check("Ada", PASSWORD) is None
        assert sessions.check(cookie) is None
        with pytest.raises(InvalidToken):
            tokens.check(token)

    def test_another_password_ends_the_sessions(self, users, ada, sessions):
        cookie = sessions.create(ada)

        users.set_password(ada, "another password")

        assert sessions.check(cookie) is None
        assert users.check("Ada", "another password") == ada

    def test_only_administrators_see_all(self, users, ada):
        bob = users.add("bob", PASSWORD)

        assert users.list(Caller(ada)) == [ada, bob]
        for caller in (Caller(bob), Caller(ada, frozenset({"annotate"}))):
            with pytest.raises(Forbidden):
                users.list(caller)


class TestTokens:
    def test_a_token_says_who_asks_and_for_what(self, tokens, ada):
        made = tokens.create(ada, "laptop", ["annotate", "project:read"])

        caller = tokens.check(made.secret)

        assert caller.user == ada
        assert caller.scopes == {"annotate", "project:read"}
        assert caller.key_id == made.info.key_id

    def test_a_deleted_token_is_invalid_at_once(self, tokens, ada):
        made = tokens.create(ada, "laptop")
        tokens.delete(ada, made.info.key_id)

        with pytest.raises(InvalidToken):
            tokens.check(made.secret)
        assert tokens.list(ada) == []

    def test_a_deletion_is_written_down(self, tokens, ada, database):  # noqa: F811
        made = tokens.create(ada, "laptop")
        tokens.delete(ada, made.info.key_id)

        last, *_ = Audit(database).everything(Caller(ada))

        assert (last.by, last.action) == ("Ada", "token.delete")
        assert last.detail == {"key_id": made.info.key_id}

    def test_nobody_deletes_anothers(self, tokens, users, ada):
        made = tokens.create(ada, "laptop")

        with pytest.raises(Refused):
            tokens.delete(users.add("bob", PASSWORD), made.info.key_id)
        assert tokens.check(made.secret).user == ada

    def test_its_time_ends(self, tokens, ada, database):  # noqa: F811
        made = tokens.create(ada, "laptop", days=1)
        with database.writing() as connection:
            connection.execute(
                sa.update(tables.tokens).values(expires_at=clock.after(seconds=-1))
            )

        with pytest.raises(InvalidToken):
            tokens.check(made.secret)

    def test_a_token_is_checked_to_its_last_character(self, tokens, ada):
        one, other = (tokens.create(ada, "laptop").secret for _ in "12")
        mixed = one[:16] + other[16:]

        for wrong in (mixed, one[:-1], one + "a", one.upper(), "", None):
            with pytest.raises(InvalidToken):
                tokens.check(wrong)

    def test_use_is_noted(self, tokens, ada):
        made = tokens.create(ada, "laptop")
        tokens.check(made.secret)

        (info,) = tokens.list(ada)

        assert info.last_used_at is not None
        assert made.info.last_used_at is None

    def test_use_is_noted_once_a_minute(self, tokens, ada, database, monkeypatch):  # noqa: F811
        made, other = (tokens.create(ada, "laptop") for _ in "12")
        times, writes, writing = [], [], database.writing
        monkeypatch.setattr(
            database, "writing", lambda: writes.append(len(times)) or writing()
        )
        for seconds in (0.0, 59.9, 60.1, 100.0, 120.3):
            moment = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
            moment += dt.timedelta(seconds=seconds)
            monkeypatch.setattr(clock, "dt", stopped(moment))
            tokens.check(made.secret)
            times.append(last_used(tokens, ada, made)[-7:])

        assert times == ["00.000Z", "00.000Z", "00.100Z", "00.100Z", "00.300Z"]
        assert writes == [0, 2, 4]  # and nobody waits to write in between
        assert last_used(tokens, ada, other) is None

    def test_of_many_at_once_one_notes_the_use(self, tokens, ada):
        made = tokens.create(ada, "laptop")
        tokens._note_use(made.info.key_id, "2026-03-01T00:00:00.000Z", "2026-03")
        tokens._note_use(made.info.key_id, "2026-03-01T00:00:01.000Z", "2026-03")

        assert last_used(tokens, ada, made) == "2026-03-01T00:00:00.000Z"

    def test_use_that_cannot_be_noted_is_no_reason_to_refuse(
        self,
        tokens,
        ada,
        database,  # noqa: F811
        monkeypatch,
    ):
        made = tokens.create(ada, "laptop")

        @contextlib.contextmanager
        def full():
            raise sa.exc.OperationalError(None, None, OSError())
            yield

        monkeypatch.setattr(database, "writing", full)

        assert tokens.check(made.secret).user == ada
        assert last_used(tokens, ada, made) is None

    def test_a_token_that_is_not_there_is_as_much_work(self, tokens, ada, monkeypatch):
        made = tokens.create(ada, "laptop")
        tokens.delete(ada, made.info.key_id)
        compared = []
        monkeypatch.setattr(
            hmac, "compare_digest", lambda *two: compared.append(two) or False
        )

        with pytest.raises(InvalidToken):
            tokens.check(made.secret)

        assert [tuple(map(len, two)) for two in compared] == [(64, 64)]

    def test_a_token_for_some_projects_says_which(self, tokens, ada):
        for uids in (None, [], ["a", "b"]):
            made = tokens.create(ada, "laptop", project_uids=uids)

            caller = tokens.check(made.secret)

            assert caller.project_uids == (None if uids is None else frozenset(uids))

    def test_the_secret_is_nowhere(self, tokens, ada, database):  # noqa: F811
        made = tokens.create(ada, "laptop")

        kept = []
        with database.reading() as connection:
            for table in tables.metadata.sorted_tables:
                kept.extend(map(str, connection.execute(sa.select(table))))

        assert made.secret[16:] not in repr(kept) + repr(made) + repr(made.info)
        assert any(made.info.key_id in line for line in kept)  # the audit log has that
        with pytest.raises(TypeError):
            pickle.dumps(made)

    @pytest.mark.parametrize(
        "wrong",
        [{"scopes": []}, {"scopes": ["all"]}, {"days": 0}, {"days": 1e9}, {"name": ""}],
    )
    def test_what_is_asked_for_must_make_sense(self, tokens, ada, wrong):
        with pytest.raises(Refused):
            tokens.create(ada, **{"name": "laptop", **wrong})


class TestWebSessions:
    def test_a_cookie_says_who_is_signed_in_until_it_is_ended(self, sessions, ada):
        cookie = sessions.create(ada)
        before = sessions.check(cookie)
        sessions.delete(cookie)

        assert (before, sessions.check(cookie)) == (ada, None)

    def test_all_of_one_person_end_together(self, sessions, users, ada):
        bob = users.add("bob", PASSWORD)
        cookies = [sessions.create(who) for who in (ada, ada, bob)]

        sessions.delete_all(ada)

        assert [sessions.check(cookie) for cookie in cookies] == [None, None, bob]

    def test_those_that_ended_are_forgotten(self, sessions, ada, database):  # noqa: F811
        sessions.create(ada, hours=-1)
        sessions.create(ada)

        with database.reading() as connection:
            assert len(connection.execute(sa.select(tables.web_sessions)).all()) == 1

    @pytest.mark.parametrize("cookie", ["", "x", "\ud800", "\0", "x" * 100_000])
    def test_junk_is_nobodys_cookie(self, sessions, ada, cookie):
        sessions.create(ada)

        assert sessions.check(cookie) is None

    def test_it_ends_by_itself_and_is_kept_as_a_digest(
        self,
        sessions,
        ada,
        database,  # noqa: F811
    ):
        cookie = sessions.create(ada, hours=1)
        with database.writing() as connection:
            (row,) = connection.execute(sa.select(tables.web_sessions))
            connection.execute(
                sa.update(tables.web_sessions).values(expires_at=clock.now())
            )

        assert sessions.check(cookie) is None
        assert cookie not in str(row)


def test_administrators_see_what_was_done(users, ada, tokens, database):  # noqa: F811
    tokens.create(ada, "laptop")

    notes = Audit(database).everything(Caller(ada))

    assert [one.action for one in notes] == ["token.create", "user.add"]
    with pytest.raises(Forbidden):
        Audit(database).everything(Caller(users.add("bob", PASSWORD)))
