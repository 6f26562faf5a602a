"""All providers: one is one line here."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from failover.channels import Channel, Goal
from failover.conversation import SERVICE
from providers.base import CallbackReader, Sender
from providers.integration import Callbacks, Integration
from providers.settings import (
    ConfigurationError,
    ProviderSettings,
    PublicSettings,
    load_if_any,
)

#: The folders, in order of preference for steps that name no providers.
NAMES = (
    "twilio",
    "vonage",
    "sendgrid",
    "fcm",
    "webpush",
)
#: What the variables of each begin with.
PREFIXES = tuple(f"{name.upper()}_" for name in NAMES)


@dataclass(frozen=True)
class Provider:
    """A provider that the environment has credentials for."""

    name: str
    settings: ProviderSettings
    senders: Mapping[Channel, Sender]


@cache
def integrations() -> tuple[Integration, ...]:
    return tuple(_integration(name) for name in NAMES)


def callbacks() -> dict[str, Callbacks]:
    """Everything that may call back, by the first part of its path."""
    ways = (known.callbacks for known in integrations())
    return {way.prefix: way for way in ways if way}


def configured(public: PublicSettings) -> list[Provider]:
    """The providers on offer. Raises `ConfigurationError` when one is configured by half."""
    return [
        Provider(known.name, settings, known.senders(settings, public))
        for known, settings in _with_settings()
    ]


def readers(public: PublicSettings) -> dict[str, CallbackReader]:
    """What reads the callbacks of the providers on offer, by the first part of the path.

    Raises `ConfigurationError` for settings that are wrong.
    """
    return {
        way.prefix: way.reader(settings, public)
        for known, settings in _with_settings()
        if (way := known.callbacks)
    }


def nothing_configured() -> ConfigurationError:
    """What a process without any provider refuses to start with."""
    *first, last = PREFIXES
    return ConfigurationError(
        f"no provider is configured: set the {', '.join(first)} or {last} variables"
        " (see .env.example)"
    )


def offers(providers: list[Provider]) -> dict[str, list[str]]:
    """Per channel the names of the providers that have a sender for it."""
    found = {
        channel.value: names
        for channel in Channel
        if (names := [p.name for p in providers if channel in p.senders])
    }
    # Agents are written to by email, or are the service's own affair.
    return found | {Channel.AGENT.value: found.get(Channel.EMAIL, [SERVICE])}


def unheard(providers: list[Provider]) -> dict[tuple[str, str], Mapping[Goal, str]]:
    """By channel and provider, what nobody here would hear of a send."""
    return {
        (channel.value, known.name): known.settings.unheard(channel)
        for known in providers
        for channel in known.senders
    }


def _integration(name: str) -> Integration:
    provider: Integration = import_module(f"providers.{name}.provider").PROVIDER
    return provider


def _with_settings() -> list[tuple[Integration, ProviderSettings]]:
    loaded = ((known, load_if_any(known.settings)) for known in integrations())
    return [(known, settings) for known, settings in loaded if settings is not None]
