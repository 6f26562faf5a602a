"""The table of what providers can do: complete, the same as what the senders do, and told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from failover.capabilities import REPORTS
from failover.channels import Channel
from failover.content import Choice, Content
from failover.media import Media, MediaKind
from providers.capabilities import Carries, carries, table
from providers.channels_page import page
from providers.known import configured, offers
from providers.settings import PublicSettings, load
from providers.twilio.twiml import question
from providers.vonage.envelope import common
from providers.vonage.messages import WRITERS
from providers.whatsapp import Shape, shape
from starter.sandbox import credentials
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
    found = offers(configured(load(PublicSettings)))
    del found[Channel.AGENT]

    assert set(table()) == {(Channel(name), by) for name, names in found.items() for by in names}


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


def by_vonage(channel: Channel, said: Content) -> bool:
    """Whether the SDK's own model takes it."""
    to = "24681357" if channel == Channel.MESSENGER else "+14155550100"
    send = outbound("vonage", to, channel=channel, content=said)
    try:
        WRITERS[channel](send, common(send, "447700900000", "https://x.example.com"))
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("channel", sorted(WRITERS))
def test_vonage_takes_just_as_much_as_its_row_says(channel: Channel) -> None:
    """A text alone by MMS has no limit in Vonage's model, so it goes with a file."""
    row, media = carries(channel, "vonage"), (FILE,) if channel == Channel.MMS else ()
    assert row
    assert row.text.most

    most = content(row.text.most).model_copy(update={"media": media})
    more = content(row.text.most + 1).model_copy(update={"media": media})

    assert row.holds(most, "en")
    assert by_vonage(channel, most)
    assert not row.holds(more, "en")
    assert not by_vonage(channel, more)


@given(
    channel=st.sampled_from(sorted(set(WRITERS) - {Channel.MMS})),
    short=st.integers(-30, 120),
    choices=st.integers(0, 9),
    label=st.integers(1, 30),
)
def test_what_is_found_to_fit_is_what_vonage_takes_with_any_choices(
    channel: Channel, short: int, choices: int, label: int
) -> None:
    row = carries(channel, "vonage")
    assert row
    assert row.text.most

    said = content(row.text.most - short, choices, label)

    assert row.holds(said, "en") == by_vonage(channel, said)


def test_a_call_by_twilio_takes_just_as_much_as_its_row_says() -> None:
    row = carries(Channel.VOICE, "twilio")
    assert row

    for characters in range(3000, 4000, 10):
        said = content(characters, choices=2)
        assert row.holds(said, "de") == (question(said, action="", locale="de") is not None)
