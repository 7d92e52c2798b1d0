"""Message encryption for Web Push: RFC 8291 in the content coding `aes128gcm` of RFC 8188.

One record holds the whole message. The library http-ece does the same; it has no wheel, and our
image installs wheels only.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
RECORD = 4096
"""Bytes of the record, header included; push services need not accept more."""
LAST_RECORD = b"\x02"
"""The delimiter that ends the message in the last record (RFC 8188, section 2)."""
INFO = b"WebPush: info\x00"


@dataclass(frozen=True, slots=True)
class Once:
    """What is new for each message: a salt and a key pair. The test vector brings its own."""

    salt: bytes = field(default_factory=lambda: os.urandom(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public key as 65 bytes: uncompressed point (X9.62)."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encrypt(content: bytes, *, key: bytes, secret: bytes, once: Once | None = None) -> bytes:
    """The body of the request for the browser with this public key and authentication secret.
    Raises `ValueError` for a key that is no point of the curve."""
    once = once or Once()
    receiver = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, key)
    own = public_bytes(once.key)
    shared = once.key.exchange(ec.ECDH(), receiver)
    material = _derived(shared, salt=secret, info=INFO + key + own, length=32)
    content_key = _derived(material, once.salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(material, once.salt, b"Content-Encoding: nonce\x00", 12)
    sealed = AESGCM(content_key).encrypt(nonce, content + LAST_RECORD, None)
    header = once.salt + RECORD.to_bytes(4, "big") + len(own).to_bytes(1, "big") + own
    return header + sealed


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)
