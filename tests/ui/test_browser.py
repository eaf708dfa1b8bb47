"""The browser fixtures notice what they must."""

from __future__ import annotations


def test_a_page_is_served_shown_and_answers(page, serve, wait_until):
    import panel as pn

    button = pn.widgets.Button(label="Press")

    page.goto(serve(lambda: button))
    page.get_by_text("Press").click()

    wait_until(lambda: button.clicks == 1)


def test_errors_and_foreign_addresses_are_noticed(page, serve, console):
    import panel as pn

    page.goto(serve(lambda: pn.pane.Markdown("hello")))
    page.get_by_text("hello").wait_for()

    page.evaluate("console.error('oh no')")
    page.evaluate("fetch('http://example.com').catch(() => 0)")

    assert any("oh no" in text for text in console)
    assert any("http://example.com" in text for text in console)
    console.clear()
