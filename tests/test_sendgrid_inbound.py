"""A person's answer by mail, as Inbound Parse posts it.

Fields: the default payload in sendgrid/sendgrid-python at 76788e7 (test/fixtures), read 2026-11-21.
"""

import json
import time
from typing import Any

import pytest

from failover.events import Reply
from providers.base import CallbackForged, CallbackMalformed
from providers.reply_keys import reply_token, token_key
from providers.sendgrid.provider import callbacks
from providers.sendgrid.reply_text import without_history
from providers.settings import PublicSettings
from tests.callbacks import BASE_URL, KEY
from tests.callbacks_sendgrid import (
    EVENT_KEY,
    INBOUND_KEY,
    REPLY_DOMAIN,
    sendgrid_mail,
    sendgrid_settings,
    signed,
)

PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
READER = callbacks(sendgrid_settings(), PUBLIC)
TOKEN = reply_token(KEY, "order-1.2")
TO = f"r+{TOKEN}@{REPLY_DOMAIN}"
HEADERS = f"""\

MIME-Version: 1.0
Received: by 0.0.0.0 with HTTP; Wed, 10 Aug 2016 18:10:13 -0700 (PDT)
From: Example User <test@example.com>
Date: Wed, 10 Aug 2016 18:10:13 -0700
Message-ID: <CAN_P_JMvV7ZpAQhOnDienypLrJmuhN=LQWweu4yScw4jQyXY2w@mail.example.com>
Subject: Re: Your delivery
To: {TO}
Content-Type: multipart/alternative; boundary=001a113df448cad2d00539c16e89
"""
CHARSETS = ("to", "html", "subject", "from", "text")


def fields(**more: str | bytes) -> dict[str, str | bytes]:
    return {
        "headers": HEADERS,
        "dkim": "{@example.com : pass}",
        "to": TO,
        "html": "<html><body><strong>Yes</strong></body></html>\n",
        "from": "Example User <test@example.com>",
        "text": "Yes\n",
        "sender_ip": "0.0.0.0",
        "envelope": json.dumps({"to": [TO], "from": "test@example.com"}),
        "attachments": "0",
        "subject": "Re: Your delivery",
        "charsets": json.dumps(dict.fromkeys(CHARSETS, "UTF-8")),
        "SPF": "pass",
        **more,
    }


def reply(files: dict[str, bytes] | None = None, **more: str | bytes) -> Reply:
    [event] = READER.read(sendgrid_mail(fields(**more), files=files))
    assert isinstance(event, Reply)
    return event


def headers(*lines: str) -> str:
    return HEADERS + "\n".join(lines) + "\n"


def test_a_mail_to_the_token_is_a_reply() -> None:
    said = reply()

    assert (said.channel, said.provider, said.text) == ("email", "sendgrid", "Yes")
    assert said.keys == (token_key(KEY, TOKEN),)
    assert said.provider_id.startswith("<CAN_P_JMvV7ZpAQhOnDienypLrJmuhN")
    assert said.at is not None
    assert said.at.isoformat() == "2016-08-11T01:10:13+00:00"
    assert not said.stop


@pytest.mark.parametrize(
    "dkim",
    ["none", "", "{@example.com : fail}", "{@mallory.example : pass}", "{@le.com : pass}"],
)
@pytest.mark.parametrize("word", ["STOP", "START"])
def test_whose_address_it_is_takes_a_signature_of_its_domain(dkim: str, word: str) -> None:
    """Whoever has one mail of ours could stop, or start again, what goes to somebody else."""
    said = reply(dkim=dkim, text=word)

    assert said.person is None
    assert not said.start
    assert said.stop == (word == "STOP")


def test_a_signature_of_the_domain_above_will_do() -> None:
    mail = HEADERS.replace("test@example.com", "test@mail.example.com")

    assert reply(headers=mail, dkim="{@other.example : fail}{@example.com : pass}").person


def test_a_mail_server_may_change_the_case_of_the_token() -> None:
    envelope = json.dumps({"to": ["someone@else.example", TO.upper()], "from": "a@b.example"})

    assert reply(envelope=envelope).keys == (token_key(KEY, TOKEN),)


@pytest.mark.parametrize(
    "envelope",
    [
        "",
        "{",
        "[]",
        '{"to": 5}',
        '{"to": [5, null]}',
        json.dumps({"to": ["hello@reply.example.com"]}),
    ],
)
def test_a_mail_without_a_token_belongs_to_nobody_yet_and_is_kept(envelope: str) -> None:
    assert reply(envelope=envelope).keys == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "Yes\n\nOn Tue, Nov 10, 2026 at 3:00 PM Dana's Deliveries <a@b.example> wrote:\n"
            "> Hi Dana,\n> STOP to end\n",
            id="quoted below",
        ),
        pytest.param(
            "Yes\r\n\r\nOn Tue, Nov 10, 2026 at 3:00 PM Dana's Deliveries <\r\n"
            "a@b.example> wrote:\r\n\r\n> Hi Dana,\r\n",
            id="a header in two lines",
        ),
        pytest.param(
            "Yes\n\nAm Di., 10. Nov. 2026 um 15:00 Uhr schrieb Dana <a@b.example>:\n> Hallo\n",
            id="German",
        ),
        pytest.param(
            "Yes\n\n________________________________\nFrom: Dana <a@b.example>\n"
            "Sent: Tuesday, November 10, 2026 3:00 PM\nTo: Someone\nSubject: Your delivery\n\nHi\n",
            id="Outlook",
        ),
        pytest.param(
            "Yes\n\n-----Original Message-----\nFrom: Dana\nSent: today\n\nHi\n", id="older Outlook"
        ),
        pytest.param("Yes\n\n-- \nExample User\nExample Ltd\n", id="a signature"),
        pytest.param("Yes\n\nSent from my iPhone\n", id="a telephone's signature"),
        pytest.param(
            "On Tue, Nov 10, 2026 at 3:00 PM Dana <a@b.example> wrote:\n> Hi Dana\n\nYes\n",
            id="answered below",
        ),
        pytest.param("> can you be home at 9 pm?\n\nYes\n", id="between the lines"),
    ],
)
def test_only_what_is_new_is_the_answer(text: str) -> None:
    assert reply(text=text).text == "Yes"


def test_an_answer_like_a_signature_is_kept() -> None:
    assert reply(text="- Yes\n").text == "- Yes"


def test_a_mail_in_html_only_is_made_into_text() -> None:
    page = (
        "<html><head><title>x</title><style>p {color: red}</style></head><body><div>Yes, &amp;"
        "<br/>gladly</div><!-- a > b --><![endif]--><BLOCKQUOTE a=1>Hi <p>Dana</BLOCKQUOTE></body>"
    )

    assert reply(text="", html=page).text == "Yes, &\ngladly"


def test_a_mail_that_says_nothing_is_a_reply_all_the_same() -> None:
    assert reply(text="", html="").text is None


@pytest.mark.parametrize(
    ("text", "stop"), [("STOP", True), ("Stop.\n\n> Reply STOP", True), ("don't stop", False)]
)
def test_a_stop_word_alone_is_an_opt_out(text: str, stop: bool) -> None:
    assert reply(text=text).stop is stop


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        pytest.param("iso-8859-1", "Oui, à 9 h".encode("latin-1"), id="Latin 1"),
        pytest.param("windows-1251", "Да, à 9 h".encode("cp1251", "ignore"), id="Cyrillic"),
        pytest.param("shift_jis", "はい".encode("shift_jis"), id="Japanese"),
        pytest.param("no-such-charset", b"Oui, \xe0 9 h", id="unknown"),
        pytest.param("utf-8", b"Oui, \xe0 9 h", id="wrong"),
        pytest.param("idna", b"\xff" * 50, id="no charset of texts"),
        pytest.param("rot13", b"Lrf", id="no bytes to text"),
        pytest.param("zlib", b"Lrf", id="compression"),
    ],
)
def test_a_text_comes_in_the_charset_of_its_writer(charset: str, content: bytes) -> None:
    said = reply(text=content, charsets=json.dumps({"text": charset}))

    assert said.text
    if charset in ("iso-8859-1", "shift_jis"):
        assert said.text == content.decode(charset)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"headers": headers("Auto-Submitted: auto-replied")}, id="RFC 3834"),
        pytest.param({"headers": headers("auto-submitted: Auto-Generated; x")}, id="any case"),
        *(
            pytest.param({"headers": headers(f"Precedence: {named}")}, id=named)
            for named in ("bulk", "junk", "list", "Auto_Reply")
        ),
        pytest.param({"headers": headers("X-Autoreply: yes")}, id="X-Autoreply"),
        pytest.param({"headers": headers("X-Autorespond:")}, id="X-Autorespond"),
        pytest.param({"headers": headers("Return-Path: <>")}, id="null return path"),
        pytest.param({"envelope": json.dumps({"to": [TO], "from": ""})}, id="null sender"),
        pytest.param({"envelope": json.dumps({"to": [TO], "from": "<>"})}, id="<>"),
        pytest.param(
            {"headers": "From: Mail Delivery <MAILER-DAEMON@mx.example>\n"}, id="mailer-daemon"
        ),
        pytest.param(
            {"envelope": json.dumps({"to": [TO], "from": "postmaster@mx.example"})}, id="postmaster"
        ),
    ],
)
def test_what_a_machine_wrote_is_no_answer(more: dict[str, str]) -> None:
    assert READER.read(sendgrid_mail(fields(**more))) == []


def test_a_person_may_say_so() -> None:
    assert reply(headers=headers("Auto-Submitted: no")).text == "Yes"


def test_a_mail_without_an_id_has_the_same_one_each_time() -> None:
    first, again = reply(headers="From: a@b.example\n"), reply(headers="From: a@b.example\n")

    assert first.provider_id == again.provider_id
    assert first.provider_id != reply(headers="").provider_id


def test_attachments_are_left_alone() -> None:
    files = {"attachment1": bytes(range(256)) * 5000, "text": b"No"}

    assert reply(files=files, attachments="2").text == "Yes"


def test_a_whole_mail_is_read_too() -> None:
    """The parse setting "POST the raw, full MIME message"."""
    lines = HEADERS.strip().splitlines()[:-1]
    lines += ["Content-Type: text/plain; charset=iso-8859-1", "", "Oui, à 9 h"]
    whole = "\r\n".join(lines).encode("latin-1")
    envelope = json.dumps({"to": [TO], "from": "test@example.com"})
    [said] = READER.read(sendgrid_mail({"envelope": envelope, "email": whole}))

    assert isinstance(said, Reply)
    assert said.text == "Oui, à 9 h"
    assert said.keys == (token_key(KEY, TOKEN),)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param("application/json", b"{}", id="JSON"),
        pytest.param("", b"", id="nothing"),
        pytest.param("multipart/form-data", b"--x--", id="no boundary"),
        pytest.param("multipart/form-data; boundary=x", b"hello", id="not a form"),
        pytest.param("multipart/form-data; boundary=" + "x" * 5000, b"--x", id="long boundary"),
        pytest.param(
            "multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 5000, id="many headers"
        ),
    ],
)
def test_a_signed_body_that_makes_no_sense_is_malformed(kind: str, body: bytes) -> None:
    with pytest.raises(CallbackMalformed):
        READER.read(signed("inbound", body, INBOUND_KEY, kind=kind))


def test_a_mail_signed_with_the_key_of_events_is_refused() -> None:
    with pytest.raises(CallbackForged, match="SENDGRID_INBOUND_PUBLIC_KEY"):
        READER.read(sendgrid_mail(fields(), key=EVENT_KEY))


def test_the_same_mail_twice_says_the_same() -> None:
    callback = sendgrid_mail(fields())

    assert READER.read(callback) == READER.read(callback)


@pytest.mark.parametrize(
    "text",
    [
        "On " * 40_000,
        "\n" * 100_000 + "Yes",
        "From:" + "\n" * 100_000,
        "a" + " \n" * 50_000,
        "From: * " * 10_000,
        "> " * 50_000,
        "-" * 100_000,
        "Confidential Notice: " * 5_000,
    ],
    ids=["On", "lines", "From", "spaces", "headers", "quotes", "dashes", "disclaimers"],
)
def test_a_long_mail_takes_no_long_time(text: str) -> None:
    began = time.thread_time()
    without_history(text)

    assert time.thread_time() - began < 2


def test_all_of_a_long_mail_is_the_answer_but_not_what_it_quotes() -> None:
    long = "\n".join(f"line {number} of what I have to say" for number in range(5_000))
    quoted = "\n".join(f"> line {number}" for number in range(1_000))
    below = f"On Friday, a shop wrote:\n{quoted}"

    assert without_history(long) == long
    assert without_history(f"{long}\n{quoted}") == long
    assert without_history(f"Yes\n\n{below}") == "Yes"


@pytest.mark.parametrize("page", ["<" * 50_000, "<!--" * 20_000, "<a b='" * 20_000, "&#" * 50_000])
def test_a_long_page_takes_no_long_time(page: str) -> None:
    began = time.thread_time()
    reply(text="", html=page)

    assert time.thread_time() - began < 2


def test_the_fields_of_a_form_are_bytes_of_any_kind() -> None:
    more: dict[str, Any] = {"from": b"\xff\xfe", "subject": b"\x00", "dkim": b"\r\n--xYzZ\r\n"}

    assert reply(**more).text == "Yes"
