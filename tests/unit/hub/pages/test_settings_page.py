from __future__ import annotations

import pytest

from annotator.hub.member_config import EXAMPLE


@pytest.fixture
def page(owls, hub_of):
    hub = hub_of(owls.ana)
    hub.project(owls.uid)
    hub.shown.turn_to("Settings")
    return hub.shown.tabs["Settings"]


def write(page, text):
    page.editor.param.update(value=text, value_input=text)


def test_a_configuration_is_kept_and_seen_by_the_others(page, owls, store, hub_of):
    page.insert_example()
    page.save()

    assert store.projects.config(owls.ben.caller, owls.uid) == EXAMPLE
    hub = hub_of(owls.ben)
    hub.project(owls.uid)
    hub.shown.turn_to("Settings")
    other = hub.shown.tabs["Settings"]
    assert other.editor.value == EXAMPLE
    assert other.editor.disabled


def test_an_example_replaces_nothing(page, texts_of):
    write(page, "default_buffer: 1")

    page.insert_example()

    assert page.editor.value == "default_buffer: 1"
    assert "Empty the editor first" in texts_of(page)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("data: clips.csv", "clips are loaded on the project"),
        ("a: [", "is not valid YAML"),
        ("display_columns: [nowhere]", "is not in the data"),
    ],
)
def test_what_is_wrong_is_said_and_not_kept(page, owls, store, text, said):
    write(page, text)
    page.check()
    assert said in page.problems.object

    page.save()
    assert said in page.problems.object
    assert store.projects.config(owls.ana.caller, owls.uid) == ""


def test_columns_of_the_clips_may_be_named(page, owls, store):
    write(page, "display_columns: [confidence]")
    page.save()

    assert page.problems.object == ""
    assert "confidence" in store.projects.config(owls.ana.caller, owls.uid)


def test_who_does_not_manage_changes_nothing(owls, hub_of, store, texts_of):
    hub = hub_of(owls.ben)
    hub.project(owls.uid)
    hub.shown.turn_to("Settings")
    page = hub.shown.tabs["Settings"]

    write(page, EXAMPLE)
    page.save()
    page.name_field.value = "Mine"
    page.rename()

    assert store.projects.config(owls.ana.caller, owls.uid) == ""
    assert store.projects.get(owls.ana.caller, owls.uid).name == "Owls"
    assert "this takes manager or more" in texts_of(page)
