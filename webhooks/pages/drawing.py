"""The pages as HTML: no script, nothing from anywhere else, in the person's language."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from failover.attempts import Outcome
from failover.content import Choice, Content
from failover.events import Answer
from failover.locales import phrases
from webhooks.pages.answering import MOST
from webhooks.pages.record import Asked

_FOLDER = Path(__file__).parent / "templates"
_STYLE = (_FOLDER / "page.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
#: The address of the page is as good as a signature: it goes to nobody else, and is kept nowhere.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
}
_LATE = frozenset({Outcome.EXPIRED, Outcome.EXHAUSTED})

Words = Mapping[str, str]


def language(request: Request) -> str:
    """The browser's, where nothing says the person's."""
    return request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip()


def words(locale: str) -> Words:
    found: Words = phrases(locale)["page"]
    return found


def question(asked: Asked, token: str, *, chosen: str | None = None, fault: bool) -> HTMLResponse:
    """The question and a button for each answer, the chosen one first; a GET of it sends none."""
    own, content = words(asked.locale), asked.content
    first = next((choice for choice in content.choices if choice.id == chosen), None)
    return drawn(
        "question.html",
        own,
        400 if fault else 200,
        title=content.subject or own["ask"],
        subject=content.subject,
        text=content.text,
        lang=asked.locale.replace("_", "-"),
        chosen=first,
        others=[choice for choice in content.choices if choice != first],
        fault=_fault(own, content) if fault else None,
        most=MOST,
        token=token,
    )


def standing(asked: Asked, answer: Answer | None, *, own: bool, late: bool) -> HTMLResponse:
    """What was answered, or why there is nothing more to answer."""
    known = words(asked.locale)
    said = _said(answer, asked.content.choices) if answer and own else None
    if said:
        title, line = known["thanks"], known["answered"]
    else:
        title, line = known["closed"], known[_why(asked, answer)]
    return _notice(
        known,
        200,
        title=title,
        lines=[line],
        said=said,
        late=known["late"] if late else None,
        question=asked.content.text,
        lang=asked.locale.replace("_", "-"),
    )


def taken(asked: Asked) -> HTMLResponse:
    """It was given just now, and the message has not heard it yet."""
    known, lang = words(asked.locale), asked.locale.replace("_", "-")
    told, question = [known["taken"]], asked.content.text
    return _notice(known, 200, title=known["thanks"], lines=told, question=question, lang=lang)


def forgotten(locale: str, *, late: bool) -> HTMLResponse:
    """The link is ours, and Temporal no longer has what it is about."""
    own = words(locale)
    told = [own["no_answer_needed"], *([own["late"]] if late else [])]
    return _notice(own, 410, title=own["closed"], lines=told)


def unsubscribe(locale: str, token: str) -> HTMLResponse:
    own = words(locale)
    told = [own["unsubscribe_what"]]
    button = own["unsubscribe"]
    return _notice(own, 200, title=own["unsubscribe_ask"], lines=told, button=button, token=token)


def unsubscribed(locale: str) -> HTMLResponse:
    own = words(locale)
    return _notice(own, 200, title=own["unsubscribed"], lines=[own["unsubscribed_what"]])


def unknown(locale: str) -> HTMLResponse:
    own = words(locale)
    return _notice(own, 404, title=own["unknown"], lines=[own["unknown_why"]])


def refused(locale: str, status: int) -> HTMLResponse:
    """What was sent is too large, or did not come in time."""
    return _notice(words(locale), status, title=words(locale)["too_much"], lines=[])


def away(locale: str) -> HTMLResponse:
    own = words(locale)
    return _notice(own, 503, title=own["away"], lines=[own["away_why"]])


def _fault(own: Words, content: Content) -> str:
    return own["again"] if content.choices else own["nothing_written"].format(most=MOST)


def _said(answer: Answer, choices: tuple[Choice, ...]) -> str | None:
    labels = {choice.id: choice.label for choice in choices}
    return labels.get(answer.choice or "", answer.text or answer.choice)


def _why(asked: Asked, answer: Answer | None) -> str:
    if answer:
        return "answered_by_somebody"
    return "in_time_no_more" if asked.outcome in _LATE else "no_answer_needed"


def _notice(own: Words, status: int, **shown: object) -> HTMLResponse:
    empty = dict.fromkeys(("said", "late", "question", "lang", "button", "token"))
    return drawn("notice.html", own, status, **{**empty, **shown})


def drawn(template: str, own: Words, status: int, **shown: object) -> HTMLResponse:
    """A template filled in, as a page that nothing else can get at."""
    page = _TEMPLATES.get_template(template).render(words=own, style=Markup(_STYLE), **shown)
    return HTMLResponse(page, status, headers=HEADERS)
