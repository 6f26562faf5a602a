"""A message from the flags of the command line: forgiving in how things are spelled."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import phonenumbers

from failover.channels import PHONE_CHANNELS, Channel, Goal
from failover.content import Other
from failover.message import InvalidMessage, Message, parse_message
from starter.errors import BadInput
from starter.spans import parse_moment, parse_span

Value = TypeVar("Value")


@dataclass(frozen=True)
class Flags:
    """As typed. `addresses` are (channel or `phone`, address) in the order they were given."""

    text: str | None = None
    subject: str | None = None
    addresses: Sequence[tuple[str, str]] = ()
    region: str | None = None
    wait: str = "30m"
    steps: Sequence[str] = ()
    providers: Sequence[str] = ()
    choices: Sequence[str] = ()
    until: Goal = Goal.REPLIED
    deadline: str | None = None
    id: str | None = None
    conversation: str | None = None
    recipient_id: str | None = None
    name: str | None = None
    notify: str | None = None
    context: Sequence[str] = ()
    on_other: Other = Other.ACCEPT
    confirm_link: bool = False


def asked(flags: Flags, now: datetime) -> Message:
    """The message. Raises `BadInput` with every fault that the flags have."""
    faults = _Faults()
    addresses = _addresses(flags, faults)
    recipient = {"id": flags.recipient_id, "name": flags.name, "addresses": addresses}
    choices = [faults.of(_choice, written) for written in flags.choices]
    raw = {
        "id": flags.id or new_id(now),
        "conversation": flags.conversation,
        "recipient": recipient,
        "content": {
            "text": flags.text,
            "subject": flags.subject,
            "choices": choices,
            "on_other": flags.on_other,
            "confirm_link": flags.confirm_link,
        },
        "steps": _steps(flags, addresses, faults),
        "until": flags.until,
        "notify": flags.notify,
        "context": dict(filter(None, (faults.of(_fact, f) for f in flags.context))) or None,
        "deadline": flags.deadline and faults.of(parse_moment, flags.deadline, now),
    }
    if not flags.text:
        faults.note("--text is needed: what to say")
    faults.refuse()
    try:
        return parse_message(raw)
    except InvalidMessage as error:
        raise BadInput(str(error)) from None


def new_id(now: datetime) -> str:
    """Unique, and readable in a list: `20261121-235900-3f9a`."""
    return f"{now.astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def phone_number(written: str, region: str | None = None) -> str:
    """E.164 from any spelling. Raises ValueError for a number that cannot exist."""
    try:
        number = phonenumbers.parse(written, region and region.upper())
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            hint = "it needs its country: write +1 415 555 0100, or add --region US"
            raise ValueError(f"{written!r} is no complete phone number; {hint}") from None
        raise ValueError(f"{written!r} is no phone number") from None
    if number.extension:
        raise ValueError(f"{written!r} has an extension, which no provider can dial")
    if not phonenumbers.is_possible_number(number):
        raise ValueError(f"{written!r} is no possible phone number: check its digits")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class _Faults:
    """Collects what is wrong, so that one run names it all."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def note(self, fault: str) -> None:
        self._found.append(fault)

    def of(self, read: Callable[..., Value], *given: Any) -> Value | None:
        try:
            return read(*given)
        except ValueError as error:
            self.note(str(error))
            return None

    def refuse(self) -> None:
        if self._found:
            raise BadInput("; ".join(dict.fromkeys(self._found)))


def _addresses(flags: Flags, faults: _Faults) -> dict[str, str | None]:
    """By channel; the last one counts where a channel is named twice."""
    if not flags.addresses:
        faults.note("an address is needed: --sms, --whatsapp, --email, --voice or --address")
    found: dict[str, str | None] = {}
    for name, written in flags.addresses:
        if name not in {*Channel, "phone"}:
            faults.note(f"{name!r} is not a channel; known are {', '.join(Channel)} and phone")
        elif name == "phone" or name in PHONE_CHANNELS:
            found[name] = faults.of(phone_number, written, flags.region)
        else:
            found[name] = written.strip()
    return found


def _steps(flags: Flags, addresses: dict[str, str | None], faults: _Faults) -> list[dict[str, Any]]:
    """Those of `--step`, in order; without any, one for each address in the order given."""
    written = flags.steps or [name for name in addresses if name != "phone"]
    if not written and addresses:
        faults.note("--phone serves every phone channel; say which to try: --step sms:30m")
    providers = dict(filter(None, (faults.of(_providers, entry) for entry in flags.providers)))
    steps: list[dict[str, Any]] = []
    for entry in written:
        name, _, wait = entry.partition(":")
        told = name == Channel.AGENT and flags.notify
        if not told and (fault := _step_fault(name, addresses)):
            faults.note(fault)
        span = faults.of(parse_span, wait or flags.wait)
        steps.append({"channel": name, "wait": span, "providers": providers.get(name)})
    named = {step["channel"] for step in steps}
    for channel in [name for name in providers if name not in named]:
        faults.note(f"--providers {channel}=…: no step is on {channel}")
    return steps


def _step_fault(name: str, addresses: dict[str, str | None]) -> str | None:
    if name not in set(Channel):
        return f"--step {name}: not a channel; known are {', '.join(Channel)}"
    if name in addresses or ("phone" in addresses and name in PHONE_CHANNELS):
        return None
    flag = f"--{name}" if name in ("sms", "whatsapp", "email", "voice") else f"--address {name}="
    return f"--step {name}: there is no address for {name}; add {flag}"


def _choice(written: str) -> dict[str, str]:
    id, equals, label = written.partition("=")
    if not (id and equals and label):
        raise ValueError(f"--choice {written}: write an id and what it says, like yes=Yes")
    return {"id": id.strip(), "label": label.strip()}


def _fact(written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not (name.strip() and equals):
        raise ValueError(f"--context {written}: write a name and a value, like order=1234")
    return name.strip(), value


def _providers(written: str) -> tuple[str, list[str]]:
    channel, equals, names = written.partition("=")
    listed = [name.strip() for name in names.split(",") if name.strip()]
    if not (equals and listed):
        raise ValueError(
            f"--providers {written}: write a channel and names, like sms=twilio,vonage"
        )
    return channel.strip(), listed
