"""What Twilio checks in a request before it takes it; each check gives a code or None."""

import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from simulator.twilio.form import Form, address

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SHORT_CODE = re.compile(r"\d{3,8}")
_ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[\w &+\-]{1,11}")
_CONTENT = re.compile(r"HX[0-9a-fA-F]{32}")

Check = Callable[[Form], str | None]


def first_error(form: Form, checks: Iterable[Check]) -> str | None:
    return next((code for check in checks if (code := check(form))), None)


def _to(missing: str) -> Check:
    def check(form: Form) -> str | None:
        if not form.get("To"):
            return missing
        channel, to = address(form.get("To"))
        return None if channel == "messenger" or _E164.fullmatch(to) else "21211"

    return check


def _sender(form: Form) -> str | None:
    service = form.get("MessagingServiceSid")
    if service:
        return None if service.startswith("MG") else "21701"
    if not form.get("From"):
        return "21603"
    channel, sender = address(form.get("From"))
    to_channel = address(form.get("To"))[0]
    if channel != to_channel:
        return "21606" if to_channel == "sms" else "63007"
    known = (_E164, _SHORT_CODE, _ALPHANUMERIC)
    if channel in ("messenger", "rcs") or any(kind.fullmatch(sender) for kind in known):
        return None
    return "21212"


def _mms(form: Form) -> str | None:
    """A name sends text alone."""
    as_mms = form.all("MediaUrl") or form.get("SendAsMms") == "true"
    channel, sender = address(form.get("From"))
    return "21621" if as_mms and channel == "sms" and re.search("[A-Za-z]", sender) else None


def _caller(form: Form) -> str | None:
    if not form.get("From"):
        return "21213"
    return None if _E164.fullmatch(form.get("From")) else "21212"


def _content(form: Form) -> str | None:
    body, template = form.get("Body"), form.get("ContentSid")
    if not (body or template or form.all("MediaUrl")):
        return "21602"
    if len(body) > 1600:
        return "21617"
    most = 10 if address(form.get("To"))[0] == "sms" else 1
    if len(form.all("MediaUrl")) > most:
        return "21623"
    if not all(map(_web, form.all("MediaUrl"))):
        return "21620"
    return "21655" if template and not _CONTENT.fullmatch(template) else None


def _variables(form: Form) -> str | None:
    try:
        variables = json.loads(form.get("ContentVariables") or "{}")
    except ValueError:
        return "21656"
    if not isinstance(variables, dict) or any(map(_unfit, variables.values())):
        return "21656"
    return None


def _unfit(value: object) -> bool:
    """Error 21656: empty, a newline, a tab, or more than four spaces in a row."""
    return not isinstance(value, str) or not value or bool(re.search(r"[\n\r\t]| {5}", value))


def _validity(form: Form) -> str | None:
    period = form.get("ValidityPeriod")
    return None if not period or (period.isdigit() and 1 <= int(period) <= 36_000) else "21624"


def _status_callback(form: Form) -> str | None:
    url = form.get("StatusCallback")
    return None if not url or _web(url) else "21609"


def _words(form: Form) -> str | None:
    if len(form.get("Twiml")) > 4000:
        return "21658"
    return None if form.get("Twiml") or _web(form.get("Url")) else "21205"


def _web(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


MESSAGE = (_to("21604"), _sender, _mms, _content, _variables, _validity, _status_callback)
CALL = (_to("21201"), _caller, _words, _status_callback)
