"""The application's key: Vonage holds the public half of it."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from simulator.settings import pem


@cache
def public_key(private_key: str) -> rsa.RSAPublicKey:
    """From PEM text or the path of a file; raises ValueError when it is not an RSA key."""
    loaded = load_pem_private_key(pem(private_key), password=None)
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise ValueError("it is not an RSA private key")
    return loaded.public_key()
