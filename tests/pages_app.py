"""The pages over ASGI: a record that a test fills, and a gateway that remembers."""

import re
from dataclasses import dataclass, field

import httpx

from activities.finding import TemporalOutOfReach
from failover.channels import Channel
from failover.content import Choice, Content
from failover.events import Act, AgentSays, Answer, Reply
from providers.links import Links, Unsubscribing
from tests.callbacks import BASE_URL, KEY
from tests.webhooks_app import FakeGateway
from webhooks.app import create_app
from webhooks.pages.cases import Case
from webhooks.pages.record import Asked
from webhooks.pages.routes import Pages

LINKS = Links(KEY, BASE_URL)
PERSON = "+14155550100"
QUESTION = "Können Sie heute um 21 Uhr zu Hause sein?"
CHOICES = (Choice(id="yes", label="Ja"), Choice(id="no", label="Nein & <nie>"))
GONE = Unsubscribing("0123456789abcdef" * 2, "order-1", 2, "de-AT")


def asked(*answers: Answer, choices: tuple[Choice, ...] = CHOICES, **more: object) -> Asked:
    given = {"channel": Channel.SMS, "to": PERSON, "locale": "de-AT", "answers": answers}
    return Asked(Content(text=QUESTION, choices=choices), **{**given, **more})  # type: ignore[arg-type]


@dataclass
class FakeRecord:
    """What is known of the second attempt of `order-1`. `away` is Temporal out of reach."""

    known: Asked | None = field(default_factory=asked)
    away: bool = False

    async def look(self, message: str, attempt: int) -> Asked | None:
        if self.away:
            raise TemporalOutOfReach("UNAVAILABLE")
        return self.known if (message, attempt) == ("order-1", 2) else None


@dataclass
class FakeCases:
    """The conversation of `order-1`, and what agents did with it."""

    known: Case | None
    told: list[tuple[Act, AgentSays]] = field(default_factory=list)

    async def look(self, message: str, attempt: int) -> Case | None:
        return self.known if (message, attempt) == ("order-1", 2) else None

    async def tell(self, message: str, act: Act, says: AgentSays) -> bool:
        self.told.append((act, says))
        return True


class Site:
    """Where links lead. A redirect is not followed."""

    def __init__(
        self, known: Asked | None = None, *, away: bool = False, case: Case | None = None
    ) -> None:
        self.gateway, self.record = FakeGateway(), FakeRecord(known or asked(), away)
        self.cases = FakeCases(case)
        pages = Pages(LINKS, self.record, self.cases)
        app = create_app({}, self.gateway, base_url=BASE_URL, pages=pages, patience=0.2)
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        self.app, self.http = app, httpx.AsyncClient(transport=transport, base_url=BASE_URL)

    @property
    def replies(self) -> list[Reply]:
        return [event for event in self.gateway.events if isinstance(event, Reply)]

    async def get(self, link: str, **query: str) -> httpx.Response:
        return await self.http.get(link, params=query)

    async def post(self, link: str, **form: str) -> httpx.Response:
        return await self.http.post(link, data=form)


ANSWER = LINKS.answer("order-1", 2)
UNSUBSCRIBE = LINKS.unsubscribe(GONE)


def buttons(page: httpx.Response) -> list[str]:
    found = re.findall(r"<button[^>]*>(.*?)</button>", page.text)
    return [label.strip() for label in found]


AGENT = LINKS.agent("order-1", 2)
