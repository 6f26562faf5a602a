"""docs/events.md, held against the models, the retries and the specification's library."""

import json
from typing import Any, get_args

import pytest
from standardwebhooks import Webhook
from temporalio.testing import ActivityEnvironment

from activities.notification import Notification
from activities.notify import Notifications
from failover.notices import About, Notice, Unmatched, parse_notice
from failover.notify import Targets
from tests.receiver import SECRET, receiving
from tests.test_docs import blocks, names, page, rows, section
from workflows.notification import RETRY

EVENTS = page("docs/events.md")
TYPES = {kind.model_fields["type"].default: kind for kind in get_args(get_args(Notice)[0])}


def fields(model: Any) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def own(kind: Any) -> set[str]:
    """The fields of this type's `data` that not every event has."""
    return fields(kind.model_fields["data"].annotation) - fields(About)


def test_every_type_is_told() -> None:
    assert {names(row[0])[0] for row in rows(section(EVENTS, "Types"))} == set(TYPES)


def test_every_field_is_told() -> None:
    told = {names(row[0])[0]: set(names(row[2])) for row in rows(section(EVENTS, "Types"))}
    answer = own(TYPES["message.responded"])

    assert {names(row[0])[0] for row in rows(section(EVENTS, "The envelope"))} == fields(About)
    assert own(TYPES["message.accepted"]) <= told["message.accepted"]
    assert own(TYPES["message.failed_over"]) <= told["message.failed_over"]
    assert answer <= told["message.responded"]
    assert own(TYPES["message.opted_out"]) <= told["message.opted_out"]
    assert own(TYPES["message.ended"]) <= told["message.ended"]
    assert own(TYPES["message.late_response"]) == answer
    assert own(TYPES["message.delivered"]) == own(TYPES["message.accepted"])
    assert fields(Unmatched) <= told["reply.unmatched"]


@pytest.mark.parametrize("block", blocks(EVENTS, "json"))
def test_the_examples_leave_nothing_out_and_add_nothing(block: str) -> None:
    notice = parse_notice(block)

    assert set(notice.data.model_dump(by_alias=True)) == set(json.loads(block)["data"])


@pytest.mark.parametrize("changed", [False, True])
async def test_the_python_takes_what_we_sign_and_refuses_what_was_changed(changed: bool) -> None:
    notice = parse_notice(blocks(EVENTS, "json")[0])
    async with receiving() as service:
        told = Notifications([Webhook(SECRET)], Targets())
        given = Notification(notify=service.url, notice=notice)
        await ActivityEnvironment().run(told.notify, given)
    [(_, headers, body)] = service.requests
    answers: list[int] = []
    body = body.replace(b"Yes", b"No") if changed else body
    found: dict[str, Any] = {
        "secret": SECRET,
        "headers": headers,
        "body": body,
        "answer": answers.append,
    }

    exec(blocks(EVENTS, "python")[0], found)

    assert answers == ([400] if changed else [])
    assert changed or parse_notice(body) == notice


def test_the_retries_are_as_told() -> None:
    first, factor = RETRY.initial_interval.total_seconds(), RETRY.backoff_coefficient
    waits = [first * factor**n for n in range(6)]

    assert waits[:3] == [5, 15, 45]
    assert [round(wait / 60) for wait in waits[3:]] == [2, 7, 20]
    assert RETRY.maximum_interval
    assert RETRY.maximum_interval.total_seconds() == 3600
    assert "after 5, 15 and 45 seconds, 2, 7 and 20 minutes, and then every hour" in EVENTS
