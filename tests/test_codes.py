"""The tables of codes: that none is missing, and that each class is on the side where it belongs.

The second list is tests/meant_codes.py.
"""

from pathlib import Path

import pytest
from pydantic import ValidationError

import providers
from failover.events import FailureClass
from providers.codes import AtOnce, Code, Table, codes, tables
from tests.meant_codes import MEANT, Meant

#: The code of the Messages API that means the same.
SMS = {
    "1": "1000",
    "2": "1010",
    "3": "1020",
    "5": "1030",
    "6": "1040",
    "7": "1050",
    "8": "1060",
    "9": "1070",
    "11": "1080",
    "12": "1090",
    "13": "1100",
    "15": "1120",
    "16": "1130",
    "29": "1160",
}
RECEIPTS = {
    "1": "1330",
    "2": "1180",
    "3": "1190",
    "4": "1240",
    "5": "1200",
    "6": "1210",
    "7": "1220",
    "8": "1230",
    "9": "1240",
    "10": "1020",
    "11": "1250",
    "12": "1260",
    "13": "1270",
    "14": "1280",
    "15": "1290",
    "50": "1480",
    "51": "1481",
    "52": "1482",
    "53": "1483",
    "54": "1484",
    "99": "1330",
}


def written(package: str, file: str) -> dict[str, dict[str, Meant]]:
    """The lists of a file, by their sections."""
    return {
        section: {code: Meant(known.kind, known.at_once) for code, known in table.codes.items()}
        for section, table in tables(package, file).items()
    }


@pytest.mark.parametrize("provider", sorted({provider for provider, _ in MEANT}))
def test_every_code_is_of_the_class_that_the_second_list_has(provider: str) -> None:
    own = (f"providers.{provider}", "codes.toml")
    package, file = ("providers", "sip.toml") if provider == "network" else own

    assert written(package, file) == {
        section: codes for (of, section), codes in MEANT.items() if of == provider
    }


def test_every_file_of_codes_has_a_second_list() -> None:
    files = Path(providers.__path__[0]).glob("*/codes.toml")

    assert {provider for provider, _ in MEANT} == {file.parent.name for file in files} | {"network"}


def test_no_code_of_twilios_dictionary_and_of_vonages_messages_api_is_missing() -> None:
    """138 in the dictionary, and two that are newer; 72 in the specification 1.20.0."""
    assert len(MEANT["twilio", "errors"]) == 138 + 2
    assert len(MEANT["vonage", "messages"]) == 72


def test_vonages_sms_api_means_what_its_messages_api_means() -> None:
    messages, sms = codes("providers.vonage", "messages"), codes("providers.vonage", "sms")

    def meant(code: Code) -> tuple[FailureClass, AtOnce | None]:
        return code.kind, code.at_once

    same = {code: meant(messages[other]) for code, other in SMS.items()}
    assert {code: meant(sms[code]) for code in SMS} == same
    assert set(sms) - set(SMS) == {"4", "10", "14", "22", "23", "32", "33"}


def test_vonages_sms_receipts_mean_what_its_messages_api_means() -> None:
    messages = codes("providers.vonage", "messages")
    receipts = codes("providers.vonage", "sms_receipts")
    same = {code: messages[other].kind for code, other in RECEIPTS.items()}

    assert {code: receipts[code].kind for code in RECEIPTS} == same
    assert set(receipts) - set(RECEIPTS) == {"16"}


def test_every_event_of_a_call_at_vonage_is_there() -> None:
    """The words of its SDK (`CallState`) and of its page "Voice API Webhooks Reference"."""
    in_vain = {"machine", "busy", "cancelled", "failed", "rejected", "timeout", "unanswered"}
    failed = {"cannot_route", "number_out_of_service", "internal_error", "carrier_timeout"}
    others = {"invalid_number", "restricted", "declined", "unavailable", "timeout"}

    assert set(codes("providers.vonage", "calls")) == in_vain
    assert set(codes("providers.vonage", "call_details")) == failed | others


def test_every_bounce_and_drop_of_sendgrid_is_there() -> None:
    """The classifications are those of its Suppressions API, the drops of "Event Webhook"."""
    bounced = {"content", "frequency or volume too high", "invalid address", "mailbox unavailable"}
    more = {"reputation", "technical failure", "unclassified", "technical"}
    dropped = {"invalid smtpapi header", "spam content", "unsubscribed address", "invalid"}
    listed = {"bounced address", "spam reporting address", "recipient list over package quota"}

    assert set(codes("providers.sendgrid", "bounced")) == bounced | more
    assert set(codes("providers.sendgrid", "dropped")) == dropped | listed
    assert set(codes("providers.sendgrid", "bounce_types")) == {"bounce", "blocked"}
    http = {"400", "401", "402", "403", "404", "405", "408", "413", "415", "429"}
    assert set(codes("providers.sendgrid", "http")) == http


def test_every_code_of_fcm_is_there() -> None:
    """Those of the page "ErrorCode"."""
    one = {"UNSPECIFIED_ERROR", "INVALID_ARGUMENT", "UNREGISTERED", "SENDER_ID_MISMATCH"}
    two = {"QUOTA_EXCEEDED", "UNAVAILABLE", "INTERNAL", "THIRD_PARTY_AUTH_ERROR"}

    assert set(codes("providers.fcm", "errors")) == one | two


def test_a_table_is_read_once() -> None:
    assert tables("providers.twilio") is tables("providers.twilio")


@pytest.mark.parametrize(
    "line",
    [
        {"class": "unrecognized", "means": "anything"},
        {"class": "nobody", "means": "anything"},
        {"class": "cap", "means": ""},
        {"class": "cap", "means": "too many", "at_once": "perhaps"},
        {"class": "cap", "means": "too many", "atonce": "again"},
    ],
)
def test_a_slip_in_a_table_is_an_error(line: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Table.model_validate({"title": "-", "source": "-", "comes": "-", "codes": {"1": line}})
