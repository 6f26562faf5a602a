"""Tells a call's status callback how far the call has come, and asks webhooks for TwiML."""

from simulator.bent import Bent
from simulator.outbox import Outbox
from simulator.records import Sent, now
from simulator.settings import Settings
from simulator.twilio.resources import rfc2822
from simulator.twilio.signature import form_callback

#: A final status is the event "completed", whatever it is.
_EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
_SIP = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "480"}
#: Milliseconds, as a detection says how long it took.
_LISTENED = "2400"


class Progress:
    def __init__(self, sent: Sent, settings: Settings, outbox: Outbox) -> None:
        self._sent = sent
        self._account = settings.twilio_account_sid or ""
        self._token = settings.twilio_auth_token or ""
        self._outbox = outbox
        self._bent = Bent(sent, outbox)
        self._number = 0
        #: Detection in the background tells its callback alone.
        self._apart = str(sent.raw.get("AsyncAmd", "")).lower() == "true"

    async def fetch(self, url: str, pressed: dict[str, str]) -> str:
        """The TwiML a webhook answers with; raises ValueError when it has none."""
        form = self._form("in-progress") | pressed
        callback = form_callback(url, form, self._token, "gather" if pressed else "twiml")
        answer, body = await self._outbox.fetch(callback, [self._sent])
        if answer is None or answer >= 300:
            raise ValueError(f"{url} answered {answer}")
        return body

    async def report(self, status: str) -> None:
        number, self._number = self._number, self._number + 1
        if not self._sent.status_url or _EVENTS.get(status, "completed") not in self._wanted():
            return
        form = self._form(status) | {
            "SequenceNumber": str(number),
            "Timestamp": rfc2822(now()) or "",
            "CallbackSource": "call-progress-events",
        }
        callback = form_callback(self._sent.status_url, form, self._token, status)
        await self._bent.post(callback)

    async def detected(self) -> None:
        """Who picked up, told while the call goes on, where that was asked for."""
        sent = self._sent
        url = str(sent.raw.get("AsyncAmdStatusCallback") or "")
        if not (url and self._apart and sent.call and sent.call.answered_by):
            return
        form = {
            "AccountSid": self._account,
            "CallSid": sent.id,
            "AnsweredBy": sent.call.answered_by,
            "MachineDetectionDuration": _LISTENED,
        }
        await self._bent.post(form_callback(url, form, self._token, "detected"))

    async def end(self, status: str) -> None:
        await self.report(status)
        await self._bent.rest()

    def _wanted(self) -> list[str]:
        wanted = self._sent.raw.get("StatusCallbackEvent", "completed")
        return wanted.split() if isinstance(wanted, str) else wanted

    def _form(self, status: str) -> dict[str, str]:
        sent, call = self._sent, self._sent.call
        form = {
            "AccountSid": self._account,
            "ApiVersion": "2010-04-01",
            "CallSid": sent.id,
            "CallStatus": status,
            "Direction": "outbound-api",
            **dict.fromkeys(("From", "Caller"), sent.sender),
            **dict.fromkeys(("To", "Called"), sent.to),
        }
        if call and call.answered_by and not self._apart:
            form["AnsweredBy"] = call.answered_by
        if call and status in _SIP:
            minutes = -(-(call.duration or 0) // 60)
            form |= {"CallDuration": str(call.duration or 0), "Duration": str(minutes)}
            code = sent.error or ""
            form["SipResponseCode"] = code if code.isdigit() and len(code) == 3 else _SIP[status]
            if len(code) == 5:
                form["ErrorCode"] = code
        return form
