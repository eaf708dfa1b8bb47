"""Fixtures: a hub that is served, and people at it."""

from __future__ import annotations

import pytest

from tests.integration.hubs import Browser, Hub

__all__ = ["ann", "bob", "hub", "opened", "stranger"]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    hub = Hub(f"sqlite:///{folder / 'hub.db'}", folder)
    try:
        hub.people = {
            name: hub.add(name, is_admin=name == "ann")
            for name in ("ann", "bob", "eve")
        }
        hub.start()
        yield hub
    finally:
        hub.stop()


@pytest.fixture
def stranger(hub):
    with Browser(hub.base) as browser:
        yield browser


@pytest.fixture
def ann(hub):
    with Browser(hub.base) as browser:
        assert browser.sign_in("ann").status_code == 303
        yield browser


@pytest.fixture
def bob(hub):
    with Browser(hub.base) as browser:
        assert browser.sign_in("bob").status_code == 303
        yield browser


@pytest.fixture
def opened():
    """Return a function that keeps a websocket, and closes it after the test."""
    sockets = []

    def keep(socket):
        sockets.append(socket)
        return socket

    yield keep
    for socket in sockets:
        socket.close()
