"""Figures for Prometheus: Temporal's own of this worker, and ours of its providers."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from providers.settings import ConfigurationError, load


class MetricsSettings(BaseSettings):
    """`METRICS_ADDRESS`, like 127.0.0.1:9464; without it there are none."""

    model_config = SettingsConfigDict(
        env_prefix="METRICS_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    address: str | None = Field(default=None, pattern=r"^(\[[0-9a-fA-F:]+\]|[0-9.]+):[0-9]{1,5}$")


def runtime() -> Runtime | None:
    """A runtime that serves `/metrics`. Raises `ConfigurationError`, also if the port is taken."""
    address = load(MetricsSettings).address
    if address is None:
        return None
    prometheus = PrometheusConfig(bind_address=address)
    try:
        return Runtime(telemetry=TelemetryConfig(metrics=prometheus))
    except ValueError as error:
        raise ConfigurationError(f"METRICS_ADDRESS: {error}") from None
