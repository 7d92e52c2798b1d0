"""Passwords over the API: reset and change."""

from __future__ import annotations

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_request

from core.accounts import TooManyAttempts, WrongPassword
from core.sessions import SessionOver
from ports.passwords import PasswordsBusy
from services.accounts import WrongLink
from web.shared.access import Who, allow
from web.shared.api import API, Accepted, Body, Done, json_response
from web.shared.context import me, services, session
from web.shared.cookies import caller, sign_in
from web.shared.openapi import document_errors

blueprint = Blueprint("api_passwords", __name__, url_prefix=f"{API}/auth/password")
about = tag(["Accounts"])


class Email(Body):
    email: str = Field(max_length=300)


class Reset(Body):
    token: str = Field(max_length=300)
    password: str = Field(max_length=1000)


class Change(Body):
    current: str = Field(default="", max_length=1000)
    password: str = Field(max_length=1000)


@blueprint.post("/forgot")
@allow(Who.ANYONE, programs=True)
@about
@validate_request(Email)
@document_response(Accepted, 202)
@document_errors(TooManyAttempts)
async def forgot(data: Email) -> Response:
    """E-mail a reset link to the owner of the address. Does nothing for unknown addresses."""
    await services().passwords.request_reset(email=data.email, caller=caller())
    return json_response({"status": "accepted"}, 202)


@blueprint.post("/reset")
@allow(Who.ANYONE, programs=True)
@about
@validate_request(Reset)
@document_response(Done)
@document_errors(PasswordsBusy, WrongLink)
async def reset(data: Reset) -> Response:
    """Set a new password with the token of the link. Ends all sessions; does not sign in."""
    await services().passwords.reset(data.token, password=data.password, caller=caller())
    return json_response({"status": "ok"})


@blueprint.post("/change")
@allow(Who.SIGNED_IN, step_up=True)
@about
@validate_request(Change)
@document_response(Done)
@document_errors(PasswordsBusy, SessionOver, TooManyAttempts, WrongPassword)
async def change(data: Change) -> Response:
    """Change the password. Other sessions end, and this one gets a new cookie."""
    signed_in = await services().passwords.change(
        me(), session(), current=data.current, new=data.password, caller=caller()
    )
    sign_in(signed_in)
    return json_response({"status": "ok"})
