"""Settings: what is given, else the environment, else the default."""

from pathlib import Path

import pytest

from index import UsageError
from qa import Settings


def test_given_beats_environment_beats_default() -> None:
    environment = {"QA_STORE": "/from/environment", "QA_TOP_K": "5"}
    settings = Settings.from_environment(environment, store=Path("/given"))
    assert (settings.store, settings.top_k, settings.max_sentences) == (Path("/given"), 5, Settings().max_sentences)


@pytest.mark.parametrize(("variable", "value"), [("QA_TOP_K", "many"), ("QA_TOP_K", "0"), ("QA_THRESHOLD", "1.5")])
def test_a_wrong_value_is_named(variable: str, value: str) -> None:
    with pytest.raises(UsageError, match=value):
        Settings.from_environment({variable: value})


def test_secrets_are_not_shown() -> None:
    settings = Settings.from_environment({"QA_PASSWORD": "canary-password", "QA_TOKEN": "canary-token"})
    assert settings.password == "canary-password"
    assert "canary" not in repr(settings)


def test_lists_of_hosts_and_folders() -> None:
    settings = Settings.from_environment({"QA_HOSTS": "qa.example, other.example", "QA_FOLDERS": "/a:/b c"})
    assert settings.hosts == ("qa.example", "other.example")
    assert settings.folders == (Path("/a"), Path("/b c"))
