"""The service account, and the tokens that Google gives for it."""

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
#: What Google's libraries name, wherever they ask.
AUDIENCE = "https://oauth2.googleapis.com/token"
LASTS = 3599


def account(written: str) -> dict[str, Any]:
    """From the JSON or the path of a file; raises ValueError where it is none."""
    text = written if written.lstrip().startswith("{") else Path(written).read_text()
    found = json.loads(text)
    if not isinstance(found, dict) or not found.get("private_key"):
        raise ValueError("it is not a service account")
    load_pem_private_key(found["private_key"].encode(), None)
    return found


def is_asked_rightly(assertion: str, known: dict[str, Any]) -> bool:
    """Whether it is signed by the account, for a token that may send (RFC 7523)."""
    key: Any = load_pem_private_key(known["private_key"].encode(), None).public_key()
    try:
        claims = jwt.decode(
            assertion,
            key,
            algorithms=["RS256"],
            audience=[AUDIENCE, str(known.get("token_uri"))],
            issuer=known["client_email"],
            options={"require": ["exp", "iat"]},
            leeway=60,
        )
    except jwt.PyJWTError:
        return False
    return SCOPE in str(claims.get("scope")).split()


def token(known: dict[str, Any]) -> str:
    claims = {"exp": int(time.time()) + LASTS}
    return "ya29." + jwt.encode(claims, _secret(known), algorithm="HS256")


def is_token(given: str, known: dict[str, Any]) -> bool:
    try:
        jwt.decode(given.removeprefix("ya29."), _secret(known), algorithms=["HS256"])
    except jwt.PyJWTError:
        return False
    return given.startswith("ya29.")


def _secret(known: dict[str, Any]) -> bytes:
    return hashlib.sha256(known["private_key"].encode()).digest()
