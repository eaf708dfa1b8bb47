"""Users, tokens and web sessions, on each database."""

from __future__ import annotations

import pickle

import pytest
import sqlalchemy as sa

from annotator.errors import Forbidden, HubConflict, InvalidToken, Refused
from annotator.hub.permissions import Caller
from annotator.hub.store import clock, tables
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


class TestUsers:
    def test_name_and_password_let_in_whatever_the_case_of_the_name(self, users, ada):
        assert users.check(" aDA ", PASSWORD) == ada
        assert users.check("Ada", PASSWORD + "x") is None
        assert users.check("bob", PASSWORD) is None

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
