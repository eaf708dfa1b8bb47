"""What the contracts of clips, leases and progress stand on; `database` is each file's."""

from __future__ import annotations

import pytest

from annotator.hub.store.clips import Clips
from annotator.hub.store.leases import Leases
from tests.contracts.hub_ground import Ground


@pytest.fixture
def ground(database):
    return Ground(database)


@pytest.fixture
def leases(database):
    return Leases(database)


@pytest.fixture
def clips(database):
    return Clips(database)


@pytest.fixture
def ada(ground):
    return ground.person("ada", "annotator")


@pytest.fixture
def bob(ground):
    return ground.person("bob", "annotator")


@pytest.fixture
def next_of(ground, leases):
    """Return a function: the clip that somebody is given, by its number."""

    def ask(caller):
        lease = leases.next(caller, ground.uid)
        return None if lease is None else int(lease.clip.identity.partition("-")[2])

    return ask
