"""The query that `list` asks Temporal."""

import pytest

from starter.listing import Status, query


def test_without_a_filter_it_asks_for_every_message() -> None:
    assert query({}, None) == "WorkflowType = 'Message'"


@pytest.mark.parametrize(
    ("state", "clause"),
    [
        (Status.OPEN, "ExecutionStatus = 'Running'"),
        (Status.CANCELLED, "ExecutionStatus = 'Canceled'"),
        (Status.FAILED, "ExecutionStatus = 'Failed'"),
        (Status.OPTED_OUT, "ExecutionStatus = 'Completed' AND MessageStatus = 'opted_out'"),
    ],
)
def test_a_status_is_what_the_message_or_temporal_says(state: Status, clause: str) -> None:
    assert query({}, state) == f"WorkflowType = 'Message' AND {clause}"


def test_a_plain_value_is_asked_for_exactly() -> None:
    asked = query({"Channel": "sms", "Recipient": "cust-42"}, None)

    assert asked == "WorkflowType = 'Message' AND Channel = 'sms' AND Recipient = 'cust-42'"


@pytest.mark.parametrize(
    ("value", "clause"),
    [
        ("o'brien", " AND Recipient STARTS_WITH 'o'"),
        ("x' OR '1'='1", " AND Recipient STARTS_WITH 'x'"),
        ('a"b', " AND Recipient STARTS_WITH 'a'"),
        ("end\\", " AND Recipient STARTS_WITH 'end'"),
        ("' OR WorkflowType != '", ""),
        ("", " AND Recipient = ''"),
    ],
)
def test_a_quote_never_enters_the_query(value: str, clause: str) -> None:
    assert query({"Recipient": value}, None) == f"WorkflowType = 'Message'{clause}"


def test_several_kinds_may_be_asked_for() -> None:
    asked = query({"Conversation": "o'1"}, kinds=("Message", "InboundMessage"))

    kinds = "WorkflowType IN ('Message', 'InboundMessage')"
    assert asked == f"{kinds} AND Conversation STARTS_WITH 'o'"
