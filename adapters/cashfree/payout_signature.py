"""The signature of calls to Cashfree Payouts, which replaces its list of allowed addresses."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from ports.clock import Clock

HEADER = "x-cf-signature"


@dataclass(frozen=True, slots=True)
class PayoutSignature:
    """Encrypts the client id and the time with the account's public key, for each call anew:
    Cashfree takes a signature for some minutes only."""

    client_id: str
    key: RSAPublicKey
    clock: Clock

    def __call__(self) -> dict[str, str]:
        """The header of a call that is made now."""
        text = f"{self.client_id}.{int(self.clock.now().timestamp())}"
        # SHA-1 is what Cashfree decrypts with. In OAEP it needs no resistance to collisions.
        padding = OAEP(MGF1(SHA1()), SHA1(), None)  # noqa: S303
        return {HEADER: b64encode(self.key.encrypt(text.encode(), padding)).decode()}


def public_key(pem: bytes) -> RSAPublicKey:
    """Raises `ValueError` for anything but an RSA public key."""
    try:
        key = load_pem_public_key(pem)
    except Exception as error:  # the library has no common base of its errors
        raise ValueError("it is not a public key (PEM)") from error
    if not isinstance(key, RSAPublicKey):
        raise ValueError("it is not a public key of RSA")
    return key
