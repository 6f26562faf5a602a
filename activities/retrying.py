"""How a send that did not come to an answer is told to Temporal: again, later, or never."""

from datetime import timedelta
from typing import NoReturn

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.health import PassedOver
from activities.outcomes import UNAVAILABLE, UNKNOWN
from failover.addresses import scrub
from failover.events import Failure, FailureClass
from providers.base import Outbound, ProviderUnavailable

FIRST_RETRY, LAST_RETRY = timedelta(seconds=1), timedelta(seconds=30)


def try_again(error: ProviderUnavailable, outbound: Outbound) -> NoReturn:
    """As the provider asks, or after 1, 2, 4 ... 30 s; not where that is beyond `send_within`."""
    info = activity.info()
    delay = error.retry_after or min(FIRST_RETRY * 2 ** min(info.attempt - 1, 10), LAST_RETRY)
    # By the server's clock alone: a worker's may be wrong.
    over = info.started_time - info.scheduled_time + delay > outbound.send_within
    raise ApplicationError(
        scrub(str(error)),
        error.failure,
        type=UNAVAILABLE,
        next_retry_delay=delay,
        non_retryable=over,
        category=ApplicationErrorCategory.BENIGN,
    ) from None


def pass_over(error: PassedOver, outbound: Outbound) -> NoReturn:
    """The next provider's turn at once; where there is none, an operator may still relent."""
    failure = Failure(kind=FailureClass.PROVIDER, code="passed_over", detail=str(error))
    if outbound.last_resort:
        try_again(ProviderUnavailable(failure), outbound)
    raise ApplicationError(
        str(error),
        failure,
        type=UNAVAILABLE,
        non_retryable=True,
        category=ApplicationErrorCategory.BENIGN,
    ) from None


def unknown(what: str) -> ApplicationError:
    return ApplicationError(
        what, type=UNKNOWN, non_retryable=True, category=ApplicationErrorCategory.BENIGN
    )
