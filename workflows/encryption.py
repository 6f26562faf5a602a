"""AES-256-GCM for what Temporal stores. It imports nothing of ours, so a service can copy it."""

import base64
import binascii
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    PayloadConverter,
)

ENCRYPTED = b"binary/encrypted"
KEY_ID = "encryption-key-id"
_NONCE = 12
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class CannotDecrypt(Exception):
    """Names the key, and nothing of the payload.

    Not an `ApplicationError`: Temporal tries the workflow task again, until a worker has the key.
    """


@dataclass(frozen=True)
class Keys:
    """Ciphers by key id: the first encrypts, all decrypt. Without any, nothing is encrypted."""

    ciphers: Mapping[str, AESGCM] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, text: str) -> "Keys":
        """From `id:base64 of 32 bytes`, by commas. Raises ValueError, which shows no key."""
        ciphers: dict[str, AESGCM] = {}
        for number, entry in enumerate(text.split(","), 1):
            id, colon, encoded = entry.strip().partition(":")
            key = _decoded(encoded)
            if not colon or not _ID.fullmatch(id) or key is None:
                raise ValueError(f"entry {number} should be id:key, the key 32 bytes in base64")
            if id in ciphers:
                raise ValueError(f"entry {number} has the id of one before it")
            ciphers[id] = AESGCM(key)
        return cls(ciphers)

    def __bool__(self) -> bool:
        return bool(self.ciphers)


class EncryptionCodec(PayloadCodec):
    """The data is nonce, ciphertext and tag; of the payload that was, metadata included.

    The key's id is bound to it. What is not encrypted is read as it is, so that encryption can be
    turned on under running workflows; what is encrypted is never taken for something else.
    """

    def __init__(self, keys: Keys) -> None:
        self._ciphers = keys.ciphers

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        if not self._ciphers:
            return list(payloads)
        id, cipher = next(iter(self._ciphers.items()))
        return [_sealed(payload, id.encode(), cipher) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Raises `CannotDecrypt`."""
        return [self._opened(payload) for payload in payloads]

    def _opened(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCRYPTED:
            return payload
        id = payload.metadata.get(KEY_ID, b"")
        # Strangers write metadata as well: no more of it than an id can have.
        shown = repr(id[:64].decode("ascii", "replace"))
        cipher = self._ciphers.get(id.decode("ascii", "replace"))
        if cipher is None:
            raise CannotDecrypt(
                f"PAYLOAD_KEYS has no key {shown}, with which a payload is encrypted"
            )
        nonce, sealed = payload.data[:_NONCE], payload.data[_NONCE:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, sealed, id))
        except (InvalidTag, ValueError, DecodeError):
            what = "it was changed, or encrypted with another key of that id"
            raise CannotDecrypt(f"a payload does not decrypt with key {shown}: {what}") from None


class EncodedFailures(DefaultFailureConverterWithEncodedAttributes):
    """Messages and stack traces are encrypted, but not the one that tells of a missing key.

    Whoever lacks the key has to be able to read it.
    """

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        if isinstance(exception, CannotDecrypt):
            DefaultFailureConverter().to_failure(exception, payload_converter, failure)
        else:
            super().to_failure(exception, payload_converter, failure)


def data_converter(keys: Keys) -> DataConverter:
    """For every client: JSON by pydantic, encrypted when there are keys.

    Without keys it still refuses what is encrypted, rather than take it for a message.
    """
    failures = EncodedFailures if keys else DefaultFailureConverter
    return replace(
        pydantic_data_converter,
        payload_codec=EncryptionCodec(keys),
        failure_converter_class=failures,
    )


def _sealed(payload: Payload, id: bytes, cipher: AESGCM) -> Payload:
    nonce = os.urandom(_NONCE)
    data = nonce + cipher.encrypt(nonce, payload.SerializeToString(), id)
    return Payload(metadata={"encoding": ENCRYPTED, KEY_ID: id}, data=data)


def _decoded(encoded: str) -> bytes | None:
    try:
        key = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == 32 else None
