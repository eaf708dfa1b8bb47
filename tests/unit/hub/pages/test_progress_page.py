from __future__ import annotations

import pytest

from annotator.hub.agreement import PairAgreement
from annotator.hub.member_config import EXAMPLE
from annotator.hub.pages.agreement import matrix, meaning
from annotator.hub.pages.day_plot import columns_of, day_labels
from annotator.hub.store.progress import Agreement, DayCount
from tests.unit.hub.pages.samples import event


@pytest.fixture
def reviewed(owls):
    """Return the project after Ana and Ben looked at it: they differ about clip 2."""
    store = owls.ana.store
    store.projects.set_config(owls.ana.caller, owls.uid, EXAMPLE)
    for who, labels in (
        (owls.ana, ["owl", "owl", "nightjar"]),
        (owls.ben, ["owl", "owl", "owl", "owl"]),
    ):
        events = [
            event(f"clip-{n}", who.user.name, species=label)
            for n, label in enumerate(labels)
        ]
        store.events.add(who.caller, owls.uid, events)
    return owls


def tab(hub, uid, name):
    hub.project(uid)
    hub.shown.turn_to(name)
    return hub.shown.tabs[name]


def test_numbers_labels_and_what_happened_last(reviewed, hub_of):
    page = tab(hub_of(reviewed.vera), reviewed.uid, "Overview")

    numbers = page.numbers.object
    for count in ("<b>6</b><span>clips", "<b>4</b><span>reviewed", "<b>7</b><span>rev"):
        assert count in numbers
    assert page.column.options == ["species", "notes"]
    assert ">6</div>" in page.labels.object  # owls
    assert "14 %" in page.labels.object  # nightjars
    assert [row["cells"][1] for row in page.events.rows] == ["ben"] * 4 + ["ana"] * 3
    assert page.events.rows[-1]["cells"][3:] == ["clip-0", "owl"]


def test_each_annotator_has_a_colour_and_a_count(reviewed, hub_of):
    page = tab(hub_of(reviewed.ana), reviewed.uid, "Overview")

    assert "ben 4" in page.plot.key.object
    assert "ana 3" in page.plot.key.object
    assert page.plot.figure is not None


def test_a_project_without_anything_says_what_to_do(owls, hub_of):
    page = tab(hub_of(owls.ana), owls.uid, "Overview")

    assert page.plot.figure is None
    assert not page.column.visible
    assert "A manager writes the form" in page.labels.object
    assert "Review in the browser" in page.events.empty_text


def test_who_made_a_project_is_told_the_next_steps(owls, hub_of, store):
    new = store.projects.create(owls.ana.caller, "New")
    store.members.set(owls.ana.caller, new.uid, "ben", "annotator")

    assert tab(hub_of(owls.ana), new.uid, "Overview").steps.visible
    assert not tab(hub_of(owls.ben), new.uid, "Overview").steps.visible
    assert not tab(hub_of(owls.ana), owls.uid, "Overview").steps.visible


def test_days_are_stacked_by_the_busiest_first():
    counts = [
        DayCount("ana", "2026-03-01", 1, 1),
        DayCount("ben", "2026-03-01", 3, 3),
        DayCount("ana", "2026-03-03", 1, 1),
        DayCount("cem", "2026-03-03", 0, 5),
    ]

    data, colours = columns_of(counts)

    assert list(colours) == ["ben", "ana"]
    assert list(zip(data["who"], data["bottom"], data["top"], strict=True)) == [
        ("ben", 0, 3),
        ("ana", 3, 4),
        ("ana", 0, 1),
    ]
    assert data["right"][0] - data["left"][0] == pytest.approx(0.8 * 86_400_000)


def test_more_annotators_than_colours_are_others():
    counts = [DayCount(f"p{n:02}", "2026-03-01", 20 - n, 1) for n in range(12)]

    data, colours = columns_of(counts)

    assert len(set(colours.values())) == len(colours) == 8
    assert sum(data["count"]) == sum(one.n_clips for one in counts)


def test_agreement_is_told_and_what_it_means(reviewed, hub_of):
    page = tab(hub_of(reviewed.ana), reviewed.uid, "Agreement")

    assert "Krippendorff" in page.alpha.object
    assert "3 clips with two labels" in page.alpha.object
    assert "<small>3</small>" in page.matrix.object


def test_another_level_of_a_column_of_names_is_a_sentence(reviewed, hub_of, texts_of):
    page = tab(hub_of(reviewed.ana), reviewed.uid, "Agreement")

    page.level.value = "ordinal"
    assert "is no number" in texts_of(page)
    page.level.value = "nominal"
    assert "is no number" not in texts_of(page)


@pytest.mark.parametrize(
    ("alpha", "n_clips", "said"),
    [
        (None, 0, "No clip has labels of two people"),
        (None, 5, "All labels are the same"),
        (0.8, 5, "agree well"),
        (0.7, 5, "agree fairly"),
        (0.5, 5, "too little"),
        (0.0, 5, "chance"),
        (-0.4, 5, "chance"),
    ],
)
def test_alpha_has_one_sentence(alpha, n_clips, said):
    assert said in meaning(Agreement("a", "nominal", n_clips, alpha, ()))


def test_the_matrix_has_each_pair_once():
    pairs = [
        PairAgreement("ana", "ben", 20, 18, 0.81),
        PairAgreement("ben", "cem", 4, 4, None),
    ]

    html = matrix(pairs)

    assert html.count("0.81") == 1
    assert "18 of 20 clips have the same label" in html
    assert "No clip in common" in html
    assert matrix([]) == ""


def test_what_is_left_and_lacks_a_person_is_told(owls, hub_of, store, texts_of):
    hub = hub_of(owls.ana)
    hub.project(owls.uid)
    page = hub.shown.tabs["Overview"]
    assert "6 clips left." in page.numbers.object
    assert "lack" not in page.numbers.object

    store.clips.set_reviews(owls.ana.caller, owls.uid, 3, ["clip-1"])
    page.load()

    assert "6 clips left. 1 of them lacks a person" in page.numbers.object


def test_each_day_stands_once_below_its_bars():
    days = [f"2026-03-{day:02}" for day in (1, 2, 1, 5)]

    labels = day_labels(days)

    assert [*labels.values()] == ["1 Mar", "2 Mar", "5 Mar"]
    assert {time / 3_600_000 % 24 for time in labels} == {12.0}


def test_of_many_days_not_each_is_named():
    days = [f"2026-03-{day:02}" for day in range(1, 32)]

    assert [*day_labels(days).values()] == [f"{day} Mar" for day in range(1, 32, 4)]
