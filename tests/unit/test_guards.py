"""The house rules that a person forgets: each is cheap to check."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import param
import pytest
import yaml

import annotator

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "annotator"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
HEAVY = "bokeh boto3 botocore google holoviews librosa panel pandas requests scipy"
MAX_LINES = 300
MAX_TEST_LINES = 400


def run(*command, **options):
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, **options
    )


def tool(name):
    """Return a command installed beside this Python."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    assert found, f"{name} is not installed: make test"
    return found


def modules():
    found = pkgutil.walk_packages(annotator.__path__, "annotator.")
    return [info.name for info in found if not info.name.endswith("__main__")]


def source_of(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def test_imports_go_down_the_layers_only():
    result = run(tool("lint-imports"), "--no-cache")  # which a new module outdates

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", modules())
def test_every_parameter_has_a_doc(name):
    module = importlib.import_module(name)

    undocumented = [
        f"{kind.__name__}.{key}"
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, param.Parameterized)
        if kind.__module__ == name
        for key, parameter in kind.param.objects("existing").items()
        if key != "name" and parameter.owner is kind and not parameter.doc
    ]
    assert undocumented == []


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_all_lists_exactly_the_public_names(path):
    tree = source_of(path)
    listed: list[str] = []
    defined, bound = set(), set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound |= {target.id for target in targets if isinstance(target, ast.Name)}
            if "__all__" in {getattr(target, "id", "") for target in targets}:
                listed = ast.literal_eval(node.value)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(alias.asname or alias.name) for alias in node.names}

    public = {name for name in defined if not name.startswith("_")}
    assert public - set(listed) == set(), "public but not in __all__"
    if "__getattr__" not in defined:  # which finds names at their first use
        assert set(listed) - defined - bound == set(), "in __all__ but not there"


def test_all_is_sorted():
    result = run(tool("ruff"), "check", "--select", "RUF022,RUF023", "annotator")

    assert result.returncode == 0, result.stdout


def test_the_names_of_the_package_are_there():
    for name in annotator.__all__:
        assert getattr(annotator, name) is not None
        assert name in dir(annotator)


@pytest.mark.parametrize("name", ["annotator", "annotator.cli", "annotator.errors"])
def test_importing_the_package_loads_nothing_heavy(name):
    code = f"import {name}, sys, json; print(json.dumps(list(sys.modules)))"

    loaded = json.loads(run(sys.executable, "-c", code).stdout)

    assert "annotator" in loaded
    assert set(HEAVY.split()) & set(loaded) == set()


def test_reading_audio_loads_no_display():
    code = "import annotator.audio.io, sys, json; print(json.dumps(list(sys.modules)))"

    loaded = json.loads(run(sys.executable, "-c", code).stdout)

    assert {"panel", "bokeh", "holoviews", "boto3", "librosa"} & set(loaded) == set()


@pytest.mark.slow
def test_the_wheel_holds_types_assets_and_the_demo_and_nothing_else(tmp_path):
    result = run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", tmp_path
    )

    assert result.returncode == 0, result.stdout + result.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"annotator/py.typed", "annotator/demo/demo.yaml"} <= set(names)
    assets = [
        path.relative_to(ROOT).as_posix()
        for pattern in ("*.css", "*.js")
        for path in PACKAGE.rglob(pattern)
    ]
    assert set(assets) <= set(names)
    first = "annotator/hub/store/migrations/versions/0001_first.py"
    assert {first, "annotator/hub/store/migrations/env.py"} <= set(names)
    folders = {name.partition("/")[0] for name in names}
    assert {name.partition("-")[0] for name in folders} == {
        "annotator",
        "bioacoustic_annotator",
    }


def test_no_module_is_longer_than_a_person_reads():
    too_long = {
        str(path.relative_to(ROOT)): n_lines
        for path in tracked()
        if path.suffix in {".py", ".js", ".css"}
        if (n_lines := len(path.read_text(encoding="utf-8").splitlines()))
        > (MAX_TEST_LINES if path.is_relative_to(ROOT / "tests") else MAX_LINES)
    }

    assert too_long == {}


def tracked():
    """Return the files of the repository."""
    names = run("git", "ls-files", "-z").stdout.split("\0")[:-1]
    if not names:
        pytest.skip("this is no git checkout")
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_no_file_names_a_registry_host_or_a_path_of_this_machine():
    hosts = ("pypi", "files.pythonhosted", "registry.npmjs", "conda.anaconda")
    words = [rf"\b{re.escape(host)}\.(org|io|com)\b" for host in hosts]
    words += [r"--(extra-)?index-url\b", r"--find-links\b"]
    words += [re.escape(f"{path}/") for path in places() if len(str(path)) > 3]
    pattern = re.compile("|".join(words), re.IGNORECASE)

    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in tracked()
        if path.suffix not in {".png", ".flac", ".wav"}
        if path != Path(__file__)
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
        )
        if pattern.search(line)
    ]

    assert found == []


def places():
    """Return folders whose names tell about this machine."""
    yield from (ROOT, ROOT.parent)
    if importlib.util.find_spec("pwd"):
        import pwd

        yield Path(pwd.getpwuid(os.getuid()).pw_dir)


def blocks(page, *languages):
    """Return the code blocks of a page, with the line each begins in."""
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        if found[1] in languages:
            yield text.count("\n", 0, found.start()) + 1, found[2]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_of_the_pages_parses_and_imports_what_is_there(page):
    for line, code in blocks(page, "python"):
        tree = ast.parse(code, filename=f"{page.name}:{line}")

        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("annotator"):
                module = importlib.import_module(node.module)
                for alias in node.names:
                    assert hasattr(module, alias.name), (line, alias.name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_yaml_of_the_pages_is_a_configuration(page):
    from annotator.config.project import AnnotatorConfig
    from annotator.form.spec import FormSpec

    for line, code in blocks(page, "yaml"):
        mapping = yaml.safe_load(code)
        if not {"data", "form_config", "output", "view"} & set(mapping):
            mapping = {"form_config": mapping}
        if isinstance(mapping.get("form_config"), str):
            del mapping["form_config"]  # a file that only the page's reader has
        config = AnnotatorConfig.from_dict(mapping)
        if config.form_config:
            form = FormSpec.from_dict(config.form_config, loader=None, columns=None)
            assert form.elements, f"{page.name}:{line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_the_pages_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)  # not addresses

    dead = [link for link in links if not (page.parent / link).exists()]
    assert dead == []


def test_the_reference_of_the_configuration_is_up_to_date():
    path = ROOT / "scripts" / "configuration_reference.py"
    spec = importlib.util.spec_from_file_location("configuration_reference", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    page = script.PAGE.read_text(encoding="utf-8")

    assert script.updated(page) == page, "make docs"


def test_the_public_css_hooks_are_in_the_views():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("## Hooks for themes and tests")[2].partition("\n## ")[0]
    hooks = re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)
    views = "".join(
        path.read_text(encoding="utf-8") for path in (PACKAGE / "views").glob("*.py")
    )

    assert len(hooks) >= 9
    for hook in hooks:
        assert re.search(rf"[\"' .]{hook}[\"' ]", views), hook
