"""The table of Twilio's codes."""

import pytest

from failover.events import FailureClass
from providers.twilio.codes import CODES, DAILY, MEANINGS, NOT_TAKEN, UNDETERMINED
from providers.twilio.errors import failure


def test_every_code_of_the_dictionary_has_one_class_and_a_meaning() -> None:
    assert len(CODES) == len(MEANINGS) == 140
    assert FailureClass.UNRECOGNIZED not in CODES.values()
    assert all(MEANINGS.values())
    assert CODES.keys() >= NOT_TAKEN | UNDETERMINED | DAILY
    assert not NOT_TAKEN & UNDETERMINED


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("30003", FailureClass.UNREACHABLE),
        ("30005", FailureClass.ADDRESS),
        ("30007", FailureClass.POLICY),
        ("30034", FailureClass.SENDER),
        ("30036", FailureClass.EXPIRED),
        ("30023", FailureClass.CAP),
        ("30002", FailureClass.ACCOUNT),
        ("30017", FailureClass.PROVIDER),
        ("30410", FailureClass.UNREACHABLE),
        ("30019", FailureClass.CONTENT),
        ("21610", FailureClass.OPT_OUT),
        ("63016", FailureClass.POLICY),
        ("", FailureClass.UNRECOGNIZED),
        ("12x", FailureClass.UNRECOGNIZED),
        ("9" * 5000, FailureClass.UNRECOGNIZED),
    ],
)
def test_a_code_says_whose_fault_it_is(code: str, kind: FailureClass) -> None:
    assert failure(code).kind == kind
