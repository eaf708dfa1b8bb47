"""How long the sender waits after failures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from annotator.hub.client.pace import Pace


@given(st.integers(0, 10**6))
def test_pauses_double_up_to_a_minute_and_are_not_all_the_same(n_failures):
    whole = min(60.0, 0.5 * 2.0 ** min(max(n_failures - 1, 0), 30))

    found = [Pace().pause(n_failures) for _ in range(20)]

    assert all(whole / 2 <= pause <= whole for pause in found)
    assert len(set(found)) > 1


def test_the_first_pause_is_half_a_second_at_most():
    assert Pace().pause(1) <= 0.5 < 2 * Pace().pause(2)
