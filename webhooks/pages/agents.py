"""The page on which a person of ours takes a conversation over, answers it, and ends it."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from failover.claims import claimed_until
from failover.events import Act, AgentSays
from failover.locales import phrases
from failover.names import reference
from failover.transcript import By, Said, listed, transcript
from providers.base import Callback
from providers.links import Links
from webhooks.pages import drawing
from webhooks.pages.answering import MOST, Form, form, written
from webhooks.pages.cases import Case, Cases

#: What the buttons say, and what of an agent's they mean.
_ACTS = {
    "claim": Act.CLAIMED,
    "answer": Act.ANSWERED,
    "answer_open": Act.ANSWERED,
    "close": Act.CLOSED,
}
_NAME = 100


@dataclass(frozen=True)
class AgentDesk:
    """The token is the key: whoever has the link may take the conversation over."""

    links: Links
    cases: Cases
    read: Callable[[Request], Awaitable[Callback]]

    async def show(self, request: Request, token: str) -> Response:
        sent = self.links.handled(token)
        case = await self.cases.look(*sent) if sent else None
        if sent is None or case is None:
            return drawing.unknown(drawing.language(request))
        agent = request.query_params.get("agent", "")[:_NAME]
        return page(case, token, agent=agent)

    async def take(self, request: Request, token: str) -> Response:
        sent = self.links.handled(token)
        case = await self.cases.look(*sent) if sent else None
        if sent is None or case is None:
            return drawing.unknown(drawing.language(request))
        given = form((await self.read(request)).body)
        act, says = said(given, sent)
        if act is None or says is None or not says.agent:
            return page(case, token, agent=given.get("agent", "")[:_NAME], fault=True)
        await self.cases.tell(sent[0], act, says)
        there = f"{token}?{urlencode({'agent': says.agent})}"
        return Response(status_code=303, headers={**drawing.HEADERS, "Location": there})


def said(given: Form, sent: tuple[str, int]) -> tuple[Act | None, AgentSays | None]:
    """What the form means; nothing where it says nothing, such as an answer without a text."""
    do, text = given.get("do", ""), written(given)
    act = _ACTS.get(do)
    if act is None or (act == Act.ANSWERED and not text):
        return None, None
    agent = " ".join(given.get("agent", "").split())[:_NAME]
    # The same form sent twice is one; the same words said later are not.
    told = "\x1f".join([given.get("seen", ""), do, agent, text or ""])
    event = hashlib.sha256(told.encode(errors="replace")).hexdigest()[:16]
    says = AgentSays(
        agent=agent,
        text=None if act == Act.CLAIMED else text,
        choice=given.get("choice") or None,
        keep_open=do == "answer_open",
        event_id=f"page {reference(*sent)} {event}",
        at=datetime.now(UTC),
    )
    return act, says


def page(case: Case, token: str, *, agent: str, fault: bool = False) -> HTMLResponse:
    words, message = phrases(case.locale)["agent"], case.message
    holder = _holder(case)
    return drawing.drawn(
        "agent.html",
        drawing.words(case.locale),
        400 if fault else 200,
        desk=words,
        title=message.recipient.name or message.recipient.id or words["somebody"],
        state=_state(case, holder, words),
        told=[_line(one, words) for one in transcript(message, case.result)],
        context=listed(message.context) if message.context else [],
        choices=message.choices(),
        open=not _over(case),
        holder=holder,
        mine=holder is not None and holder == agent,
        agent=agent,
        seen=len(case.result.agents),
        token=token,
        fault=words["fault"] if fault else None,
        most=MOST,
    )


def _holder(case: Case) -> str | None:
    """Who has it now, and has not given it up."""
    result = case.result
    until = claimed_until(case.message, result.attempts, result.agents)
    if until is None or until <= datetime.now(UTC):
        return None
    return next(act.agent for act in reversed(result.agents) if act.act == Act.CLAIMED)


def _over(case: Case) -> bool:
    """Also while the last word is on its way."""
    return case.ended or any(response.counts for response in case.result.responses)


def _state(case: Case, holder: str | None, words: dict[str, str]) -> str:
    if _over(case):
        return words["ended"]
    return words["claimed"].format(agent=holder) if holder else words["unclaimed"]


def _line(one: Said, words: dict[str, str]) -> dict[str, object]:
    who = {By.US: words["us"], By.PERSON: words["person"], By.AGENT: one.name or words["us"]}
    return {
        "at": f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "who": who[one.by],
        "channel": one.label,
        "state": words.get(f"state_{one.state}", one.state),
        "text": one.text,
        "choice": one.choice,
        "ours": one.by != By.PERSON,
    }
