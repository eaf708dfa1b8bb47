"""Whatever a person does to regions, in whatever order, some things hold."""

from __future__ import annotations

import math

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from annotator.form.spec import FormSpec
from annotator.review.regions import RegionEditor
from annotator.review.shapes import Limits
from annotator.sources.clips import Clip

LIMITS = Limits(2.0, 12.0, 0.0, 8000.0)
WINDOW = {"initial_window": 1.5, "min": 0.5, "max": 4.0}
TOOLS = (
    "time_select",
    "start_end_time_select",
    "bounding_box",
    "multibox",
    "fixed_duration",
)
seconds = st.floats(-5, 20).map(lambda t: round(t, 3))
hertz = st.floats(-1000, 12_000).map(lambda f: round(f, 1))
some_edges = st.fixed_dictionaries(
    {},
    optional={
        "start_time": seconds,
        "end_time": seconds,
        "min_frequency": hertz,
        "max_frequency": hertz,
    },
)
indices = st.integers(0, 5)


def drawn(editor):
    """Return all that undo brings back."""
    return editor.tool, list(editor.regions), editor.window


class Drawing(RuleBasedStateMachine):
    """A person at work; beside the editor, a plain list of all that was drawn."""

    def __init__(self):
        super().__init__()
        self.gesture = 0

    @initialize(tools=st.permutations(TOOLS))
    def begin(self, tools):
        form = FormSpec.from_dict(
            {
                "annotation": {
                    "tools": list(tools),
                    "fixed_duration": WINDOW,
                    "form": [{"textbox": {"label": "what"}}],
                }
            }
        )
        self.editor = RegionEditor(form)
        row = {"start_time": 4.0, "end_time": 7.0}
        self.editor.start(Clip(0, "a", 1, "one.wav", 4.0, 7.0, row))
        self.editor.limit(LIMITS)
        self.before = [drawn(self.editor)]
        self.after = []

    def done(self):
        """Note a step, if it was one."""
        now = drawn(self.editor)
        if now != self.before[-1]:
            self.before.append(now)
            self.after = []

    def key(self, index):
        regions = self.editor.regions
        return regions[index % len(regions)].key if regions else "none"

    @rule(edges=some_edges)
    def add(self, edges):
        self.editor.add(**edges)
        self.done()

    @rule(index=indices, edges=some_edges)
    def change(self, index, edges):
        self.editor.change(self.key(index), **edges)
        self.done()

    @rule(index=indices, moves=st.lists(some_edges, min_size=1, max_size=4))
    def drag(self, index, moves):
        key = self.key(index)
        self.gesture += 1
        for edges in moves:
            self.editor.change(key, gesture=self.gesture, **edges)
            if drawn(self.editor) != self.before[-1]:
                self.after = []  # also if the drag comes back to where it began
        self.done()

    @rule(index=indices, name=st.sampled_from(["start_time", "max_frequency"]))
    def take_edge_away(self, index, name):
        self.editor.change(self.key(index), **{name: None})
        self.done()

    @rule(index=indices)
    def remove(self, index):
        self.editor.remove(self.key(index))
        self.done()

    @rule(index=indices, word=st.sampled_from(["owl", "wren"]))
    def answer(self, index, word):
        self.editor.activate(None)  # another field: a step of its own
        self.editor.answer(self.key(index), "what", word)
        self.done()

    @rule(tool=st.sampled_from(TOOLS))
    def choose_tool(self, tool):
        self.editor.choose_tool(tool)
        self.done()

    @rule(length=st.floats(0, 9))
    def set_window(self, length):
        self.editor.set_window(length)
        self.done()

    @rule(index=indices)
    def hold(self, index):
        self.editor.activate(self.key(index))

    @rule()
    def undo(self):
        assert self.editor.undo() == (len(self.before) > 1)
        if len(self.before) > 1:
            self.after.append(self.before.pop())

    @rule()
    @precondition(lambda self: self.after)
    def redo(self):
        assert self.editor.redo()
        self.before.append(self.after.pop())

    @invariant()
    def what_is_drawn_is_what_was_drawn_last(self):
        assert drawn(self.editor) == self.before[-1]
        assert self.editor.can_undo == (len(self.before) > 1)
        assert self.editor.can_redo == bool(self.after)

    @invariant()
    def edges_are_in_order_and_within_the_limits(self):
        for region in self.editor.regions:
            for edge in (region.start_time, region.end_time):
                assert edge is None or 2.0 <= edge <= 12.0 + 1e-9
            for edge in (region.min_frequency, region.max_frequency):
                assert edge is None or 0.0 <= edge <= 8000.0
            if region.start_time is not None and region.end_time is not None:
                assert region.start_time <= region.end_time
            if None not in (region.min_frequency, region.max_frequency):
                assert region.min_frequency <= region.max_frequency

    @invariant()
    def each_tool_draws_what_it_may(self):
        editor = self.editor
        keys = [region.key for region in editor.regions]
        assert len(set(keys)) == len(keys)
        assert editor.active in ("", *keys)
        assert editor.tool == "multibox" or len(keys) <= 1
        if editor.tool in ("time_select", "start_end_time_select"):
            assert len(keys) == 1
        if editor.tool == "fixed_duration":
            assert 0.5 <= editor.window <= 4.0
            for region in editor.regions:
                if region.is_drawn:
                    length = region.end_time - region.start_time
                    assert math.isclose(length, editor.window, abs_tol=1e-6)

    @invariant()
    def rows_have_no_edge_that_the_tool_does_not_set(self):
        rows = self.editor.as_rows()
        assert len(rows) == max(1, len(self.editor.regions)) or (
            self.editor.tool == "multibox" and rows == []
        )
        for region in rows:
            if self.editor.tool in TOOLS[:2] or self.editor.tool == "fixed_duration":
                assert region.min_frequency is region.max_frequency is None


TestDrawing = Drawing.TestCase
TestDrawing.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
