"""Puts the simulator together: the providers' APIs, the control API and the handset page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from simulator import control, events, handset, phone, service
from simulator.exchange import Exchange
from simulator.fcm import api as fcm_api
from simulator.fcm.fcm import Fcm
from simulator.intake import Intake
from simulator.provider import Refusal
from simulator.sendgrid import api as sendgrid_api
from simulator.sendgrid.sendgrid import SendGrid
from simulator.settings import Settings
from simulator.twilio import api as twilio_api
from simulator.twilio import contents as twilio_contents
from simulator.twilio.twilio import Twilio
from simulator.vonage import api as vonage_api
from simulator.vonage import voice as vonage_voice
from simulator.vonage.vonage import Vonage
from simulator.webpush import api as webpush_api
from simulator.webpush.webpush import WebPush

PAGE = Path(__file__).parent / "page"
_TWILIO = (twilio_api, twilio_contents)
_VONAGE = (vonage_api, vonage_voice)


def create_app(settings: Settings) -> FastAPI:
    exchange = Exchange(settings)
    state, outbox = exchange.state, exchange.outbox
    exchange.providers = {
        "twilio": Twilio(settings, state, outbox),
        "sendgrid": SendGrid(settings, outbox),
        "vonage": Vonage(settings, outbox),
        "fcm": Fcm(outbox),
        "webpush": WebPush(outbox),
    }
    app = FastAPI(
        title="Message Failover simulator",
        lifespan=_lifespan,
        openapi_url="/simulator/openapi.json",
        docs_url=None,  # FastAPI's page for it loads scripts from elsewhere
        redoc_url=None,
    )
    app.state.exchange = exchange
    app.add_middleware(Intake, exchange=exchange)
    app.add_exception_handler(Refusal, _refused)
    for api in (*_TWILIO, sendgrid_api, *_VONAGE, fcm_api, webpush_api):
        app.include_router(api.router)
    for routes in (control, handset, phone, service, events):
        app.include_router(routes.router)
    app.mount("/", StaticFiles(directory=PAGE, html=True))
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    exchange: Exchange = app.state.exchange
    await exchange.outbox.open()
    yield
    await exchange.outbox.close()


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return refusal.response
