"""Tokens: junk and typing errors are found without a look-up."""

from __future__ import annotations

import hashlib
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.hub.tokens import ALPHABET, digest, key_id_of, make

FORM = re.compile(r"annh_([0-9A-Za-z]{10})_[0-9A-Za-z]{32}([0-9A-Za-z]{6})")
KNOWN = "annh_0123456789_abcdefghijklmnopqrstuvwxyzABCDEF1sTSzk"


def value_of(places):
    number = 0
    for place in places:
        number = number * 62 + ALPHABET.index(place)
    return number


def summed(body):
    number, places = zlib.crc32(body.encode()), []
    for _ in range(6):
        places.append(ALPHABET[number % 62])
        number //= 62
    return "".join(reversed(places))


def test_a_token_has_its_key_id_its_secret_and_its_sum():
    token = make()

    match = FORM.fullmatch(token)

    assert match is not None
    assert key_id_of(token) == match[1]
    assert value_of(match[2]) == zlib.crc32(token[:-6].encode())


def test_a_token_of_today_is_one_for_ever():
    assert key_id_of(KNOWN) == "0123456789"


def test_no_two_are_alike():
    tokens = {make() for _ in range(200)}

    assert len(tokens) == len({key_id_of(token) for token in tokens}) == 200


def test_the_alphabet_is_base_62():
    assert len(ALPHABET) == len(set(ALPHABET)) == 62
    assert ALPHABET.isalnum()


@given(st.data())
def test_one_wrong_character_is_found(data):
    token = make()
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(ALPHABET + "_- é").filter(token[place].__ne__))

    assert key_id_of(token[:place] + other + token[place + 1 :]) is None


@given(st.data())
def test_two_characters_that_changed_places_are_found(data):
    token = make()
    place = data.draw(
        st.integers(0, len(token) - 2).filter(lambda n: token[n] != token[n + 1])
    )
    swapped = token[:place] + token[place + 1] + token[place] + token[place + 2 :]

    assert key_id_of(swapped) is None


@given(st.one_of(st.text(), st.text("annh_0Zz", max_size=60), st.binary(), st.none()))
def test_junk_has_no_key_id(junk):
    assert key_id_of(junk) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token + "\n",
        lambda token: " " + token,
        lambda token: token[:-1],
        lambda token: token + "a",
        lambda token: token.replace("annh_", "annx_"),
        lambda token: token.swapcase(),
        lambda token: token.encode(),
    ],
)
def test_what_stands_around_a_token_is_not_overlooked(change):
    assert key_id_of(change(make())) is None


@pytest.mark.parametrize(
    "body",
    [
        " annh_0123456789_" + "a" * 32,
        "x\nannh_0123456789_" + "a" * 32,
        "annh_012345678_" + "a" * 33,
        "annh_0123456789_" + "a" * 31,
        "annh_0123456789_" + "a" * 31 + "é",
        "annh_0123456789_" + "a" * 31 + "\u0663",
    ],
)
def test_a_right_sum_makes_no_token_of_another_form(body):
    assert summed(KNOWN[:-6]) == KNOWN[-6:]
    assert key_id_of(body + summed(body)) is None


def test_the_digest_is_the_sha_256_of_the_whole():
    token = make()

    assert digest(token) == hashlib.sha256(token.encode()).hexdigest()
    assert digest(token) != digest(token[:-1])
