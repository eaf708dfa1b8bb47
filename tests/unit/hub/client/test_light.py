"""The client needs no server's packages, and nothing heavy to log in."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SERVERS = {"panel", "bokeh", "sqlalchemy", "fastapi", "alembic", "tornado", "uvicorn"}
HEAVY = SERVERS | {"pandas", "numpy", "requests", "param", "tqdm", "platformdirs"}

LOG_IN = """
import annotator, json, sys
annotator.login, annotator.logout, annotator.session, annotator.projects
print(json.dumps(list(sys.modules)))
"""
SEND = """
import json, pathlib, sys, tempfile
import annotator
from annotator.hub.client.client import CLIENT
from annotator.hub.client import outbox, project, local, remote
_, leave = CLIENT.follow(pathlib.Path(tempfile.gettempdir()) / "a.csv", "me", "Owls")
leave()
print(json.dumps(list(sys.modules)))
"""


@pytest.mark.parametrize(("code", "unwanted"), [(LOG_IN, HEAVY), (SEND, SERVERS)])
def test_the_client_loads_only_what_it_uses(code, unwanted):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert unwanted & set(json.loads(done.stdout)) == set()
