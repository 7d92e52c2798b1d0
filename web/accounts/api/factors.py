"""The second factor over the API: settings, authenticator app, recovery codes."""

from __future__ import annotations

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_request
from typing_extensions import TypedDict

from core.accounts import FactorNeeded, TooManyAttempts
from core.codes import WrongCode
from web.accounts import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import API, Body, json_response
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.openapi import document_errors

blueprint = Blueprint("api_factors", __name__, url_prefix=f"{API}/auth/2fa")
about = tag(["Accounts"])


class Enabled(Body):
    enabled: bool = Field(strict=True)


class AppCode(Body):
    code: str = Field(max_length=40)


class NewAppSchema(TypedDict):
    """`address` is the otpauth:// URI, `picture` its QR code as an SVG element."""

    secret: str
    address: str
    picture: str


class RecoveryCodes(TypedDict):
    recovery_codes: list[str]


@blueprint.put("")
@allow(Who.SIGNED_IN, step_up=True)
@about
@validate_request(Enabled)
@document_response(schemas.AccountSchema)
@document_errors(FactorNeeded)
async def switch(data: Enabled) -> Response:
    """Turn codes at log-in on or off; off also removes an authenticator app."""
    account = await services().factors.set_two_factor(me().id, on=data.enabled, caller=caller())
    return json_response(schemas.account(account))


@blueprint.post("/totp")
@allow(Who.SIGNED_IN, step_up=True)
@about
@document_response(NewAppSchema, 201)
async def begin() -> Response:
    """Create a secret for an authenticator app; it is used once its first code is confirmed."""
    app = await services().factors.start_app_setup(me().id)
    return json_response(
        {"secret": app.secret, "address": app.provisioning_uri, "picture": app.qr_code}, 201
    )


@blueprint.post("/totp/confirm")
@allow(Who.SIGNED_IN, step_up=True)
@about
@validate_request(AppCode)
@document_response(RecoveryCodes)
@document_errors(TooManyAttempts, WrongCode)
async def confirm(data: AppCode) -> Response:
    """Confirm the first code of the app. Returns the recovery codes, which are shown once."""
    codes = await services().factors.confirm_app(me().id, code=data.code, caller=caller())
    return json_response({"recovery_codes": list(codes)})


@blueprint.delete("/totp")
@allow(Who.SIGNED_IN, step_up=True)
@about
@document_response(schemas.AccountSchema)
@document_errors(FactorNeeded)
async def remove() -> Response:
    """Remove the authenticator app; codes are sent by e-mail again."""
    return json_response(
        schemas.account(await services().factors.remove_app(me().id, caller=caller()))
    )


@blueprint.post("/recovery-codes")
@allow(Who.SIGNED_IN, step_up=True)
@about
@document_response(RecoveryCodes, 201)
async def renew() -> Response:
    """Create ten new recovery codes; the old ones stop working."""
    codes = await services().factors.renew_recovery_codes(me().id, caller=caller())
    return json_response({"recovery_codes": list(codes)}, 201)
