"""What a call says, and what it says back to a pressed key."""

import re
import tomllib
from importlib.resources import files

from twilio.twiml.voice_response import Gather, VoiceResponse

from failover.content import Content
from providers import spoken
from providers.calling import PATIENCE
from providers.spoken import Line, nearest, phrases

#: Twilio takes no more characters than this in a call's `Twiml`.
LONGEST = 4000

_SPOKEN = tomllib.loads(files("providers.twilio").joinpath("languages.toml").read_text("utf-8"))
_VOICES: dict[str, str] = _SPOKEN["voices"]
LANGUAGES: tuple[str, ...] = (*_SPOKEN["languages"], *_VOICES)

#: Characters that XML 1.0 has no way to write.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def question(content: Content, *, action: str, locale: str) -> str | None:
    """The text and the keys, twice; once where twice is too long; None where once is."""
    for times in (2, 1):
        said = _asked(content, times, action=action, locale=locale)
        if len(said) <= LONGEST:
            return said
    return None


def _asked(content: Content, times: int, *, action: str, locale: str) -> str:
    response = VoiceResponse()
    for turn in range(1, times + 1):
        # An empty result of the last turn goes to the action too, which then says goodbye.
        gather = _gather(action, empty=turn == times)
        for line in spoken.question(content, locale):
            _say(gather, line)
        response.append(gather)
    return str(response)


def thanks(locale: str) -> str:
    words, response = phrases(locale), VoiceResponse()
    _say(response, Line(words.thanks, words.language))
    response.hangup()
    return str(response)


def press_again(locale: str, *, action: str) -> str:
    words, response = phrases(locale), VoiceResponse()
    gather = _gather(action, empty=True)
    _say(gather, Line(words.again, words.language))
    response.append(gather)
    return str(response)


def goodbye(locale: str) -> str:
    words, response = phrases(locale), VoiceResponse()
    _say(response, Line(words.goodbye, words.language))
    response.hangup()
    return str(response)


def _say(where: Gather | VoiceResponse, line: Line) -> None:
    language = nearest(line.locale, LANGUAGES)
    text = _NOT_XML.sub(" ", line.text)
    where.say(text, language=language, voice=_VOICES.get(language))


def _gather(action: str, *, empty: bool) -> Gather:
    return Gather(
        action=action,
        method="POST",
        num_digits=1,
        timeout=PATIENCE,
        action_on_empty_result=empty,
    )
