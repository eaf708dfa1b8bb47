from __future__ import annotations

import pytest

from annotator.hub.places import Places

CSV = b"""recording,start_time,end_time,species
https://example.org/a.flac,0,3,owl
https://example.org/a.flac,3,6,nightjar
/etc/passwd,0,3,owl
https://example.org/a.flac,6,5,owl
"""


@pytest.fixture
def page(ana, hub_of):
    hub = hub_of(ana)
    hub.all_projects.name_field.value = "Owls"
    hub.all_projects.create()
    hub.shown.turn_to("Clips")
    return hub.shown.tabs["Clips"]


def send(loading, content=CSV, name="clips.csv"):
    loading.upload.param.update(value=content, filename=name)


def stored(page):
    desk = page._desk
    return desk.store.clips.list(desk.guest.caller, page._project.uid)


def test_a_table_is_looked_at_and_its_clips_are_added(page, texts_of):
    loading = page.loading
    send(loading)

    assert "4 rows and 4 columns" in texts_of(loading)
    assert loading.columns["recording"].value == "recording"
    assert loading.add_button.label == "Add 2 clips"
    assert "Row 3: Paths of the hub" in texts_of(loading)
    assert "Row 4 of the table ends" in texts_of(loading)
    assert loading.preview.rows[0]["cells"][-1] == "owl"

    loading.add()

    assert [clip.row["species"] for clip in stored(page)] == ["owl", "nightjar"]
    assert "2 clips added." in texts_of(loading)
    assert len(page.list.rows) == 2


def test_clips_that_are_there_already_are_told(page, texts_of):
    for _ in range(2):
        send(page.loading)
        page.loading.add()

    assert len(stored(page)) == 2
    assert "0 clips added. 2 were there already." in texts_of(page.loading)


def test_columns_of_other_names_are_chosen(page):
    send(page.loading, b"a,b,c\nhttps://example.org/x.flac,1,2\n")
    assert page.loading.add_button.disabled

    for name, column in (("recording", "a"), ("start_time", "b"), ("duration", "c")):
        page.loading.columns[name].value = column

    assert page.loading.add_button.label == "Add 1 clip"
    page.loading.add()
    assert [(clip.start_time, clip.end_time) for clip in stored(page)] == [(1, 3)]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"x", "clips.exe", "a table may be one of"),
        (b"PAR1", "clips.parquet", "cannot be read as PARQUET"),
        (b"recording,start_time\n", "clips.csv", "Say which column holds the end"),
    ],
)
def test_what_is_no_table_is_a_sentence(page, texts_of, content, name, said):
    send(page.loading, content, name)

    assert said in texts_of(page.loading)
    assert page.loading.add_button.disabled


def test_an_address_within_the_hubs_network_is_refused(page, texts_of):
    for address in ("https://127.0.0.1/x.csv", "https://[::1]/x.csv"):
        page.loading.address.value = address
        page.loading.fetch()
        assert "not on the public internet" in texts_of(page.loading)

    page.loading.address.value = "/etc/passwd"
    page.loading.fetch()
    assert "own disk are not opened here" in texts_of(page.loading)


def test_a_table_is_fetched_from_the_shared_folder(ana, hub_of, owls, tmp_path):
    (tmp_path / "more.csv").write_bytes(CSV)
    hub = hub_of(ana, places=Places(audio_root=tmp_path))
    hub.project(owls.uid)
    hub.shown.turn_to("Clips")
    loading = hub.shown.tabs["Clips"].loading
    loading.address.value = "more.csv"
    loading.fetch()

    assert loading.add_button.label == "Add 2 clips"


def test_reviews_people_and_the_blind_share_are_set(owls, hub_of, store, texts_of):
    hub = hub_of(owls.ana)
    hub.project(owls.uid)
    hub.shown.turn_to("Clips")
    page = hub.shown.tabs["Clips"]

    page.reviews.value = 2
    page.set_reviews()
    assert {clip.reviews_wanted for clip in stored(page)} == {2}
    assert page.list.rows[0]["cells"][-1] == "2"

    assert list(page.people.options) == ["ana", "ben"]  # Vera only looks
    page.people.value = ["ben"]
    page.assign()
    assert store.leases.next(owls.ana.caller, owls.uid) is None
    assert store.leases.next(owls.ben.caller, owls.uid) is not None
    assert "now reviewed by ben" in texts_of(page)

    page.people.value = []
    page.assign()
    assert store.leases.next(owls.ana.caller, owls.uid) is not None

    page.share.value = 0.2
    page.set_share()
    assert "one blind review more" in texts_of(page)


def test_who_does_not_manage_sees_clips_alone(owls, hub_of, texts_of):
    hub = hub_of(owls.ben)
    hub.project(owls.uid)
    hub.shown.turn_to("Clips")
    page = hub.shown.tabs["Clips"]

    assert len(page.list.rows) == 6
    assert "Load clips" not in texts_of(page)
    assert "Who reviews what" not in texts_of(page)


def test_what_the_page_hides_the_store_refuses_too(owls, hub_of, texts_of):
    hub = hub_of(owls.ben)
    hub.project(owls.uid)
    hub.shown.turn_to("Clips")
    page = hub.shown.tabs["Clips"]

    page.set_reviews()
    page.assign()
    send(page.loading)
    page.loading.add()

    assert len(stored(page)) == 6
    assert "this takes manager or more" in texts_of(page.loading)


def test_clips_are_turned_like_pages(owls, hub_of, store, monkeypatch):
    monkeypatch.setattr("annotator.hub.pages.assignment._PAGE", 4)
    hub = hub_of(owls.ana)
    hub.project(owls.uid)
    hub.shown.turn_to("Clips")
    page = hub.shown.tabs["Clips"]

    def shown():
        return [row["cells"][0] for row in page.list.rows]

    assert shown() == ["clip-0", "clip-1", "clip-2", "clip-3"]
    assert page.back_button.disabled
    page.turn(1)
    assert shown() == ["clip-4", "clip-5"]
    assert page.more_button.disabled
    page.turn(-1)
    assert shown() == ["clip-0", "clip-1", "clip-2", "clip-3"]
    assert page.back_button.disabled


def open_clips(hub, uid):
    hub.project(uid)
    hub.shown.turn_to("Clips")
    return hub.shown.tabs["Clips"]


def test_what_holds_now_is_shown(owls, hub_of, store, texts_of):
    store.clips.set_reviews(owls.ana.caller, owls.uid, 14)  # as a script may
    store.clips.assign(owls.ana.caller, owls.uid, ["ben"])
    store.clips.blind_share(owls.ana.caller, owls.uid, 0.07)

    page = open_clips(hub_of(owls.ana), owls.uid)

    assert page.reviews.value == 14
    assert 14 in page.reviews.options.values()
    assert page.people.value == ["ben"]
    assert page.share.value == page.share.options["7 %"] == 0.07
    said = "Now: 14 reviews of each clip, by ben; 7 % of them once more, blind."
    assert said in texts_of(page)


def test_clips_that_lack_a_person_are_told(owls, hub_of, store, texts_of):
    page = open_clips(hub_of(owls.ana), owls.uid)
    assert "another person" not in texts_of(page)

    page.reviews.value = 3  # and two may review
    page.set_reviews()

    assert "6 clips wait for another person" in texts_of(page)
    store.members.set(owls.ana.caller, owls.uid, "vera", "annotator")
    page.load()
    assert "another person" not in texts_of(page)


def test_the_people_in_a_sentence_read_as_themselves(visitor, hub_of, store):
    eve = visitor("eve & bo")
    project = store.projects.create(eve.caller, "Bats")
    page = open_clips(hub_of(eve), project.uid)

    page.people.value = ["eve & bo"]
    page.assign()

    assert "by eve &amp; bo." in page.said.object
