"""Who opens a socket: by an access token, or by the session cookie of the site.

A token or a cookie that is no longer valid is refused: the client would take a socket without an
account for its own, and wait for events that never come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.sansio.http import parse_cookie

from core.accounts import Account
from core.errors import Invalid
from core.sessions import Kind, Session, SessionOver
from ports.tokens import TokenRefused
from services.bootstrap import Services
from web.shared.cookies import SESSION

AUTH_FIELDS = frozenset({"token", "anonymous"})


class WrongHandshake(Invalid):
    """`auth` has `token` or `anonymous`, or is left out."""


@dataclass(frozen=True, slots=True)
class SocketCaller:
    """The account and the session of a socket. `expires_at` is the end of its access token in UTC,
    None with a cookie."""

    account: Account
    session: Session
    expires_at: datetime | None = None


async def identify(
    services: Services, environ: Mapping[str, Any], auth: object, *, cookie: str
) -> SocketCaller | None:
    """The caller; None for a visitor, which a log-in that waits for its second factor is, too.
    `auth` is the object of the handshake and `cookie` the name of the session cookie. The token
    counts before the cookie.

    Raises `TokenRefused`, `SessionOver` for the cookie of a session that has ended, and
    `WrongHandshake`.
    """
    sent = _sent(auth)
    header = _header(environ, b"authorization")
    scheme, _, credentials = header.partition(" ")
    if "token" in sent or scheme.lower() == "bearer":
        return await _of_token(services, sent.get("token", credentials.strip()))
    if sent.get("anonymous") is True:
        return None
    return await _of_cookie(services, parse_cookie(_header(environ, b"cookie")).get(cookie, ""))


def _sent(auth: object) -> Mapping[str, object]:
    if auth is None:
        return {}
    if not isinstance(auth, dict) or not auth.keys() <= AUTH_FIELDS:
        raise WrongHandshake
    return auth


async def _of_token(services: Services, token: object) -> SocketCaller:
    if not isinstance(token, str):
        raise TokenRefused
    account, session = await services.tokens.authenticate(token)
    return SocketCaller(account, session, services.tokens.expires_at(token))


async def _of_cookie(services: Services, value: str) -> SocketCaller | None:
    if not value.startswith(SESSION):
        return None
    found = await services.sessions.authenticate(value.removeprefix(SESSION))
    if found is None:
        raise SessionOver
    account, session = found
    return SocketCaller(account, session) if session.kind is Kind.BROWSER else None


def _header(environ: Mapping[str, Any], name: bytes) -> str:
    """All lines of a header as one, read as by `Request.cookies`: other cookies may have any
    value."""
    headers = environ["asgi.scope"]["headers"]
    return ";".join(value.decode("latin-1") for key, value in headers if key.lower() == name)
