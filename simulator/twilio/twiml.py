"""Reads TwiML: the verbs a failover call uses. Verbs not listed here are passed over."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree


@dataclass(frozen=True)
class Say:
    text: str


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Gather:
    parts: list[Say | Pause]
    action: str
    timeout: float
    finish_key: str
    digits: int | None
    on_empty: bool

    def complete(self, keys: str) -> bool:
        full = self.digits is not None and len(keys) >= self.digits
        return full or bool(self.finish_key and self.finish_key in keys)

    def result(self, keys: str) -> str:
        return keys.split(self.finish_key)[0] if self.finish_key else keys


@dataclass(frozen=True)
class Redirect:
    url: str


@dataclass(frozen=True)
class Hangup:
    pass


Verb = Say | Pause | Gather | Redirect | Hangup


def parse(document: str) -> list[Verb]:
    """The verbs in order; raises ValueError when it is not TwiML."""
    try:
        response = ElementTree.fromstring(document.strip())
    except ElementTree.ParseError as problem:
        raise ValueError(f"not XML: {problem}") from problem
    if response.tag != "Response":
        raise ValueError(f"the root is <{response.tag}>, not <Response>")
    return [verb for element in response for verb in _verbs(element)]


def _verbs(element: ElementTree.Element) -> Iterator[Verb]:
    match element.tag:
        case "Gather":
            yield _gather(element)
        case "Redirect":
            yield Redirect((element.text or "").strip())
        case "Hangup" | "Reject":
            yield Hangup()
        case _:
            yield from _words(element)


def _words(element: ElementTree.Element) -> Iterator[Say | Pause]:
    match element.tag:
        case "Say":
            text = " ".join("".join(element.itertext()).split())
            # loop="0" means for ever; nobody reads it more than once.
            for _ in range(max(1, int(element.get("loop", "1")))):
                yield Say(text)
        case "Play":
            yield Say(f"[plays {(element.text or '').strip()}]")
        case "Pause":
            yield Pause(float(element.get("length", "1")))


def _gather(element: ElementTree.Element) -> Gather:
    digits = element.get("numDigits")
    return Gather(
        parts=[part for child in element for part in _words(child)],
        action=element.get("action", ""),
        timeout=float(element.get("timeout", "5")),
        finish_key=element.get("finishOnKey", "#"),
        digits=int(digits) if digits else None,
        on_empty=element.get("actionOnEmptyResult", "false").lower() == "true",
    )
