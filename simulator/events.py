"""Server-sent events: one for each change, for the handset page."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from simulator.current import Current
from simulator.state import State

router = APIRouter(prefix="/simulator", tags=["Control"])

#: Seconds between signs of life; a page that is gone is noticed by then.
HEARTBEAT = 15


@router.get("/events")
async def events(exchange: Current) -> StreamingResponse:
    """`event: message`, `said` or `heard` with the record as data, and `cleared`."""
    return StreamingResponse(
        _stream(exchange.state),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


async def _stream(state: State) -> AsyncIterator[str]:
    queue = state.listen()
    try:
        yield "retry: 1000\nevent: ready\ndata: {}\n\n"
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), HEARTBEAT)
            except TimeoutError:
                event = ": still here\n\n"
            if event is None:
                return
            yield event
    finally:
        state.stop_listening(queue)
