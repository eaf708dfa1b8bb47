from __future__ import annotations

import pytest

from annotator.hub.pages.project import ProjectView


def names(page):
    return [row["cells"][0] for row in page.list.rows]


def test_a_project_is_made_and_opened(ana, store, hub_of):
    hub = hub_of(ana)
    hub.all_projects.name_field.value = "Owls"
    hub.all_projects.description.value = "In the valley"
    hub.all_projects.create()

    (project,) = store.projects.list(ana.caller)
    assert (project.name, project.description) == ("Owls", "In the valley")
    assert isinstance(hub.shown, ProjectView)
    assert hub.shown.project == project


def test_own_and_shared_projects_are_listed_and_found(owls, hub_of):
    store, ben = owls.ana.store, owls.ben
    store.projects.create(ben.caller, "Bats")
    page = hub_of(ben).all_projects

    assert set(names(page)) == {"Owls", "Bats"}
    page.search.value_input = "ana"
    assert names(page) == ["Owls"]
    page.search.value_input = "newt"
    assert names(page) == []
    assert "Search for less" in page.list.empty_text


def test_an_empty_page_says_what_to_do_next(ana, hub_of):
    assert "Make one above" in hub_of(ana).all_projects.list.empty_text


def test_archived_projects_are_in_a_list_of_their_own(owls, hub_of):
    owls.ana.store.projects.archive(owls.ana.caller, owls.uid)
    page = hub_of(owls.ana).all_projects

    assert names(page) == []
    page.kind.value = True
    assert names(page) == ["Owls"]


def test_a_name_that_is_taken_is_a_sentence(owls, hub_of, texts_of):
    hub = hub_of(owls.ana)
    hub.all_projects.name_field.value = "owls"
    hub.all_projects.create()

    assert hub.shown is hub.all_projects
    assert "has a project of this name" in texts_of(hub)


def test_somebody_elses_project_is_not_opened(owls, visitor, hub_of, texts_of):
    hub = hub_of(visitor("eve"))

    hub.project(owls.uid)

    assert hub.shown is hub.all_projects
    assert "not a member" in texts_of(hub)
    assert "In the valley" not in texts_of(hub)


def members_of(hub, uid):
    hub.project(uid)
    hub.shown.turn_to("Members")
    return hub.shown.tabs["Members"]


def test_a_member_is_invited_changed_and_removed(owls, visitor, hub_of):
    visitor("dora")
    page = members_of(hub_of(owls.ana), owls.uid)

    page.name_field.value, page.role.value = "dora", "annotator"
    page.invite()
    assert roles(owls)["dora"] == "annotator"

    page._act("change", "dora")
    assert page.name_field.value == "dora"
    page.role.value = "manager"
    page.invite()
    assert roles(owls)["dora"] == "manager"

    page._act("remove", "dora")
    assert "dora" not in roles(owls)
    assert [row["key"] for row in page.list.rows] == ["ana", "ben", "vera"]


def roles(owls):
    members = owls.ana.store.members.list(owls.ana.caller, owls.uid)
    return {one.user: one.role for one in members}


def test_the_owner_stays(owls, hub_of):
    page = members_of(hub_of(owls.ana), owls.uid)

    rows = {row["key"]: row["actions"] for row in page.list.rows}
    assert rows == {
        "ana": [],
        "ben": ["change", "remove"],
        "vera": ["change", "remove"],
    }


def test_a_name_that_nobody_has_is_a_sentence(owls, hub_of, texts_of):
    page = members_of(hub_of(owls.ana), owls.uid)
    page.name_field.value = "nobody"
    page.invite()

    assert "no user of this name" in texts_of(page)


def test_who_may_not_invite_sees_no_form_and_may_leave(owls, hub_of, texts_of):
    hub = hub_of(owls.ben)
    page = members_of(hub, owls.uid)

    assert "Invite somebody" not in texts_of(page)
    rows = {row["key"]: row["actions"] for row in page.list.rows}
    assert rows == {"ana": [], "ben": ["leave"], "vera": []}
    page._act("leave", "ben")
    assert hub.shown is hub.all_projects
    assert "ben" not in roles(owls)


@pytest.mark.parametrize("name", ["Members", "Snapshots", "Settings", "Clips"])
def test_one_who_was_removed_meanwhile_reads_a_sentence(owls, hub_of, texts_of, name):
    hub = hub_of(owls.ben)
    hub.project(owls.uid)
    owls.ana.store.members.remove(owls.ana.caller, owls.uid, "ben")

    hub.shown.turn_to(name)

    assert "not a member" in texts_of(hub)


def test_a_project_is_renamed_archived_and_taken_back(owls, hub_of, store):
    hub = hub_of(owls.ana)
    hub.project(owls.uid)
    hub.shown.turn_to("Settings")
    page = hub.shown.tabs["Settings"]
    page.name_field.value, page.description.value = "Owls 2", "Anew"
    page.rename()
    assert hub.shown.project.name == "Owls 2"
    assert hub.shown.project.description == "Anew"

    hub.shown.turn_to("Settings")
    hub.shown.tabs["Settings"].archive()
    assert store.projects.get(owls.ana.caller, owls.uid).archived
    assert hub.shown.review_button.disabled

    hub.shown.turn_to("Settings")
    hub.shown.tabs["Settings"].archive()
    assert not store.projects.get(owls.ana.caller, owls.uid).archived
