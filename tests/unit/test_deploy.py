"""What deploy/ ships fits together, and fits the commands, the variables and the docs."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml

from annotator.cli import _parser
from annotator.cli_hub import commands

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
README = (DEPLOY / "README.md").read_text("utf-8")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
NGINX = (DEPLOY / "nginx" / "annotator-hub.conf").read_text("utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
BIN = "/opt/annotator/bin"
STATE = "/var/lib/annotator"

VARIABLE = re.compile(r"\b((?:ANNOTATOR|HUB)_[A-Z_]*[A-Z])\b")
SHIPPED = [file for file in DEPLOY.rglob("*") if file.is_file()]


def environment():
    """Return what the example says the units read, also what it leaves out."""
    text = (DEPLOY / "hub.env.example").read_text("utf-8")
    return dict(re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", text, re.MULTILINE))


def unit(file):
    parsed = configparser.ConfigParser(interpolation=None, strict=True)
    parsed.optionxform = str
    parsed.read(file)
    return parsed


def parsed(arguments):
    """Read arguments as the command `annotator` does."""
    try:
        return _parser().parse_args(arguments)
    except SystemExit:
        pytest.fail(f"annotator does not take {arguments}")


def instructions(name):
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


# ------------------------------------------------------------------ commands


def test_the_unit_of_the_pages_starts_the_hub_behind_the_proxy():
    service = unit(DEPLOY / "systemd" / "annotator-hub@.service")["Service"]
    command = service["ExecStart"].replace("%i", "5006")
    for name, value in environment().items():
        command = command.replace(f"${{{name}}}", value)
    assert "$" not in command
    program, *arguments = shlex.split(command)

    asked = parsed(arguments)

    assert program == f"{BIN}/annotator"
    assert asked.command is commands.serve
    assert (asked.port, asked.behind_proxy) == (5006, True)
    assert asked.origin == [environment()["HUB_ORIGIN"]]


def test_the_unit_of_the_api_starts_what_is_there():
    import uvicorn

    service = unit(DEPLOY / "systemd" / "annotator-hub-api.service")["Service"]
    program, app, *arguments = shlex.split(service["ExecStart"])

    context = uvicorn.main.make_context("uvicorn", [app, *arguments])

    assert program == f"{BIN}/uvicorn"
    assert context.params["app"] == "annotator.hub.api:app"
    assert context.params["host"] == "127.0.0.1"
    assert context.params["forwarded_allow_ips"] == "127.0.0.1"
    assert f"127.0.0.1:{context.params['port']}" in NGINX


def test_the_container_starts_the_hub():
    (entry,) = instructions("ENTRYPOINT")
    (port,) = instructions("EXPOSE")
    hub = COMPOSE["services"]["hub"]
    command = [re.sub(r"\$\{\w+:\?[^}]*\}", "h.example.org", w) for w in hub["command"]]

    asked = parsed([*json.loads(entry)[1:], *command])

    assert asked.command is commands.serve
    assert (str(asked.port), asked.behind_proxy) == (port, True)
    assert hub["ports"] == [f"127.0.0.1:{port}:{port}"]  # the proxy's alone
    (health,) = re.findall(r"CMD \[(.*)\]", DOCKERFILE)
    assert f"http://127.0.0.1:{port}/health" in health


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_commands_that_are_told_are_taken(file):
    text = file.read_text("utf-8").replace("\\\n", " ")
    told = re.findall(
        r"annotator hub ((?:serve|user|token|backup).*?)(?:`|$)", text, re.M
    )
    told += re.findall(r"run --rm hub (.*)$", text, re.MULTILINE)

    for words in told:
        parsed(["hub", *shlex.split(words.replace("%i", "5006"))])


# ---------------------------------------------------------- names and places


def test_each_variable_is_known():
    source = "".join(f.read_text("utf-8") for f in (ROOT / "annotator").rglob("*.py"))
    known = set(VARIABLE.findall(source))
    # These two are filled in by systemd and compose themselves.
    known |= {"HUB_ORIGIN", "HUB_DB_PASSWORD"}

    for file in [*SHIPPED, *ROOT.glob("docs/hub*.md"), ROOT / "docs" / "security.md"]:
        assert set(VARIABLE.findall(file.read_text("utf-8"))) <= known, file.name


def test_each_variable_of_the_hub_is_in_its_docs():
    places = ROOT / "annotator"
    source = "".join(file.read_text("utf-8") for file in places.rglob("*.py"))
    docs = "".join(file.read_text("utf-8") for file in ROOT.glob("docs/hub*.md"))

    of_the_hub = {name for name in VARIABLE.findall(source) if "_HUB_" in name}

    assert of_the_hub <= set(VARIABLE.findall(docs))


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_units_keep_to_one_user_and_one_folder(file):
    found = unit(file)
    service = found["Service"]

    assert f"{STATE} {service['User']}" in README.replace("\\\n", "")
    assert service["EnvironmentFile"] == "/etc/annotator/hub.env"
    assert "install -D -m 0600 hub.env.example /etc/annotator/hub.env" in README
    assert (
        STATE == service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    )
    assert environment()["ANNOTATOR_HUB_KEY_FILE"].startswith(f"{STATE}/")
    assert (service["ProtectSystem"], service["UMask"]) == ("strict", "0077")
    assert found["Install"]["WantedBy"] == "multi-user.target"


def test_the_units_ports_are_those_of_the_site():
    (enabled,) = re.findall(r"enable --now (annotator-hub@.*)$", README, re.MULTILINE)
    ports = set(re.findall(r"annotator-hub@(\d+)", enabled))
    (pages,) = re.findall(r"upstream hub_pages \{(.*?)\}", NGINX, re.DOTALL)

    assert ports == set(re.findall(r"server 127\.0\.0\.1:(\d+)", pages))
    assert environment()["HUB_ORIGIN"] in NGINX


def test_the_image_is_made_of_what_is_there():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    copied = [words.split() for words in instructions("COPY") if "--from" not in words]
    sources = {source for words in copied for source in words[:-1]}
    needed = {project["project"]["readme"], "pyproject.toml", "annotator"}
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed |= {name.partition("/")[0] for name in wheel["force-include"]}

    assert all((ROOT / source).exists() for source in sources)
    assert needed <= sources
    assert "hub" in project["project"]["optional-dependencies"]
    assert '".[hub]"' in DOCKERFILE
    python = re.findall(r"FROM python:([\d.]+)-slim", DOCKERFILE)
    assert len(set(python)) == 1  # the environment holds links to it
    least = project["project"]["requires-python"].removeprefix(">=")
    assert tuple(map(int, python[0].split("."))) >= tuple(map(int, least.split(".")))


def test_the_container_keeps_its_state_and_writes_nothing_else():
    hub = COMPOSE["services"]["hub"]

    assert instructions("USER") == ["annotator"]
    assert instructions("VOLUME") == [STATE]
    assert hub["volumes"] == [f"state:{STATE}"]
    assert f"ANNOTATOR_HUB_KEY_FILE={STATE}/" in DOCKERFILE
    assert (hub["read_only"], hub["cap_drop"]) == (True, ["ALL"])


def test_the_compose_file_is_whole():
    services = COMPOSE["services"]
    keys = {
        *("build", "cap_drop", "command", "depends_on", "environment", "healthcheck"),
        *("image", "ports", "read_only", "restart", "security_opt", "tmpfs", "volumes"),
    }

    assert set(COMPOSE) == {"services", "volumes"}
    for service in services.values():
        assert set(service) <= keys
        assert ("image" in service) != ("build" in service)
        for name in service.get("depends_on", {}):
            assert "healthcheck" in services[name]
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in COMPOSE["volumes"]
    build = services["hub"]["build"]
    context = (DEPLOY / build["context"]).resolve()
    assert context == ROOT
    assert (context / build["dockerfile"]).is_file()
    head = (DEPLOY / "compose.yaml").read_text("utf-8").partition("services:")[0]
    said = json.dumps(COMPOSE)
    assert set(re.findall(r"\$\{(\w+)", said)) == set(VARIABLE.findall(head))
    address = services["hub"]["environment"]["ANNOTATOR_HUB_DB"]
    database = services["database"]["environment"]
    user, name = database["POSTGRES_USER"], database["POSTGRES_DB"]
    assert address == f"postgresql://{user}@database/{name}"


def test_the_table_of_the_folder_is_complete():
    named = set(re.findall(r"`([\w./@-]+)`", README.partition("On Debian")[0]))
    files = {str(file.relative_to(DEPLOY)) for file in SHIPPED} - {"README.md"}

    assert files <= named
