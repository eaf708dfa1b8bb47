"""Guesses are counted by address, and refused when they are many."""

from __future__ import annotations

import pytest

from annotator.errors import Throttled
from annotator.hub.throttle import Throttle, network_of


class Clock:
    time = 100.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


def test_the_attempt_after_the_limit_is_refused_and_told_how_long(clock):
    throttle = Throttle(3, 60.0, clock=clock)
    for _ in range(3):
        throttle.begin("192.0.2.1")
    clock.time += 20

    with pytest.raises(Throttled) as refusal:
        throttle.begin("192.0.2.1")

    assert refusal.value.wait == 40.0


def test_another_address_is_not_concerned(clock):
    throttle = Throttle(1, 60.0, clock=clock)
    throttle.begin("192.0.2.1")

    throttle.begin("192.0.2.2")


def test_after_the_window_one_may_try_again(clock):
    throttle = Throttle(1, 60.0, clock=clock)
    throttle.begin("192.0.2.1")
    clock.time += 60

    throttle.begin("192.0.2.1")


def test_what_went_well_does_not_count(clock):
    throttle = Throttle(1, 60.0, clock=clock)
    for _ in range(5):
        throttle.begin("192.0.2.1")
        throttle.forgive("192.0.2.1")


def test_a_refused_attempt_does_not_lengthen_the_wait(clock):
    throttle = Throttle(1, 60.0, clock=clock)
    throttle.begin("192.0.2.1")
    clock.time += 59
    with pytest.raises(Throttled):
        throttle.begin("192.0.2.1")
    clock.time += 1

    throttle.begin("192.0.2.1")


def test_addresses_are_forgotten_before_they_fill_the_memory(clock):
    throttle = Throttle(1, 60.0, n_addresses=2, clock=clock)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        throttle.begin(address)

    throttle.begin("192.0.2.1")
    with pytest.raises(Throttled):
        throttle.begin("192.0.2.3")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (None, ""),
        ("nonsense", "nonsense"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1::5", "2001:db8:0:1::/64"),
    ],
)
def test_what_counts_as_one_address(address, expected):
    assert network_of(address) == expected
