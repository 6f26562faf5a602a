"""The fault run keeps its promises in a small size, and its checker can fail."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from failover.attempts import Attempt, Outcome, Result, State
from failover.channels import Channel
from faults.check import broken, check
from faults.plan import make_plan
from faults.record import Asked, Harmed, Posted, Record, Said, Send, Signalled, Taken, Told
from faults.run import run
from faults.sizes import SIZES
from faults.table import complaint, table

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
REPLY = "SMreply"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def taken(**changes: Any) -> Taken:
    delivered = Posted(says="delivered", at=at(2), answer=200)
    usual = Taken(
        id="SM1",
        provider="twilio",
        channel="sms",
        to="+14155550100",
        reference="m.1",
        at=at(1),
        callbacks=(delivered,),
    )
    return usual.model_copy(update=changes)


def attempt(number: int = 1, step: int = 0, state: State = State.DELIVERED) -> Attempt:
    return Attempt(
        number=number,
        step=step,
        channel=Channel.SMS,
        provider="twilio",
        reference=f"m.{number}",
        state=state,
    )


def result(*attempts: Attempt, outcome: Outcome = Outcome.RESPONDED) -> Result:
    return Result(message_id="m", outcome=outcome, attempts=attempts or (attempt(),))


HEARD = Signalled(
    name="responded", at=at(20), told={"channel": "sms", "provider_id": REPLY, "text": "Yes"}
)
REPORTED = Signalled(name="reported", at=at(2), told={"attempt": 1, "status": "delivered"})
TOLD = Told(
    state="completed",
    closed=at(21),
    result=result(),
    signals=(REPORTED, HEARD),
    sends=(Send(reference="m.1", scheduled=at(0.8), started=at(0.9)),),
)
ASKED = Asked(
    id="m",
    acknowledged=NOON,
    message={"steps": [{"channel": "sms"}], "on_opt_out": "stop", "until": "replied"},
)


def record(told: Told = TOLD, *sends: Taken, asked: Asked = ASKED) -> Record:
    said = Said(id=REPLY, message="m", channel="sms", at=at(19.9), answer=200)
    return Record(
        seed=1,
        began=NOON,
        ended=at(60),
        asked=(asked,),
        taken=sends or (taken(),),
        said=(said,),
        told={"m": told},
    )


def but(**changes: Any) -> Told:
    return TOLD.model_copy(update=changes)


LATE_SEND = Send(reference="m.2", scheduled=at(18), started=at(20.5))
EARLY_SEND = Send(reference="m.2", scheduled=at(18), started=at(19.99))
TWO_STEPS = result(attempt(), attempt(2, step=1))
FALSIFIED = {
    "lost": record().model_copy(update={"told": {}}),
    "stuck": record(but(state="running", closed=None)),
    "ended wrongly": record(but(state="failed")),
    "second copy of an attempt": record(TOLD, taken(), taken(id="SM2")),
    "second copy on a step": record(
        but(result=result(attempt(), attempt(2))),
        taken(),
        taken(id="SM2", reference="m.2", callbacks=()),
    ),
    "send that the result denies": record(but(result=result(attempt(state=State.UNAVAILABLE)))),
    "send that never was": record(but(result=TWO_STEPS)),
    "send after the end": record(
        but(result=TWO_STEPS, sends=(*TOLD.sends, LATE_SEND)),
        taken(),
        taken(id="SM2", reference="m.2", at=at(20.6), callbacks=()),
    ),
    "reply lost": record(but(signals=(REPORTED,), result=result(outcome=Outcome.EXHAUSTED))),
    "reply not heeded": record(but(result=result(outcome=Outcome.EXHAUSTED))),
    "report lost": record(but(signals=(HEARD,))),
    "cancel lost": record(asked=ASKED.model_copy(update={"cancelled": at(10)})),
    "step never tried": record(
        but(signals=(REPORTED,), result=result(outcome=Outcome.EXHAUSTED)),
        asked=ASKED.model_copy(update={"message": {"steps": [{}, {}]}}),
    ).model_copy(update={"said": ()}),
    "workflow task failed": record(but(task_failures=("NON_DETERMINISTIC_ERROR",))),
}


def test_a_record_in_which_all_agree_has_no_findings() -> None:
    assert check(record()) == []


@pytest.mark.parametrize(("kind", "falsified"), FALSIFIED.items(), ids=list(FALSIFIED))
def test_a_falsified_record_is_reported(kind: str, falsified: Record) -> None:
    found = broken(check(falsified))

    assert [finding.kind for finding in found] == [kind]
    assert f"{kind}: m: " in complaint(falsified, found)
    assert "--seed 1" in complaint(falsified, found)


def test_a_send_that_was_in_flight_at_the_end_is_counted_apart() -> None:
    late = taken(id="SM2", reference="m.2", at=at(20.2), callbacks=())
    found = check(record(but(result=TWO_STEPS, sends=(*TOLD.sends, EARLY_SEND)), taken(), late))

    assert [finding.kind for finding in found] == ["needless send in flight"]


@pytest.mark.parametrize(
    ("worker", "kind"),
    [("1@here", "needless send in flight"), ("2@here", "send after the end")],
)
def test_a_send_stays_in_flight_for_as_long_as_its_own_worker_is_frozen(
    worker: str, kind: str
) -> None:
    frozen = Harmed(how="freeze", part="worker", worker=worker, at=at(19.95), back=at(32.5))
    begun = EARLY_SEND.model_copy(update={"worker": "1@here"})
    late = taken(id="SM2", reference="m.2", at=at(33), callbacks=())
    one = record(but(result=TWO_STEPS, sends=(*TOLD.sends, begun)), taken(), late)

    found = check(one.model_copy(update={"harms": (frozen,)}))

    assert [finding.kind for finding in found] == [kind]


def test_a_send_by_a_worker_that_was_taken_for_dead_is_counted_apart() -> None:
    send = TOLD.sends[0].model_copy(update={"given_up": at(0.95)})

    found = check(record(but(sends=(send,))))

    assert [finding.kind for finding in found] == ["send after it was given up"]


@pytest.mark.parametrize(
    ("status", "closed", "kind"),
    [
        ("unmatched", 25, "reply without a match"),
        ("late", 25, "reply found after the end"),
        ("late", 15, "reply after the end"),
        ("delivered", 25, "reply lost"),
    ],
)
def test_a_reply_that_found_no_message_at_once(status: str, closed: float, kind: str) -> None:
    unanswered = but(
        signals=(REPORTED,), result=result(outcome=Outcome.EXHAUSTED), closed=at(closed)
    )
    found = check(record(unanswered).model_copy(update={"kept": {f"<{REPLY}@x>": status}}))

    assert [finding.kind for finding in found] == [kind]


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        (attempt(state=State.UNKNOWN), "reply to a send in doubt"),
        (attempt(state=State.DELIVERED), "reply without a match"),
    ],
)
def test_a_reply_to_what_nobody_knows_to_be_sent(known: Attempt, kind: str) -> None:
    cancelled = but(signals=(REPORTED,), result=result(known, outcome=Outcome.EXHAUSTED))
    found = check(record(cancelled).model_copy(update={"kept": {REPLY: "unmatched"}}))

    assert [finding.kind for finding in found] == [kind]


def test_the_same_seed_is_the_same_plan() -> None:
    small = SIZES["smoke"]

    assert make_plan(7, small) == make_plan(7, small)
    assert make_plan(7, small) != make_plan(8, small)


async def test_a_small_run_keeps_every_promise(tmp_path: Path) -> None:
    small = SIZES["smoke"]

    record, findings = await run(make_plan(1, small), small, tmp_path)

    assert broken(findings) == [], table(record, findings)
    assert len(record.asked) == small.messages
    assert ("temporal", "kill") in {(harm.part, harm.how) for harm in record.harms}
    assert all(harm.back for harm in record.harms if harm.how != "kill")
    assert any(said.answer == 200 for said in record.said)
