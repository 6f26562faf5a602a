"""Opens a push with the keys of the browser that it is for (RFC 8291 over RFC 8188)."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_SALT, _HEAD, _POINT = 16, 21, 65


def opened(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """Raises ValueError where it was not made for this browser."""
    salt, theirs = body[:_SALT], body[_HEAD : _HEAD + _POINT]
    if len(theirs) < _POINT or body[_HEAD - 1] != _POINT:
        raise ValueError("no key in it")
    sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
    shared = key.exchange(ec.ECDH(), sender)
    about = b"WebPush: info\x00" + point(key.public_key()) + theirs
    material = _derived(auth, shared, about, 32)
    content_key = _derived(salt, material, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(salt, material, b"Content-Encoding: nonce\x00", 12)
    try:
        plain = AESGCM(content_key).decrypt(nonce, body[_HEAD + _POINT :], None)
    except InvalidTag:
        raise ValueError("not for this browser") from None
    text, mark, _ = plain.rstrip(b"\x00").rpartition(b"\x02")
    if not mark:
        raise ValueError("no end in it")
    return text


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
