"""What the browser merely repeats is not taken for what a person did."""

from __future__ import annotations

import pytest

from annotator.views import steady
from annotator.views.kit import Kit


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(steady.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def kit() -> Kit:
    return Kit(material=True)


def hear(widget, **events) -> None:
    """Let a widget take in what came from the browser, as Panel does."""
    widget._process_events(events)


def test_an_echo_does_not_put_a_button_to_sleep(kit):
    button = kit.button("Sync")
    button.param.update(label="Syncing", disabled=True)
    button.param.update(label="Sync", disabled=False)
    told = []
    button.param.watch(
        lambda *events: told.extend(event.new for event in events),
        ["label", "disabled"],
    )

    hear(button, label="Syncing", disabled=True)

    assert (button.label, button.disabled) == ("Sync", False)
    assert told == ["Sync", False]  # the browser is told again


def test_the_value_of_the_clip_before_does_not_come_back(kit, clock):
    field = kit.text("Name")
    field.value = "robin"
    field.value = "wren"
    clock[0] += 0.1

    hear(field, value="robin")

    assert field.value == "wren"


def test_what_a_person_writes_is_taken(kit, clock):
    field = kit.text("Name")
    field.value = "robin"
    field.value = "wren"
    clock[0] += 0.1
    hear(field, value="owl")
    owl = field.value
    clock[0] += 2

    hear(field, value="robin")

    assert owl == "owl"
    assert field.value == "robin"


def test_a_person_may_return_to_an_own_answer_at_once(kit, clock):
    box = kit.checkbox("Rain")

    seen = []
    for value in (True, False, True):
        hear(box, value=value)
        seen.append(box.value)

    assert seen == [True, False, True]


def test_an_item_of_a_list_is_heard_by_its_label(kit):
    choice = kit.choice("Type", {"Linear": 0, "Mel": 1}, value=0)

    hear(choice, value="Mel")

    assert choice.value == 1
