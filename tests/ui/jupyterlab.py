"""A real JupyterLab at its default limits, driven the way a person drives it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.sync_api import Locator, Page

__all__ = ["JupyterLab", "Notebook"]

_SETTINGS = {
    # No question about news: it would stand before the notebook.
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/themes": {"theme": "JupyterLab Light"},
}
_START = 120_000  # ms; patience with a busy machine
_MODIFIER = "Meta" if sys.platform == "darwin" else "Control"


class JupyterLab:
    """A server with a folder of notebooks and a home of its own.

    Parameters
    ----------
    folder
        Made if it is not there; holds everything the server reads and writes.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / "notebooks"
        self._settings = folder / "config" / "lab" / "user-settings" / "@jupyterlab"
        self.root.mkdir(parents=True)
        for name, settings in _SETTINGS.items():
            self.set(name, settings)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self._log = (folder / "jupyterlab.log").open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                *("--ip=127.0.0.1", f"--ServerApp.port={port}"),
                "--ServerApp.port_retries=0",
                f"--ServerApp.root_dir={self.root}",
                "--IdentityProvider.token=",
            ],
            cwd=self.root,
            env={
                **os.environ,
                "BROWSER": "true",  # a program that does nothing, for what asks for one
                "HOME": str(folder),
                "IPYTHONDIR": str(folder / "ipython"),
                "JUPYTER_CONFIG_DIR": str(folder / "config"),
                "JUPYTER_DATA_DIR": str(folder / "data"),
                "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            },
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait(_START / 1000)

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.address}/api/status", timeout=5).close()
            except OSError:
                time.sleep(0.05)  # between two looks
            else:
                return
        self.close()
        pytest.fail("JupyterLab did not start:\n" + self.log())

    def log(self) -> str:
        """Return what the server has said."""
        with open(self._log.name, encoding="utf-8") as file:
            return file.read()

    def set(self, name: str, settings: dict[str, Any]) -> None:
        """Write a setting of the person, such as the theme."""
        path = self._settings / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), encoding="utf-8")

    def open(self, page: Page, name: str, cells: Sequence[str]) -> Notebook:
        """Write a notebook and open it in the browser, its kernel ready."""
        path = self.root / f"{name}.ipynb"
        path.write_text(json.dumps(_notebook(cells)), encoding="utf-8")
        page.goto(f"{self.address}/lab/tree/{path.name}?reset")
        notebook = Notebook(page, path)
        notebook.wait_for_kernel()
        return notebook

    def stop_kernels(self, page: Page) -> None:
        """End all kernels, so that the next test has both cores."""
        request = page.context.request
        cookies = {item["name"]: item["value"] for item in page.context.cookies()}
        for kernel in request.get(f"{self.address}/api/kernels").json():
            request.delete(
                f"{self.address}/api/kernels/{kernel['id']}",
                headers={"X-XSRFToken": cookies.get("_xsrf", "")},
            )

    def close(self) -> None:
        """End the server and its kernels."""
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


class Notebook:
    """One open notebook; its cells are numbered from 0."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page, self.path = page, path

    @property
    def cells(self) -> Locator:
        """All cells."""
        return self.page.locator(".jp-Notebook .jp-Cell")

    def output(self, cell: int) -> Locator:
        """Return what stands below a cell."""
        return self.cells.nth(cell).locator(".jp-Cell-outputArea")

    def dashboard(self, cell: int) -> Locator:
        """Return the annotator below a cell."""
        return self.output(cell).locator(".annotator")

    def wait_for_kernel(self) -> None:
        """Wait until cells can be run."""
        # The toolbar's circle looks idle before there is any kernel.
        self.page.locator(".jp-StatusBar-Widget").get_by_text(
            "Python 3 (ipykernel) | Idle"
        ).wait_for(timeout=_START)

    def run(self, cell: int, seconds: float = 90.0) -> None:
        """Run a cell by the keyboard and wait until it is done."""
        here = self._select(cell)
        self.page.keyboard.press("Shift+Enter")
        here.locator(".jp-InputPrompt").get_by_text("[*]:").wait_for(
            state="detached", timeout=1000 * seconds
        )
        self.page.wait_for_function(
            "cell => /\\[\\d+\\]/.test(document.querySelectorAll('.jp-Notebook .jp-Cell')"
            "[cell].querySelector('.jp-InputPrompt').textContent)",
            arg=cell,
            timeout=1000 * seconds,
        )

    def _select(self, cell: int) -> Locator:
        here = self.cells.nth(cell)
        here.locator(".jp-InputPrompt").click()  # command mode
        return here

    def save(self, *, select: bool = True) -> int:
        """Save by the keyboard; return the size of the file, bytes.

        Parameters
        ----------
        select
            Leave what is in focus for the first cell before.
        """
        before = self.path.stat().st_mtime_ns
        if select:
            self._select(0)
        self.page.keyboard.press(f"{_MODIFIER}+s")
        end = time.monotonic() + 60
        while self.path.stat().st_mtime_ns == before:
            if time.monotonic() > end:
                pytest.fail("the notebook was not saved within 60 s")
            self.page.wait_for_timeout(50)
        self.page.locator(".jp-mod-dirty").wait_for(state="detached")
        json.loads(self.path.read_bytes())  # whole
        return self.path.stat().st_size


def _notebook(cells: Sequence[str]) -> dict[str, Any]:
    return {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{number}",
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells)
        ],
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            }
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
