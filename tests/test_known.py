"""The wiring: a provider is its folder and its line in providers/known.py."""

from pathlib import Path

import pytest

import providers
from providers.integration import Integration
from providers.known import NAMES, PREFIXES, callbacks, integrations

ROOT = Path(providers.__path__[0])


def test_every_folder_of_a_provider_is_in_the_list() -> None:
    assert sorted(NAMES) == sorted(file.parent.name for file in ROOT.glob("*/provider.py"))


@pytest.mark.parametrize("known", integrations(), ids=lambda known: str(known.name))
def test_a_provider_goes_by_the_name_of_its_folder(known: Integration) -> None:
    prefix = known.settings.model_config["env_prefix"]

    assert known.settings.__module__.startswith(f"providers.{known.name}.")
    assert prefix == PREFIXES[NAMES.index(known.name)]


def test_no_two_routes_are_at_the_same_path() -> None:
    ways = {id(known.callbacks) for known in integrations() if known.callbacks}

    assert len(callbacks()) == len(ways)
