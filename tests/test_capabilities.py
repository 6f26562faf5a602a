"""The table of what providers can do: complete, the same as what the senders do, and told."""

from pathlib import Path
from typing import Any

import pytest

from failover.capabilities import REPORTS
from failover.channels import Channel
from failover.content import Choice, Content
from failover.media import Media, MediaKind
from providers import calling
from providers.capabilities import PHONE, TO_THE_DEVICE, Carries, Text, carries, table
from providers.channels_page import page
from providers.known import configured, offers
from providers.settings import PublicSettings, load
from providers.whatsapp import Shape, shape
from starter.sandbox import credentials
from tests.offers.offer import LINKS
from tests.push import outbound

ROOT = Path(__file__).parent.parent
ROWS = list(table().values())
OUR_IDS = {"RCS": "agent", "MESSENGER": "123", "VIBER": "123"}


@pytest.fixture
def everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation with a sender on each channel that a provider could have."""
    monkeypatch.chdir(tmp_path)
    given = {**credentials(), "PUBLIC_BASE_URL": "https://x.example.com"}
    for channel in Channel:
        for provider in ("TWILIO", "VONAGE"):
            ours = OUR_IDS.get(channel.name, "+15005550006")
            given.setdefault(f"{provider}_{channel.name}_FROM", ours)
    for name, value in given.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("everything")
def test_every_channel_on_offer_has_a_row_and_no_other() -> None:
    """A provider that the sandbox has no account for is held to it by tests/offers alone."""
    providers = configured(load(PublicSettings))
    found = offers(providers)
    del found[Channel.AGENT]
    rows = {row for row in table() if row[1] in {known.name for known in providers}}

    assert rows == {(Channel(name), by) for name, names in found.items() for by in names}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.channel}-{row.provider}")
def test_a_row_says_all_that_there_is_to_say(row: Carries) -> None:
    assert row.reference
    assert row.window
    assert row.sources
    assert row.text.most is None or row.text.most > 0
    assert set(row.media.kinds) <= set(MediaKind)
    assert bool(row.media.kinds) == bool(row.media.most)


@pytest.mark.parametrize("channel", sorted({row.channel for row in ROWS}))
def test_a_channel_reports_what_one_of_its_providers_does(channel: Channel) -> None:
    """The policy decides by the channel: it may not skip what a provider could report."""
    reports = [row.reports for row in ROWS if row.channel == channel]

    assert frozenset().union(*reports) == REPORTS[channel]


def test_the_page_is_made_from_the_table() -> None:
    said = (ROOT / "docs/channels.md").read_text()

    assert said == page(), "python -m providers.channels_page > docs/channels.md"


def content(characters: int, choices: int = 0, label: int = 1) -> Content:
    offered = tuple(Choice(id=f"c{n}", label=f"{n}".ljust(label, "x")) for n in range(choices))
    return Content(text="x" * characters, choices=offered)


@pytest.mark.parametrize("provider", ["twilio", "vonage"])
@pytest.mark.parametrize("characters", [1, 1024, 1025])
@pytest.mark.parametrize("label", [1, 20, 21, 24, 25])
@pytest.mark.parametrize("choices", [0, 1, 3, 4, 9])
def test_whatsapp_shows_choices_as_the_row_says(
    provider: str, characters: int, label: int, choices: int
) -> None:
    row, said = carries(Channel.WHATSAPP, provider), content(characters, choices, label)
    assert row

    shown = next((way.how for way in row.choices if way.takes(said)), "lines")

    names = {Shape.BUTTONS: "buttons", Shape.LIST: "a list", Shape.LINES: "lines"}
    assert shown == names[shape(said.text, said.choices)]


FILE = Media(url="https://example.com/1.png", kind=MediaKind.IMAGE)
MESSAGES = [row for row in ROWS if row.provider == "vonage" and row.channel != Channel.VOICE]


def holds(row: Carries, said: Content, to: str = "+14155550100") -> bool:
    send = outbound(row.provider, to, channel=row.channel, content=said)
    return row.holds(LINKS.put_into(send), LINKS)


@pytest.mark.parametrize("row", MESSAGES, ids=lambda row: row.channel)
def test_the_models_of_vonage_take_just_as_much_as_a_row_says(row: Carries) -> None:
    """A text alone by MMS has no limit in Vonage's model, so it goes with a file."""
    media = (FILE,) if row.channel == Channel.MMS else ()
    assert row.text.most

    most = content(row.text.most).model_copy(update={"media": media})
    more = content(row.text.most + 1).model_copy(update={"media": media})

    assert holds(row, most)
    assert not holds(row, more)


def test_a_provider_that_says_no_more_than_a_length_is_held_to_its_lines() -> None:
    row = Carries("acme", Channel.SMS, TO_THE_DEVICE, Text(100), PHONE)
    file = FILE.model_copy(update={"caption": "c" * 30})
    address, between = len(FILE.url), len("\n\n")

    assert holds(row, content(100))
    assert not holds(row, content(101))
    assert holds(row, content(100 - between - len("1 = 0"), choices=1))
    assert not holds(row, content(101 - between - len("1 = 0"), choices=1))
    room = 100 - between - 31 - address
    assert holds(row, content(room).model_copy(update={"media": (file,)}))
    assert not holds(row, content(room + 1).model_copy(update={"media": (file,)}))
    assert not holds(row, content(100).model_copy(update={"confirm_link": True}))


def test_a_call_by_vonage_has_no_more_words_than_its_time() -> None:
    """What can be said is not refused: nobody says thirty letters a second."""
    row = carries(Channel.VOICE, "vonage")
    assert row

    words = "Please be home at nine in the evening, as the driver cannot leave it elsewhere. "
    said_by_the_fastest = Content(text=words * (calling.LONGEST * 25 // len(words)))

    assert holds(row, said_by_the_fastest)
    assert not holds(row, Content(text=words * (calling.LONGEST * 40 // len(words))))
    assert holds(row, Content(text="." * 90_000))


def tokens(*given: str) -> list[Any]:
    return [pytest.param(one, id=one[:30]) for one in given]


@pytest.mark.parametrize(
    "token",
    tokens(
        "a-token",
        "dQw4w9WgXcQ:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx" + "x" * 110,
        "APA91bFoi3lMMre9G3XzR1LrF4ZT82_15MsMdEICogXSLB8-MrdkRuRQFwNI5u8Dh0cI90ABD3BOKnxkEla8cGdi",
        "f.c_1234567890:APA91bH/abc+xyz=",
        "bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1" + "%3A",
        "1234567890",
    ),
)
def test_no_token_that_google_may_give_out_is_refused(token: str) -> None:
    assert table()[Channel.PUSH, "fcm"].address.fits(token)


@pytest.mark.parametrize(
    "other", tokens("+14155550100", "dana@example.com", "https://example.com/dana", '{"a":1}')
)
def test_what_is_something_else_is_no_token(other: str) -> None:
    assert not table()[Channel.PUSH, "fcm"].address.fits(other)


@pytest.mark.parametrize("provider", ["twilio", "vonage"])
def test_a_person_on_messenger_has_an_id(provider: str) -> None:
    address = table()[Channel.MESSENGER, provider].address

    for known in ("1254477777772919", "108476238053526", "24681357", "US.13491208655302741918"):
        assert address.fits(known)
    others = ("+14155550100", "dana@example.com", "https://m.me/dana", "m.me/dana", "7" * 51)
    assert not [one for one in others if address.fits(one)]
    assert address.fits("messenger:1254477777772919") == (provider == "twilio")
