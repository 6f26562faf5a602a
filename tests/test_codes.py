"""The tables of codes: that none is missing, and that each class is on the side where it belongs.

What a code leads to is listed here a second time, by Twilio's error dictionary and the Messages
API's specification 1.20.0, so that a slip in a table is seen.
"""

import pytest
from pydantic import ValidationError

from failover.events import FailureClass
from providers.codes import AtOnce, Code, Table, codes, tables

NEXT_PROVIDER, NEXT_STEP, OPTED_OUT = "the next provider", "the next step", "an opt-out"
LEADS = {
    FailureClass.PROVIDER: NEXT_PROVIDER,
    FailureClass.ACCOUNT: NEXT_PROVIDER,
    FailureClass.SENDER: NEXT_PROVIDER,
    FailureClass.CAP: NEXT_PROVIDER,
    FailureClass.ADDRESS: NEXT_STEP,
    FailureClass.UNREACHABLE: NEXT_STEP,
    FailureClass.CONTENT: NEXT_STEP,
    FailureClass.POLICY: NEXT_STEP,
    FailureClass.EXPIRED: NEXT_STEP,
    FailureClass.OPT_OUT: OPTED_OUT,
}

TWILIO = {
    NEXT_PROVIDER: """
        10001 10002 10004 14107 20003 20005 20006 20008 20010 20101 20104 20107 20151 20403 20404
        20429 21203 21210 21212 21215 21219 21408 21601 21606 21607 21608 21611 21621 21622 21657
        21667 21701 21702 21703 21704 21705 21709 21711 30001 30002 30017 30018 30020 30021 30022
        30023 30024 30027 30032 30033 30034 30035 32017 63001 63002 63007 63008 63009 63010 63012
        63015 63017 63018 63020 63022 63023 63035 63038 63051""",
    NEXT_STEP: """
        13224 20004 20409 20410 20422 20500 21201 21202 21205 21211 21213 21214 21216 21217 21602
        21603 21604 21609 21612 21614 21617 21618 21619 21620 21623 21624 21654 21655 21656 21658
        21664 21666 30003 30004 30005 30006 30007 30008 30010 30011 30019 30036 30410 30450 63003
        63005 63006 63011 63013 63016 63019 63021 63024 63026 63027 63028 63029 63030 63031 63032
        63034 63036 63037 63040 63041 63042""",
    OPTED_OUT: "21610 63014 63033",
}
VONAGE = {
    NEXT_PROVIDER: """
        1000 1060 1070 1080 1100 1120 1140 1160 1230 1241 1242 1331 1350 1370 1420 1460 1470 1472
        1474 1475 1476 1480 1481 1484""",
    NEXT_STEP: """
        1010 1020 1021 1022 1030 1040 1090 1130 1150 1170 1180 1190 1200 1210 1220 1250 1251 1260
        1270 1280 1282 1290 1300 1310 1320 1330 1340 1360 1380 1381 1382 1400 1410 1430 1431 1440
        1450 1451 1461 1473 1482 1490 2001 2002""",
    OPTED_OUT: "1050 1240 1483 2003",
}
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


def listed(lists: dict[str, str]) -> dict[str, str]:
    return {code: leads for leads, numbers in lists.items() for code in numbers.split()}


def test_every_code_of_twilios_dictionary_leads_where_it_should() -> None:
    known = listed(TWILIO)
    table = codes("providers.twilio", "errors")

    assert len(known) == 138
    assert {code: LEADS[table[code].kind] for code in known} == known


def test_every_code_of_vonages_messages_api_leads_where_it_should() -> None:
    known = listed(VONAGE)
    table = codes("providers.vonage", "messages")

    assert len(known) == 72
    assert {code: LEADS[known.kind] for code, known in table.items()} == known


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
