"""A stage keeps work back while nobody can see it."""

from __future__ import annotations

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
