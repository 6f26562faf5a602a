"""Hands the workflows of a worker the function by which they tell of deliveries."""

from collections.abc import Callable
from datetime import timedelta

from temporalio.worker import (
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from workflows.observing import NOTE_DELIVERY


class Observer(Interceptor):
    def __init__(self, note: Callable[[str, str, timedelta | None], None]) -> None:
        self._note = note

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        input.unsafe_extern_functions[NOTE_DELIVERY] = self._note
        return None
