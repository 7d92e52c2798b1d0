"""Tokens for API clients: no cookies, no CSRF token."""

from __future__ import annotations

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_request
from typing_extensions import TypedDict

from core.accounts import (
    EmailUnverified,
    MailboxCodeNeeded,
    Suspended,
    TooManyAttempts,
    WrongPassword,
)
from core.codes import CodeTooSoon, WrongCode
from ports.passwords import PasswordsBusy
from services.accounts import OtpNeeded, RefreshRefused, Tokens
from web.accounts import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import API, Body, Done, json_response
from web.shared.context import services
from web.shared.cookies import caller
from web.shared.openapi import document_errors

blueprint = Blueprint("api_tokens", __name__, url_prefix=API)
about = tag(["Accounts"])


class TokenRequest(Body):
    """`otp`: the second factor. `code`: the code from the e-mail, after 401
    `mailbox_code_required`."""

    email: str = Field(max_length=300)
    password: str = Field(max_length=1000)
    otp: str | None = Field(default=None, max_length=40)
    code: str = Field(default="", max_length=40)


class Refresh(Body):
    refresh_token: str = Field(max_length=500)


class TokenSchema(TypedDict):
    """As in RFC 6749, section 5.1; `expires_in` in seconds."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    account: schemas.AccountSchema


@blueprint.post("/auth/token")
@allow(Who.ANYONE, cookies=False)
@about
@validate_request(TokenRequest)
@document_response(TokenSchema)
@document_errors(
    CodeTooSoon,
    EmailUnverified,
    MailboxCodeNeeded,
    OtpNeeded,
    PasswordsBusy,
    Suspended,
    TooManyAttempts,
    WrongCode,
    WrongPassword,
)
async def issue(data: TokenRequest) -> Response:
    """An access and a refresh token. After 401 `otp_required`, send the code as `otp`; after 401
    `mailbox_code_required`, the code from the e-mail as `code`."""
    return _answer(
        await services().tokens.issue(
            email=data.email,
            password=data.password,
            otp=data.otp,
            code=data.code,
            caller=caller(),
        )
    )


@blueprint.post("/auth/token/refresh")
@allow(Who.ANYONE, cookies=False)
@about
@validate_request(Refresh)
@document_response(TokenSchema)
@document_errors(RefreshRefused, Suspended)
async def refresh(data: Refresh) -> Response:
    """The next pair of tokens. A refresh token works once; its reuse ends the session. Within 30
    seconds the same client gets the same pair again, as an answer may be lost."""
    return _answer(await services().tokens.refresh(data.refresh_token, caller=caller()))


@blueprint.post("/auth/token/revoke")
@allow(Who.ANYONE, cookies=False)
@about
@validate_request(Refresh)
@document_response(Done)
@document_errors(RefreshRefused)
async def revoke(data: Refresh) -> Response:
    """End the session; its access and refresh tokens stop working."""
    await services().tokens.revoke(data.refresh_token, caller=caller())
    return json_response({"status": "ok"})


def _answer(tokens: Tokens) -> Response:
    response = json_response(
        {
            "access_token": tokens.access,
            "token_type": "Bearer",
            "expires_in": int(tokens.expires_in.total_seconds()),
            "refresh_token": tokens.refresh,
            "account": schemas.account(tokens.account),
        }
    )
    response.headers["Cache-Control"] = "no-store"
    return response
