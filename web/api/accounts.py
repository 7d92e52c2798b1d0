"""Accounts over the API: registering, confirming, signing in and out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from quart import Blueprint, Response, g, request
from quart_schema import document_response, tag, validate_request
from typing_extensions import TypedDict

from core.accounts import AccountId, Role
from web.access import Who, allow
from web.api import shapes
from web.api.base import API, Body, Done, answer
from web.context import me, services
from web.sessions import csrf_token, sign_in, sign_out, visit

blueprint = Blueprint("api_accounts", __name__, url_prefix=API)
about = tag(["Accounts"])


class Registration(Body):
    role: Literal["client", "developer"]
    name: str = Field(max_length=200)
    email: str = Field(max_length=300)
    password: str = Field(max_length=1000)
    timezone: str = Field(max_length=100)


class EmailAndCode(Body):
    email: str = Field(max_length=300)
    code: str = Field(max_length=40)


class Email(Body):
    email: str = Field(max_length=300)


class Credentials(Body):
    email: str = Field(max_length=300)
    password: str = Field(max_length=1000)


class AccountChange(Body):
    name: str | None = Field(default=None, max_length=200)
    timezone: str | None = Field(default=None, max_length=100)


class Token(TypedDict):
    token: str


class Welcome(shapes.AccountShape):
    status: str


@blueprint.get("/csrf")
@allow(Who.ANYONE)
@about
@document_response(Token)
async def csrf() -> Response:
    """The token for unsafe requests of cookie callers, sent as X-CSRF-Token."""
    return answer({"token": csrf_token()})


@blueprint.post("/auth/register")
@allow(Who.ANYONE)
@about
@validate_request(Registration)
@document_response(shapes.AccountShape, 201)
async def register(data: Registration) -> Response:
    """Make an account; a code to confirm the address is mailed."""
    account = await services().accounts.register(
        role=Role(data.role),
        name=data.name,
        email=data.email,
        password=data.password,
        timezone=data.timezone,
        visit=visit(),
    )
    return answer(shapes.account(account), 201)


@blueprint.post("/auth/verify-email")
@allow(Who.ANYONE)
@about
@validate_request(EmailAndCode)
@document_response(Welcome)
async def verify_email(data: EmailAndCode) -> Response:
    """Confirm the address with the mailed code; signs its owner in."""
    signed_in = await services().accounts.verify_email(
        email=data.email, code=data.code, visit=visit()
    )
    sign_in(signed_in.token)
    return answer({"status": "ok", **shapes.account(signed_in.account)})


@blueprint.post("/auth/verify-email/resend")
@allow(Who.ANYONE)
@about
@validate_request(Email)
@document_response(Done, 202)
async def resend(data: Email) -> Response:
    """Mail another code, if there is an address waiting for one."""
    await services().accounts.send_code_again(email=data.email, visit=visit())
    return answer({"status": "accepted"}, 202)


@blueprint.post("/auth/login")
@allow(Who.ANYONE)
@about
@validate_request(Credentials)
@document_response(Welcome)
async def login(data: Credentials) -> Response:
    """Sign in; the session is in the cookie."""
    signed_in = await services().accounts.log_in(
        email=data.email,
        password=data.password,
        visit=visit(),
        address=request.remote_addr or "",
    )
    sign_in(signed_in.token)
    return answer({"status": "ok", **shapes.account(signed_in.account)})


@blueprint.post("/auth/logout")
@allow(Who.SIGNED_IN)
@about
@document_response(Done)
async def logout() -> Response:
    """End the session."""
    await services().accounts.log_out(g.token)
    sign_out()
    return answer({"status": "ok"})


@blueprint.get("/me")
@allow(Who.SIGNED_IN)
@about
@document_response(shapes.AccountShape)
async def show() -> Response:
    """The signed-in account."""
    return answer(shapes.account(me()))


@blueprint.patch("/me")
@allow(Who.SIGNED_IN)
@about
@validate_request(AccountChange)
@document_response(shapes.AccountShape)
async def change(data: AccountChange) -> Response:
    """Change name or zone; what is left out stays."""
    account = await services().accounts.update(
        AccountId(me().id),
        name=me().name if data.name is None else data.name,
        timezone=me().timezone if data.timezone is None else data.timezone,
    )
    return answer(shapes.account(account))
