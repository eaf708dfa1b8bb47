"""A stage keeps work back while nobody can see it."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace

import pytest
from bokeh.document import Document

from annotator.views.stage import Stage


def test_kept_work_runs_once_and_in_order_when_the_view_is_there():
    stage, done = Stage(), []

    def first():
        done.append("first")

    stage.hold()
    for callback in (first, lambda: done.append("second"), first):
        stage.run(callback)
    before = list(done)
    stage.release()

    assert before == []
    assert done == ["first", "second"]


def test_releasing_says_whether_anything_was_held_back():
    stage = Stage()

    stage.hold()

    assert stage.release() is True
    assert stage.release() is False


def test_work_that_came_before_the_hold_but_has_not_begun_is_kept_too():
    async def cell():
        stage, done = Stage(), []
        await asyncio.to_thread(stage.run, lambda: None)  # the loop is known
        asyncio.get_running_loop().call_soon(stage.hold)
        stage.run(lambda: done.append("early"))
        asyncio.get_running_loop().call_soon(lambda: done.append("later"))
        while not done:
            await asyncio.sleep(0)
        stage.release()
        while len(done) < 2:
            await asyncio.sleep(0)
        return done

    assert asyncio.run(asyncio.wait_for(cell(), 30)) == ["later", "early"]


class _Page(Document):
    """What a stage knows of a page: its document, its server's loop."""

    session_context = None

    def __init__(self, loop):
        super().__init__()
        self.asked_in = []
        application = SimpleNamespace(io_loop=SimpleNamespace(asyncio_loop=loop))
        server = SimpleNamespace(application_context=application)
        self.session_context = SimpleNamespace(server_context=server)

    def add_next_tick_callback(self, callback):
        self.asked_in.append(threading.get_ident())
        callback()


@pytest.mark.parametrize("where", ["the server's thread", "another thread"])
def test_a_page_is_asked_for_its_lock_in_its_servers_thread_only(where):
    async def serve():
        stage, done = Stage(), asyncio.Event()
        page = _Page(asyncio.get_running_loop())
        stage.stand_on(SimpleNamespace(document=page))

        if where == "another thread":
            await asyncio.to_thread(stage.run, done.set)
        else:
            stage.run(done.set)

        await asyncio.wait_for(done.wait(), 30)
        return page.asked_in

    assert asyncio.run(serve()) == [threading.get_ident()]
