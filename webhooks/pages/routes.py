"""The pages that links lead to. A GET changes nothing, so that a link scanner answers nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.responses import Response

from providers.base import Callback
from providers.links import Links
from webhooks.gateway import Gateway
from webhooks.pages import drawing
from webhooks.pages.agents import AgentDesk
from webhooks.pages.answering import answer, came_late, form, is_own, reply, stop
from webhooks.pages.cases import Cases
from webhooks.pages.described import PAGES
from webhooks.pages.record import Asked, Record
from webhooks.reception import TooLarge, TooSlow
from webhooks.trouble import why

#: Looks for an answer that was given just now, and the seconds between them.
LOOKS, BETWEEN = 8, 0.2

_log = logging.getLogger(__name__)

Page = Callable[[Request, str], Awaitable[Response]]


@dataclass(frozen=True)
class Pages:
    """What the pages need: the secret of the links, and where what they are about is looked up."""

    links: Links
    record: Record
    cases: Cases


@dataclass(frozen=True)
class _Desk:
    """Takes what people answer by link. `read` has the limits for a stranger's body."""

    pages: Pages
    gateway: Gateway
    read: Callable[[Request], Awaitable[Callback]]

    async def show_question(self, request: Request, token: str) -> Response:
        sent = self.pages.links.answered(token)
        if sent is None:
            return drawing.unknown(drawing.language(request))
        said = request.query_params.get("said")
        asked = await self._heard(sent) if said else await self.pages.record.look(*sent)
        if asked is None:
            return drawing.forgotten(drawing.language(request), late=bool(said))
        if ended := _ended(asked, sent, said):
            return ended
        if said:  # taken a moment ago, and still on its way to the message
            return drawing.taken(asked)
        chosen = request.query_params.get("choice")
        return drawing.question(asked, token, chosen=chosen, fault=False)

    async def _heard(self, sent: tuple[str, int]) -> Asked | None:
        """Once the answer that was given just now is there: while a worker is at the message
        Temporal holds a signal back from its history, for some milliseconds as a rule.
        """
        for _ in range(LOOKS):
            asked = await self.pages.record.look(*sent)
            if asked is None or asked.ended or answer(asked):
                break
            await asyncio.sleep(BETWEEN)
        return asked

    async def take_answer(self, request: Request, token: str) -> Response:
        links = self.pages.links
        sent = links.answered(token)
        if sent is None:
            return drawing.unknown(drawing.language(request))
        given = form((await self.read(request)).body)
        asked = await self.pages.record.look(*sent)
        said = reply(asked, sent, given, links.secret)
        if said is None and asked:
            return drawing.question(asked, token, fault=True)
        if said is None:
            return drawing.forgotten(drawing.language(request), late=False)
        await self.gateway.deliver([said])
        there = token if said.stop else f"{token}?said={said.provider_id.rpartition(':')[2]}"
        return Response(status_code=303, headers={**drawing.HEADERS, "Location": there})

    async def ask_to_unsubscribe(self, request: Request, token: str) -> Response:
        gone = self.pages.links.unsubscribed(token)
        if gone is None:
            return drawing.unknown(drawing.language(request))
        return drawing.unsubscribe(gone.locale, token)

    async def unsubscribe(self, request: Request, token: str) -> Response:
        """RFC 8058: a mail client posts here by itself, and follows no redirect."""
        gone = self.pages.links.unsubscribed(token)
        if gone is None:
            return drawing.unknown(drawing.language(request))
        await self.read(request)
        await self.gateway.deliver([stop(gone)])
        return drawing.unsubscribed(gone.locale)


def add_pages(
    app: FastAPI,
    pages: Pages,
    gateway: Gateway,
    read: Callable[[Request], Awaitable[Callback]],
) -> None:
    desk = _Desk(pages, gateway, read)
    agents = AgentDesk(pages.links, pages.cases, read)
    routes: list[tuple[str, str, Page]] = [
        ("GET", "/answer/{token}", desk.show_question),
        ("POST", "/answer/{token}", desk.take_answer),
        ("GET", "/unsubscribe/{token}", desk.ask_to_unsubscribe),
        ("POST", "/unsubscribe/{token}", desk.unsubscribe),
        ("GET", "/agent/{token}", agents.show),
        ("POST", "/agent/{token}", agents.take),
    ]
    for method, path, page in routes:
        about, handler = PAGES[method, path], _guarded(path, page)
        app.add_api_route(path, handler, methods=[method], response_class=Response, **about)
        if method == "GET":
            app.add_api_route(path, handler, methods=["HEAD"], include_in_schema=False)


def _guarded(path: str, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            return await page(request, request.path_params["token"])
        except Exception as error:
            response = _refused(error, drawing.language(request))
            _log.warning("%s: %d, %s", path, response.status_code, why(error))
            return response

    return handle


def _refused(error: Exception, language: str) -> Response:
    match error:
        case TooLarge():
            return drawing.refused(language, 413)
        case TooSlow():
            # The rest of what came too slowly is not waited for.
            response = drawing.refused(language, 408)
            response.headers["connection"] = "close"
            return response
        case _:
            return drawing.away(language)


def _ended(asked: Asked, sent: tuple[str, int], said: str | None) -> Response | None:
    """Nothing while the question is open."""
    given = answer(asked)
    if not given and not asked.ended:
        return None
    own = bool(given and is_own(asked, given, sent))
    return drawing.standing(asked, given, own=own, late=came_late(asked, sent, said))
