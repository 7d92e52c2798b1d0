"""The cookie: who a browser belongs to, and what its forms are bound to.

One cookie holds either `a.<random>` (a visitor; nothing is stored) or `s.<random>` (a
session, stored under its hash). A form's token is a keyed hash of the browser's seed; the
seed survives signing in, the cookie does not.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from quart import Quart, Request, Response, current_app, g, request

from core.errors import Forbidden
from web.access import Who, check, declared
from web.context import house, services, site

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
VISITOR, SESSION = "a.", "s."
HEADER = "X-CSRF-Token"
FIELD = "csrf_token"


class ForgedRequest(Forbidden):
    """This form is too old or comes from another site. Load the page again, then send it."""

    code = "csrf_failed"


def install(app: Quart) -> None:
    app.before_request(admit)
    app.after_request(keep_cookie)


async def admit() -> None:
    """Find out who is asking, and refuse whom the route is not for."""
    endpoint = request.endpoint
    if endpoint is None or endpoint == "static":
        return
    await recognise(request)
    who = declared(current_app, endpoint)
    assert who is not None, endpoint
    if request.method not in SAFE and who is not Who.GATEWAY:
        await refuse_forged()
    check(who, g.get("viewer"))


async def recognise(asking: Request) -> None:
    cookie = asking.cookies.get(site().cookie, "")
    g.token, g.seed, g.viewer, g.new_cookie = None, None, None, None
    if cookie.startswith(SESSION):
        found = await services().accounts.viewer(cookie.removeprefix(SESSION))
        if found:
            g.viewer, session = found
            g.token, g.seed = cookie.removeprefix(SESSION), session.csrf_seed
    elif cookie.startswith(VISITOR):
        g.seed = _seed(cookie)


async def refuse_forged() -> None:
    """Origin and Fetch-Metadata first, then the token (OWASP ASVS 5.0, V3.5.1 to V3.5.3)."""
    origin = request.headers.get("Origin")
    if origin and origin not in (site().base_url, f"{request.scheme}://{request.host}"):
        raise ForgedRequest
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        raise ForgedRequest
    given = request.headers.get(HEADER)
    if given is None and request.mimetype in (
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ):
        given = (await request.form).get(FIELD)
    right = g.seed is not None and _token(g.seed)
    if not right or not hmac.compare_digest((given or "").encode(), right.encode()):
        raise ForgedRequest


def csrf_token() -> str:
    """The token for this browser's forms; gives a visitor a cookie to bind it to."""
    if g.get("seed") is None:
        cookie = VISITOR + secrets.token_urlsafe(32)
        g.new_cookie, g.seed = cookie, _seed(cookie)
    return _token(g.seed)


def visit() -> str:
    """The seed a new session takes over, so that forms opened before signing in still work."""
    csrf_token()
    return str(g.seed)


def sign_in(token: str) -> None:
    g.new_cookie = SESSION + token


def sign_out() -> None:
    g.new_cookie = ""


async def keep_cookie(response: Response) -> Response:
    """Set the cookie that changed; private answers are kept by no cache."""
    cookie = g.get("new_cookie")
    if cookie:
        life = services().accounts.policy.session_life if cookie.startswith(SESSION) else None
        response.set_cookie(
            site().cookie,
            cookie,
            max_age=life,
            path="/",
            secure=site().secure,
            httponly=True,
            samesite="Lax",
        )
    elif cookie == "":
        response.delete_cookie(site().cookie, path="/", secure=site().secure, samesite="Lax")
    if cookie is not None or g.get("viewer") is not None or g.get("seed") is not None:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _seed(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


def _token(seed: str) -> str:
    key = house().site.secret_key.encode()
    return hmac.new(key, f"csrf|{seed}".encode(), hashlib.sha256).hexdigest()
