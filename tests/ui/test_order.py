"""What a view sends arrives in the order in which it was done, however slow the way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import panel as pn
from bokeh.plotting import figure
from bokeh.server.session import ServerSession

from annotator.views.stage import Stage
from tests.ui.driving import SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

_TITLES = """() => Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  .filter((model) => model.type === "Title").map((model) => model.text)"""


class _Growing:
    """A page that gets a figure."""

    def __init__(self) -> None:
        self.stage, self.column = Stage(), pn.Column("Empty")
        self.document: Any = pn.state.curdoc
        self.loop = asyncio.get_running_loop()
        self.is_loaded = False
        pn.state.onload(self._on_load)

    def _on_load(self) -> None:
        self.is_loaded = True

    def grow(self, done: asyncio.Event) -> None:
        """Add the figure by way of Panel, and change it by way of Bokeh."""
        made = figure(title="Before")
        self.column.objects = [pn.pane.Bokeh(made)]
        made.title.text = "After"
        done.set()

    async def grow_while_something_is_sent(self) -> None:
        """Do so while another message has not gone out yet."""
        (connection,) = self.document.session_context.session._subscribed_connections
        done = asyncio.Event()
        with await connection._socket.write_lock.acquire():
            self.stage.run(lambda: self.grow(done))
            await asyncio.wait_for(done.wait(), SECONDS)


def test_news_of_a_part_come_after_the_part(
    page: Any, serve: Callable[..., str], wait_until: Callable[..., None]
) -> None:
    pages: list[_Growing] = []

    def app() -> Any:
        pages.append(_Growing())
        return pages[0].column

    page.goto(serve(app))
    page.get_by_text("Empty").wait_for()
    wait_until(lambda: pages[0].is_loaded, SECONDS)

    growing = pages[0].grow_while_something_is_sent()
    asyncio.run_coroutine_threadsafe(growing, pages[0].loop).result(SECONDS)

    wait_until(lambda: page.evaluate(_TITLES) == ["After"], SECONDS)


def test_what_changes_while_the_page_is_drawn_comes_too(
    page: Any,
    serve: Callable[..., str],
    wait_until: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Any] = []
    pull = ServerSession._handle_pull

    def app() -> Any:
        made.extend([figure(title="Before"), Stage()])
        return pn.pane.Bokeh(made[0])

    async def pulled(session: Any, message: Any, connection: Any) -> Any:
        """Change the figure when the browser has the document, but not drawn it."""
        reply = await pull(session, message, connection)
        shown, stage = made
        stage.run(lambda: shown.title.update(text="After"))
        return reply

    monkeypatch.setattr(ServerSession, "_handle_pull", pulled)
    page.goto(serve(app))

    wait_until(lambda: page.evaluate(_TITLES) == ["After"], SECONDS)
