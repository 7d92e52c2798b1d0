"""Authenticator apps: what they are told once, and what they then show every half minute."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Authenticator(Protocol):
    """Time-based codes (RFC 6238: SHA-1, six digits, 30 seconds, which every app can do). The
    secret is made from a nonce with a key of the house, so no database holds it."""

    def secret(self, owner: str, nonce: str) -> str:
        """The secret in base32, for those who type it in."""
        ...

    def provisioning_uri(self, owner: str, nonce: str, *, email: str) -> str:
        """The `otpauth://` address an app reads from the picture."""
        ...

    def qr_code(self, address: str) -> str:
        """The address as a QR code: an SVG element to be put into a page."""
        ...

    def step(self, owner: str, nonce: str, code: str, *, now: datetime) -> int | None:
        """The time step whose code this is, one before or after now included; else None."""
        ...
