"""Addresses: shown only as far as one needs to recognise them, and spelt one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.addresses import E164, mask, scrub
from failover.names import parse_reference, reference
from providers.reply_keys import pair_key, reply_token, sent_key, token_key
from providers.spelling import normal

SECRET = "a secret of tests that is long enough"


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("+14155550100", "+1415•••0100"),
        ("+4915112345678", "+4915•••5678"),
        ("+47123456", "+4•••56"),
        ("dana@example.com", "d•••@example.com"),
        ("12345", "•••"),
        ("", "•••"),
    ],
)
def test_mask(address: str, masked: str) -> None:
    assert mask(address) == masked


@given(st.from_regex(E164, fullmatch=True))
def test_a_masked_number_is_not_the_number(number: str) -> None:
    assert number not in mask(number)
    assert number not in scrub(f"The 'To' number {number} is not valid.")


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("The 'To' number +14155550100 is not valid", "The 'To' number +1415•••0100 is not valid"),
        ("whatsapp:+14155550100 blocked", "whatsapp:+1415•••0100 blocked"),
        ("call (415) 555-0100 now", "call (415 •••0100 now"),
        ("<dana@example.com> bounced", "<d•••@example.com> bounced"),
        ("error 30003, twice in 15 s", "error 30003, twice in 15 s"),
    ],
)
def test_scrub(text: str, scrubbed: str) -> None:
    assert "5550100" not in scrub(text)
    assert "dana@" not in scrub(text)
    if "(415)" not in text:
        assert scrub(text) == scrubbed


@pytest.mark.parametrize(
    "spelling",
    ["+14155550100", "14155550100", "whatsapp:+14155550100", "rcs:+14155550100", " +14155550100"],
)
def test_a_number_has_one_key_in_every_spelling(spelling: str) -> None:
    ours, theirs = "+15005550006", "+14155550100"

    assert pair_key(SECRET, "sms", spelling, ours) == pair_key(SECRET, "sms", theirs, ours)


def test_normal_leaves_what_is_no_phone_number() -> None:
    assert normal("Dana@Example.com") == "dana@example.com"
    assert normal("Acme") == "acme"
    assert normal("US.13491208655302741918") == "us.13491208655302741918"


def test_keys_differ_by_secret_channel_and_pair() -> None:
    keys = {
        pair_key(SECRET, "sms", "+14155550100", "+15005550006"),
        pair_key(SECRET, "whatsapp", "+14155550100", "+15005550006"),
        pair_key(SECRET, "sms", "+14155550101", "+15005550006"),
        pair_key(SECRET + "!", "sms", "+14155550100", "+15005550006"),
        sent_key(SECRET, "twilio", "SM1"),
        sent_key(SECRET, "vonage", "SM1"),
    }

    assert len(keys) == 6
    assert pair_key(SECRET, "mms", "+14155550100", "+1") == pair_key(
        SECRET, "sms", "+14155550100", "+1"
    )


def test_a_reply_token_survives_mail_servers_and_is_not_what_is_kept() -> None:
    token = reply_token(SECRET, "order-1.1")

    assert len(token) == 32
    assert token.isalnum()
    assert token == token.lower()
    assert token_key(SECRET, token.upper()) == token_key(SECRET, token) != token


@given(st.from_regex(r"[!-~]{1,90}", fullmatch=True), st.integers(1, 999))
def test_a_reference_says_its_message_and_attempt(message: str, attempt: int) -> None:
    said = reference(message, attempt)

    assert parse_reference(said) == (message, attempt)
    assert len(said) <= 100


@pytest.mark.parametrize(
    "text", ["", "order", "order.", "order.0", "order.01", ".1", "a b.1", "ö.1"]
)
def test_what_is_no_reference_is_none(text: str) -> None:
    assert parse_reference(text) is None
