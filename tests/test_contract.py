"""The wire, frozen: a change to it is a change to this file, and breaks other people's code.

`python -m tests.test_contract` writes the file anew.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from failover import names
from failover.attempts import Outcome, Result, State
from failover.channels import Channel, Goal
from failover.events import AgentSays, FailureClass, OptOut, Report, Response
from failover.message import Message
from failover.notices import Notice

FROZEN = Path(__file__).parent / "contract.json"


def contract() -> dict[str, Any]:
    taken = (Message, Response, Report, OptOut, AgentSays)
    schemas = {model.__name__: model.model_json_schema(mode="validation") for model in taken}
    schemas["Result"] = Result.model_json_schema(mode="serialization")
    schemas["Notice"] = TypeAdapter[Notice](Notice).json_schema(mode="serialization")
    return {
        "task queue": names.TASK_QUEUE,
        "workflow type": names.MESSAGE_WORKFLOW,
        "workflow id": names.workflow_id("<id>"),
        "reference": names.reference("<id>", 1),
        "query": names.CONVERSATION_QUERY,
        "signals": [*names.Signal],
        "search attributes": [*names.SearchAttribute],
        "channels": [*Channel],
        "goals": [*Goal],
        "states": [*State],
        "outcomes": [*Outcome],
        "failure classes": [*FailureClass],
        "schemas": schemas,
    }


def text() -> str:
    return json.dumps(contract(), indent=1, sort_keys=True) + "\n"


def test_the_wire_is_as_it_was() -> None:
    assert text() == FROZEN.read_text()


def test_a_failure_is_written_with_the_word_class() -> None:
    report = {"attempt": 1, "status": "failed", "failure": {"class": "cap", "code": "30022"}}

    told = json.loads(Report.model_validate(report).model_dump_json())

    assert told["failure"] == {"class": "cap", "code": "30022", "detail": None}


def test_signals_ignore_what_they_do_not_know() -> None:
    response = Response.model_validate({"channel": "sms", "new": {"in": "2030"}})

    assert response.text is None


@pytest.mark.parametrize("kind", ["gremlins", ["address"], {"a": 1}, 7, None])
def test_an_unknown_failure_class_is_unrecognized(kind: object) -> None:
    report = {"attempt": 1, "status": "failed", "failure": {"class": kind}}

    failure = Report.model_validate(report).failure

    assert failure is not None
    assert failure.kind == FailureClass.UNRECOGNIZED


@pytest.mark.parametrize(
    ("field", "given", "read"),
    [
        ("at", "2026-11-22T01:00:00", "2026-11-22T01:00:00Z"),
        ("at", "soon", None),
        ("choice", 1, "1"),
        ("choice", {"id": "yes"}, None),
        ("text", "x" * 30_000, "x" * 20_000),
        ("provider_id", "", None),
    ],
)
def test_an_answer_counts_whatever_its_optional_fields_are(
    field: str, given: object, read: str | None
) -> None:
    response = Response.model_validate({"channel": "sms", field: given})

    assert response.model_dump(mode="json")[field] == read


def test_reply_keys_that_no_search_attribute_could_hold_are_left_out() -> None:
    keys = ["x" * 3000, 7, "good", None]

    report = Report.model_validate({"attempt": 1, "status": "delivered", "reply_keys": keys})

    assert report.reply_keys == ("good",)


if __name__ == "__main__":
    FROZEN.write_text(text())
