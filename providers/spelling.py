"""One spelling of an address, so that a reply has the key of what it answers."""

import re
import unicodedata

import idna
import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

#: What may follow a number in a link (RFC 3966).
_PARAMETERS = re.compile(r";[a-z0-9-]+=.*")
_MAILTO = re.compile(r"^(mailto:)+")
_PHONE = re.compile(r"[+0-9().\-‐-―−/\s]+")
#: Fewer are a short code, which has no other spelling.
_SHORTEST_PHONE = 7
_LONGEST = 4_096
_LONGEST_DOMAIN = 253


def normal(address: str, ours: str = "") -> str:
    """E.164 with + for phone numbers, lower case for the rest, and emails without `+tag`.

    A number in the national format is of the country of `ours`, the sender of ours that it writes
    to. Digits alone are a number without its +, as Vonage writes it, where they can be one.
    """
    plain = _plain(address[:_LONGEST])
    if "@" in plain:
        return _email(plain)
    # Twilio says the channel before the address; others are kinds of link.
    bare = plain.rpartition(":")[2].strip()
    number = "".join(str(unicodedata.decimal(one, one)) for one in _PARAMETERS.sub("", bare))
    if _PHONE.fullmatch(number) and len(_digits(number)) >= _SHORTEST_PHONE:
        return _phone(number.strip(), _region(ours))
    return bare


def _plain(address: str) -> str:
    """Without case, width, and what cannot be seen, such as the marks around a pasted number."""
    visible = "".join(one for one in address if unicodedata.category(one) != "Cf")
    folded = unicodedata.normalize("NFKC", visible).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def _email(address: str) -> str:
    """A `+tag` is the person's own affair (RFC 5233), as is the alphabet of the domain."""
    local, _, domain = _MAILTO.sub("", address).rpartition("@")
    untagged = local.partition("+")[0] or local
    return f"{untagged}@{_domain(domain.replace('。', '.').rstrip('.'))}"


def _domain(domain: str) -> str:
    if domain.isascii() or len(domain) > _LONGEST_DOMAIN:
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except UnicodeError:
        return domain


def _phone(number: str, region: str | None) -> str:
    digits = _digits(number)
    abroad = _read(f"+{digits}" if number[0] == "+" else f"+{digits.removeprefix('00')}")
    spelt = phonenumbers.format_number(abroad, PhoneNumberFormat.E164) if abroad else f"+{digits}"
    alone = number == digits
    if number[0] == "+" or (alone and abroad and phonenumbers.is_possible_number(abroad)):
        return spelt
    # Digits alone are ids of people as well: those are numbers of ours only where one is in use.
    tests = (phonenumbers.is_valid_number, phonenumbers.is_possible_number)[: 1 if alone else 2]
    for fits in tests:
        for read in filter(None, (_read(number, region), abroad)):
            if fits(read):
                return phonenumbers.format_number(read, PhoneNumberFormat.E164)
    return spelt


def _read(number: str, region: str | None = None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number, region)
    except NumberParseException:
        return None


def _region(ours: str) -> str | None:
    """The country of a sender of ours; a short code and a name have none."""
    home = _read(normal(ours)) if ours else None
    return phonenumbers.region_code_for_country_code(home.country_code or 0) if home else None


def _digits(number: str) -> str:
    return "".join(filter(str.isdecimal, number))
