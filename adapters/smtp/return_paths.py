"""Return paths that prove which address a mail was sent to (VERP).

A mail to gita@example.com has the return path `bounces+<tag>@host`. Only this site can make the tag
of an address, so nobody else can report an address as one that bounces.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.suppressions import folded

TAG_LENGTH = 26
"""Characters: 130 bits, in lower case, since mail servers may change the case."""
LOCAL_LONGEST = 64 - len("+") - TAG_LENGTH
"""RFC 5321, 4.5.3.1.1: 64 octets before the @."""


@dataclass(frozen=True, slots=True)
class ReturnPaths:
    """`mailbox` is the address that gets what comes back, with all its sub-addresses (`+…`)."""

    mailbox: str
    key: bytes = field(repr=False)

    def of(self, to: str) -> str:
        """The return path of mail to this address."""
        local, _, host = self.mailbox.rpartition("@")
        return f"{local}+{self._tag(to)}@{host}"

    def tags_in(self, text: str) -> frozenset[str]:
        local, _, host = map(re.escape, self.mailbox.rpartition("@"))
        found = re.findall(rf"{local}\+([a-z2-7]{{{TAG_LENGTH}}})@{host}", text, re.IGNORECASE)
        return frozenset(tag.lower() for tag in found)

    def proven(self, tags: frozenset[str], addresses: Iterable[str]) -> str | None:
        """The first of the addresses to which one of the tags belongs."""
        return next((each for each in addresses if self._tag(each) in tags), None)

    def _tag(self, to: str) -> str:
        digest = hmac.digest(self.key, folded(to).encode(), hashlib.sha256)
        return b32encode(digest).decode()[:TAG_LENGTH].lower()
