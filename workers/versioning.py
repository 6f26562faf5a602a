"""Which version of a deployment this worker is; without one it is unversioned."""

from typing import Annotated

from pydantic import StringConstraints
from pydantic_settings import BaseSettings, SettingsConfigDict
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import WorkerDeploymentConfig

from providers.settings import load_if_any

#: As Temporal takes them. A worker with another build id is told nothing, and gets no work (tried).
_Name = Annotated[str, StringConstraints(pattern=r"^_?[^_.:\s][^.:\s]*$", max_length=255)]
_BuildId = Annotated[str, StringConstraints(pattern=r"^_?[^_\s]\S*$", max_length=255)]


class VersionSettings(BaseSettings):
    """By the names that Temporal's Worker Controller gives its workers; both or neither."""

    model_config = SettingsConfigDict(
        env_prefix="TEMPORAL_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    deployment_name: _Name
    worker_build_id: _BuildId


def deployment() -> WorkerDeploymentConfig | None:
    """Raises `ConfigurationError` when one of the two variables is missing or cannot be used."""
    settings = load_if_any(VersionSettings)
    if settings is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment_name, settings.worker_build_id),
        use_worker_versioning=True,
        # Here and not in the workflow's decorator: there it stops workers that have no version.
        default_versioning_behavior=VersioningBehavior.PINNED,
    )


def said(version: WorkerDeploymentConfig | None) -> str:
    return f"version {version.version.to_canonical_string()}" if version else "without a version"
