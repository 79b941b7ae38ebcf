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
