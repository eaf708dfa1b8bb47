"""Every page, every role: what a page that was tampered with sends changes nothing.

Each view is made as if the person were the owner, so that all its controls are there,
and each control is used. Who the person is, the server knows: the store decides.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from annotator.app.hub_review import ReviewMaker
from annotator.hub.pages import project as project_page
from annotator.hub.pages.hub_view import HubView
from annotator.hub.pages.project import ProjectView
from annotator.hub.places import Places
from annotator.hub.protocol import ROLES
from annotator.hub.store.disagreements import Disagreement
from annotator.hub.store.hub_store import HubStore
from tests.unit.hub.pages.samples import PASSWORD, Prompt, Visitor, clip, event
from tests.unit.hub.pages.test_clips_page import send

PEOPLE = ("admin", "removed", "stranger", *ROLES)
"""From who may least to who may most."""
CANARY = "canary-5b2c"
GUEST = f"{CANARY} guest"
FORM = "form_config:\n  select: {label: S, column: s, items: [a, b]}\n"
TABS = ("Overview", "Clips", "Agreement", "Snapshots", "Members", "Settings")
_numbers = itertools.count()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Return a hub and its people; each test makes a project of its own."""
    folder = tmp_path_factory.mktemp("hub")
    with HubStore.open(f"sqlite:///{folder / 'hub.db'}") as store:
        people = {
            name: Visitor(
                store.users.add(name, PASSWORD, is_admin=name == "admin"), store
            )
            for name in (*PEOPLE, GUEST, "invited")
        }
        yield SimpleNamespace(store=store, people=people, folder=folder)


@pytest.fixture
def place(shared):
    """Return a project with a member of each role, full of texts of its own."""
    store, people = shared.store, shared.people
    owner = people["owner"].caller
    info = store.projects.create(owner, f"{CANARY} {next(_numbers)}", CANARY)
    for name in ("manager", "annotator", "viewer", "removed", GUEST):
        role = name if name in ROLES else "annotator"
        store.members.set(owner, info.uid, name, role)
    clips = [
        clip(n, identity=f"{CANARY} {n}", recording="nowhere.wav") for n in range(3)
    ]
    store.clips.add(owner, info.uid, clips)
    store.projects.set_config(owner, info.uid, f"{FORM}# {CANARY}\n")
    for name in ("owner", "removed"):
        said = event(f"{CANARY} 0", name, s=f"{CANARY} {name}")
        store.events.add(people[name].caller, info.uid, [said])
    store.snapshots.create(owner, info.uid, CANARY, CANARY)
    store.snapshots.create(owner, info.uid, f"{CANARY} 2", CANARY)
    store.members.remove(owner, info.uid, "removed")
    return SimpleNamespace(**vars(shared), uid=info.uid, info=info, owner=owner)


def opened(place, who):
    """Return the project's page as somebody has it who says to be the owner."""
    make = ReviewMaker(Places(), place.folder / "reviews")
    hub = HubView(place.people[who], make_review=make, stage=Prompt())
    claimed = dataclasses.replace(place.info, role="owner", name="it", description="")
    view = ProjectView(hub.desk, claimed, hub)
    view.hub = hub
    hub._put(view)
    return view


def tab(view, name):
    view.turn_to(name)
    return view.tabs[name]


def state(store):
    """Return all that the database holds, but for the record of who did what."""
    tables = sa.MetaData()
    with store.database.reading() as connection:
        tables.reflect(connection)
        return {
            name: sorted(map(repr, connection.execute(sa.select(table))))
            for name, table in tables.tables.items()
            if name not in {"audit", "web_sessions"}
        }


# ----------------------------------------------------------- what one can do


def set_reviews(view):
    page = tab(view, "Clips")
    page.reviews.value = 7
    page.set_reviews()


def assign(view):
    page = tab(view, "Clips")
    page.people.param.update(options={GUEST: GUEST}, value=[GUEST])
    page.assign()


def set_share(view):
    page = tab(view, "Clips")
    page.share.value = 0.2
    page.set_share()


def add_clips(view):
    page = tab(view, "Clips")
    send(page.loading)
    page.loading.add()


def take_snapshot(view):
    page = tab(view, "Snapshots")
    page.name_field.value = "mine"
    page.create()


def invite(view):
    page = tab(view, "Members")
    page.name_field.value = "invited"
    page.role.value = "viewer"
    page.invite()


def make_manager(view):
    page = tab(view, "Members")
    page.name_field.value = GUEST
    page.role.value = "manager"
    page.invite()


def make_oneself_manager(view):
    page = tab(view, "Members")
    page.name_field.value = view.hub.desk.user.name
    page.role.value = "manager"
    page.invite()


def remove(view):
    tab(view, "Members")._act("remove", GUEST)


def remove_a_manager(view):
    tab(view, "Members")._act("remove", "manager")


def remove_the_owner(view):
    tab(view, "Members")._act("remove", "owner")


def save_settings(view):
    page = tab(view, "Settings")
    page.editor.param.update(value=FORM, value_input=FORM)
    page.save()


def rename(view):
    page = tab(view, "Settings")
    page.name_field.value = f"Renamed {next(_numbers)}"
    page.rename()


def archive(view):
    tab(view, "Settings").archive()


def review(view):
    view.hub.review(view.project, view.review_button, view.notice)
    answer(view.hub)


def adjudicate(view):
    view.hub.adjudicate(view, [DISPUTED], "s")
    answer(view.hub)


def review_again(view):
    view.hub.adjudicate(view, [DISPUTED], "")
    answer(view.hub)


def answer(hub):
    if hub._review is not None:
        hub._review.session.submit({"s": "a"})
        hub._review._review.hub.settle()
    hub.close()


NOBODY = "nobody"
DISPUTED = Disagreement(f"{CANARY} 0", {})
DEEDS = {
    set_reviews: "manager",
    assign: "manager",
    set_share: "manager",
    add_clips: "manager",
    take_snapshot: "annotator",
    invite: "manager",
    make_manager: "owner",
    remove: "manager",
    remove_a_manager: "owner",
    remove_the_owner: NOBODY,
    make_oneself_manager: NOBODY,
    save_settings: "manager",
    rename: "manager",
    archive: "owner",
    review: "annotator",
    adjudicate: "manager",
    review_again: "annotator",
}
"""What a page of a project can be told to do, and the least role that may."""


def may(who, least):
    return who in ROLES and least in ROLES and ROLES.index(who) >= ROLES.index(least)


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_each_role_may_do_what_the_table_says_and_nothing_else(place, deed):
    done = {}

    for who in PEOPLE:
        if deed is remove_a_manager and who == "manager":
            continue  # that is to leave, which everybody may
        view = opened(place, who)
        before = state(place.store)
        deed(view)
        done[who] = state(place.store) != before
        if done[who]:
            break

    assert done == {who: may(who, DEEDS[deed]) for who in done}
    if DEEDS[deed] in ROLES:
        assert any(done.values())


@pytest.mark.parametrize("who", ROLES[:3])
def test_one_who_may_not_is_told_so(place, texts_of, who):
    view = opened(place, who)

    archive(view)

    assert "this takes owner or more" in texts_of(view)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("name", TABS)
def test_each_tab_is_read_by_members_alone(place, texts_of, who, name):
    view = opened(place, who)

    said = texts_of(_Tab(tab(view, name), view.notice))

    assert (CANARY in said) == (who in ROLES)


@pytest.mark.parametrize("who", ["removed", "stranger", "admin"])
def test_a_project_of_others_is_as_one_that_is_not_there(place, texts_of, who):
    said = []
    for uid in (place.uid, str(uuid.uuid4())):
        hub = HubView(place.people[who], stage=Prompt())
        hub.project(uid)
        said.append(hub._notice._pane.object)
        assert CANARY not in texts_of(hub)

    assert said[0] == said[1] != ""


def test_tokens_are_each_ones_own(place, texts_of):
    made = place.store.tokens.create(place.people["owner"].user, CANARY)
    for who in ("manager", "admin"):
        hub = HubView(place.people[who], stage=Prompt())
        hub.tokens()
        hub.all_tokens._delete(made.info.key_id)
        assert CANARY not in texts_of(hub.all_tokens)

    assert place.store.tokens.check(made.secret)


class _Tab:
    """A tab with what is said below the page's head."""

    def __init__(self, *views):
        self._views = views

    def __panel__(self):
        import panel as pn

        return pn.Column(*self._views)


# --------------------------------------------------------------- completeness

WRITES = {
    "clips": {"add", "assign", "blind_share", "set_reviews"},
    "members": {"remove", "set"},
    "projects": {"archive", "create", "edit", "set_config"},
    "snapshots": {"create"},
    "tokens": {"create", "delete"},
}
READS = {
    "annotations": {"rows"},
    "clips": {"list", "n", "plan"},
    "events": {"latest"},
    "leases": set(),
    "members": {"list"},
    "progress": {
        *("agreement", "by_annotator_and_day", "columns", "disagreements"),
        *("label_counts", "overall"),
    },
    "projects": {"config", "get", "list"},
    "snapshots": {"compare", "list", "rows"},
    "tokens": {"list"},
}


def test_all_that_pages_ask_of_the_store_is_looked_at_here():
    folder = Path(project_page.__file__).parent
    said = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    asked = set(re.findall(r"store\s*\.(\w+)\s*\.(\w+)\(", said))

    known = {
        (noun, verb)
        for table in (WRITES, READS)
        for noun, verbs in table.items()
        for verb in verbs
    }
    assert asked <= known
    assert {(noun, verb) for noun in WRITES for verb in WRITES[noun]} <= asked
