"""The exchange of the running process, for the routes."""

from typing import Annotated

from fastapi import Depends, Query, Request

from simulator.exchange import Exchange


def _current(request: Request) -> Exchange:
    exchange: Exchange = request.app.state.exchange
    return exchange


Current = Annotated[Exchange, Depends(_current)]
#: How many of the newest.
Limit = Annotated[int | None, Query(ge=0)]
