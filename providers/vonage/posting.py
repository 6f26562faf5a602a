"""One request that sends, and what became of it."""

from collections.abc import Callable
from typing import TypeVar

import requests
from pydantic import ValidationError
from vonage_http_client.errors import HttpRequestError

from failover.events import Failure, FailureClass
from providers.base import Refused, SendUnknown
from providers.vonage import errors
from providers.vonage.client import Line

T = TypeVar("T")


def posted(line: Line, request: Callable[[], T]) -> T | Refused:
    """What Vonage answers, or why it will never take it.

    Raises `ProviderUnavailable` and `SendUnknown` as `providers.base.Sender` has them.
    """
    try:
        return request()
    except HttpRequestError as error:
        return errors.refusal(error.response)
    except Exception as error:
        # Dropped, timed out, redirected, or a success that cannot be read.
        if isinstance(error, requests.RequestException) and not line.edge.went_out:
            raise errors.unreachable(error) from None
        raise SendUnknown(f"vonage: {type(error).__name__}") from None


def unfit(error: ValidationError) -> Failure:
    """The SDK's own model refuses it; its message would hold the text and the address."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    where = {str(fault["loc"][0]) for fault in faults}
    detail = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in faults)[:300]
    kind = FailureClass.ADDRESS if "to" in where else FailureClass.CONTENT
    return Failure(kind=kind, detail=detail)
