"""Progress is shown where a person looks, for what takes a while."""

from __future__ import annotations

import sys

import pytest

from annotator.app.syncing import ProgressBar
from annotator.views.sync import LARGE


class Screen:
    """A terminal that remembers."""

    def __init__(self, *, is_terminal: bool) -> None:
        self.text, self._is_terminal = "", is_terminal

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.fixture
def shown(monkeypatch):
    """Return what a bar shows of a transfer of so many bytes."""

    def show(total: int, *, is_terminal: bool = True) -> str:
        screen = Screen(is_terminal=is_terminal)
        monkeypatch.setattr(sys, "stderr", screen)
        with ProgressBar("Syncing") as progress:
            for done in (0, total // 2, total):
                progress(done, total)
        return screen.text

    return show


def test_a_large_transfer_has_a_bar_and_takes_it_away(shown):
    text = shown(2 * LARGE)

    assert "Syncing" in text
    assert "10.0M" in text
    assert text.rpartition("\r")[0].rpartition("\r")[2].strip() == ""


def test_a_small_transfer_has_none(shown):
    assert shown(LARGE - 1) == ""


def test_a_script_without_a_terminal_has_none(shown):
    assert shown(2 * LARGE, is_terminal=False) == ""
