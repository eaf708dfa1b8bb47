from __future__ import annotations

import pytest

from annotator.errors import InvalidToken


@pytest.fixture
def page(ana, hub_of):
    hub = hub_of(ana)
    hub.tokens()
    return hub.all_tokens


def add(page, name="Laptop"):
    page.name_field.value = name
    page.add()
    return page.box.secret


def keys(page):
    return [row["key"] for row in page.list.rows]


def test_a_token_is_made_as_it_was_asked_for(page, store, ana):
    page.scopes.value = ["project:read"]
    page.days.value = 30

    caller = store.tokens.check(add(page))

    assert caller.user == ana.user
    assert caller.scopes == {"project:read"}
    (info,) = store.tokens.list(ana.user)
    assert info.name == "Laptop"
    assert page.list.rows[0]["cells"][0] == "Laptop"
    assert page.name_field.value == ""


def test_it_is_shown_once_and_then_nowhere(page, texts_of, hub_of):
    secret = add(page)
    assert secret in texts_of(page)

    tell(page.box, "close")

    assert secret not in texts_of(page)
    assert secret not in repr(page.box)
    assert secret not in texts_of(hub_of(page._desk.guest))


def test_it_is_gone_when_another_page_is_looked_at(ana, hub_of, texts_of):
    hub = hub_of(ana)
    hub.tokens()
    secret = add(hub.all_tokens)

    hub.projects()

    assert hub.shown is hub.all_projects
    assert secret not in texts_of(hub)


def test_it_is_gone_when_the_page_is_closed(ana, hub_of, texts_of):
    hub = hub_of(ana)
    hub.tokens()
    secret = add(hub.all_tokens)

    hub.close()

    assert secret not in texts_of(hub)


def test_the_next_one_takes_its_place(page, texts_of):
    first = add(page)
    second = add(page, "Station")

    assert first != second
    assert first not in texts_of(page)
    assert second in texts_of(page)


def test_a_token_that_is_deleted_is_invalid_from_then_on(page, store):
    secret = add(page)
    (key,) = keys(page)

    page._delete(key)

    assert keys(page) == []
    assert page.box.secret == ""
    with pytest.raises(InvalidToken):
        store.tokens.check(secret)


def test_the_browser_can_delete_only_what_is_in_the_list(page, visitor, store):
    ben = visitor("ben")
    other = store.tokens.create(ben.user, "Ben's").info.key_id
    add(page)

    tell(page.list, {"type": "action", "name": "delete", "key": other})
    tell(page.list, {"type": "action", "name": "open the door", "key": keys(page)[0]})
    tell(page.list, "nonsense")

    assert len(store.tokens.list(ben.user)) == 1
    assert len(keys(page)) == 1
    tell(page.list, {"type": "action", "name": "delete", "key": keys(page)[0]})
    assert keys(page) == []


def tell(component, message):
    """Send a message as the browser does."""
    from panel.models.esm import DataEvent

    component._process_event(DataEvent(model=None, data=message))


def test_what_is_missing_is_asked_for(page, texts_of):
    add(page, "  ")
    assert "Give the token a name" in texts_of(page)
    page.scopes.value = []
    add(page)
    assert "Choose at least one" in texts_of(page)
    assert keys(page) == []


def test_what_the_store_refuses_is_a_sentence(page, texts_of):
    add(page, "x" * 200)

    assert "annotator-error" in texts_of(page)
    assert page.add_button.label == "Add"
    assert not page.add_button.disabled


def test_only_administrators_make_tokens_that_manage_the_hub(page, visitor, hub_of):
    boss = hub_of(visitor("boss", is_admin=True)).all_tokens

    assert "admin" in boss.scopes.options.values()
    assert "admin" not in page.scopes.options.values()


def test_panel_writes_no_token_into_its_log(page, caplog):
    caplog.set_level("DEBUG")

    secret = add(page)

    assert secret not in caplog.text
