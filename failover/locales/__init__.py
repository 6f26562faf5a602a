"""What is said to a person, and the words understood from them: one file a language."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any

DEFAULT = "en"
#: Read when the package is imported: workflow code looks things up here, and reads no files.
LANGUAGES: Mapping[str, Mapping[str, Any]] = {
    file.name.removesuffix(".toml"): MappingProxyType(tomllib.loads(file.read_text("utf-8")))
    for file in files(__name__).iterdir()
    if file.name.endswith(".toml")
}


def phrases(locale: str) -> Mapping[str, Any]:
    """The sections of the locale's language; English where we have no file for it.

    >>> phrases("de-AT") is phrases("DE"), phrases("xx") is phrases("en")
    (True, True)
    """
    return LANGUAGES.get(language(locale), LANGUAGES[DEFAULT])


def language(locale: str) -> str:
    """The language of a locale: de of de-AT, and of de_CH.UTF-8."""
    return locale.replace("_", "-").partition("-")[0].casefold()
