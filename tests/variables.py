"""Every variable that a process of ours reads, with what it is without one."""

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from activities.notify_settings import NotifySettings
from providers.known import integrations
from providers.settings import PublicSettings
from simulator.settings import Settings as SimulatorSettings
from webhooks.__main__ import ListenSettings
from webhooks.codec.__main__ import CodecSettings
from workers.caps import CapSettings
from workers.metrics import MetricsSettings
from workflows.payload_keys import EncryptionSettings

#: The simulator's last: it reads the providers' variables too, and can do without them.
SETTINGS: tuple[type[BaseSettings], ...] = (
    PublicSettings,
    ListenSettings,
    EncryptionSettings,
    CodecSettings,
    CapSettings,
    MetricsSettings,
    NotifySettings,
    *(known.settings for known in integrations()),
    SimulatorSettings,
)

#: Read by Temporal's client, but for the last three: `starter/screen.py`, `workers/versioning.py`.
TEMPORAL = frozenset(
    {
        "TEMPORAL_ADDRESS",
        "TEMPORAL_NAMESPACE",
        "TEMPORAL_API_KEY",
        "TEMPORAL_TLS",
        "TEMPORAL_TLS_SERVER_NAME",
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
        "TEMPORAL_TLS_CLIENT_CERT_PATH",
        "TEMPORAL_TLS_CLIENT_KEY_PATH",
        "TEMPORAL_CONFIG_FILE",
        "TEMPORAL_PROFILE",
        "TEMPORAL_UI_URL",
        "TEMPORAL_DEPLOYMENT_NAME",
        "TEMPORAL_WORKER_BUILD_ID",
    }
)

#: Of the compose file alone.
COMPOSE = {
    "POSTGRES_PASSWORD": "required",
    "MESSAGE_RETENTION": "30d",
    "COMPOSE_PROFILES": "none",
}


def variables() -> dict[str, FieldInfo]:
    found: dict[str, FieldInfo] = {}
    for kind in SETTINGS:
        prefix = kind.model_config.get("env_prefix") or ""
        for name, field in kind.model_fields.items():
            found.setdefault(f"{prefix}{field.validation_alias or name}".upper(), field)
    return found
