"""A call of Vonage's: the NCCO is carried out, and what happens is told to the event URL."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from simulator.bent import Bent
from simulator.call import LiveCall
from simulator.outbox import Callback, Outbox
from simulator.records import Sent, now
from simulator.settings import Settings
from simulator.vonage.resources import conversation, status
from simulator.vonage.signature import signed

#: `sip_code` of an end, where a script names no other.
_SIP = {"completed": 200, "busy": 486, "timeout": 480, "unanswered": 480, "failed": 503}

Action = dict[str, Any]


class VonageCaller:
    endings: Sequence[str] = ("busy", "no-answer", "canceled", "unanswered", "rejected")

    def __init__(self, sent: Sent, settings: Settings, outbox: Outbox) -> None:
        assert sent.call is not None
        self._sent, self._call = sent, sent.call
        self._settings, self._outbox = settings, outbox
        self._bent = Bent(sent, outbox)

    @property
    def ring_time(self) -> float:
        return float(self._sent.raw.get("ringing_timer", 60))

    @property
    def longest(self) -> float:
        return float(self._sent.raw.get("length_timer", 7200))

    @property
    def listens(self) -> bool:
        return bool(self._sent.raw.get("machine_detection"))

    async def tell(self, line: LiveCall, named: str) -> None:
        await self._bent.post(self._event(status(named)))
        if named == "in-progress" and self._call.answered_by:
            await self._tell_who(line)

    async def _tell_who(self, line: LiveCall) -> None:
        """After `answered`; a machine is hung up on where that was asked for."""
        who = "machine" if self._call.answered_by != "human" else "human"
        await self._bent.post(self._event(who))
        if who == "machine" and self._sent.raw["machine_detection"] == "hangup":
            line.hang_up()

    async def tell_end(self, line: LiveCall, named: str) -> None:
        await self.tell(line, named)
        await self._bent.rest()

    async def speak(self, line: LiveCall) -> None:
        actions, keys = list(self._sent.raw["ncco"]), ""
        while actions:
            action = actions.pop(0)
            match action["action"]:
                case "talk":
                    keys += await _talk_aloud(line, action, keys)
                case "input":
                    actions = await self._input(line, action, keys) or actions
                    keys = ""

    async def _input(self, line: LiveCall, action: Action, keys: str) -> list[Action]:
        """The NCCO that the webhook answers with, which takes the place of the rest."""
        line.listen(True)
        dtmf = action.get("dtmf") or {}
        timeout, most = float(dtmf.get("timeOut", 3)), dtmf.get("maxDigits", 4)
        while len(keys) < most and (key := await line.key(timeout)):
            keys += key
        line.listen(False)
        return await self._answered(action, {"digits": keys, "timed_out": len(keys) < most})

    async def _answered(self, action: Action, dtmf: dict[str, Any]) -> list[Action]:
        urls = action.get("eventUrl") or [str(self._sent.status_url)]
        callback = signed(urls[0], self._about() | {"dtmf": dtmf}, self._settings, "input")
        answer, body = await self._outbox.fetch(callback, [self._sent])
        if answer is None or answer >= 300:
            raise ValueError(f"{urls[0]} answered {answer}")
        ncco: list[Action] = json.loads(body) if body else []
        return ncco

    def _event(self, named: str) -> Callback:
        event = {**self._about(), "status": named, "direction": "outbound"}
        if named in ("human", "machine"):
            event["call_uuid"] = event.pop("uuid")
        if named in _SIP:
            code = self._sent.error or ""
            event["sip_code"] = int(code) if code.isdigit() and len(code) == 3 else _SIP[named]
        if named == "completed":
            event |= {"duration": str(self._call.duration or 0), "network": "GB-FIXED"}
        return signed(str(self._sent.status_url), event, self._settings, named)

    def _about(self) -> dict[str, Any]:
        return {
            "uuid": self._sent.id,
            "conversation_uuid": conversation(self._sent),
            "from": self._sent.sender.lstrip("+"),
            "to": self._sent.to.lstrip("+"),
            "timestamp": now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }


async def _talk_aloud(line: LiveCall, talk: Action, keys: str) -> str:
    """A key ends the words where that is allowed, and all words up to the next input."""
    if keys:
        return ""
    line.listen(bool(talk.get("bargeIn")))
    line.say(talk["text"])
    if talk.get("bargeIn"):
        return await line.key(line.length(talk["text"]))
    await asyncio.sleep(line.length(talk["text"]))
    return ""
