"""The command `annotator` tells what is wrong and opens what is right."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from annotator.cli import main
from annotator.demo.project import write_demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("demo"), duration=30.0)


def test_version_is_the_installed_one(capsys):
    from annotator import __version__

    with pytest.raises(SystemExit) as exit_info:
        main(["--version"])

    assert exit_info.value.code == 0
    assert capsys.readouterr().out == f"annotator {__version__}\n"


def test_it_runs_as_a_module():
    command = [sys.executable, "-m", "annotator", "--help"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)

    assert result.returncode == 0
    for name in ("demo", "open", "validate"):
        assert name in result.stdout


@pytest.mark.parametrize("arguments", [[], ["review"], ["open"], ["open", "a", "b"]])
def test_a_command_that_nobody_knows_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as exit_info:
        main(arguments)

    assert exit_info.value.code == 2
    assert "usage: annotator" in capsys.readouterr().err


def test_demo_writes_its_files_and_can_stop_there(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("annotator.demo.project.write_demo.__kwdefaults__", SHORT)

    status = main(["demo", "--dir", str(tmp_path / "new"), "--files-only"])

    assert status == 0
    assert (tmp_path / "new" / "demo.yaml").is_file()
    assert str(tmp_path / "new") in capsys.readouterr().out


SHORT = {"seed": 2, "duration": 30.0}


def test_the_demo_is_a_project_without_problems(demo, capsys):
    assert main(["validate", str(demo)]) == 0
    assert "all is well" in capsys.readouterr().out


def test_validating_makes_no_output(demo):
    main(["validate", str(demo)])

    assert not (demo.parent / "outputs").exists()


def validate(path, text, capsys):
    path.write_text(text, encoding="utf-8")
    status = main(["validate", str(path)])
    return status, capsys.readouterr().err


def test_all_wrong_keys_are_listed_with_their_lines(tmp_path, capsys):
    text = "data: a.csv\naudio: a.flac\nouput: b.csv\ndefault_buffer: -1\n"

    status, said = validate(tmp_path / "project.yaml", text, capsys)

    assert status == 1
    assert "line 3" in said
    assert "Did you mean 'output'" in said
    assert "line 4" in said
    assert "2 problems" in said


def test_columns_form_and_recordings_are_checked_together(tmp_path, capsys):
    (tmp_path / "clips.csv").write_text(
        "start_time,end_time,file\n0,1,a.wav\n1,2,b.wav\n"
    )
    text = """
data: clips.csv
audio: {column: file}
display_columns: [species]
form_config:
  select: {label: ok, items: [{label: "No", value: "no", form: why}]}
"""

    status, said = validate(tmp_path / "project.yaml", text, capsys)

    assert status == 1
    for expected in ("species", "why", "a.wav", "b.wav"):
        assert expected in said


def test_many_missing_recordings_are_counted_not_listed(tmp_path, capsys):
    rows = "".join(f"0,1,r{number}.wav\n" for number in range(20))
    (tmp_path / "clips.csv").write_text(f"start_time,end_time,file\n{rows}")
    text = "data: clips.csv\naudio: {column: file}\n"

    _, said = validate(tmp_path / "project.yaml", text, capsys)

    assert "r4.wav" in said
    assert "r5.wav" not in said
    assert "15 more recordings" in said


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("nowhere.yaml", None, "nowhere.yaml"),
        ("list.yaml", "- a\n- b\n", "must hold keys and values"),
        ("table.yaml", "data: gone.csv\naudio: a.wav\n", "gone.csv"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_clear_problem(
    file, content, expected, tmp_path, capsys
):
    path = tmp_path / file
    if content is not None:
        path.write_text(content)

    status = main(["validate", str(path)])

    said = capsys.readouterr().err
    assert status == 1
    assert expected in said
    assert "1 problem\n" in said
    assert "Traceback" not in said


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for a process")
def test_open_serves_the_project_until_it_is_interrupted(demo):
    port = free_port()
    command = ["-m", "annotator", "open", str(demo), "--no-show", "--port", str(port)]
    server = subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE)
    try:
        page = wait_for(f"http://localhost:{port}/", server)
    finally:
        server.send_signal(signal.SIGINT)
        said = server.communicate(timeout=20)[1].decode()

    assert "Demo soundscape" in page
    assert server.returncode == 0, said
    assert "Traceback" not in said


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address, server, seconds=60):
    """Return the page as soon as the server has it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.URLError:
            time.sleep(0.1)  # between two looks, not instead of one
    pytest.fail(f"nothing answers at {address}")
