"""What an app or a service worker posts of a push, as docs/push.md asks of it."""

from collections.abc import Callable
from typing import Any

from failover.content import Choice
from providers.base import Callback, CallbackReader
from providers.push.callbacks import callbacks
from tests.offers.offer import ELSEWHERE, Comes, Sent
from tests.push import told

#: Its tickets are signed with the key of addresses.
STRANGER: CallbackReader = callbacks(ELSEWHERE)

#: What the device was given with the push: where to post, and the choices with their labels.
Given = Callable[[Sent], dict[str, Any]]


def says(given: Given, event: str) -> Comes:
    return lambda sent: told(given(sent)["ack"], event=event)


def wrote(given: Given) -> Callable[[Sent, str], Callback]:
    return lambda sent, text: told(given(sent)["ack"], event="action", text=text)


def pressed(given: Given) -> Callable[[Sent, Choice], Callback]:
    def press(sent: Sent, choice: Choice) -> Callback:
        push = given(sent)
        [button] = (one for one in push["choices"] if one["label"] == choice.label)
        return told(push["ack"], event="action", choice=button["id"])

    return press
