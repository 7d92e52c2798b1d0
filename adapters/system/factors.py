"""Authenticator codes with pyotp, QR codes with segno."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

import pyotp
import segno

from ports.factors import Authenticator

INTERVAL_S = 30
ALLOWED_OFFSETS = (0, -1, 1)
"""In time steps: clocks may differ, and a code may arrive after its step has ended."""


class TotpAuthenticator(Authenticator):
    """`issuer` is the name shown in the app; the secrets are derived from `key`."""

    def __init__(self, key: bytes, issuer: str) -> None:
        self._key = key
        self._issuer = issuer

    def secret(self, owner: str, nonce: str) -> str:
        """160 bits, as RFC 4226 recommends."""
        made = hmac.new(self._key, f"totp|{owner}|{nonce}".encode(), hashlib.sha256).digest()
        return base64.b32encode(made[:20]).decode()

    def provisioning_uri(self, owner: str, nonce: str, *, email: str) -> str:
        totp = pyotp.TOTP(self.secret(owner, nonce), interval=INTERVAL_S)
        return totp.provisioning_uri(name=email, issuer_name=self._issuer)

    def qr_code(self, uri: str) -> str:
        return segno.make(uri, micro=False).svg_inline(
            scale=4,
            border=4,
            dark="#000",
            light="#fff",
            omitsize=True,
            svgclass="qr",
            lineclass=None,
        )

    def step(self, owner: str, nonce: str, code: str, *, now: datetime) -> int | None:
        totp = pyotp.TOTP(self.secret(owner, nonce), interval=INTERVAL_S)
        current = int(now.timestamp()) // INTERVAL_S
        typed = code.encode(errors="surrogatepass")
        found = [
            current + off
            for off in ALLOWED_OFFSETS
            if hmac.compare_digest(totp.at((current + off) * INTERVAL_S).encode(), typed)
        ]
        return found[0] if found else None
