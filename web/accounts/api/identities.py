"""Sign-in with an OAuth or OpenID provider: start and callback."""

from __future__ import annotations

from pydantic import Field
from quart import Blueprint, Response, redirect, request, url_for
from quart.typing import ResponseReturnValue
from quart_schema import document_response, tag, validate_querystring
from typing_extensions import TypedDict

from core.accounts import AccountId, EmailUnverified, Role, Suspended, TooManyAttempts
from core.codes import CodeTooSoon
from core.identities import IdentityTaken, IdentityUnproven, NoAccountYet
from ports.identity import IdentityRefused, IdentityUnavailable
from web.shared.access import Who, allow
from web.shared.api import API, Listed, Query, json_response
from web.shared.context import me, services, viewer
from web.shared.cookies import caller, sign_in
from web.shared.forms import local_path
from web.shared.openapi import Redirect
from web.shared.redirects import leave_site
from web.shared.templating import zone

blueprint = Blueprint("api_identities", __name__, url_prefix=f"{API}/auth/oauth")
about = tag(["Accounts"])


class Start(Query):
    role: str = Field(default="", max_length=20)
    next: str = Field(default="", max_length=500)


class ProviderSchema(TypedDict):
    provider: str
    label: str
    connected: bool


@blueprint.get("")
@allow(Who.SIGNED_IN)
@about
@document_response(Listed[ProviderSchema])
async def index() -> Response:
    """The available sign-in providers, and which of them are connected."""
    linked = {one.provider for one in await services().identities.list_linked(me().id)}
    items = [
        {"provider": name, "label": provider.label, "connected": name in linked}
        for name, provider in services().identities.providers.items()
    ]
    return json_response({"items": items, "next": None})


@blueprint.get("/<provider>/start")
@allow(Who.ANYONE)
@about
@validate_querystring(Start)
@document_response(Redirect, 303)
async def start(provider: str, query_args: Start) -> ResponseReturnValue:
    """Redirect to the provider. `role`, client or developer, is the role of a new account."""
    role = Role(query_args.role) if query_args.role in ("client", "developer") else None
    target = local_path(query_args.next)
    try:
        url = await services().identities.start(provider, caller=caller(), role=role, target=target)
    except (IdentityUnavailable, TooManyAttempts) as error:
        return redirect(url_for("sessions.log_in", why=error.code, next=target or None), 303)
    return leave_site(url)


@blueprint.get("/<provider>/callback")
@allow(Who.ANYONE)
@about
@document_response(Redirect, 303)
async def callback(provider: str) -> ResponseReturnValue:
    """The provider redirects the browser to this URL. It changes data although it is a GET
    request; the single-use OAuth state of this browser prevents forgery."""
    try:
        result = await services().identities.finish(
            provider, dict(request.args), timezone=zone(), caller=caller(), by=_signed_in()
        )
    except NoAccountYet as error:
        return redirect(url_for("accounts.choose", why=error.code), 303)
    except (
        IdentityRefused, IdentityUnavailable, IdentityUnproven, IdentityTaken, Suspended,
        EmailUnverified, CodeTooSoon,
    ) as error:  # fmt: skip
        page = "security.show" if viewer() else "sessions.log_in"
        return redirect(url_for(page, why=error.code), 303)
    if result.signed_in is None:
        return redirect(url_for("security.show", done="identity_linked"), 303)
    sign_in(result.signed_in)
    target = result.target
    if result.new:
        target = url_for("accounts.welcome", next=target or None)
    if result.signed_in.pending_factor:
        return redirect(url_for("sessions.code", next=target or None), 303)
    return redirect(target or url_for("bookings.dashboard"), 303)


def _signed_in() -> AccountId | None:
    account = viewer()
    return account.id if account else None
