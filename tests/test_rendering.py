"""Liquid templates: what goes in, what comes of it, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.rendering import rendered, with_said
from failover.content import Content
from failover.message import Message
from tests.plans import message

CONTEXT = {
    "order": {"id": 77, "lines": ["tea", "milk"]},
    "people": [{"name": "Bo"}],
    "day": "2026-12-01",
    "none": None,
}


def asked(text: str, recipient: dict[str, Any] | None = None, **content: Any) -> Message:
    person = {"name": "Dana", "addresses": {"phone": "+14155550100", "email": "d@example.com"}}
    return message(
        recipient=person if recipient is None else recipient,
        content={"text": text, "liquid": True, **content},
        steps=[{"channel": "sms", "wait": 60}],
        context=CONTEXT,
    )


def filled(*given: Any, **more: Any) -> Content:
    [one], wrong = rendered(asked(*given, **more))
    assert not wrong
    return one.content


def fault(*given: Any, **more: Any) -> str:
    done, [wrong] = rendered(asked(*given, **more))
    assert not done
    return wrong


NOBODY = {"addresses": {"phone": "+14155550100"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hi {{ recipient.name }}", "Hi Dana"),
        ("{{ recipient.locale }}", "en"),
        ("{{ recipient.time_zone | default: 'none' }}", "none"),
        ("Order {{ context.order.id }}", "Order 77"),
        ("{{ context.order.lines | join: ' and ' }}", "tea and milk"),
        ("{% for line in context.order.lines %}[{{ line }}]{% endfor %}", "[tea][milk]"),
        ("{{ context.day | date: '%d.%m.%Y' }}", "01.12.2026"),
        ("{% if recipient.id %}x{% else %}nobody{% endif %}", "nobody"),
        ("{{ recipient.id | default: 'you' }}", "you"),
        ("{{ context.vip | default: 'plain' }}", "plain"),
        ("<b>{{ '<i>' }}</b>", "<b><i></b>"),
        ("no template", "no template"),
    ],
)
def test_a_text_is_filled_in(text: str, said: str) -> None:
    assert filled(text).text == said


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{{ recipient.id }}", "recipient.id is unknown"),
        ("{{ recipient.nickname }}", "recipient.nickname is unknown"),
        ("{{ recipient.addresses.phone }}", "recipient.addresses.phone is unknown"),
        ("{{ context.order.total }}", "context.order.total is unknown"),
        ("{% if context.vip %}x{% endif %}", "context.vip is unknown"),
        ("{{ order }}", "order is unknown"),
        ("{{ recipient.time_zone }}", "recipient.time_zone is unknown"),
        ("{{ context.order.lines[5] }}", "context.order.lines[5] is unknown"),
        ("{{ context.order.lines[-3] }}", "context.order.lines[-3] is unknown"),
        ("{% cycle context.order.id, context.vip %}", "context.vip is unknown"),
        ("{% for fact in recipient %}{{ fact }}{% endfor %}", "recipient.id is unknown"),
        ("{{ context['dana@example.com'] }}", "d•••@example.com"),
    ],
)
def test_an_unknown_variable_is_named_with_its_field(text: str, what: str) -> None:
    told = fault(text)

    assert told.startswith("content.text: ")
    assert what in told


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{{ recipient }}", "recipient"),
        ("{{ recipient | append: '!' }}", "recipient"),
        ("{{ context }}", "context"),
        ("{% echo context.order %}", "context.order"),
        ("{% for one in context.people %}{{ one }}{% endfor %}", "context.people[0]"),
        ("{{ context.people }}", "context.people[0]"),
    ],
)
def test_what_has_parts_is_not_said_as_a_whole(text: str, what: str) -> None:
    assert fault(text) == f"content.text: {what} is no text, but has parts"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{{ context.parcels[recipient.name] }}", "context.parcels[recipient.name] is unknown"),
        ("{{ context.order[recipient.name].x }}", "context.order[recipient.name].x is unknown"),
        ("{{ [recipient.name] }}", "[recipient.name] is unknown"),
        ("{{ a[context.b[recipient.name]] }}", "a[context.b[recipient.name]] is unknown"),
        ("{% liquid echo context.order[recipient.name] %}", "context.order[recipient.name] is"),
        ("{{ context.of[recipient.name] }}", "context.of[…] is no text, but has parts"),
        ("{% for one in context.of %}{{ one[1] }}{% endfor %}", "context.of[…] is no text"),
    ],
)
def test_a_fault_has_names_of_the_template_and_no_values(text: str, what: str) -> None:
    context = {**CONTEXT, "of": {"Dana": {"x": 1}}}
    plan = asked(text).model_copy(update={"context": context})

    _, [told] = rendered(plan)

    assert what in told
    assert "Dana" not in told


def test_a_time_zone_is_known_and_makes_two_texts_of_one() -> None:
    sms = {"channel": "sms", "wait": 60}
    people = [
        {"time_zone": zone, "addresses": {"sms": "+4915112345678"}}
        for zone in ("Europe/Berlin", "Asia/Tokyo")
    ]
    given = message(
        content={"text": "{{ recipient.time_zone }}", "liquid": True},
        steps=[{**sms, "to": person} for person in people],
    )

    done, _ = rendered(given)

    assert [one.content.text for one in done] == ["Europe/Berlin", "Asia/Tokyo"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"subject": "{{ x }}"}, "content.subject"),
        ({"html": "<p>{{ x }}"}, "content.html"),
        ({"media": [{"url": "https://a.example/{{x}}", "kind": "image"}]}, "content.media.0.url"),
        (
            {"template": {"sendgrid": {"id": "d-1", "data": {"a": ["{{ x }}"]}}}},
            "content.template.sendgrid.data.a.0",
        ),
        ({"by_channel": {"sms": {"text": "{{ x }}"}}}, "content.by_channel.sms.text"),
        ({"locales": {"en": {"text": "{{ x }}"}}}, "content.locales.en.text"),
    ],
)
def test_the_field_is_where_the_message_has_the_template(more: Any, field: str) -> None:
    assert fault("hi", **more) == f"{field}: x is unknown"


@pytest.mark.parametrize(
    "text",
    [
        "{{ recipient.name ",
        "{% if %}",
        "{{ 'a' | rot13 }}",
        "{{ 1 | divided_by: 0 }}",
        "{% include 'README.md' %}",
        "{% render 'README.md' %}",
        "{% for i in (1..9999999) %}x{% endfor %}",
        "{% for i in (1..99) %}{% for j in (1..99) %}x{% endfor %}{% endfor %}",
        "{{ (1..999999999) | join: 'x' }}",
        "{% assign x = 'xxxx' %}{% for i in (1..99) %}{% assign x = x | append: x %}{% endfor %}",
        "{% assign x = 9 %}{% for i in (1..99) %}{% assign x = x | times: x %}{% endfor %}{{ x }}",
        "{{ '" + "x" * 9000 + "' | replace: 'x', 'y' }}",
        "{% if true %}" * 500 + "{% endif %}" * 500,
        "{{ context" + "[context" * 500 + "]" * 500 + " }}",
        "{{ '' }}",
    ],
)
def test_what_cannot_be_rendered_is_refused_without_its_text(text: str) -> None:
    told = fault(text)

    assert told.startswith("content.text: ")
    assert len(told) < 120
    assert "README" not in told


@pytest.mark.parametrize("tag", ["include", "render"])
def test_there_is_no_tag_that_reads_files(tag: str) -> None:
    assert "LiquidSyntaxError" in fault(f"{{% {tag} 'README.md' %}}")


def test_every_fault_is_told_at_once() -> None:
    _, wrong = rendered(asked("{{ a }}", subject="{{ b }}", html="{{ c }}"))

    assert wrong == [
        "content.html: c is unknown",
        "content.subject: b is unknown",
        "content.text: a is unknown",
    ]


def test_in_html_what_is_filled_in_is_escaped() -> None:
    person = {**NOBODY, "name": "<script>&"}

    html = filled("x", person, html="<b>{{ recipient.name }}</b>").html

    assert html == "<b>&lt;script&gt;&amp;</b>"


@pytest.mark.parametrize("label", ["{{ context.day }}", "{% if true %}Yes{% endif %}"])
def test_a_label_is_no_template(label: str) -> None:
    choices = [{"id": "no", "label": "{ No }"}, {"id": "x", "label": label}]

    told = fault("hi", choices=choices)

    assert told.startswith("content.choices.1.label: is said as it is")
    assert "context" not in told


def test_choices_are_as_they_are() -> None:
    choices = [{"id": "x", "label": "{ %x% }"}]

    assert filled("hi", choices=choices).choices[0].label == "{ %x% }"


def test_media_and_templates_are_filled_in() -> None:
    content = filled(
        "hi",
        media=[{"url": "https://a.example/{{context.order.id}}", "kind": "image"}],
        template={"vonage": {"name": "a:b", "parameters": ["{{ recipient.name }}"]}},
    )

    assert content.media[0].url == "https://a.example/77"
    assert content.template is not None
    assert content.template.vonage is not None
    assert content.template.vonage.parameters == ("Dana",)


def test_a_url_is_one_once_it_is_filled_in() -> None:
    url = "https://a.example/{{recipient.name}}"

    person = {**NOBODY, "name": "Dana D"}

    told = fault("hi", person, media=[{"url": url, "kind": "image"}])

    assert told.startswith("content.media: once rendered, media.0.url: ")


def test_steps_that_say_the_same_are_rendered_once_and_others_on_their_own() -> None:
    boss = {"name": "Bo", "addresses": {"sms": "+4915112345678"}}
    sms = {"channel": "sms", "wait": 60}
    steps = [sms, {**sms, "to": boss}, sms, {**sms, "content": {"text": "{{ plain }}"}}]
    given = message(content={"text": "Hi {{ recipient.name }}", "liquid": True}, steps=steps)

    done, wrong = rendered(given)

    assert not wrong
    assert [(one.steps, one.content.text) for one in done] == [([0, 2], "Hi Dana"), ([1], "Hi Bo")]
    told = with_said(given, done)
    assert [told.said(step).text for step in told.steps] == [
        "Hi Dana",
        "Hi Bo",
        "Hi Dana",
        "{{ plain }}",
    ]


def test_all_texts_together_have_a_limit() -> None:
    sms = {"channel": "sms", "wait": 60}
    long = "x" * 99_000
    steps = [{**sms, "content": {"text": f"{n}{long}", "liquid": True}} for n in range(6)]

    done, [wrong] = rendered(message(steps=steps))

    assert done
    assert wrong.startswith("content: all texts together")


def test_what_other_channels_and_languages_say_is_no_part_of_it() -> None:
    more = {"locales": {"de": {"text": "{{ x }}"}}, "by_channel": {"email": {"text": "{{ x }}"}}}

    said = filled("hi", **more)

    assert (said.text, said.locales, said.by_channel) == ("hi", {}, {})


def test_what_comes_after_a_text_that_takes_too_long_is_not_looked_at() -> None:
    endless = "{% if (1..99999999999) contains 1.5 %}x{% endif %}"

    sms = {"channel": "sms", "wait": 60}
    later = {**sms, "content": {"text": "{{ x }}", "liquid": True}}

    done, wrong = rendered(message(content={"text": endless, "liquid": True}, steps=[sms, later]))

    assert not done
    assert wrong == ["content.text: the template takes too much: time"]
    assert filled("{{ recipient.name }}").text == "Dana"


@given(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            ["{{", "}}", "{%", "%}", "if", "for", "x in", "recipient.name", "|", "'", "end"]
        ),
        max_size=12,
    ),
)
def test_whatever_the_template_is_there_is_a_text_or_a_fault(noise: str, parts: list[str]) -> None:
    done, wrong = rendered(asked(" ".join(["x", noise, *parts])))

    assert bool(done) != bool(wrong)
