"""Browsers that asked for messages (Web Push)."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode
from binascii import Error as WrongBase64
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import ClassVar, NewType, Self
from urllib.parse import urlsplit

from core.errors import Errors
from core.notifications import Delivery

PushSubscriptionId = NewType("PushSubscriptionId", str)

ENDPOINT_MAXIMUM = 1000
"""Characters; those of browsers have about 200."""
KEY_BYTES, SECRET_BYTES = 65, 16
MOST_OF_ACCOUNT = 10
"""Browsers of one account. A further one replaces the oldest."""


@dataclass(frozen=True, slots=True)
class PushSubscription:
    """One browser of one account. `endpoint` is the URL of its push service, `key` its public key
    and `secret` its authentication secret."""

    id: PushSubscriptionId
    account_id: str
    endpoint: str
    key: bytes
    secret: bytes
    device: str
    added_at: datetime
    version: int = 0

    @classmethod
    def of(
        cls, account_id: str, *, endpoint: str, key: str, secret: str, device: str, at: datetime
    ) -> Self:
        """`key` and `secret` are in base64url, as browsers give them. Raises `Invalid`."""
        errors = Errors()
        if not _is_public_https(endpoint):
            errors.add(endpoint="This is not the address of a push service.")
        raw_key, raw_secret = _decoded(key), _decoded(secret)
        if len(raw_key) != KEY_BYTES or raw_key[:1] != b"\x04":
            errors.add(p256dh="This is not the public key of a browser.")
        if len(raw_secret) != SECRET_BYTES:
            errors.add(auth="This is not the secret of a browser.")
        errors.check()
        return cls(subscription_id(endpoint), account_id, endpoint, raw_key, raw_secret, device, at)


def subscription_id(endpoint: str) -> PushSubscriptionId:
    """One id for each browser, whoever uses it."""
    return PushSubscriptionId(f"psh_{hashlib.sha256(endpoint.encode()).hexdigest()[:32]}")


def _is_public_https(endpoint: str) -> bool:
    """Whether it can be one; the adapter also checks where its name leads."""
    if len(endpoint) > ENDPOINT_MAXIMUM or not endpoint.isascii() or not endpoint.isprintable():
        return False
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return (
        parts.scheme == "https"
        and port in (None, 443)
        and "@" not in parts.netloc
        and "." in host
        and not host.endswith((".localhost", ".local", ".internal"))
        and not _is_ip(host)
    )


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (WrongBase64, ValueError):
        return b""


@dataclass(frozen=True, slots=True)
class PushDelivery(Delivery):
    """To all browsers of the account."""

    kind: ClassVar[str] = "notifications.push"


@dataclass(frozen=True, slots=True)
class BrowserDelivery(Delivery):
    """To one browser."""

    kind: ClassVar[str] = "notifications.push_browser"
    subscription: str = ""
