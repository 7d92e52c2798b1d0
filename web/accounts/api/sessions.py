"""Sessions over the API: log-in, second factor, step-up, log-out, and the list of sessions."""

from __future__ import annotations

from typing import Literal

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
from core.sessions import SessionOver
from ports.passwords import PasswordsBusy
from web.accounts import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import API, Body, Done, Listed, json_response
from web.shared.context import me, pending, services, session
from web.shared.cookies import caller, sign_in, sign_out
from web.shared.openapi import document_errors

blueprint = Blueprint("api_sessions", __name__, url_prefix=API)
about = tag(["Accounts"])


class Credentials(Body):
    """`code`: the code from the e-mail, after 401 `mailbox_code_required`."""

    email: str = Field(max_length=300)
    password: str = Field(max_length=1000)
    code: str = Field(default="", max_length=40)


class Otp(Body):
    code: str = Field(max_length=40)


class StepUp(Body):
    code: str | None = Field(default=None, max_length=40)


class CodeAsked(TypedDict):
    """`sent`: a code was e-mailed; `app`: use the authenticator app."""

    status: Literal["sent", "app"]


@blueprint.post("/auth/login")
@allow(Who.ANYONE)
@about
@validate_request(Credentials)
@document_response(schemas.SignInSchema)
@document_errors(
    EmailUnverified,
    MailboxCodeNeeded,
    PasswordsBusy,
    Suspended,
    TooManyAttempts,
    WrongCode,
    WrongPassword,
)
async def login(data: Credentials) -> Response:
    """Sign in; the response sets the session cookie. With a second factor: `otp_required`. After
    401 `mailbox_code_required`, send the code from the e-mail as `code`."""
    signed_in = await services().sessions.log_in(
        email=data.email, password=data.password, code=data.code, caller=caller()
    )
    sign_in(signed_in)
    return json_response(schemas.sign_in(signed_in))


@blueprint.post("/auth/otp/verify")
@allow(Who.PENDING)
@about
@validate_request(Otp)
@document_response(schemas.SignInSchema)
@document_errors(CodeTooSoon, SessionOver, Suspended, TooManyAttempts, WrongCode)
async def verify(data: Otp) -> Response:
    """Complete the log-in with a code from the e-mail or the app, or with a recovery code."""
    signed_in = await services().sessions.verify(pending()[1], code=data.code, caller=caller())
    sign_in(signed_in)
    return json_response(schemas.sign_in(signed_in))


@blueprint.post("/auth/otp/resend")
@allow(Who.PENDING)
@about
@document_response(CodeAsked, 202)
@document_errors(CodeTooSoon, TooManyAttempts)
async def resend() -> Response:
    """E-mail another code: at most one per minute and five per hour."""
    factor = await services().sessions.resend_code(pending()[1])
    return json_response({"status": FACTOR_STATUS[factor]}, 202)


@blueprint.post("/auth/step-up")
@allow(Who.SIGNED_IN)
@about
@validate_request(StepUp)
@document_response(Done)
@document_response(CodeAsked, 202)
@document_errors(CodeTooSoon, SessionOver, TooManyAttempts, WrongCode)
async def step_up(data: StepUp) -> Response:
    """Without a code: e-mail one. With it: allow sensitive changes for 15 minutes."""
    if data.code is None:
        factor = await services().sessions.request_step_up(me(), session())
        return json_response({"status": FACTOR_STATUS[factor]}, 202)
    sign_in(await services().sessions.step_up(me(), session(), code=data.code, caller=caller()))
    return json_response({"status": "ok"})


@blueprint.post("/auth/logout")
@allow(Who.SIGNED_IN)
@about
@document_response(Done)
async def logout() -> Response:
    """End the session."""
    await services().sessions.log_out(session(), caller())
    sign_out()
    return json_response({"status": "ok"})


@blueprint.get("/auth/sessions")
@allow(Who.SIGNED_IN)
@about
@document_response(Listed[schemas.SessionSchema])
async def index() -> Response:
    """The active sessions of browsers and API clients, most recently used first."""
    found = await services().sessions.list_active(me())
    items = [schemas.session(one, current=session()) for one in found]
    return json_response({"items": items, "next": None})


@blueprint.delete("/auth/sessions/<session_id>")
@allow(Who.SIGNED_IN)
@about
@document_response(Done)
async def end(session_id: str) -> Response:
    """End a session and close its sockets."""
    await services().sessions.end(me().id, session_id, caller())
    if session_id == session().name:
        sign_out()
    return json_response({"status": "ok"})


FACTOR_STATUS = {"email": "sent", "totp": "app"}
