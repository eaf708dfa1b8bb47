"""Pages without a browser: a real store in a file, and work that is done at once."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from bokeh.document import Document

from annotator.hub.pages.hub_view import HubView
from annotator.hub.store.hub_store import HubStore
from tests.unit.hub.pages.samples import PASSWORD, Prompt, Visitor, clip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HubStore]:
    with HubStore.open(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        yield store


@pytest.fixture
def visitor(store: HubStore) -> Callable[..., Visitor]:
    """Return a function that adds a person and signs them in."""

    def make(name: str, **options: Any) -> Visitor:
        return Visitor(store.users.add(name, PASSWORD, **options), store)

    return make


@pytest.fixture
def texts_of() -> Callable[[Any], str]:
    """Return a function that gives all that a view's models say, as it is sent."""

    def texts(view: Any) -> str:
        document = Document()
        document.add_root(view.__panel__().get_root(document))
        return json.dumps(document.to_json(), default=str)

    return texts


@pytest.fixture
def ana(visitor: Callable[..., Visitor]) -> Visitor:
    return visitor("ana")


@pytest.fixture
def hub_of() -> Callable[..., HubView]:
    """Return a function that opens the hub for a visitor."""

    def open_hub(who: Visitor, **options: Any) -> HubView:
        return HubView(who, stage=Prompt(), **options)

    return open_hub


@pytest.fixture
def owls(ana: Visitor, visitor: Callable[..., Visitor]) -> SimpleNamespace:
    """Return a project of Ana's with six clips, Ben who annotates and Vera who looks."""
    project = ana.store.projects.create(ana.caller, "Owls", "In the valley")
    people = {name: visitor(name) for name in ("ben", "vera")}
    ana.store.members.set(ana.caller, project.uid, "ben", "annotator")
    ana.store.members.set(ana.caller, project.uid, "vera", "viewer")
    ana.store.clips.add(ana.caller, project.uid, [clip(n) for n in range(6)])
    return SimpleNamespace(uid=project.uid, project=project, ana=ana, **people)
