"""What is stored can be read with the right key alone, and says so when that is missing."""

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError

from providers.settings import ConfigurationError
from workflows.client import connect
from workflows.encryption import CannotDecrypt, EncryptionCodec, Keys, data_converter
from workflows.payload_keys import payload_keys

PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"Hi Dana"')


def key(id: str) -> str:
    return f"{id}:{base64.b64encode(os.urandom(32)).decode()}"


OLD, NEW = key("2025"), key("2026")


def codec(*entries: str) -> EncryptionCodec:
    return EncryptionCodec(Keys.parse(",".join(entries)) if entries else Keys())


@given(data=st.binary(), metadata=st.dictionaries(st.text(max_size=20), st.binary(max_size=50)))
async def test_whatever_is_encrypted_comes_back(data: bytes, metadata: dict[str, bytes]) -> None:
    payload = Payload(metadata=metadata, data=data)

    [sealed] = await codec(NEW).encode([payload])

    assert sealed.metadata["encoding"] == b"binary/encrypted"
    assert len(data) < 8 or data not in sealed.data
    assert await codec(NEW).decode([sealed]) == [payload]


async def test_the_same_twice_does_not_look_the_same() -> None:
    first, second = await codec(NEW).encode([PLAIN, PLAIN])

    assert first.data[:12] != second.data[:12]
    assert first.data[12:] != second.data[12:]


async def test_the_first_key_encrypts_and_every_key_decrypts() -> None:
    before = await codec(OLD).encode([PLAIN])
    after = await codec(NEW, OLD).encode([PLAIN])

    assert [one.metadata["encryption-key-id"] for one in (*before, *after)] == [b"2025", b"2026"]
    assert await codec(NEW, OLD).decode([*before, *after]) == [PLAIN, PLAIN]
    assert await codec(OLD, NEW).decode([*before, *after]) == [PLAIN, PLAIN]


async def test_what_is_not_encrypted_is_read_as_it_is() -> None:
    [sealed] = await codec(NEW).encode([PLAIN])

    assert await codec(NEW).decode([PLAIN, sealed, Payload()]) == [PLAIN, PLAIN, Payload()]


async def test_without_keys_nothing_is_encrypted() -> None:
    assert await codec().encode([PLAIN]) == [PLAIN]
    assert await codec().decode([PLAIN]) == [PLAIN]


@pytest.mark.parametrize("place", [0, 11, 12, 20, -1])
async def test_a_changed_byte_is_refused(place: int) -> None:
    [sealed] = await codec(NEW).encode([PLAIN])
    changed = bytearray(sealed.data)
    changed[place] ^= 1
    sealed.data = bytes(changed)

    with pytest.raises(CannotDecrypt, match="'2026': it was changed"):
        await codec(NEW).decode([sealed])


@given(data=st.binary(max_size=60))
async def test_what_was_never_encrypted_is_refused(data: bytes) -> None:
    metadata = {"encoding": b"binary/encrypted", "encryption-key-id": b"2026"}

    with pytest.raises(CannotDecrypt):
        await codec(NEW).decode([Payload(metadata=metadata, data=data)])


async def test_the_id_of_another_key_is_refused_even_where_the_key_is_the_same() -> None:
    both = ",".join(f"{id}:{NEW.partition(':')[2]}" for id in ("a", "b"))
    [sealed] = await codec(both).encode([PLAIN])
    sealed.metadata["encryption-key-id"] = b"b"

    with pytest.raises(CannotDecrypt, match="key 'b'"):
        await codec(both).decode([sealed])


@pytest.mark.parametrize("known", [(), (OLD,)], ids=["no keys", "another key"])
async def test_a_missing_key_is_named(known: tuple[str, ...]) -> None:
    sealed = await codec(NEW).encode([PLAIN])

    with pytest.raises(CannotDecrypt, match="PAYLOAD_KEYS has no key '2026'"):
        await codec(*known).decode(sealed)


async def test_a_strange_key_id_is_shown_short_and_in_ascii() -> None:
    metadata = {"encoding": b"binary/encrypted", "encryption-key-id": b"\xff\x1b" + b"x" * 500}

    with pytest.raises(CannotDecrypt) as refused:
        await codec(NEW).decode([Payload(metadata=metadata)])

    assert len(str(refused.value)) < 150
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("secret", "entry 1 should be id:key", id="no id"),
        pytest.param("a:c2VjcmV0", "entry 1 should be id:key", id="too short a key"),
        pytest.param(f"{NEW},b:%%%", "entry 2 should be id:key", id="not base64"),
        pytest.param(f"{NEW},", "entry 2 should be id:key", id="an empty entry"),
        pytest.param(NEW.replace("2026", "no spaces"), "entry 1 should be", id="a strange id"),
        pytest.param(f"{NEW},{NEW}", "entry 2 has the id of one before it", id="one id twice"),
    ],
)
async def test_malformed_keys_are_one_error_that_shows_none_of_them(
    written: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYLOAD_KEYS", written)

    with pytest.raises(ConfigurationError) as refused:
        await connect(lazy=True)

    assert str(refused.value).startswith("PAYLOAD_KEYS: ")
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)
    assert NEW.partition(":")[2] not in str(refused.value)


@pytest.mark.parametrize("written", [None, ""])
def test_no_keys_are_no_encryption(
    written: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PAYLOAD_KEYS", raising=False)
    if written is not None:
        monkeypatch.setenv("PAYLOAD_KEYS", written)

    assert not payload_keys()


async def test_a_client_of_ours_encrypts_by_the_env_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(f"PAYLOAD_KEYS='{NEW}, {OLD}'\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PAYLOAD_KEYS", raising=False)

    client = await connect(lazy=True)

    [sealed] = await client.data_converter.encode(["Hi Dana"])
    assert await codec(NEW).decode([sealed]) == [PLAIN]
    assert NEW.partition(":")[2] not in repr(payload_keys())


async def test_the_words_of_a_failure_are_encrypted() -> None:
    stored, converter = Failure(), data_converter(Keys.parse(NEW))
    cause = ValueError("Dana's cause")

    try:
        raise ApplicationError("Dana's message", "Dana's detail", type="Bug") from cause
    except ApplicationError as error:
        await converter.encode_failure(error, stored)

    assert b"Dana" not in stored.SerializeToString()
    assert stored.application_failure_info.type == "Bug"
    read = await converter.decode_failure(stored)
    assert isinstance(read, ApplicationError)
    assert (read.message, read.details) == ("Dana's message", ("Dana's detail",))


async def test_a_failure_tells_of_a_missing_key_to_those_who_lack_it() -> None:
    stored = Failure()

    await data_converter(Keys.parse(NEW)).encode_failure(CannotDecrypt("no key 'a'"), stored)

    assert stored.message == "no key 'a'"
    assert str(await pydantic_data_converter.decode_failure(stored)) == "CannotDecrypt: no key 'a'"
