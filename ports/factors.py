"""Authenticator apps: secrets, QR codes and time-based one-time codes."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Authenticator(Protocol):
    """Time-based one-time codes (RFC 6238: SHA-1, six digits, 30 seconds, which all apps support).
    The secret is derived from a nonce with a server key, so it is not in the database."""

    def secret(self, owner: str, nonce: str) -> str:
        """The secret in base32, for typing it into an app."""
        ...

    def provisioning_uri(self, owner: str, nonce: str, *, email: str) -> str:
        """The `otpauth://` URI that an app reads from the QR code."""
        ...

    def qr_code(self, uri: str) -> str:
        """The URI as a QR code: an SVG element for an HTML page."""
        ...

    def step(self, owner: str, nonce: str, code: str, *, now: datetime) -> int | None:
        """The time step of this code: the current one, the one before or the one after. None if
        the code is wrong."""
        ...
