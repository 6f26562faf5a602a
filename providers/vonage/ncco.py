"""What a call says, and what it says back to a pressed key, as Vonage's NCCO."""

import json
import textwrap

from vonage_voice.models import Dtmf, Input, NccoAction, Talk
from vonage_voice.models.enums import TtsLanguageCode

from failover.content import Content
from providers import spoken
from providers.calling import PATIENCE
from providers.spoken import Line, nearest, phrases

#: Vonage takes no more characters than this in one `talk` ("NCCO reference").
_LONGEST = 1500

#: English as in Wales is left out: its name is none that BCP 47 knows.
LANGUAGES = tuple(code.value for code in TtsLanguageCode if code.value != "en-GB-WLS")


def question(content: Content, locale: str, url: str) -> list[NccoAction]:
    """The text and the keys, twice; a key ends the words and goes to the URL."""
    lines = spoken.question(content, locale)
    return [*(talk for line in lines * 2 for talk in _talks(line)), _key(url)]


def press_again(locale: str, url: str) -> str:
    words = phrases(locale)
    return _written([*_talks(Line(words.again, words.language)), _key(url)])


def thanks(locale: str) -> str:
    """The call ends where its NCCO does."""
    words = phrases(locale)
    return _written([Talk(text=words.thanks, language=words.language)])


def goodbye(locale: str) -> str:
    words = phrases(locale)
    return _written([Talk(text=words.goodbye, language=words.language)])


def _talks(line: Line) -> list[Talk]:
    """Before an `input` all of them can be interrupted."""
    parts = textwrap.wrap(line.text, _LONGEST) or [line.text]
    # What Vonage does not know would end the call in an error.
    speaks = nearest(line.locale, LANGUAGES)
    return [Talk(text=part, bargeIn=True, language=speaks) for part in parts]


def _key(url: str) -> Input:
    dtmf = Dtmf(maxDigits=1, timeOut=PATIENCE, submitOnHash=False)
    return Input(type=["dtmf"], dtmf=dtmf, eventUrl=[url], eventMethod="POST")


def _written(ncco: list[NccoAction]) -> str:
    return json.dumps([action.model_dump(mode="json", exclude_none=True) for action in ncco])
