"""Whatever a provider signs, its reader reads it, or says that it is malformed."""

import contextlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from providers.base import CallbackMalformed
from tests.callbacks import twilio_callback
from tests.callbacks_sendgrid import sendgrid_events, sendgrid_mail
from tests.callbacks_vonage import vonage_call, vonage_callback
from tests.offers.sendgrid import SENDGRID
from tests.offers.twilio import TWILIO
from tests.offers.vonage import VONAGE

_OF_MESSAGES = "message_uuid to from timestamp channel client_ref message_type text status error"
_INNER = "type title reply button context whatsapp sender wa_id reaction image caption id payload"
_OF_CALLS = "uuid call_uuid dtmf digits sip_code detail"
_OF_EVENTS = "sg_event_id sg_message_id fo_ref event reason email bounce_classification"
_NAMES = st.sampled_from(" ".join((_OF_MESSAGES, _INNER, _OF_CALLS, _OF_EVENTS)).split())
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=20),  # lone surrogates too
    st.sampled_from(["delivered", "rejected", "order-1.2", "bounce", "dropped", "spamreport"]),
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=8),
    max_leaves=20,
)
_VOICE = vonage_call("human").url.partition("/vonage/")[2]


@given(
    said=_JSON | st.dictionaries(_NAMES, _JSON),
    route=st.sampled_from(["status", "inbound", _VOICE]),
)
def test_nothing_that_vonage_signs_breaks_the_reader(said: Any, route: str) -> None:
    body = json.dumps(said).encode()
    with contextlib.suppress(CallbackMalformed):
        assert isinstance(VONAGE.reader.read(vonage_callback(route, body)), list)


@given(said=_JSON | st.lists(st.dictionaries(_NAMES, _JSON)))
def test_nothing_that_sendgrid_signs_breaks_the_reader(said: Any) -> None:
    with contextlib.suppress(CallbackMalformed):
        assert isinstance(SENDGRID.reader.read(sendgrid_events(said)), list)


_OF_MAILS = ["headers", "text", "html", "envelope", "charsets", "email", "from", "attachment1"]


@given(fields=st.dictionaries(st.sampled_from(_OF_MAILS), st.binary(max_size=200)))
def test_no_mail_breaks_the_reader(fields: dict[str, bytes]) -> None:
    assert isinstance(SENDGRID.reader.read(sendgrid_mail(fields)), list)


_OF_FORMS = (
    *("MessageSid", "MessageStatus", "CallSid", "CallStatus", "AnsweredBy", "ErrorCode", "Digits"),
    *("SipResponseCode", "From", "To", "Body", "ButtonPayload", "ListId", "OptOutType", "WaId"),
    *("OriginalRepliedMessageSid", "MessagingServiceSid"),
)
_WORDS = st.sampled_from(["delivered", "failed", "completed", "machine_start", "rcs:", "30005", ""])
#: A form has no lone surrogates.
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    fields=st.dictionaries(st.sampled_from(_OF_FORMS), _WORDS | _TEXTS),
    route=st.sampled_from(["status?m=order-1.2", "status", "inbound", "voice?m=order-1.2&keys=2"]),
)
def test_nothing_that_twilio_signs_breaks_the_reader(fields: dict[str, str], route: str) -> None:
    with contextlib.suppress(CallbackMalformed):
        assert isinstance(TWILIO.reader.read(twilio_callback(route, fields)), list)
