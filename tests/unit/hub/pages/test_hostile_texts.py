"""A payload in every text that people can write: it reads as itself, everywhere."""

from __future__ import annotations

import html

import pytest
from bokeh.document import Document
from bokeh.model import DataModel
from bokeh.models import ColumnDataSource
from panel.models.esm import ReactiveESM
from panel.models.markup import HTML

from annotator.hub.pages.page import hub_page
from tests.unit.hub.pages.samples import clip, event

PAYLOAD = "<img src=x onerror=alert(1)>"
TABS = ("Overview", "Clips", "Agreement", "Snapshots", "Members", "Settings")
YAML = f"""
form_config:
  select:
    label: "{PAYLOAD}"
    column: "{PAYLOAD}"
    items: ["{PAYLOAD}", "b"]
"""
SAFE = (ReactiveESM, DataModel, ColumnDataSource)
"""Our lists set `textContent`, React sets text; both keep what they show in a model."""


def models_of(view):
    document = Document()
    document.add_root(view.__panel__().get_root(document))
    return list(document.models)


def assert_harmless(view):
    """Assert that the payload is there, and only where it is text."""
    n_found = 0
    for model in models_of(view):
        said = str(model.properties_with_values())
        if isinstance(model, HTML):
            # Panel escapes what it sends; the browser undoes that once.
            assert "<img" not in html.unescape(model.text), model.text
            n_found += "&lt;img" in html.unescape(model.text)
        elif "<img" in said:
            assert is_safe(model), model
            n_found += 1
    return n_found


def is_safe(model):
    # A tooltip is HTML, in whatever widget.
    return isinstance(model, SAFE) and "<" not in str(getattr(model, "description", ""))


@pytest.fixture
def hostile(visitor, store):
    """Return a visitor whose hub is full of payloads."""
    mallory = visitor(f"{PAYLOAD} m")
    other = visitor(f"{PAYLOAD} o")
    caller = mallory.caller
    project = store.projects.create(caller, PAYLOAD, PAYLOAD)
    store.members.set(caller, project.uid, other.user.name, "annotator")
    clips = [
        clip(
            n,
            identity=f"{PAYLOAD} {n}",
            recording=f"s3://b/{PAYLOAD}",
            row={PAYLOAD: PAYLOAD},
        )
        for n in range(2)
    ]
    store.clips.add(caller, project.uid, clips)
    store.projects.set_config(caller, project.uid, YAML)
    for who, label in ((mallory, PAYLOAD), (other, f"{PAYLOAD} 2")):
        events = [event(f"{PAYLOAD} 0", who.user.name, **{PAYLOAD: label})]
        store.events.add(who.caller, project.uid, events)
    store.snapshots.create(caller, project.uid, PAYLOAD, PAYLOAD)
    store.snapshots.create(caller, project.uid, f"{PAYLOAD} 2", PAYLOAD)
    store.tokens.create(mallory.user, PAYLOAD)
    mallory.uid = project.uid
    return mallory


def test_lists_of_projects_and_tokens(hostile, hub_of):
    hub = hub_of(hostile)
    hub.tokens()
    hub.all_tokens.name_field.value = PAYLOAD
    hub.all_tokens.add()

    assert assert_harmless(hub) >= 3


@pytest.mark.parametrize("name", TABS)
def test_each_tab_of_a_project(hostile, hub_of, name):
    hub = hub_of(hostile)
    hub.project(hostile.uid)
    hub.shown.turn_to(name)

    assert assert_harmless(hub) >= 3


def test_the_head_of_the_page(hostile):
    page = hub_page(hostile)

    for row in page.header:
        assert_harmless(_Viewed(row))


class _Viewed:
    def __init__(self, panel):
        self._panel = panel

    def __panel__(self):
        return self._panel


def test_tables_that_are_sent(hostile, hub_of):
    hub = hub_of(hostile)
    hub.project(hostile.uid)
    hub.shown.turn_to("Clips")
    loading = hub.shown.tabs["Clips"].loading
    content = f"{PAYLOAD},start_time,end_time\n{PAYLOAD},2,1\n{PAYLOAD},1,2\n".encode()
    loading.upload.param.update(value=content, filename=f"{PAYLOAD}.csv")
    loading.columns["recording"].value = PAYLOAD
    assert loading.preview.rows

    assert_harmless(hub)
    loading.upload.param.update(value=b"x", filename=f"{PAYLOAD}.exe")
    assert assert_harmless(hub) >= 3


def test_what_is_wrong_with_a_configuration(hostile, hub_of):
    hub = hub_of(hostile)
    hub.project(hostile.uid)
    hub.shown.turn_to("Settings")
    page = hub.shown.tabs["Settings"]
    for text in (f"{PAYLOAD}: 1", f'default_buffer: "{PAYLOAD}"', f"a: [{PAYLOAD}"):
        page.editor.param.update(value=text, value_input=text)
        page.check()
        assert page.problems.object
        assert_harmless(hub)


def test_names_that_are_asked_for(hostile, hub_of):
    hub = hub_of(hostile)
    hub.project(hostile.uid)
    hub.shown.turn_to("Members")
    page = hub.shown.tabs["Members"]
    page.name_field.value = PAYLOAD
    page.invite()
    page._act("change", f"{PAYLOAD} o")
    assert_harmless(hub)
    page._act("remove", f"{PAYLOAD} o")
    assert_harmless(hub)


def test_two_snapshots_and_what_changed(hostile, hub_of, store):
    events = [event(f"{PAYLOAD} 1", hostile.user.name, **{PAYLOAD: PAYLOAD})]
    store.events.add(hostile.caller, hostile.uid, events)
    hub = hub_of(hostile)
    hub.project(hostile.uid)
    hub.shown.turn_to("Snapshots")
    page = hub.shown.tabs["Snapshots"]
    page.name_field.value = f"{PAYLOAD} 3"
    page.create()
    page.compare()

    assert page.changes.rows
    assert_harmless(hub)


def test_nobody_is_signed_in():
    main, _ = hub_page(None).main

    assert "sign in" in main.object
