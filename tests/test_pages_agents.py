"""The page on which an agent takes a conversation over, over ASGI."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from failover.conversation import Conversation
from failover.events import Act, AgentSays, Response
from failover.message import Message
from tests.pages_app import AGENT, ANSWER, Site
from tests.plans import message
from webhooks.pages.cases import Case

TEAM = {"addresses": {"email": "team@clinic.example", "agent": "team@clinic.example"}}
STEPS = [
    {"channel": "whatsapp", "wait": "PT30M"},
    {"channel": "agent", "wait": "PT10M", "to": {**TEAM, "locale": "de"}},
]


CONTENT = {
    "text": "Hi Dana, can you be home at 9 pm?",
    "choices": [{"id": "yes", "label": "Yes"}],
    "on_other": "hand_over",
}


def asked() -> Message:
    context = {"order": "1234", "rooms": [1, 2]}
    return message(id="order-1", steps=STEPS, content=CONTENT, context=context)


def case(
    *acts: tuple[str, AgentSays],
    ended: bool = False,
    locale: str = "en",
    ago: timedelta = timedelta(),
) -> Case:
    at = datetime.now(UTC) - ago  # the page reads the clock: a claim of long ago has lapsed
    known = Conversation(asked())
    for step in (0, 1):
        known.accepted(known.begin(step, "acme", at).number, "id", at)
    said = Response(channel="whatsapp", text="<b>At 10?</b>")
    known.respond(said, at)
    for act, says in acts:
        getattr(known, act)(says, at)
    return Case(known.message, known.result(), ended, locale)


CLAIMED = ("claimed", AgentSays(agent="Sam"))


async def test_the_conversation_and_its_context_are_shown() -> None:
    page = (await Site(case=case()).get(AGENT)).text

    assert "Dana" in page
    assert "can you be home at 9 pm?" in page
    assert "&lt;b&gt;At 10?&lt;/b&gt;" in page
    assert "order: 1234" in page
    assert "rooms: [1, 2]" in page
    assert "Nobody has taken this over yet." in page


async def test_a_look_claims_nothing() -> None:
    site = Site(case=case())

    await site.get(AGENT)
    await site.http.head(AGENT)

    assert site.cases.told == []


async def test_an_agent_claims() -> None:
    site = Site(case=case())

    answer = await site.post(AGENT, do="claim", agent="Sam  Lee", seen="0")

    assert answer.status_code == 303
    assert answer.headers["location"].endswith("?agent=Sam+Lee")
    [(act, says)] = site.cases.told
    assert (act, says.agent, says.text) == (Act.CLAIMED, "Sam Lee", None)


@pytest.mark.parametrize(
    ("do", "act", "keep_open"),
    [
        ("answer", Act.ANSWERED, False),
        ("answer_open", Act.ANSWERED, True),
        ("close", Act.CLOSED, False),
    ],
)
async def test_an_agent_answers(do: str, act: Act, keep_open: bool) -> None:
    site = Site(case=case(CLAIMED))

    await site.post(AGENT, do=do, agent="Sam", text="Ten it is.", choice="yes", seen="1")

    [(known, says)] = site.cases.told
    assert known == act
    assert (says.text, says.choice, says.keep_open) == ("Ten it is.", "yes", keep_open)


async def test_the_same_form_twice_is_one_and_later_words_are_not() -> None:
    site = Site(case=case(CLAIMED))
    form = {"do": "answer_open", "agent": "Sam", "text": "One moment."}

    for seen in ("1", "1", "2"):
        await site.post(AGENT, seen=seen, **form)

    first, again, later = [says.event_id for _, says in site.cases.told]
    assert first == again
    assert first != later


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "claim"},
        {"do": "shout", "agent": "Sam", "text": "x"},
        {"do": "answer", "agent": "Sam", "text": "   "},
        {"do": "answer", "agent": "Sam", "text": "x" * 4001},
    ],
    ids=["nothing", "no name", "no such act", "no words", "too many words"],
)
async def test_a_form_that_says_nothing_does_nothing(form: dict[str, str]) -> None:
    site = Site(case=case(CLAIMED))

    answer = await site.post(AGENT, **form)

    assert answer.status_code == 400
    assert "Nothing has been done." in answer.text
    assert site.cases.told == []


async def test_who_has_it_may_answer() -> None:
    site = Site(case=case(CLAIMED))

    own, others = await site.get(AGENT, agent="Sam"), await site.get(AGENT, agent="Kim")

    assert "Send and end" in own.text
    assert "Send and end" not in others.text
    assert "Sam has taken this over." in others.text


async def test_a_claim_that_has_lapsed_is_anybodys() -> None:
    site = Site(case=case(CLAIMED, ago=timedelta(days=1)))

    own = await site.get(AGENT, agent="Sam")

    assert "Send and end" not in own.text
    assert "Take it over" in own.text


async def test_what_has_ended_takes_nothing() -> None:
    closed = case(CLAIMED, ("closed", AgentSays(agent="Sam", choice="yes")), ended=True)

    page = (await Site(case=closed).get(AGENT, agent="Sam")).text

    assert "This conversation has ended." in page
    assert "<form" not in page


async def test_the_page_speaks_the_language_of_the_agents() -> None:
    page = (await Site(case=case(locale="de")).get(AGENT)).text

    assert 'lang="de"' in page
    assert "Übernehmen" in page
    assert not re.search(r"Take it over|accepted", page)


@pytest.mark.parametrize("link", [ANSWER.replace("/answer/", "/agent/"), AGENT + "x"])
async def test_another_link_opens_no_conversation(link: str) -> None:
    site = Site(case=case())

    assert (await site.get(link)).status_code == 404
    assert (await site.post(link, do="claim", agent="Sam")).status_code == 404
    assert site.cases.told == []
