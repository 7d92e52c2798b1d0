"""Authentication of requests, session cookies and CSRF protection.

The cookie is either `a.<random>` (a visitor; nothing is stored) or `s.<random>` (a session, stored
under its hash, possibly pending a second factor). The CSRF token is a keyed hash of the browser's
seed. At sign-in the cookie changes and the seed does not, so that open forms remain valid.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from quart import Quart, Request, Response, current_app, g, request
from quart.globals import app_ctx, request_ctx

from core.errors import Forbidden
from core.sessions import Caller, Kind, StepUpNeeded
from services.accounts import SignedIn
from web.shared.access import access_of, check
from web.shared.context import dependencies, now, services, site
from web.shared.devices import device_of
from web.shared.forms import TOKEN_FIELD

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
VISITOR, SESSION = "a.", "s."
HEADER = "X-CSRF-Token"
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
DEVICE_TOKEN_LIFE = timedelta(days=365)
"""Lifetime of the known-device token after the last sign-in."""


class ForgedRequest(Forbidden):
    """This form has expired or was sent from another site. Reload the page and try again."""

    code = "csrf_failed"


class StaleForm(ForgedRequest):
    """This form has expired or was sent from another site. Reload the page and try again."""

    # A page of this site has sent it, but the page was opened in another session of this browser.
    # It is refused like any other; what was typed is kept (`web/shared/kept_forms.py`).


def install(app: Quart) -> None:
    app.before_request(authenticate_request)
    app.after_request(write_cookies)


async def authenticate_request() -> None:
    """Identify the caller and check access and the CSRF token. Raises `SignInFirst`,
    `RoleNeeded`, `ForgedRequest`, `StaleForm`, `StepUpNeeded` or `TokenRefused`."""
    asked, seen = request_ctx.request, app_ctx.g
    endpoint = asked.endpoint
    if endpoint is None or endpoint == "static":
        return
    access = access_of(current_app, endpoint)
    assert access is not None, endpoint
    seen.access = access
    await identify_caller(asked)
    unsafe = asked.method not in SAFE and access.cookies and not seen.bearer
    seen.program = access.programs and is_of_a_program(asked)
    if unsafe and not seen.program:
        if _is_large_form() and not access.keeps:
            check(access.who, seen.viewer)  # before the body is read for its form token
        await check_csrf()
    check(access.who, seen.viewer, pending=seen.pending is not None)
    if access.step_up and not seen.session.recently_verified(
        now=now(), policy=services().sessions.policy
    ):
        raise StepUpNeeded


def _is_large_form() -> bool:
    """Whether this is a form with files, on a path with a larger limit than others."""
    is_large = getattr(request, "has_large_limit", False)
    return is_large and request.mimetype == "multipart/form-data"


async def identify_caller(incoming: Request) -> None:
    """By the access token of an API client, which needs no CSRF token, otherwise by the cookie."""
    seen = app_ctx.g
    seen.seed, seen.new_cookie, seen.new_device_token = None, None, None
    seen.viewer, seen.session, seen.pending = None, None, None
    seen.bearer, seen.form_owner = False, ""
    if not seen.access.cookies:
        return
    scheme, _, credentials = incoming.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        seen.bearer = True
        seen.viewer, seen.session = await services().tokens.authenticate(credentials.strip())
        return
    if "Cookie" not in incoming.headers:
        return
    cookie = incoming.cookies.get(site().cookie, "")
    if cookie.startswith(SESSION):
        found = await services().sessions.authenticate(cookie.removeprefix(SESSION))
        if found:
            account, session = found
            seen.seed = session.csrf_seed
            if session.kind is Kind.PENDING:
                seen.pending = found
            elif session.kind is Kind.BROWSER:
                seen.viewer, seen.session = account, session
    elif cookie.startswith(VISITOR):
        seen.seed = _seed(cookie)


def caller() -> Caller:
    """The origin of this request, for sessions, rate limits and audit entries."""
    if g.access.cookies and not g.bearer and not g.get("program"):
        csrf_token()
    return Caller(
        visit=g.seed or "",
        address=request.remote_addr or "",
        device=device_of(request.headers.get("User-Agent", "")),
        device_token=request.cookies.get(site().device_cookie, ""),
    )


def is_of_a_program(incoming: Request) -> bool:
    """Whether no browser can have sent this for a page of another site: it has no cookie, no header
    that browsers add, and a JSON body, for which they would have asked first (CORS)."""
    browser = "Origin" in incoming.headers or "Sec-Fetch-Site" in incoming.headers
    return incoming.mimetype == "application/json" and not incoming.cookies and not browser


async def check_csrf() -> None:
    """Check Origin, Fetch Metadata and the token (OWASP ASVS 5.0, V3.5.1 to V3.5.3). Raises
    `ForgedRequest`, or `StaleForm` if the headers prove that a page of this site has sent it."""
    origin, ours = request.headers.get("Origin"), _own_origins()
    if origin and origin not in ours:
        raise ForgedRequest
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        raise ForgedRequest
    given = request.headers.get(HEADER)
    is_form = request.mimetype in FORM_TYPES
    if given is None and is_form:
        given = (await request.form).get(TOKEN_FIELD)
    token, _, g.form_owner = (given or "").partition(".")
    right = g.seed is not None and _token(g.seed)
    if not right or not hmac.compare_digest(token.encode(), right.encode()):
        raise StaleForm if is_form and _sent_by_own_page(origin, ours) else ForgedRequest
    if is_form and g.form_owner and g.form_owner != owner_mark():
        raise StaleForm


def _own_origins() -> tuple[str, ...]:
    return site().base_url, f"{request.scheme}://{request.host}"


def _sent_by_own_page(origin: str | None, ours: tuple[str, ...]) -> bool:
    """Whether a header that other sites cannot set says so. Browsers send `Origin` with every
    POST; `Sec-Fetch-Site` and `Referer` are for those that leave it out."""
    referer = request.headers.get("Referer", "")
    return (
        origin in ours
        or request.headers.get("Sec-Fetch-Site") == "same-origin"
        or referer.startswith(tuple(f"{own}/" for own in ours))
    )


def csrf_token() -> str:
    """The CSRF token of this browser; a visitor gets a cookie for it. Behind a dot follows the
    mark of the signed-in account: another account must not send what was typed in this one."""
    g.token_used = True
    if g.get("seed") is None:
        cookie = VISITOR + secrets.token_urlsafe(32)
        g.new_cookie, g.seed = cookie, _seed(cookie)
    owner = owner_mark()
    return f"{_token(g.seed)}.{owner}" if owner else _token(g.seed)


def owner_mark() -> str:
    """A keyed hash that stands for the signed-in account in forms; "" for a visitor."""
    account = g.get("viewer")
    return _mac(f"owner|{account.id}")[:32] if account else ""


def sign_in(signed_in: SignedIn) -> None:
    """Set the cookies of the new session and the known-device token."""
    if signed_in.token:
        g.new_cookie = SESSION + signed_in.token
    if signed_in.device_token:
        g.new_device_token = signed_in.device_token


def sign_out() -> None:
    """Delete the session cookie."""
    g.new_cookie = ""


async def write_cookies(response: Response) -> Response:
    """Set changed cookies, except for API clients, and forbid caching of private responses."""
    seen = app_ctx.g
    if seen.get("bearer") or seen.get("program"):
        response.headers.setdefault("Cache-Control", "no-store")
        return response
    cookie = seen.get("new_cookie")
    if cookie:
        life = services().sessions.policy.session_life if cookie.startswith(SESSION) else None
        _set_cookie(response, site().cookie, cookie, life)
    elif cookie == "":
        response.delete_cookie(site().cookie, path="/", secure=site().secure, samesite="Lax")
    if seen.get("new_device_token"):
        _set_cookie(response, site().device_cookie, seen.new_device_token, DEVICE_TOKEN_LIFE)
    if has_secrets() and not _only_a_token_of_a_visitor():
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def keep_for_going_back() -> None:
    """Let the browser of a visitor keep this page and its token, for the way back to it. A page of
    somebody who is logged in is never kept."""
    g.kept_for_going_back = True


def _only_a_token_of_a_visitor() -> bool:
    of_an_account = any(g.get(name) for name in ("viewer", "pending", "resumed"))
    return bool(g.get("kept_for_going_back")) and not of_an_account


def has_secrets() -> bool:
    """Whether the answer may contain something that only its receiver may know: data of an account,
    a CSRF token, or what was typed into a form that is shown again."""
    seen = app_ctx.g
    private = seen.get("viewer") or seen.get("pending") or seen.get("token_used")
    return bool(private or seen.get("resumed")) or seen.get("new_cookie") is not None


def _set_cookie(response: Response, name: str, value: str, life: timedelta | None) -> None:
    """With the attributes of OWASP ASVS 5.0, V3.3: HttpOnly, SameSite, Secure."""
    response.set_cookie(
        name,
        value,
        max_age=life,
        path="/",
        secure=site().secure,
        httponly=True,
        samesite="Lax",
    )


def _seed(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


def _token(seed: str) -> str:
    return _mac(f"csrf|{seed}")


def _mac(text: str) -> str:
    key = dependencies().site.secret_key.encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
