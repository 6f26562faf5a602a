"""A reply from an address in another spelling has the key of what it answers."""

import phonenumbers
import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from providers.reply_keys import address_key, pair_key
from providers.spelling import normal

SECRET = "a secret of tests that is long enough"
AMERICAN, GERMAN = "+15005550006", "+4930123456"


@pytest.mark.parametrize(
    ("address", "ours", "spelt"),
    [
        pytest.param("(415) 555-0100", AMERICAN, "+14155550100", id="national"),
        pytest.param("415.555.0100", AMERICAN, "+14155550100", id="with dots"),
        pytest.param("415‑555‑0100", AMERICAN, "+14155550100", id="with a telephone's dashes"),
        pytest.param("4155550100", AMERICAN, "+14155550100", id="digits that no other country has"),
        pytest.param("1 415 555 0100", AMERICAN, "+14155550100", id="its country without the +"),
        pytest.param("(415) 555-0100", "15005550006", "+14155550100", id="ours as Vonage says it"),
        pytest.param("(415) 555-0100", "whatsapp:+15005550006", "+14155550100", id="and Twilio"),
        pytest.param("0171 1234567", GERMAN, "+491711234567", id="German"),
        pytest.param("0171/1234567", GERMAN, "+491711234567", id="with a slash"),
        pytest.param("01711234567", GERMAN, "+491711234567", id="digits that begin with 0"),
        pytest.param("٠١٧١١٢٣٤٥٦٧", GERMAN, "+491711234567", id="Arabic digits"),
        pytest.param("+49 (0)171 1234567", "", "+491711234567", id="with a 0 in brackets"),
        pytest.param("0049 171 1234567", "", "+491711234567", id="00"),
        pytest.param("0049 171 1234567", AMERICAN, "+491711234567", id="00 in America"),
        pytest.param("011 49 171 1234567", AMERICAN, "+491711234567", id="011 in America"),
        pytest.param("0011 49 171 1234567", "+61291234567", "+491711234567", id="Australian"),
        pytest.param("49 171 1234567", AMERICAN, "+491711234567", id="no number of our country"),
        pytest.param("447700900123", GERMAN, "+447700900123", id="digits are Vonage's"),
        pytest.param("whatsapp:+14155550100", "", "+14155550100", id="WhatsApp at Twilio"),
        pytest.param("tel:+1-415-555-0100;ext=3", "", "+14155550100", id="a link"),
        pytest.param("＋１（４１５）５５５－０１００", "", "+14155550100", id="wide"),
        pytest.param("\u202a+1 415 555 0100\u202c", "", "+14155550100", id="pasted"),
        pytest.param("4280387012", AMERICAN, "+4280387012", id="digits of no number in use"),
        pytest.param("12345", AMERICAN, "12345", id="a short code"),
        pytest.param("Acme 24", AMERICAN, "acme 24", id="a name"),
        pytest.param("1800FLOWERS", AMERICAN, "1800flowers", id="a name with digits"),
        pytest.param("Dana@Example.COM", "", "dana@example.com", id="upper case"),
        pytest.param("dana+shop+2@example.com", "", "dana@example.com", id="a tag"),
        pytest.param("+@example.com", "", "+@example.com", id="nothing but a tag"),
        pytest.param("mailto:dana@example.com", "", "dana@example.com", id="a link to mail"),
        pytest.param("dana@example.com.", "", "dana@example.com", id="the root's dot"),
        pytest.param("dana@Müller.example", "", "dana@xn--mller-kva.example", id="IDN"),
        pytest.param("dana@mu\u0308ller。example", "", "dana@xn--mller-kva.example", id="its dots"),
        pytest.param("dana@straße.example", "", "dana@strasse.example", id="sharp s"),
        pytest.param("dana@\u2615.-.example", "", "dana@\u2615.-.example", id="no domain"),
        pytest.param("", "", "", id="nothing"),
    ],
)
def test_an_address_has_one_spelling(address: str, ours: str, spelt: str) -> None:
    assert normal(address, ours) == spelt


@pytest.mark.parametrize(
    ("channel", "theirs", "ours", "key"),
    [
        ("sms", "+14155550100", "+15005550006", "477761c014b2bf2fe0297066d408badb"),
        ("whatsapp", "whatsapp:+4915112345678", "whatsapp:+14155238886",
         "0d7bb194c361ffbf5433e3aa5f1da221"),
        ("sms", "447700900123", "447700900000", "c5d0ef1323b82de56ef88ace4b914404"),
        ("voice", "+8613812345678", "12345", "078264f8bff7a5f3dc9dcad7e551b75f"),
        ("sms", "+14155550100", "Acme", "2266a87b9a66873c5d539c553fd7ee8c"),
        ("messenger", "messenger:5551234567890123", "messenger:108392847561029",
         "be3d976103c0c662d20f499cd669dbd7"),
    ],
)  # fmt: skip
def test_the_keys_of_messages_under_way_stay(
    channel: str, theirs: str, ours: str, key: str
) -> None:
    assert pair_key(SECRET, channel, theirs, ours) == key


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("dana@example.com", "14379d2b8c7cb8dfbec2b34cb37e1f18"),
        ("dana@xn--mnchen-3ya.de", "49823e57ca5d644c990dfdbbc584dfe1"),
        ("+14155550100", "0c0859ec81001b93da3e904e75d5c80f"),
        ("12345", "6644e602c7bab94aa6c9e69eacc71aa4"),
    ],
)
def test_the_keys_of_persons_stay(address: str, key: str) -> None:
    assert address_key(SECRET, address) == key


def test_the_key_of_a_person_knows_the_national_format_too() -> None:
    national, known = "(415) 555-0100", address_key(SECRET, "+14155550100")

    assert address_key(SECRET, national, AMERICAN) == known
    assert address_key(SECRET, national, GERMAN) != known


@st.composite
def numbers(draw: st.DrawFn) -> PhoneNumber:
    """A valid number of any country: an example of its plan with other digits at the end."""
    region = draw(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
    kind = draw(st.sampled_from([PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE]))
    example = phonenumbers.example_number_for_type(region, kind)
    assume(example is not None)
    spelt = e164(example)
    changed = draw(st.integers(1, 6))
    end = draw(st.integers(0, 10**changed - 1))
    try:
        number = phonenumbers.parse(f"{spelt[:-changed]}{end:0{changed}}")
    except phonenumbers.NumberParseException:
        reject()
    assume(phonenumbers.is_valid_number(number))
    return number


def e164(number: PhoneNumber | None) -> str:
    assert number
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@given(numbers())
def test_every_spelling_of_a_number_has_its_key(number: PhoneNumber) -> None:
    home = phonenumbers.region_code_for_country_code(number.country_code or 0)
    ours = phonenumbers.example_number(home)
    key = pair_key(SECRET, "sms", e164(number), e164(ours))
    for kind in (
        PhoneNumberFormat.E164,
        PhoneNumberFormat.INTERNATIONAL,
        PhoneNumberFormat.RFC3966,
    ):
        spelt = phonenumbers.format_number(number, kind)
        assert pair_key(SECRET, "sms", spelt, e164(ours)) == key
        assert pair_key(SECRET, "sms", spelt, "Acme") == pair_key(
            SECRET, "sms", e164(number), "Acme"
        )
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    # Few digits are a short code, and digits alone may be a whole number of another country.
    digits = "".join(filter(str.isdigit, national))
    assume(len(digits) >= 7 and (digits != national or national.startswith("0")))
    assert pair_key(SECRET, "sms", national, e164(ours)) == key


@given(numbers(), numbers(), st.sampled_from(["", AMERICAN, GERMAN, "Acme"]))
def test_different_numbers_never_have_the_same_key(
    one: PhoneNumber, other: PhoneNumber, ours: str
) -> None:
    assume(e164(one) != e164(other))

    assert pair_key(SECRET, "sms", e164(one), ours) != pair_key(SECRET, "sms", e164(other), ours)
    assert address_key(SECRET, e164(one)) != address_key(SECRET, e164(other))


@given(numbers())
def test_a_number_is_its_own_spelling(number: PhoneNumber) -> None:
    assert normal(e164(number)) == normal(e164(number).removeprefix("+")) == e164(number)


ANY = (
    st.text()
    | st.from_regex(r"[+0-9() ./:;-]{1,25}", fullmatch=True)
    | st.emails()
    | st.from_regex(r"[a-zA-Z+:äß.]{1,9}@[a-zA-Z:äßﬀ。.-]{1,20}", fullmatch=True)
)


@given(ANY, st.sampled_from(["", AMERICAN, GERMAN, "Acme", "12345"]))
def test_one_spelling_has_no_other(address: str, ours: str) -> None:
    assert normal(normal(address, ours), ours) == normal(address, ours)
    assert normal(f" {address} ", ours) == normal(address, ours)


@given(st.from_regex(r"[a-z0-9._-]{1,20}@[a-z0-9-]{1,20}\.[a-z]{2,6}", fullmatch=True))
def test_a_mail_in_lower_case_is_its_own_spelling(address: str) -> None:
    local, _, domain = address.partition("@")

    assert normal(address) == address
    assert normal(f"{local}+any.tag@{domain.upper()}") == address
