"""Signed tokens of the links in mails: they name person and campaign, and need no log-in."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from plugins.api import NotFound

TAG_BYTES = 16
LONGEST = 400


class UnknownLink(NotFound):
    """This link is not complete. Open it again from the mail, or log in and choose there."""

    code = "unknown_mail_link"


@dataclass(frozen=True, slots=True)
class Tokens:
    """`key` must never change: links in old mails must go on working."""

    key: bytes = field(repr=False)

    def make(self, campaign: str, account: str) -> str:
        named = f"{campaign}.{account}".encode()
        return urlsafe_b64encode(self._tag(named) + named).decode().rstrip("=")

    def read(self, token: str) -> tuple[str, str]:
        """Campaign and account. Raises `UnknownLink` for every other text."""
        try:
            if len(token) > LONGEST:
                raise UnknownLink
            decoded = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
            tag, named = decoded[:TAG_BYTES], decoded[TAG_BYTES:]
            if not hmac.compare_digest(tag, self._tag(named)):
                raise UnknownLink
            campaign, account = named.decode().split(".")
        except ValueError as error:
            raise UnknownLink from error
        if self.make(campaign, account) != token:  # base64 has several texts for the same bytes
            raise UnknownLink
        return campaign, account

    def _tag(self, named: bytes) -> bytes:
        key = hmac.new(self.key, b"campaigns.links", hashlib.sha256).digest()
        return hmac.new(key, named, hashlib.sha256).digest()[:TAG_BYTES]
