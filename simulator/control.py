"""The control API: what was sent, what shall go wrong. A loopback tool; it has no passwords."""

from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

from simulator.current import Current, Limit
from simulator.played import PLAYED
from simulator.records import Received, Said, Sent
from simulator.scripts import Script
from simulator.state import Outage, Template, newest

router = APIRouter(prefix="/simulator", tags=["Control"])


class OutageOrder(BaseModel):
    provider: str
    do: Outage | None


@router.get("/health")
async def health(exchange: Current) -> dict[str, Any]:
    return {"ok": True, "providers": exchange.settings.providers}


@router.get("/messages")
async def messages(
    exchange: Current,
    to: str | None = None,
    channel: str | None = None,
    provider: str | None = None,
    limit: Limit = None,
) -> list[Sent]:
    """Accepted messages and calls, oldest first; `limit` keeps the newest."""
    return newest(exchange.state.sent(provider, channel, to), limit)


@router.get("/replies")
async def replies(exchange: Current, limit: Limit = None) -> list[Said]:
    """What the person sent, oldest first, with the answer of our webhook."""
    return newest(exchange.state.said.values(), limit)


@router.get("/requests")
async def requests(exchange: Current, limit: Limit = None) -> list[Received]:
    """Every request to a provider's API, oldest first, whatever became of it."""
    return newest(exchange.state.requests, limit)


@router.post("/scripts", status_code=201)
async def add_script(script: Script, exchange: Current) -> dict[str, str]:
    return {"id": exchange.state.scripts.add(script)}


@router.get("/scripts")
async def scripts(exchange: Current) -> list[dict[str, Any]]:
    """The scripts, with the uses they have left."""
    return [
        {"id": script_id, **script.model_dump(exclude_defaults=True), "times": script.times}
        for script_id, script in exchange.state.scripts.all().items()
    ]


@router.delete("/scripts", status_code=204)
async def remove_scripts(exchange: Current) -> None:
    exchange.state.scripts.clear()


@router.post("/templates", status_code=201)
async def add_template(template: Template, exchange: Current) -> dict[str, str]:
    """Describe a template of Twilio's Content API, so that the handset can show it."""
    exchange.state.templates[template.sid] = template
    return {"sid": template.sid}


@router.post("/outages", status_code=200)
async def outage(order: OutageOrder, exchange: Current) -> dict[str, Outage]:
    """Cut off a whole provider, or (null) bring it back."""
    if order.provider not in PLAYED:
        raise HTTPException(404, f"no provider {order.provider}")
    if order.do is None:
        exchange.state.outages.pop(order.provider, None)
    else:
        exchange.state.outages[order.provider] = order.do
    return exchange.state.outages


@router.delete("/state", status_code=204)
async def clear(exchange: Current) -> None:
    exchange.outbox.drop()
    exchange.state.clear()
