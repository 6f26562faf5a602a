"""What a call says, and what it says back to a pressed key."""

import re

from twilio.twiml.voice_response import Gather, VoiceResponse

from failover.content import Content
from providers import spoken
from providers.calling import PATIENCE
from providers.spoken import phrases

#: Twilio takes no more characters than this in a call's `Twiml`.
LONGEST = 4000

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
            gather.say(_NOT_XML.sub(" ", line.text), language=line.language)
        response.append(gather)
    return str(response)


def thanks(locale: str) -> str:
    words, response = phrases(locale), VoiceResponse()
    response.say(words.thanks, language=words.language)
    response.hangup()
    return str(response)


def press_again(locale: str, *, action: str) -> str:
    words, response = phrases(locale), VoiceResponse()
    gather = _gather(action, empty=True)
    gather.say(words.again, language=words.language)
    response.append(gather)
    return str(response)


def goodbye(locale: str) -> str:
    words, response = phrases(locale), VoiceResponse()
    response.say(words.goodbye, language=words.language)
    response.hangup()
    return str(response)


def _gather(action: str, *, empty: bool) -> Gather:
    return Gather(
        action=action,
        method="POST",
        num_digits=1,
        timeout=PATIENCE,
        action_on_empty_result=empty,
    )
