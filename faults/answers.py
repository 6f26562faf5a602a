"""Where what people answered has come to, and what that says of the promises."""

from failover.attempts import State
from faults.record import Record, Said, Told
from workflows.inbound_showing import InboundStatus

#: Of a reply whose message had ended when it was found: its service is told.
_AFTER_THE_END = frozenset({InboundStatus.LATE, InboundStatus.OPTED_OUT})


def what_became_of(said: Said, told: Told, record: Record) -> str | None:
    """The promise that it breaks or the line it counts in; nothing where its message has it."""
    names = ("responded", "opted_out")
    ids = [str(s.told.get("provider_id")) for s in told.signals if s.name in names]
    if any(said.id in id for id in ids) or not good(said.answer):
        return None
    # The name of an email is a mail's id, with the simulator's in it.
    kept = next((status for id, status in record.kept.items() if said.id in id), None)
    if kept in _AFTER_THE_END:
        before = told.closed is None or said.at <= told.closed
        return "reply found after the end" if before else "reply after the end"
    if kept != InboundStatus.UNMATCHED:
        return "reply lost"
    return "reply to a send in doubt" if _in_doubt(said, told) else "reply without a match"


def _in_doubt(said: Said, told: Told) -> bool:
    """Whether its message ended before anybody could say that it was sent on this channel."""
    attempts = told.result.attempts if told.closed and told.result else ()
    there = [attempt for attempt in attempts if attempt.channel == said.channel]
    unknown = any(attempt.state == State.UNKNOWN for attempt in there)
    return unknown and not any(attempt.accepted_at for attempt in there)


def good(answer: int | None) -> bool:
    return answer is not None and 200 <= answer < 300
