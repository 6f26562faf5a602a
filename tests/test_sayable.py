"""Words that nobody could read, or that a provider refuses: found before anything is sent."""

from collections.abc import Iterator
from typing import Any

import pytest

from activities.checking import Found, check, check_by_table
from activities.planned import Installed
from activities.sayable import unsayable
from failover.content import Choice, Content
from failover.media import MediaKind
from failover.message import Message, parse_message
from tests.canned import canned_server
from tests.offers.every import each
from tests.offers.offer import Offer
from tests.plans import message
from tests.test_rows_and_senders import TEMPLATE, TEMPLATES, Edge, media

WHATSAPP = {"channel": "whatsapp", "wait": 60}
MESSENGER = {"channel": "messenger", "wait": 60}
SMS = {"channel": "sms", "wait": 60}
EMAIL = {"channel": "email", "wait": 60}
SID = "HX" + "0" * 32
KEPT = {
    "twilio": {"sid": SID},
    "vonage": {"name": "ours:delivery"},
    "sendgrid": {"id": "d-0"},
}
ADDRESSES = {
    "phone": "+14155550100",
    "messenger": "123",
    "email": "dana@example.com",
    "push": "a-token",
}
NOTHING = "has nothing in it that can be read"


def asked(content: dict[str, Any], *steps: dict[str, Any], **more: Any) -> Message:
    person = {"name": "Dana", "addresses": ADDRESSES}
    given = {"recipient": person, "steps": steps or [{"channel": "sms", "wait": 60}], **more}
    return message(content={"text": "Home?", **content}, **given)


def found(content: dict[str, Any], *steps: dict[str, Any], **more: Any) -> Found:
    return check_by_table(asked(content, *steps, **more))


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": " \n\t "}, "content.text"),
        ({"text": "\u200b\u00a0\ufeff"}, "content.text"),
        ({"text": "{{ ' ' }}", "liquid": True}, "content.text"),
        ({"text": "{% if true %} {% endif %}\n", "liquid": True}, "content.text"),
        ({"choices": [{"id": "a", "label": "A"}, {"id": "b", "label": "\u2003"}]},
         "content.choices.1.label"),
        ({"by_channel": {"sms": {"text": " "}}}, "content.by_channel.sms.text"),
    ],
)  # fmt: skip
def test_what_nobody_could_read_is_refused(content: dict[str, Any], field: str) -> None:
    assert found(content).faults == (f"{field}: {NOTHING}",)


def by(step: dict[str, Any], *providers: str) -> dict[str, Any]:
    return {**step, "providers": list(providers)}


PICTURE = {"url": "https://example.com/1.png", "kind": "image"}
YES_NO = [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]
CALL = {"channel": "voice", "wait": 60}
PUSH = {"channel": "push", "wait": 60}


@pytest.mark.parametrize(
    ("step", "more"),
    [
        pytest.param(WHATSAPP, {"media": [PICTURE]}, id="a picture"),
        pytest.param(SMS, {"media": [PICTURE]}, id="a link to a picture"),
        pytest.param(
            CALL, {"media": [{**PICTURE, "caption": "A door"}]}, id="a caption, in a call"
        ),
        pytest.param(by(WHATSAPP, "vonage"), {"template": KEPT}, id="a template"),
        pytest.param(EMAIL, {"template": KEPT}, id="a template of mail"),
        pytest.param(EMAIL, {"html": "<p>Home?</p>"}, id="HTML"),
        pytest.param(EMAIL, {"subject": "Are you home?"}, id="a subject"),
        pytest.param(PUSH, {"subject": "Are you home?"}, id="a title"),
        pytest.param(SMS, {"choices": YES_NO}, id="choices"),
        pytest.param(SMS, {"confirm_link": True}, id="a link"),
    ],
)
def test_a_text_of_white_space_may_stand_beside_what_can_be_read(
    step: dict[str, Any], more: dict[str, Any]
) -> None:
    assert found({"text": " ", **more}, step) == Found()


@pytest.mark.parametrize(
    ("step", "more"),
    [
        pytest.param(CALL, {"media": [PICTURE]}, id="a picture, in a call"),
        pytest.param(CALL, {"confirm_link": True}, id="a link, in a call"),
        pytest.param(
            by(WHATSAPP, "vonage"),
            {"template": {"twilio": KEPT["twilio"]}},
            id="a template of another provider",
        ),
        pytest.param(
            by(MESSENGER, "vonage"), {"template": KEPT}, id="a template of other channels"
        ),
        pytest.param(WHATSAPP, {"html": "<p>Home?</p>"}, id="HTML, on WhatsApp"),
        pytest.param(SMS, {"subject": "Home?"}, id="a subject, by SMS"),
        pytest.param(EMAIL, {"subject": "\u2003", "html": " "}, id="white space everywhere"),
    ],
)
def test_it_is_refused_beside_what_is_not_sent(step: dict[str, Any], more: dict[str, Any]) -> None:
    assert found({"text": " ", **more}, step).faults == (f"content.text: {NOTHING}",)


def test_a_template_that_one_of_two_providers_has_is_enough_and_told() -> None:
    content = {"text": " ", "template": {"twilio": KEPT["twilio"]}}

    told = found(content, by(WHATSAPP, "vonage", "twilio"))

    assert told == Found(warnings=(f"content.text: {NOTHING}, so it can go by twilio only",))


def test_html_of_white_space_is_told_where_it_goes() -> None:
    assert found({"html": "\r\n"}, EMAIL) == Found(warnings=(f"content.html: {NOTHING}",))
    assert found({"html": "\r\n"}, SMS) == Found()
    assert found({"html": "\r\n", "template": KEPT}, EMAIL) == Found()


def test_a_label_of_white_space_may_stand_beside_a_template() -> None:
    choices = [YES_NO[0], {"id": "no", "label": " "}]

    assert found({"choices": choices, "template": KEPT}, EMAIL) == Found()
    assert found({"choices": choices}, EMAIL).faults == (f"content.choices.1.label: {NOTHING}",)


#: What may be said besides a text, and how it is known again in what the provider gets.
BESIDES: dict[str, tuple[Content, tuple[str, ...]]] = {
    "a picture": (Content(text=" ", media=media(MediaKind.IMAGE, caption=None)), ("0.bin",)),
    "sound": (Content(text=" ", media=media(MediaKind.AUDIO, caption=None)), ("0.bin",)),
    "a caption": (Content(text=" ", media=media(MediaKind.FILE, caption="A door")), ("A door",)),
    "choices": (Content(text=" ", choices=(Choice(id="a", label="Gladly"),)), ("Gladly",)),
    "a link": (Content(text=" ", confirm_link=True), ("/answer/",)),
    "a subject": (Content(text=" ", subject="Delivery"), ("Delivery",)),
    "HTML": (Content(text=" ", html="<p>At nine</p>"), ("At nine",)),
    "a template": (Content(text=" ", template=TEMPLATE), tuple(TEMPLATES.values())),
    "nothing": (Content(text=" "), ("\ufffd",)),
}  # fmt: skip


@pytest.fixture
def edge(offer: Offer) -> Iterator[Edge]:
    with canned_server() as canned:
        yield Edge(offer, canned)


@each
@pytest.mark.parametrize("besides", BESIDES)
def test_what_is_said_besides_is_what_the_sender_writes(edge: Edge, besides: str) -> None:
    content, marks = BESIDES[besides]

    told = edge.told(content) or []  # Twilio refuses a body of nothing

    wrote = any(mark in text for mark in marks for text in told)
    assert wrote == (not list(unsayable(edge.outbound(content))))


@pytest.mark.parametrize("text", [".", "👍", "\U0001fae9", "لا", "  x"])
def test_what_can_be_read_is_not(text: str) -> None:
    assert found({"text": text}) == Found()


def test_a_text_of_white_space_that_was_recorded_can_still_be_read() -> None:
    recorded = asked({"text": " ", "messenger": {"tag": "NO_SUCH_TAG"}}).model_dump_json()

    assert parse_message(recorded).content.text == " "


@pytest.mark.parametrize(
    ("value", "liquid", "faults"),
    [
        ("9    pm", False, ()),
        ("9     pm", False, ("1",)),
        ("{{ context.gap }}", True, ("1",)),
    ],
)
def test_twilio_takes_at_most_four_spaces_together_in_a_variable(
    value: str, liquid: bool, faults: tuple[str, ...]
) -> None:
    template = {"twilio": {"sid": SID, "variables": {"1": value, "2": "x"}}}
    content = {"template": template, "liquid": liquid}

    told = found(content, by(WHATSAPP, "twilio"), context={"gap": "a" + " " * 5 + "b"}).faults

    assert [fault.partition(":")[0] for fault in told] == [
        f"content.template.twilio.variables.{name}" for name in faults
    ]


def test_a_template_that_goes_by_another_provider_may_have_gaps() -> None:
    assert found(GAPPED, by(WHATSAPP, "vonage")) == Found()
    assert found(GAPPED, SMS) == Found()
    assert check(asked(GAPPED, WHATSAPP), Installed({"whatsapp": ["vonage"]})) == Found()


GAPPED = {
    "template": {
        "twilio": {"sid": SID, "variables": {"1": "a      b"}},
        "vonage": KEPT["vonage"],
    }
}
GAP = "content.template.twilio.variables.1: has more than four spaces together, which twilio"


def test_a_gap_is_told_where_another_provider_can_send_the_step() -> None:
    warning = f"{GAP} refuses (21656), so it can go by vonage only"

    assert found(GAPPED, by(WHATSAPP, "vonage", "twilio")) == Found(warnings=(warning,))
    assert found(GAPPED, by(WHATSAPP, "acme", "twilio")).faults == ()
    both = Installed({"whatsapp": ["twilio", "vonage"]})
    assert check(asked(GAPPED, WHATSAPP), both) == Found(warnings=(warning,))


def test_a_variable_that_could_not_be_filled_in_is_at_fault_once() -> None:
    variables = {"1": "{{      context.missing }}"}
    content = {"liquid": True, "template": {"twilio": {"sid": SID, "variables": variables}}}

    [told] = found(content, by(WHATSAPP, "twilio"), context={}).faults

    assert "21656" not in told


def test_a_gap_is_refused_where_only_twilio_takes_the_address() -> None:
    step = {**MESSENGER, "to": "messenger:123"}

    assert found(GAPPED, step).faults == (f"{GAP} refuses (21656)",)


def later(*steps: dict[str, Any], **content: Any) -> Found:
    template = {"template": {"twilio": KEPT["twilio"]}}
    twilio = (by(step, "twilio") if step is not EMAIL else step for step in steps)
    return found({**template, **content}, *twilio)


IN_TEXT = ", and goes instead of the template within 24 hours of an answer"
OTHER = {**WHATSAPP, "to": "+14155550199"}


def test_a_text_that_may_go_instead_of_its_template_is_told_where_it_could_not() -> None:
    too_long = f"content.text: whatsapp has at most 1600 characters by twilio{IN_TEXT}"

    assert later(WHATSAPP, EMAIL, WHATSAPP, text="x" * 1601) == Found(warnings=(too_long,))
    assert later(WHATSAPP, WHATSAPP, text="x" * 1600) == Found()
    assert later(WHATSAPP, WHATSAPP, text=" ") == Found(
        warnings=(f"content.text: {NOTHING}{IN_TEXT}",)
    )


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([WHATSAPP], id="a first step"),
        pytest.param([{**WHATSAPP, "channel": "rcs"}, WHATSAPP], id="after another channel"),
        pytest.param([OTHER, WHATSAPP], id="after another person"),
        pytest.param([MESSENGER, MESSENGER], id="on another channel"),
    ],
)
def test_where_nobody_could_have_answered_before_the_template_goes(
    steps: list[dict[str, Any]],
) -> None:
    assert later(*steps, text="x" * 1601) == Found()


def test_an_answer_to_another_provider_opens_no_hours() -> None:
    content = {"text": "x" * 4097, "template": KEPT}

    assert found(content, by(WHATSAPP, "twilio"), by(WHATSAPP, "vonage")) == Found()
    assert found(content, by(WHATSAPP, "vonage"), by(WHATSAPP, "vonage")).warnings


@pytest.mark.parametrize(
    "tag", ["ACCOUNT_UPDATE", "CONFIRMED_EVENT_UPDATE", "HUMAN_AGENT", "POST_PURCHASE_UPDATE"]
)
def test_messengers_tags_are_known(tag: str) -> None:
    vonage = {**MESSENGER, "providers": ["vonage"]}

    assert found({"messenger": {"tag": tag}}, vonage) == Found()


@pytest.mark.parametrize("providers", [["vonage"], ["twilio", "vonage"]])
def test_a_tag_that_messenger_may_not_have_is_told(providers: list[str]) -> None:
    told = found({"messenger": {"tag": "NO_SUCH_TAG"}}, by(MESSENGER, *providers))

    assert not told.faults
    assert told.warnings[-1].startswith(
        "content.messenger.tag: is none that we know of Messenger's, which are ACCOUNT_"
    )


def test_a_tag_is_for_those_who_take_the_address_and_send_it() -> None:
    tagged = {"messenger": {"tag": "NO_SUCH_TAG"}}
    by_twilio = ("content.messenger.tag: twilio has its own, which is always ACCOUNT_UPDATE",)

    assert found(tagged, by(MESSENGER, "twilio")) == Found(warnings=by_twilio)
    assert found(tagged, {**MESSENGER, "to": "messenger:123"}) == Found(warnings=by_twilio)
    assert found(tagged) == Found()


def test_a_tag_that_twilio_takes_no_notice_of_is_told() -> None:
    given = asked({"messenger": {"tag": "HUMAN_AGENT"}}, MESSENGER)

    told = check(given, Installed({"messenger": ["twilio"]}))

    assert not told.faults
    assert [one.partition(":")[0] for one in told.warnings] == ["content.messenger.tag"]
    assert "ACCOUNT_UPDATE" in told.warnings[0]
