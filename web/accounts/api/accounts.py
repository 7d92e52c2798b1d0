"""Accounts over the API: registration, confirmation, and the own account."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_request
from typing_extensions import TypedDict

from core.accounts import EmailTaken, LastAdministrator, Role, Suspended, TooManyAttempts
from core.codes import CodeTooSoon, WrongCode
from core.sessions import SessionOver
from ports.passwords import PasswordsBusy
from services.shared.personal_data import StillOpen
from web.accounts import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import API, Accepted, Body, Done, json_response
from web.shared.context import me, services, session
from web.shared.cookies import caller, csrf_token, sign_in, sign_out
from web.shared.openapi import document_errors
from web.shared.schemas import Moment

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


class CodeOnly(Body):
    code: str = Field(max_length=40)


class AccountChange(Body):
    name: str | None = Field(default=None, max_length=200)
    timezone: str | None = Field(default=None, max_length=100)


class RoleWanted(Body):
    role: Literal["client", "developer"]


class FormToken(TypedDict):
    token: str


class ExportSchema(TypedDict):
    """Each section as it is stored, without secrets. Plugins may add sections."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]

    made_at: Moment
    account: dict[str, Any]
    client: dict[str, Any] | None
    developer: dict[str, Any] | None
    bookings: list[dict[str, Any]]
    jobs: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    timeline: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    transactions: list[dict[str, Any]]
    billing_details: dict[str, Any] | None
    sessions: list[dict[str, Any]]
    sign_ins_elsewhere: list[dict[str, Any]]
    activity: list[dict[str, Any]]
    undeliverable: list[dict[str, Any]]


@blueprint.get("/csrf")
@allow(Who.ANYONE)
@about
@document_response(FormToken)
async def csrf() -> Response:
    """The token for requests that change data with a session cookie, sent as X-CSRF-Token."""
    return json_response({"token": csrf_token()})


@blueprint.post("/auth/register")
@allow(Who.ANYONE, programs=True)
@about
@validate_request(Registration)
@document_response(schemas.AccountSchema, 201)
@document_errors(PasswordsBusy, TooManyAttempts)
async def register(data: Registration) -> Response:
    """Create an account and e-mail a code that confirms the address."""
    account = await services().accounts.register(
        role=Role(data.role),
        name=data.name,
        email=data.email,
        password=data.password,
        timezone=data.timezone,
        caller=caller(),
    )
    return json_response(schemas.account(account), 201)


@blueprint.post("/auth/verify-email")
@allow(Who.ANYONE, programs=True)
@about
@validate_request(EmailAndCode)
@document_response(schemas.SignInSchema)
@document_errors(Suspended, TooManyAttempts, WrongCode)
async def verify_email(data: EmailAndCode) -> Response:
    """Confirm the address with the code from the e-mail, and sign in."""
    signed_in = await services().accounts.verify_email(
        email=data.email, code=data.code, caller=caller()
    )
    sign_in(signed_in)
    return json_response(schemas.sign_in(signed_in))


@blueprint.post("/auth/verify-email/resend")
@allow(Who.ANYONE, programs=True)
@about
@validate_request(Email)
@document_response(Accepted, 202)
@document_errors(CodeTooSoon, TooManyAttempts)
async def resend(data: Email) -> Response:
    """E-mail another code, if the address awaits confirmation."""
    await services().accounts.resend_code(email=data.email, caller=caller())
    return json_response({"status": "accepted"}, 202)


@blueprint.get("/me")
@allow(Who.SIGNED_IN)
@about
@document_response(schemas.AccountSchema)
async def show() -> Response:
    """The signed-in account."""
    return json_response(schemas.account(me()))


@blueprint.patch("/me")
@allow(Who.SIGNED_IN)
@about
@validate_request(AccountChange)
@document_response(schemas.AccountSchema)
async def change(data: AccountChange) -> Response:
    """Change name or time zone; omitted fields are not changed."""
    account = await services().accounts.update(
        me().id,
        name=me().name if data.name is None else data.name,
        timezone=me().timezone if data.timezone is None else data.timezone,
    )
    return json_response(schemas.account(account))


@blueprint.delete("/me")
@allow(Who.SIGNED_IN, step_up=True)
@about
@document_response(Done)
@document_errors(LastAdministrator, StillOpen)
async def erase() -> Response:
    """Erase the account: refused while bookings or payments are in progress."""
    await services().personal_data.erase(me(), caller())
    sign_out()
    return json_response({"status": "ok"})


@blueprint.get("/me/export")
@allow(Who.SIGNED_IN, step_up=True)
@about
@document_response(ExportSchema)
async def export() -> Response:
    """All stored data about the person, as one document."""
    return json_response(await services().personal_data.export(me(), caller()))


@blueprint.post("/me/roles")
@allow(Who.SIGNED_IN)
@about
@validate_request(RoleWanted)
@document_response(schemas.AccountSchema)
@document_errors(SessionOver)
async def add_role(data: RoleWanted) -> Response:
    """Add the client or the developer role. The session gets a new cookie."""
    signed_in = await services().accounts.add_role(
        me().id, Role(data.role), session=session(), caller=caller()
    )
    sign_in(signed_in)
    return json_response(schemas.account(signed_in.account))


@blueprint.post("/me/email")
@allow(Who.SIGNED_IN, step_up=True)
@about
@validate_request(Email)
@document_response(Accepted, 202)
@document_errors(CodeTooSoon, TooManyAttempts)
async def ask_new_email(data: Email) -> Response:
    """E-mail a code to a new address."""
    await services().accounts.request_new_email(me().id, email=data.email, caller=caller())
    return json_response({"status": "accepted"}, 202)


@blueprint.post("/me/email/confirm")
@allow(Who.SIGNED_IN, step_up=True)
@about
@validate_request(CodeOnly)
@document_response(schemas.AccountSchema)
@document_errors(EmailTaken, SessionOver, TooManyAttempts, WrongCode)
async def confirm_new_email(data: CodeOnly) -> Response:
    """Use the new address, with the code from its e-mail."""
    signed_in = await services().accounts.confirm_new_email(
        me().id, code=data.code, session=session(), caller=caller()
    )
    sign_in(signed_in)
    return json_response(schemas.account(signed_in.account))
