"""The person at the handset: what the demo lets someone type, or a simulated person do."""

import asyncio
import json
import urllib.error
import urllib.request
from typing import Any

_LOOK = 0.3
#: A person does not answer in the instant a message arrives.
_READING = 1.5


class Person:
    """Acts through the simulator's handset, so that answers come by the providers' callbacks."""

    def __init__(self, simulator: str) -> None:
        self._simulator = simulator

    async def says(self, text: str) -> str:
        """Answer on the channel that wrote last. Returns what came of it, in words."""
        arrived = await self._arrived()
        if not arrived:
            return "nothing has arrived yet"
        return await asyncio.to_thread(self._answer, arrived[-1], text)

    async def lets_whatsapp_pass_and_answers_the_sms(self, text: str) -> None:
        while True:
            texts = [item for item in await self._arrived() if item["channel"] == "sms"]
            if texts:
                await asyncio.sleep(_READING)
                await asyncio.to_thread(self._answer, texts[-1], text)
                return
            await asyncio.sleep(_LOOK)

    async def _arrived(self) -> list[dict[str, Any]]:
        found = await asyncio.to_thread(self._ask, "GET", "/simulator/messages", None)
        return list(found)

    def _answer(self, item: dict[str, Any], text: str) -> str:
        path = f"/simulator/messages/{item['id']}"
        channel = item["channel"]
        try:
            if channel == "voice":
                if not item["call"]["gather"]:
                    self._ask("POST", f"{path}/answer", {})
                self._ask("POST", f"{path}/keys", {"digits": text})
                return f"key {text} pressed in the call"
            self._ask("POST", f"{path}/reply", {"text": text})
        except urllib.error.HTTPError as error:
            return f"the {channel} could not be answered: {error.code}"
        return f"answered by {channel}"

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._simulator + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")
