"""Credentials for accounts that exist in the simulator only, made anew each time."""

import base64
import json
import os
import secrets
from urllib.parse import urlsplit
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from providers.known import PREFIXES


def credentials() -> dict[str, str]:
    """The environment of the providers' accounts, in the names of `.env.example`."""
    known = {**_twilio(), **_sendgrid(), **_vonage(), **_fcm(), **_webpush()}
    return {"ADDRESS_KEY": secrets.token_hex(32), "NOTIFY_SECRET": _notify_secret(), **known}


def aimed_at(simulator: str) -> dict[str, str]:
    """Where these accounts are, and a service that hears of its messages."""
    own = ("TWILIO_API_BASE_URL", "SENDGRID_API_BASE_URL", "VONAGE_API_BASE_URL")
    return {
        **dict.fromkeys((*own, "FCM_API_BASE_URL", "SIMULATOR_BASE_URL"), simulator),
        "FCM_TOKEN_URL": f"{simulator}/token",
        "WEBPUSH_SERVICES": simulator.partition("://")[2],
        "NOTIFY_ALLOW_PRIVATE": urlsplit(simulator).hostname or "",
        "NOTIFY_UNMATCHED_URL": f"{simulator}/events",
    }


def encryption() -> dict[str, str]:
    """A key for the payloads and a token for the codec server."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return {"PAYLOAD_KEYS": f"demo:{key}", "CODEC_TOKEN": secrets.token_urlsafe(32)}


def _notify_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _twilio() -> dict[str, str]:
    return {
        "TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_FROM": "+15005550006",
        "TWILIO_WHATSAPP_FROM": "+15005550006",
        "TWILIO_RCS_FROM": "example_deliveries_agent",
        "TWILIO_MESSENGER_FROM": "1023456789012345",
    }


def _sendgrid() -> dict[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "SENDGRID_API_KEY": f"SG.{secrets.token_urlsafe(16)}.{secrets.token_urlsafe(32)}",
        "SENDGRID_FROM": "Example Deliveries <deliveries@example.com>",
        "SENDGRID_EVENT_PUBLIC_KEY": base64.b64encode(public).decode(),
        "SENDGRID_INBOUND_PUBLIC_KEY": base64.b64encode(public).decode(),
        "SENDGRID_REPLY_DOMAIN": "reply.example.com",
        "SIMULATOR_SENDGRID_PRIVATE_KEY": _pem(key),
    }


def _vonage() -> dict[str, str]:
    return {
        "VONAGE_APPLICATION_ID": str(uuid4()),
        "VONAGE_PRIVATE_KEY": _pem(rsa.generate_private_key(65537, 2048)),
        "VONAGE_SIGNATURE_SECRET": secrets.token_hex(32),
        "VONAGE_FROM": "+447700900000",
        "VONAGE_WHATSAPP_FROM": "+447700900000",
        "VONAGE_VIBER_FROM": "ExampleDeliveries",
        "VONAGE_RCS_FROM": "ExampleDeliveries",
        "VONAGE_MESSENGER_FROM": "1023456789012345",
    }


def _fcm() -> dict[str, str]:
    account = {
        "type": "service_account",
        "project_id": "example-deliveries",
        "private_key": _pem(rsa.generate_private_key(65537, 2048)),
        "client_email": "push@example-deliveries.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    return {"FCM_SERVICE_ACCOUNT": json.dumps(account)}


def _webpush() -> dict[str, str]:
    key = _pem(ec.generate_private_key(ec.SECP256R1()))
    return {"WEBPUSH_PRIVATE_KEY": key, "WEBPUSH_SUBJECT": "mailto:deliveries@example.com"}


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def clean_environment() -> dict[str, str]:
    """Ours without what a user has set for the real thing: nothing here may reach a provider."""
    ours = (
        *PREFIXES,
        *("TEMPORAL_", "WEBHOOKS_", "SIMULATOR_"),
        *("PAYLOAD_KEYS", "CODEC_", "NOTIFY_"),
    )
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
