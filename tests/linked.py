"""Messages with links, in German, to a person of their own."""

import re
from typing import Any

from tests.world import Addresses, Asked, World

SMS = {"channel": "sms", "wait": 300, "providers": ["twilio"]}
EMAIL = {"channel": "email", "wait": 300}
TEXT = "Guten Tag Dana,\nkönnen Sie heute um 21 Uhr zu Hause sein?"
CHOICES = [{"id": "yes", "label": "Ja"}, {"id": "no", "label": "Nein, lieber morgen"}]
CONTENT = {"subject": "Ihre Lieferung", "text": TEXT, "choices": CHOICES, "confirm_link": True}


async def ask(world: World, *steps: dict[str, Any], **more: Any) -> Asked:
    of = Addresses()
    recipient = {"name": "Dana", "locale": "de-DE", "addresses": vars(of)}
    given = {"content": CONTENT, "recipient": recipient, **more}
    return await world.ask(*steps, of=of, **given)


def link(item: dict[str, Any]) -> str:
    [found] = re.findall(r"https?://\S+/answer/\S+", item["text"])
    return str(found)
