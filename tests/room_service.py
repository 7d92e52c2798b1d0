"""The RoomService API of LiveKit in memory, for the adapter's tests without a server.

It checks tokens with LiveKit's own verifier and has no media: `enter` is what a browser does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import jwt

from ports.clock import Clock

PREFIX = "/twirp/livekit.RoomService/"
LEEWAY = timedelta(seconds=60)


@dataclass
class RoomServiceStub:
    """`rooms` has the sid of each identity by room. `status` and `body`, if set, answer all."""

    key: str
    secret: str
    clock: Clock
    rooms: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    error: Exception | None = None
    status: int | None = None
    body: bytes = b""
    _sids: count[int] = field(default_factory=lambda: count(1))

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.error:
            raise self.error
        if self.status:
            return httpx.Response(self.status, content=self.body)
        path, scheme = request.url.path, request.headers["authorization"].split()
        assert request.method == "POST" and path.startswith(PREFIX) and scheme[0] == "Bearer"
        method, wanted = path.removeprefix(PREFIX), json.loads(request.content)
        self.calls.append((method, wanted))
        grants = self._claims(scheme[1]).get("video", {})
        if not _allowed(method, wanted, grants):
            return httpx.Response(401, json={"code": "unauthenticated", "msg": "no permission"})
        return self._carry_out(method, wanted)

    def enter(self, token: str) -> bool:
        """As a browser with this token. A third person is refused."""
        claims = self._claims(token)
        grants, identity = claims["video"], claims["sub"]
        inside = self.rooms.get(grants["room"])
        if inside is None or self.clock.now().timestamp() > claims["exp"] + LEEWAY.seconds:
            return False
        if identity not in inside and len(inside) == 2:
            return False
        inside[identity] = f"PA_{next(self._sids):012d}"
        return True

    def _carry_out(self, method: str, wanted: Mapping[str, Any]) -> httpx.Response:
        if method == "CreateRoom":
            self.rooms.setdefault(wanted["name"], {})
            return httpx.Response(200, json={"sid": "RM_1", "name": wanted["name"]})
        if method == "ListParticipants":
            inside = self.rooms.get(wanted["room"], {})
            found = [_participant(identity, sid) for identity, sid in inside.items()]
            return httpx.Response(200, json={"participants": found})
        missing = httpx.Response(404, json={"code": "not_found", "msg": "does not exist"})
        if method == "DeleteRoom":
            known = self.rooms.pop(wanted["room"], None)
            return missing if known is None else httpx.Response(200, json={})
        gone = self.rooms.get(wanted["room"], {}).pop(wanted["identity"], None)
        return missing if gone is None else httpx.Response(200, json={})

    def _claims(self, token: str) -> dict[str, Any]:
        """Times are checked by `enter`, with the clock of the test."""
        options: Any = {"verify_exp": False, "verify_nbf": False, "require": ["exp", "iss"]}
        claims: dict[str, Any] = jwt.decode(
            token, self.secret, algorithms=["HS256"], issuer=self.key, options=options
        )
        return claims


def _allowed(method: str, wanted: Mapping[str, Any], grants: Mapping[str, Any]) -> bool:
    if method in ("CreateRoom", "DeleteRoom"):
        return grants == {"roomCreate": True}
    return grants == {"roomAdmin": True, "room": wanted["room"]}


def _participant(identity: str, sid: str) -> dict[str, Any]:
    """Answers have all fields, zeros too."""
    return {"sid": sid, "identity": identity, "state": "ACTIVE", "tracks": [], "joined_at": "0"}
