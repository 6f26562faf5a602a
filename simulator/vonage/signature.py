""" "Signed webhooks": a JWT that carries a hash of the body."""

import hashlib
import json
import time
from typing import Any
from uuid import uuid4

import jwt

from simulator.outbox import Callback
from simulator.settings import Settings


def signed(url: str, content: dict[str, Any], settings: Settings, says: str) -> Callback:
    body = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    claims = {
        "iat": int(time.time()),
        "jti": str(uuid4()),
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": "simulat0",
        "application_id": settings.vonage_application_id or "",
    }
    token = jwt.encode(claims, settings.vonage_signature_secret or "", algorithm="HS256")
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    return Callback(url, headers, body, says, again=_again, pause=5, tries=8)


def _again(answer: int | None) -> bool:
    """ "Webhook retries": after a 429 or a 5xx, 5 seconds later, then doubling."""
    return answer is None or answer == 429 or answer >= 500
