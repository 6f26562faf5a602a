"""Messages for tests: an order's delivery question to Dana."""

from typing import Any
from uuid import uuid4

from failover.message import Message, parse_message

PHONE = "+14155550100"


def plan(**overrides: Any) -> dict[str, Any]:
    return {
        "id": f"order-{uuid4().hex[:12]}",
        "conversation": "order-1234",
        "recipient": {
            "id": "cust-42",
            "name": "Dana",
            "addresses": {"phone": PHONE, "email": "dana@example.com"},
        },
        "content": {
            "subject": "Your delivery today",
            "text": "Hi Dana, can you be home at 9 pm?",
            "choices": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}],
        },
        "steps": [
            {"channel": "whatsapp", "wait": "PT30M"},
            {"channel": "sms", "wait": "PT20M"},
            {"channel": "email", "wait": "PT2H"},
        ],
        **overrides,
    }


def message(**overrides: Any) -> Message:
    return parse_message(plan(**overrides))
