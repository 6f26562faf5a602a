"""What a step says: by its own words, its channel's, its language's, or the common ones."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.content import Content, OnOther
from failover.message import InvalidMessage, Message, parse_message
from tests.plans import message, plan

LOCALES = {"de": {"text": "hallo", "subject": "S de"}, "de-AT": {"text": "servus"}}


def one(channel: str, locale: str, content: dict[str, Any], own: Any = None) -> Message:
    person = {"locale": locale, "addresses": {"phone": "+14155550100", "email": "d@example.com"}}
    step = {"channel": channel, "wait": 60, "content": own}
    return message(recipient=person, content={"text": "hi", **content}, steps=[step])


def said(*given: Any) -> Content:
    asked = one(*given)
    return asked.said(asked.steps[0])


@pytest.mark.parametrize(
    ("locale", "text", "subject"),
    [
        ("en", "hi", None),
        ("de", "hallo", "S de"),
        ("DE_ch.UTF-8".partition(".")[0], "hallo", "S de"),
        ("de-AT", "servus", "S de"),
        ("de_at", "servus", "S de"),
        ("de-AT-1996", "servus", "S de"),
        ("den", "hi", None),
    ],
)
def test_a_language_falls_back_field_by_field(locale: str, text: str, subject: str | None) -> None:
    found = said("sms", locale, {"locales": LOCALES})

    assert (found.text, found.subject) == (text, subject)


SHORT = {"sms": {"text": "short", "locales": {"de": {"text": "kurz"}}}}


@pytest.mark.parametrize(
    ("channel", "locale", "own", "text"),
    [
        pytest.param("whatsapp", "en", None, "hi", id="the common text"),
        pytest.param("whatsapp", "de", None, "hallo", id="the language before the common text"),
        pytest.param("sms", "en", None, "short", id="the channel before the common text"),
        pytest.param("sms", "fr", None, "short", id="the channel in another language"),
        pytest.param("sms", "de", None, "kurz", id="the channel's own language"),
        pytest.param("sms", "de", {"text": "step"}, "step", id="the step before all"),
        pytest.param("sms", "de", {"subject": "s"}, "kurz", id="the step's other field"),
        pytest.param(
            "sms", "de", {"locales": {"de": {"text": "Schritt"}}}, "Schritt", id="its language"
        ),
        pytest.param(
            "sms", "de", {"text": "x", "by_channel": SHORT}, "kurz", id="the step's own channels"
        ),
    ],
)
def test_the_special_goes_before_the_general(
    channel: str, locale: str, own: Any, text: str
) -> None:
    assert said(channel, locale, {"locales": LOCALES, "by_channel": SHORT}, own).text == text


def test_a_change_leaves_the_other_fields_alone() -> None:
    choices = [{"id": "yes", "label": "Yes"}]
    common = {"choices": choices, "confirm_link": True, "locales": {"de": {"text": "hallo"}}}

    found = said("sms", "de", common, {"subject": "s"})

    assert (found.text, found.subject, found.confirm_link) == ("hallo", "s", True)
    assert [choice.id for choice in found.choices] == ["yes"]


def test_nothing_can_be_said_instead_of_something() -> None:
    common = {"choices": [{"id": "yes", "label": "Yes"}], "confirm_link": True}
    gone = {"voice": {"choices": [], "confirm_link": False}}

    found = said("voice", "en", {**common, "by_channel": gone})

    assert (found.choices, found.confirm_link) == ((), False)


def test_a_step_with_a_text_says_all_of_it() -> None:
    common = {"subject": "s", "choices": [{"id": "yes", "label": "Yes"}], "locales": LOCALES}

    assert said("sms", "de", common, {"text": "only this"}) == Content(text="only this")


def test_another_person_is_spoken_to_in_the_language_of_that_person() -> None:
    step = {"channel": "sms", "wait": 60}
    boss = {"locale": "de", "addresses": {"sms": "+4915112345678"}}
    asked = message(content={"text": "hi", "locales": LOCALES}, steps=[step, {**step, "to": boss}])

    assert [asked.said(step).text for step in asked.steps] == ["hi", "hallo"]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": ""}, "content.text"),
        ({"media": [{"url": "http://a.example/b", "kind": "image"}]}, "content.media.0.url"),
        ({"media": [{"url": "https://", "kind": "image"}]}, "content.media.0.url"),
        ({"media": [{"url": "https://a:b@c.example", "kind": "image"}]}, "content.media.0.url"),
        ({"media": [{"url": "https://a.example/ b", "kind": "image"}]}, "content.media.0.url"),
        *(
            (
                {"media": [{"url": f"https://a.example{odd}", "kind": "image"}]},
                "content.media.0.url",
            )
            for odd in (r"\@b.example/c", r"/b\c", "/\u00e9", "/\n", "/b c")
        ),
        ({"media": [{"url": "https://a.example", "kind": "smell"}]}, "content.media.0.kind"),
        ({"media": [{"url": "https://a.example", "kind": "file"}] * 11}, "content.media"),
        ({"template": {"twilio": {"sid": "HX1"}}}, "content.template.twilio.sid"),
        ({"template": {"vonage": {"locale": "de"}}}, "content.template.vonage.name"),
        ({"template": {"sendgrid": {"id": "1"}}}, "content.template.sendgrid.id"),
        ({"template": {"acme": {"id": "1"}}}, "content.template.acme"),
        ({"by_channel": {"pigeon": {}}}, "content.by_channel.pigeon"),
        ({"by_channel": {"sms": {"texts": "x"}}}, "content.by_channel.sms.texts"),
        ({"locales": {"German!": {"text": "x"}}}, "content.locales"),
        ({"locales": {"de-AT": {}, "de_at": {}}}, "content.locales"),
        ({"locales": {"de": {"subject": "a\nb"}}}, "content.locales.de.subject"),
        ({"viber": {"category": "gossip"}}, "content.viber.category"),
        ({"viber": {"category": "promotion", "ttl": 29}}, "content.viber.ttl"),
        ({"messenger": {"tag": "lower case"}}, "content.messenger.tag"),
        ({"by_channel": {"sms": {"on_other": "ask_again"}}}, "content.on_other"),
    ],
)
@pytest.mark.parametrize("place", ["", "steps.0."])
def test_what_breaks_a_rule_is_named_by_its_field(
    content: dict[str, Any], field: str, place: str
) -> None:
    whole = {"text": "hi", **content}
    steps = [{"channel": "sms", "wait": 60, **({"content": whole} if place else {})}]
    asked = plan(content={"text": "hi"} if place else whole, steps=steps)

    with pytest.raises(InvalidMessage) as told:
        parse_message(asked)

    assert f"{place}{field}" in str(told.value) or f"steps.0: {field}" in str(told.value)


def test_what_is_not_given_is_not_written_for_older_readers() -> None:
    written = Content(text="hi").model_dump(mode="json")

    assert set(written) == {"text", "subject", "choices", "on_other", "confirm_link"}


_texts = st.one_of(st.none(), st.text(min_size=1, max_size=9))
_changes = st.fixed_dictionaries(
    {},
    optional={
        "text": _texts.filter(bool),
        "html": _texts.filter(bool),
        "confirm_link": st.booleans(),
        "choices": st.just([{"id": "a", "label": "A"}]),
        "on_other": st.just("hand_over"),
        "viber": st.just({"category": "promotion", "ttl": "PT1M"}),
    },
)
_languages = st.dictionaries(st.sampled_from(["de", "de-AT", "fr"]), _changes)
_channels = st.dictionaries(st.sampled_from(["sms", "email"]), _changes)


@given(
    _languages,
    _channels,
    st.sampled_from(["sms", "email", "voice"]),
    st.text("deATfr-_", max_size=5),
)
def test_what_is_said_survives_being_written_and_read(
    locales: Any, channels: Any, channel: Any, locale: str
) -> None:
    content = Content.model_validate({"text": "hi", "locales": locales, "by_channel": channels})

    read = Content.model_validate_json(content.model_dump_json())

    assert read == content
    layers = list(content.layers(channel, locale, "content"))
    assert read.changed(layers) == content.changed(layers)
    assert Content.model_validate(content.changed(layers).model_dump()) == content.changed(layers)


def test_where_a_step_says_something_is_known() -> None:
    own = {"locales": {"de": {"html": "x"}}}
    asked = one("sms", "de-AT", {"locales": LOCALES, "by_channel": SHORT}, own)

    places = [asked.place(0, field) for field in ("text", "subject", "html", "media")]

    assert places == [
        "content.by_channel.sms.locales.de.text",
        "content.locales.de.subject",
        "steps.0.content.locales.de.html",
        "content.media",
    ]


def test_the_span_of_viber_is_a_span() -> None:
    found = said("viber", "en", {"viber": {"category": "transaction", "ttl": "PT2M"}})

    assert found.viber is not None
    assert found.viber.ttl == timedelta(minutes=2)
    assert found.on_other == OnOther()
