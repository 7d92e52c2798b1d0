"""Sends messages to browsers over HTTPS (RFC 8030), signed with our key (VAPID, RFC 8292)."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from adapters.webpush.addresses import PublicServers, Target
from adapters.webpush.encryption import CURVE, encrypt, public_bytes
from ports.clock import Clock
from ports.push import (
    LONGEST,
    Pusher,
    PushReceiver,
    PushRefused,
    PushUnavailable,
    SubscriptionEnded,
)

log = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds for a whole call."""
SIGNED_FOR = timedelta(hours=12)
"""RFC 8292 allows 24 hours."""
GONE = frozenset({404, 410})
"""RFC 8030, section 7.3."""


class Servers(Protocol):
    async def check(self, endpoint: str) -> Target:
        """Raises `PushRefused` or `PushUnavailable`."""
        ...


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """The key of its 32 bytes in base64url. Raises `ValueError`."""
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(raw) != 32:
        raise ValueError("The key must have 32 bytes.")
    return ec.derive_private_key(int.from_bytes(raw, "big"), CURVE)


def new_private_key() -> str:
    """A new key as `private_key` reads it."""
    number = ec.generate_private_key(CURVE).private_numbers().private_value
    return unpadded(number.to_bytes(32, "big"))


def unpadded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class WebPusher(Pusher):
    """`contact` is the `mailto:` address at which push services reach the operator."""

    client: httpx.AsyncClient
    clock: Clock
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    contact: str
    servers: Servers = field(default_factory=PublicServers)

    @property
    def public_key(self) -> str:
        return unpadded(public_bytes(self.key))

    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        if len(content) > LONGEST:
            raise PushRefused(f"A message has at most {LONGEST} bytes.")
        target = await self.servers.check(to.endpoint)
        try:
            body = encrypt(content, key=to.key, secret=to.secret)
        except ValueError as error:
            raise SubscriptionEnded("The key of the browser is not valid.") from error
        try:
            status = await self._post(target, body, topic, life)
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            log.warning("a push service did not respond: %r", error)
            raise PushUnavailable from error
        _check(status)

    async def _post(self, target: Target, body: bytes, topic: str, life: timedelta) -> int:
        request = self.client.build_request(
            "POST",
            target.pinned,
            headers={
                "host": target.origin.partition("://")[2],
                "authorization": f"vapid t={self._signature(target)}, k={self.public_key}",
                "content-encoding": "aes128gcm",
                "content-type": "application/octet-stream",
                "ttl": str(int(life.total_seconds())),
                "urgency": "normal",
                "topic": unpadded(hashlib.sha256(topic.encode()).digest())[:32],
            },
            content=body,
            timeout=TIMEOUT,
            # The certificate must be that of the name, though the URL has the address. People
            # choose the host, so calls are observed under one name.
            extensions={"sni_hostname": target.host, "observed_as": "webpush"},
        )
        async with asyncio.timeout(TIMEOUT):
            response = await self.client.send(request, stream=True, follow_redirects=False)
            await response.aclose()
            return response.status_code

    def _signature(self, target: Target) -> str:
        expires = self.clock.now() + SIGNED_FOR
        claims = {
            "aud": target.origin,
            "exp": int(expires.timestamp()),
            "sub": self.contact,
        }
        signing = ECKey.import_key(self.key)
        return jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, signing, algorithms=["ES256"])


def _check(status: int) -> None:
    if 200 <= status < 300:
        return
    if status in GONE:
        raise SubscriptionEnded
    if status == 429 or status >= 500:
        log.warning("a push service did not accept a message: HTTP %s", status)
        raise PushUnavailable
    log.error("a push service refused a message: HTTP %s", status)
    raise PushRefused(f"The push service refused the message (HTTP {status}).")
