"""The token is sent, and seen nowhere."""

from __future__ import annotations

import copy
import pickle
from types import SimpleNamespace

import pytest

from annotator.errors import InvalidToken
from annotator.hub.client.bearer import Bearer, hide
from tests.doubles.hub import token

TOKEN = token("maria")
KEY = TOKEN.split("_")[1]
SECRET = TOKEN.split("_")[2]


def request():
    return SimpleNamespace(headers={})


def test_a_request_bears_the_token_and_does_not_show_it():
    bearing = Bearer(f" {TOKEN}\n")(request())

    assert bearing.headers["Authorization"] == f"Bearer {TOKEN}"
    assert bearing.headers["Authorization"].encode() == f"Bearer {TOKEN}".encode()
    assert SECRET not in repr(bearing.headers)


def test_it_shows_its_public_key_id_only():
    bearer = Bearer(TOKEN)

    assert bearer.key_id == KEY
    assert KEY in repr(bearer)
    assert SECRET not in repr(bearer) + str(bearer) + f"{bearer!s}"
    assert not hasattr(bearer, "__dict__")


@pytest.mark.parametrize("how", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_is_neither_pickled_nor_copied(how):
    with pytest.raises(TypeError, match="cannot be pickled"):
        how(Bearer(TOKEN))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "canary",
        TOKEN[:-1],
        TOKEN + "A",
        TOKEN[:20] + ("A" if TOKEN[20] != "A" else "B") + TOKEN[21:],
        TOKEN.replace("annh", "anno"),
        f"{TOKEN}\r\n x",
    ],
    ids=["nothing", "a word", "short", "long", "changed", "another's", "a header"],
)
def test_what_is_no_token_is_refused_without_being_shown(text):
    with pytest.raises(InvalidToken, match="begins with annh_") as caught:
        Bearer(text)

    assert "canary" not in str(caught.value)
    assert SECRET[:-1] not in str(caught.value)


def test_a_forgotten_token_is_borne_no_more():
    bearer = Bearer(TOKEN)
    bearer.forget()

    with pytest.raises(InvalidToken, match="logged out"):
        bearer(request())
    assert bearer.mask("a text") == "a text"


def test_it_is_taken_out_of_what_others_say():
    assert Bearer(TOKEN).mask(f"got {TOKEN}!") == "got ***!"


def test_an_argument_is_hidden_from_tracebacks_that_show_variables():
    assert hide(TOKEN) == TOKEN
    assert SECRET not in repr(hide(TOKEN))
    assert hide(None) is None
    assert "7" not in str(hide(7))
