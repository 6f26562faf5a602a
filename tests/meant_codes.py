"""Every code a second time: whose fault it is, and what it means in the answer to a send.

By Twilio's error dictionary, the Messages API's specification 1.20.0 and the other providers' pages
that the tables name; kept apart from the tables, so that a slip in one of the two is seen.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple


class Meant(NamedTuple):
    kind: str
    at_once: str | None = None


#: By provider and list: the codes of each class.
_CLASSES = {
    ("twilio", "errors"): {
        "account": """
            10001, 10002, 20003, 20005, 20006, 20008, 20010, 20101, 20104, 20107, 20151, 20403,
            20404, 30002, 63001, 63020, 63051, 63112""",
        "cap": "10004, 14107, 20429, 21611, 30022, 30023, 30027, 63017, 63018, 63038",
        "address": "13224, 21211, 21217, 21614, 30005, 30006, 30011, 63003, 63024",
        "content": """
            20004, 20410, 20422, 21201, 21205, 21213, 21602, 21603, 21604, 21609, 21617, 21618,
            21619, 21620, 21623, 21624, 21654, 21655, 21656, 21658, 21664, 21666, 30010, 30019,
            63005, 63006, 63011, 63013, 63019, 63021, 63026, 63027, 63028, 63030, 63031, 63034,
            63037, 63040, 63041, 63042""",
        "unreachable": "20409, 20500, 21214, 21612, 30003, 30008, 30410, 63029, 63036",
        "policy": "21202, 21216, 30004, 30007, 30450, 63016, 63032, 63049",
        "sender": """
            21203, 21210, 21212, 21215, 21219, 21408, 21601, 21606, 21607, 21608, 21621, 21622,
            21657, 21667, 21701, 21702, 21703, 21704, 21705, 21709, 21711, 30018, 30024, 30032,
            30033, 30034, 30035, 32017, 63002, 63007, 63008, 63015, 63022, 63035""",
        "opt_out": "21610, 63014, 63033",
        "provider": "30001, 30017, 30020, 30021, 63009, 63010, 63012, 63023",
        "expired": "30036",
    },
    ("twilio", "http"): {"account": "401, 402, 403", "provider": "408", "cap": "429"},
    ("twilio", "calls"): {"unreachable": "busy, no-answer, canceled, failed, machine, fax"},
    ("vonage", "messages"): {
        "cap": "1000, 1241, 1460, 1472",
        "content": """
            1010, 1020, 1021, 1022, 1090, 1130, 1150, 1380, 1381, 1382, 1400, 1410, 1431, 1440,
            1450, 1451, 1482, 2002""",
        "unreachable": "1030, 1180, 1220, 1260, 1290, 1320, 1330, 1490",
        "address": "1040, 1170, 1190, 1200, 1250, 1251, 1280, 1300, 1310, 1430",
        "opt_out": "1050, 1240, 1483, 2003",
        "account": "1060, 1070, 1080, 1370",
        "provider": "1100, 1230, 1331",
        "sender": """
            1120, 1140, 1160, 1242, 1350, 1420, 1470, 1474, 1475, 1476, 1480, 1481, 1484""",
        "policy": "1210, 1270, 1282, 1340, 1461, 1473, 2001",
        "expired": "1360",
    },
    ("vonage", "statuses"): {"provider": "undeliverable, failed"},
    ("vonage", "sms"): {
        "cap": "1, 10",
        "content": "2, 3, 12, 16, 22, 23",
        "account": "4, 8, 9, 11, 14, 32",
        "unreachable": "5",
        "address": "6, 33",
        "opt_out": "7",
        "provider": "13",
        "sender": "15, 29",
    },
    ("vonage", "sms_receipts"): {
        "unreachable": "1, 2, 7, 12, 15, 99",
        "address": "3, 5, 11, 14",
        "opt_out": "4, 9, 53",
        "policy": "6, 13",
        "provider": "8",
        "content": "10, 52",
        "cap": "16",
        "sender": "50, 51, 54",
    },
    ("vonage", "problems"): {
        "account": """
            low-balance, unauthorized, forbidden, not-found, unprovisioned, account-suspended,
            jwt-expired, jwt-revoked, invalid-api-key, invalid-signature""",
    },
    ("vonage", "http"): {"account": "401, 402, 403", "provider": "408", "cap": "429"},
    ("vonage", "calls"): {
        "unreachable": "busy, unanswered, timeout, cancelled, rejected, failed, machine",
    },
    ("vonage", "call_details"): {
        "address": "invalid_number, cannot_route, number_out_of_service",
        "policy": "restricted",
        "unreachable": "declined, unavailable, timeout",
        "provider": "carrier_timeout, internal_error",
    },
    ("sendgrid", "http"): {
        "content": "400, 404, 405, 413, 415",
        "account": "401, 402, 403",
        "provider": "408",
        "cap": "429",
    },
    ("sendgrid", "dropped"): {
        "address": "bounced address, invalid",
        "content": "invalid smtpapi header, spam content",
        "opt_out": "unsubscribed address, spam reporting address",
        "account": "recipient list over package quota",
    },
    ("sendgrid", "bounced"): {
        "address": "invalid address",
        "unreachable": "mailbox unavailable, technical, technical failure, unclassified",
        "sender": "reputation",
        "cap": "frequency or volume too high",
        "content": "content",
    },
    ("sendgrid", "bounce_types"): {"address": "bounce", "unreachable": "blocked"},
    ("fcm", "errors"): {
        "provider": "UNSPECIFIED_ERROR, UNAVAILABLE, INTERNAL",
        "content": "INVALID_ARGUMENT",
        "address": "UNREGISTERED",
        "sender": "SENDER_ID_MISMATCH, THIRD_PARTY_AUTH_ERROR",
        "cap": "QUOTA_EXCEEDED",
    },
    ("fcm", "http"): {
        "content": "400",
        "account": "401, 402, 403, 404",
        "provider": "408",
        "cap": "429",
    },
    ("fcm", "ours"): {"sender": "NOT_A_TOKEN", "content": "TOO_LARGE"},
    ("webpush", "http"): {
        "content": "400, 413",
        "sender": "401, 403",
        "address": "404, 410",
        "cap": "406, 429",
        "provider": "408",
    },
    ("webpush", "ours"): {
        "sender": "not_a_subscription",
        "address": "bad_subscription, unknown_service",
        "content": "too_large",
    },
    ("network", "sip"): {
        "provider": "401, 402, 407, 500, 501, 502, 503, 504",
        "unreachable": "403, 408, 480, 486, 487, 600, 603, 607",
        "address": "404, 410, 484, 485, 604",
        "policy": "608",
    },
}

#: The codes that say by themselves what became of the send; of the others the HTTP status does.
_AT_ONCE = {
    ("twilio", "errors"): {
        "unknown": "20409, 20500, 30410",
        "again": "20429, 30001, 30017, 30020, 30021, 63009, 63010, 63012, 63017, 63023",
        "refused": "30023, 30027, 63038",
    },
    ("twilio", "http"): {"again": "408, 429"},
    ("vonage", "messages"): {
        "again": "1000, 1100, 1230, 1331",
        "unknown": "1030, 1320, 1490",
        "refused": "1460",
    },
    ("vonage", "sms"): {"again": "1, 10, 13", "unknown": "5"},
    ("vonage", "http"): {"again": "408, 429"},
    ("sendgrid", "http"): {"again": "408, 429"},
    ("fcm", "errors"): {"again": "QUOTA_EXCEEDED"},
    ("fcm", "http"): {"again": "408, 429"},
    ("webpush", "http"): {"again": "406, 408, 429"},
}


def _by_code(of: Mapping[str, str]) -> dict[str, str]:
    return {code: said for said, codes in of.items() for code in re.split(r",\s+", codes.strip())}


def _meant(section: tuple[str, str]) -> dict[str, Meant]:
    at_once = _by_code(_AT_ONCE.get(section, {}))
    kinds = _by_code(_CLASSES[section])
    assert at_once.keys() <= kinds.keys()
    return {code: Meant(kind, at_once.get(code)) for code, kind in kinds.items()}


MEANT = {section: _meant(section) for section in _CLASSES}
