"""Plays Twilio Programmable Messaging: answers, status callbacks, replies."""

from starlette.responses import JSONResponse, Response

from simulator.outbox import Outbox
from simulator.records import Choice, Said, Sent, now
from simulator.scripts import Script
from simulator.settings import Settings
from simulator.state import State
from simulator.timeline import Step
from simulator.twilio import resources
from simulator.twilio.errors import error
from simulator.twilio.form import prefixed
from simulator.twilio.signature import form_callback

#: "Advanced Opt-Out", default keywords of a long code.
STOP = {"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"}
START = {"START", "YES", "UNSTOP"}


class Twilio:
    course = ("sent", "delivered")

    def __init__(self, settings: Settings, state: State, outbox: Outbox) -> None:
        self._account = settings.twilio_account_sid or ""
        self._token = settings.twilio_auth_token or ""
        self._inbound = settings.webhook("/twilio/inbound")
        self._state = state
        self._outbox = outbox

    def accepted(self, sent: Sent) -> Response:
        resource = resources.call if sent.call else resources.message
        return JSONResponse(resource(sent, self._account), 201)

    def refused(self, script: Script) -> Response:
        return error(script.code or "20500", script.status or 400, script.detail)

    def throttled(self, retry_after: int) -> Response:
        response = error("20429", 429)
        response.headers["Retry-After"] = str(retry_after)
        return response

    def broken(self, status: int) -> Response:
        return error("20500", status)

    def forbidden(self) -> Response:
        return error("20003", 403)

    def failure(self, script: Script) -> Step:
        return Step(0, "undelivered", script.code, script.detail)

    async def report(self, sent: Sent, step: Step) -> None:
        if not sent.status_url:
            return
        form = {**self._parties(sent), "MessageStatus": step.status, "SmsStatus": step.status}
        if step.code:
            form["ErrorCode"] = step.code
        if step.status == "delivered" and sent.channel == "sms":
            form["RawDlrDoneDate"] = now().strftime("%y%m%d%H%M")
        if sent.channel in ("whatsapp", "rcs", "messenger"):
            form |= {"ChannelPrefix": sent.channel, "ChannelToAddress": sent.to}
            form |= {"EventType": step.status.upper(), "StructuredMessage": "false"}
        callback = form_callback(sent.status_url, form, self._token, step.status)
        for _ in range(step.callbacks):
            await self._outbox.send(callback, [sent])

    def _parties(self, sent: Sent) -> dict[str, str]:
        service = sent.raw.get("MessagingServiceSid")
        return {
            "MessageSid": sent.id,
            "SmsSid": sent.id,
            "AccountSid": self._account,
            "ApiVersion": "2010-04-01",
            "From": prefixed(sent.channel, sent.sender),
            "To": prefixed(sent.channel, sent.to),
        } | ({"MessagingServiceSid": service} if service else {})

    async def reply(self, said: Said, to: Sent | None, choice: Choice | None) -> int | None:
        form = self._said(said, to) | self._pressed(said, to, choice) | self._quoted(said, to)
        if said.channel in ("sms", "mms"):
            form |= self._opt_out(said, to)
        callback = form_callback(self._inbound, form, self._token, "reply")
        return await self._outbox.deliver(callback, said)

    def _said(self, said: Said, to: Sent | None) -> dict[str, str]:
        service = to.raw.get("MessagingServiceSid") if to else None
        form = dict.fromkeys(("MessageSid", "SmsSid", "SmsMessageSid"), said.id)
        form |= {"AccountSid": self._account, "ApiVersion": "2010-04-01", "SmsStatus": "received"}
        form |= {"NumMedia": "0", "NumSegments": "1", "Body": said.text}
        form |= {"From": prefixed(said.channel, said.person), "To": prefixed(said.channel, said.to)}
        if said.channel == "sms":
            form |= dict.fromkeys(("FromCity", "FromState", "FromZip", "ToCity", "ToZip"), "")
            form |= {"FromCountry": "US", "ToCountry": "US", "ToState": ""}
        if said.channel == "whatsapp":
            form |= {"WaId": said.person.lstrip("+"), "ProfileName": "Handset"}
            form |= {"MessageType": "text", "ReferralNumMedia": "0"}
        return form | ({"MessagingServiceSid": service} if service else {})

    def _pressed(self, said: Said, to: Sent | None, choice: Choice | None) -> dict[str, str]:
        if not choice:
            return {}
        if to and to.opens:
            form = {"ListTitle": choice.title, "ListId": choice.id}
        else:
            form = {"ButtonText": choice.title, "ButtonPayload": choice.id}
        return form | ({"MessageType": "interactive"} if said.channel == "whatsapp" else {})

    def _quoted(self, said: Said, to: Sent | None) -> dict[str, str]:
        if not (to and said.quote) or said.channel != "whatsapp":
            return {}
        sender = prefixed(to.channel, to.sender)
        return {"OriginalRepliedMessageSid": to.id, "OriginalRepliedMessageSender": sender}

    def _opt_out(self, said: Said, to: Sent | None) -> dict[str, str]:
        """Twilio keeps STOP and START itself; it names them only with a Messaging Service."""
        word = said.text.strip().upper()
        pair = (said.to, said.person)
        if word in STOP:
            self._state.stops.add(pair)
            said.note = "Twilio refuses further texts from this sender until START"
        elif word in START and pair in self._state.stops:
            self._state.stops.discard(pair)
            said.note = "Twilio takes texts from this sender again"
        else:
            return {}
        service = to.raw.get("MessagingServiceSid") if to else None
        return {"OptOutType": "STOP" if word in STOP else "START"} if service else {}
