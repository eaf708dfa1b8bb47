from __future__ import annotations

import copy
import json
import pickle

import pytest
import yaml

from annotator.config.project import AnnotatorConfig
from annotator.config.secrets import Secrets
from annotator.errors import ConfigError

CANARY = "hunter2-canary"
SHAPES = {
    "list": [{"key": "token", "value": CANARY}],
    "one": {"key": "token", "value": CANARY},
    "mapping": {"token": CANARY},
    "list of mappings": [{"token": CANARY}],
}


@pytest.mark.parametrize("given", SHAPES.values(), ids=SHAPES)
def test_all_shapes_mean_the_same(given):
    assert Secrets(given).resolve() == {"token": CANARY}


def test_profile_is_short_for_profile_name():
    assert Secrets({"profile": "x"}).resolve() == {"profile_name": "x"}


@pytest.mark.parametrize(
    "value", ["env:ANNOTATOR_X", "ENV:ANNOTATOR_X", "Env: ANNOTATOR_X"]
)
def test_a_value_is_taken_from_the_environment_when_it_is_used(monkeypatch, value):
    secrets = Secrets({"token": value})
    monkeypatch.setenv("ANNOTATOR_X", CANARY)

    assert secrets.resolve() == {"token": CANARY}


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_set_is_named(monkeypatch, value):
    monkeypatch.delenv("ANNOTATOR_X", raising=False)
    if value is not None:
        monkeypatch.setenv("ANNOTATOR_X", value)

    with pytest.raises(ConfigError, match=r"ANNOTATOR_X is not set.*'token'"):
        Secrets({"token": "env:ANNOTATOR_X"}).resolve()


def test_without_a_value_the_variable_has_the_name_of_the_key(monkeypatch):
    monkeypatch.setenv("ANNOTATOR_X", CANARY)

    assert Secrets({"key": "ANNOTATOR_X"}).resolve() == {"ANNOTATOR_X": CANARY}


def test_dialog_asks_for_the_key():
    asked = []

    secrets = Secrets([{"key": "token", "value": "Dialog"}, {"key": "a", "value": "b"}])

    assert secrets.needs_dialog == ["token"]
    assert (
        secrets.resolve(lambda key: asked.append(key) or "answer")["token"] == "answer"
    )
    assert asked == ["token"]


def test_no_answer_is_an_error():
    with pytest.raises(ConfigError, match=r"Nothing was entered.*'token'"):
        Secrets({"token": "dialog"}).resolve(lambda key: "")


def test_without_a_dialog_the_terminal_asks(monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt: f"answer to {prompt}")

    assert Secrets({"token": "dialog"}).resolve() == {"token": "answer to token: "}


@pytest.mark.parametrize(
    "given",
    [
        CANARY,
        [CANARY],
        7,
        {"key": "a", "value": "b", "also": CANARY},
        {"token": [CANARY]},
        {"token": {"x": CANARY}},
        {"key": 3, "value": CANARY},
        {"token": f"env:{CANARY} !"},
    ],
)
def test_a_wrong_shape_is_told_without_its_content(given):
    with pytest.raises(ConfigError) as caught:
        Secrets(given).resolve()

    assert CANARY not in str(caught.value)


def test_credentials_of_a_section_beat_the_global_ones():
    config = AnnotatorConfig.from_dict(
        {
            "secrets": {"profile": "global", "region_name": "eu"},
            "output": {"secrets": {"profile_name": "own"}},
        }
    )

    assert config.output_auth() == {"profile_name": "own", "region_name": "eu"}
    assert config.audio_auth == {"profile_name": "global", "region_name": "eu"}


def test_false_opts_a_section_out_of_the_global_ones():
    config = AnnotatorConfig.from_dict(
        {"secrets": {"token": "x"}, "audio_secrets": False}
    )

    assert config.audio_auth == {}
    assert config.output_auth() == {"token": "x"}


def test_credentials_given_in_a_call_are_not_asked_for():
    config = AnnotatorConfig.from_dict({"output": {"secrets": {"profile": "dialog"}}})

    assert config.questions("output") == ["profile_name"]
    assert config.output_auth(skip={"profile_name": "prod"}) == {}


def places(config):
    """Everything that could show a secret to somebody."""
    return {
        "repr": repr(config),
        "str": str(config),
        "section": repr(config.output),
        "param": repr(config.output.param.values()),
        "secrets": repr(config.output.secrets) + str(config.secrets),
        "to_dict": json.dumps(config.to_dict()),
        "describe": config.describe(),
        "project file": config.describe(secrets=False),
        "yaml": yaml.dump(config.to_dict()),
        "yaml of objects": yaml.dump(config.output.secrets),
        "pickle": pickle.dumps(config.output.secrets).decode("latin-1"),
        "pickle of all": pickle.dumps(config).decode("latin-1"),
        "format": f"{config.output.secrets}{config.secrets!r}",
    }


@pytest.mark.parametrize("given", SHAPES.values(), ids=SHAPES)
def test_a_secret_shows_nowhere(given):
    config = AnnotatorConfig.from_dict({"secrets": given, "output": {"secrets": given}})

    leaks = [name for name, text in places(config).items() if CANARY in text]

    assert leaks == []


def test_the_hash_does_not_depend_on_secrets():
    first = AnnotatorConfig.from_dict({"output": {"secrets": {"token": "a"}}})
    second = AnnotatorConfig.from_dict({"output": {"secrets": {"token": "b"}}})

    assert first.hash == second.hash


def test_a_wrong_secret_in_a_section_is_told_without_it():
    with pytest.raises(ConfigError) as caught:
        AnnotatorConfig.from_dict({"output": {"secrets": CANARY}, "secrets": [CANARY]})

    assert len(caught.value.problems) == 2
    assert CANARY not in str(caught.value)


def test_setting_a_wrong_secret_is_told_without_it():
    config = AnnotatorConfig()

    with pytest.raises(ValueError, match="must be a list of") as caught:
        config.output.secrets = {"token": CANARY}

    assert CANARY not in str(caught.value)


def test_a_literal_that_was_saved_is_asked_for_again():
    saved = pickle.loads(pickle.dumps(Secrets({"token": CANARY})))  # noqa: S301

    with pytest.raises(ConfigError, match="'token' was not saved"):
        saved.resolve()


def test_a_reference_survives_saving(monkeypatch):
    monkeypatch.setenv("ANNOTATOR_X", "value")
    config = AnnotatorConfig.from_dict(
        {"output": {"secrets": {"token": "env:ANNOTATOR_X", "other": CANARY}}}
    )

    text = config.describe(secrets=False)

    again = AnnotatorConfig.from_dict(yaml.safe_load(text))
    assert again.output_auth() == {"token": "value"}


def test_what_describe_printed_is_not_taken_for_a_secret():
    with pytest.raises(ConfigError, match="was not saved"):
        Secrets({"token": "***"}).resolve()


def test_copies_keep_the_secret():
    secrets = copy.deepcopy({"a": Secrets({"token": CANARY})})["a"]

    assert copy.copy(secrets).resolve() == {"token": CANARY}


@pytest.mark.parametrize(
    "address",
    [
        f"https://jo:{CANARY}@x.org/a.csv",
        f"https://x.org/a.csv?X-Amz-Signature={CANARY}&b=1",
        f"https://x.org/a.csv?token={CANARY}",
    ],
)
def test_credentials_within_an_address_do_not_show(address):
    config = AnnotatorConfig.from_dict({"data": address, "output": {"uri": address}})

    leaks = [name for name, text in places(config).items() if CANARY in text]

    assert set(leaks) <= {"param", "pickle of all"}  # where the address is needed
    assert config.data.source == ("uri", address)
