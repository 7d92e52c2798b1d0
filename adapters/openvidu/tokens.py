"""Tokens of the LiveKit protocol: JSON Web Tokens with HS256, signed with the API secret.

Source: LiveKit's reference of authentication and of webhooks.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

ALGORITHM = "HS256"
LEEWAY_S = 60
"""As LiveKit's own verifiers have it."""
API_CALL = timedelta(minutes=1)
"""How long a token for one call of the API is valid."""
LONGEST = 4096
"""Characters of a token; a webhook's has about 300."""
GRANTS = {
    "canPublish": True,
    "canSubscribe": True,
    "canPublishData": True,
    "canPublishSources": ["camera", "microphone", "screen_share", "screen_share_audio"],
}
"""What a guest may do in the room."""


class NotOfTheServer(Exception):
    """The token of a webhook is not by the holder of the secret, or is for another body."""


class Tokens:
    """`secret` is shared with the server and never leaves this application."""

    def __init__(self, key: str, secret: str) -> None:
        self._key, self._secret = key, OctKey.import_key(secret)

    def for_guest(
        self, room: str, guest_id: str, name: str, *, now: datetime, until: datetime
    ) -> str:
        """For entering this one room as this guest until that time."""
        grants = {"roomJoin": True, "room": room, **GRANTS}
        return self._sign({"sub": guest_id, "name": name, "video": grants}, now=now, until=until)

    def for_call(self, grants: Mapping[str, object], *, now: datetime) -> str:
        """For one call of the API."""
        return self._sign({"video": dict(grants)}, now=now, until=now + API_CALL)

    def check_webhook(self, token: str, body: bytes, *, now: datetime) -> None:
        """Raises `NotOfTheServer` unless the token was made for exactly this body. A guest's token
        has no hash, and is refused."""
        try:
            claims = self._verified(token, now)
            told = b64decode(claims["sha256"], validate=True)
        # Untrusted bytes go through several decoders, which raise many kinds of errors.
        except Exception as error:
            raise NotOfTheServer from error
        if not hmac.compare_digest(told, hashlib.sha256(body).digest()):
            raise NotOfTheServer

    def _verified(self, token: str, now: datetime) -> Mapping[str, Any]:
        if len(token) > LONGEST:
            raise NotOfTheServer
        claims = jwt.decode(token, self._secret, algorithms=[ALGORITHM]).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._key},
            exp={"essential": True},
        ).validate(claims)
        return claims

    def _sign(self, claims: Mapping[str, object], *, now: datetime, until: datetime) -> str:
        times = {"nbf": int(now.timestamp()), "exp": int(until.timestamp())}
        return jwt.encode(
            {"alg": ALGORITHM, "typ": "JWT"},
            {**claims, "iss": self._key, **times},
            self._secret,
            algorithms=[ALGORITHM],
        )
