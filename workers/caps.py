"""The caps of this installation, and the worker that runs their counts."""

import re
from dataclasses import replace
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from temporalio.client import Client
from temporalio.common import VersioningBehavior
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.caps import CAPS_QUEUE, Caps, Limits
from providers.settings import PublicSettings, load
from workflows.cap import CapWorkflow

#: A count is carried from run to run, and Temporal takes 2 MB for it.
_MOST = 20_000
_COUNTRY = re.compile(r"(?:(?P<country>[A-Z]{2}|001)=)?(?P<most>[0-9]{1,5})")


def _by_country(written: str) -> dict[str, int]:
    """From `100, US=5000, CU=0`; the number without a country is under the empty name."""
    limits: dict[str, int] = {}
    for entry in written.split(","):
        found = _COUNTRY.fullmatch(entry.strip())
        if not found or int(found["most"]) > _MOST:
            raise ValueError(f"should be like 100, US=5000, CU=0, with at most {_MOST}")
        limits[found["country"] or ""] = int(found["most"])
    return limits


def _checked(written: str) -> str:
    _by_country(written)
    return written


class CapSettings(BaseSettings):
    """`CAP_...`: without them nothing is counted."""

    model_config = SettingsConfigDict(
        env_prefix="CAP_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    recipients_per_hour: int | None = Field(default=None, ge=1, le=_MOST)
    sends_per_country_per_hour: Annotated[str, AfterValidator(_checked)] | None = None
    sends_per_address_per_hour: int | None = Field(default=None, ge=1, le=_MOST)


def caps(public: PublicSettings) -> Caps | None:
    """None where no cap is set. Raises `ConfigurationError`."""
    given = load(CapSettings)
    by_country = given.sends_per_country_per_hour
    limits = Limits(
        recipients=given.recipients_per_hour,
        sends_per_address=given.sends_per_address_per_hour,
        sends_per_country=_by_country(by_country) if by_country else {},
    )
    return Caps(limits, public.address_key.get_secret_value()) if limits != Limits() else None


def cap_worker(
    client: Client, version: WorkerDeploymentConfig | None = None, queue: str = CAPS_QUEUE
) -> Worker:
    """On a queue of its own, so that a count moves on to a new version while messages stay."""
    upgrading = VersioningBehavior.AUTO_UPGRADE
    return Worker(
        client,
        task_queue=queue,
        workflows=[CapWorkflow],
        deployment_config=version and replace(version, default_versioning_behavior=upgrading),
    )
