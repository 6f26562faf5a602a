"""A push service (RFC 8030), and browsers that subscribe to it."""

import json
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import uuid4

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel
from starlette.responses import Response

from simulator.current import Current
from simulator.records import Choice, Sent
from simulator.webpush.browsers import Browser
from simulator.webpush.decryption import opened
from simulator.webpush.webpush import WebPush

router = APIRouter(tags=["Web push"])

#: Bytes that a push service has to take (RFC 8030, 7.2).
LARGEST = 4096


class Subscribing(BaseModel):
    #: `applicationServerKey`, in base64 for URLs.
    key: str | None = None


def service(exchange: Current) -> WebPush:
    provider = exchange.providers["webpush"]
    assert isinstance(provider, WebPush)
    return provider


Service = Annotated[WebPush, Depends(service)]


@router.post("/simulator/subscriptions", status_code=201)
async def subscribe(
    how: Subscribing, request: Request, exchange: Current, service: Service
) -> dict[str, Any]:
    """A browser more; `address` is what it is written to by."""
    base = str(exchange.settings.simulator_base_url or request.base_url).rstrip("/")
    name = f"browser-{uuid4().hex[:12]}"
    browser = Browser(name, f"{base}/push/{name}", how.key)
    service.browsers[name] = browser
    written = json.dumps(browser.subscription, separators=(",", ":"))
    return {"id": name, "subscription": browser.subscription, "address": written}


@router.delete("/simulator/subscriptions/{name}", status_code=204)
async def unsubscribe(name: str, service: Service) -> None:
    if name not in service.browsers:
        raise HTTPException(404, f"no browser {name}")
    service.browsers[name].subscribed = False


@router.post("/push/{name}")
async def send(name: str, request: Request, exchange: Current, service: Service) -> Response:
    browser = service.browsers.get(name)
    if browser is None:
        return Response(status_code=404)
    if not browser.subscribed:
        return Response(status_code=410)
    body = await request.body()
    if refused := _fault(request, browser, body):
        return Response(status_code=refused)
    try:
        said = json.loads(opened(body, browser.key, browser.auth))
    except ValueError:
        # A push service takes it; only the browser finds that it cannot read it.
        return Response(status_code=201)
    return await exchange.take(_written(said, browser, request))


def _fault(request: Request, browser: Browser, body: bytes) -> int | None:
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(browser.endpoint))
    if not browser.may_send(request.headers.get("authorization", ""), origin):
        return 403
    if len(body) > LARGEST:
        return 413
    ttl, topic = request.headers.get("ttl", ""), request.headers.get("topic", "a")
    is_readable = request.headers.get("content-encoding") == "aes128gcm"
    return None if ttl.isdigit() and len(topic) <= 32 and is_readable else 400


def _written(said: dict[str, Any], browser: Browser, request: Request) -> Sent:
    choices = [Choice(id=one["id"], title=one["label"]) for one in said.get("choices", [])]
    headers = {name: request.headers.get(name) for name in ("ttl", "urgency", "topic")}
    return Sent(
        id=uuid4().hex,
        provider="webpush",
        channel="push",
        sender="push",
        to=browser.id,
        reference=said.get("reference"),
        subject=said.get("title"),
        text=said.get("text", ""),
        choices=choices,
        media=[said["image"]] if "image" in said else [],
        status="accepted",
        raw={"said": said, "headers": headers},
        status_url=said.get("ack"),
    )
