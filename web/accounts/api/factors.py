"""The second factor over the API: on and off, an authenticator app, recovery codes."""

from __future__ import annotations

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_request
from typing_extensions import TypedDict

from web.accounts import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import API, Body, json_response
from web.shared.context import me, services
from web.shared.cookies import caller

blueprint = Blueprint("api_factors", __name__, url_prefix=f"{API}/auth/2fa")
about = tag(["Accounts"])


class Enabled(Body):
    enabled: bool = Field(strict=True)


class AppCode(Body):
    code: str = Field(max_length=40)


class NewAppSchema(TypedDict):
    """`address` is the otpauth:// one, `picture` its QR code as an SVG element."""

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
async def turn(data: Enabled) -> Response:
    """Ask for a code at log-in, or no longer; off takes an authenticator app away, too."""
    account = await services().factors.set_two_factor(me().id, on=data.enabled, caller=caller())
    return json_response(schemas.account(account))


@blueprint.post("/totp")
@allow(Who.SIGNED_IN, step_up=True)
@about
@document_response(NewAppSchema, 201)
async def begin() -> Response:
    """A secret for an authenticator app; it counts once a code of it is confirmed."""
    app = await services().factors.start_app_setup(me().id)
    return json_response(
        {"secret": app.secret, "address": app.provisioning_uri, "picture": app.qr_code}, 201
    )


@blueprint.post("/totp/confirm")
@allow(Who.SIGNED_IN, step_up=True)
@about
@validate_request(AppCode)
@document_response(RecoveryCodes)
async def confirm(data: AppCode) -> Response:
    """The first code of the app; answers the recovery codes, which are shown this once."""
    codes = await services().factors.confirm_app(me().id, code=data.code, caller=caller())
    return json_response({"recovery_codes": list(codes)})


@blueprint.delete("/totp")
@allow(Who.SIGNED_IN, step_up=True)
@about
@document_response(schemas.AccountSchema)
async def remove() -> Response:
    """Codes come by mail again."""
    return json_response(
        schemas.account(await services().factors.remove_app(me().id, caller=caller()))
    )


@blueprint.post("/recovery-codes")
@allow(Who.SIGNED_IN, step_up=True)
@about
@document_response(RecoveryCodes, 201)
async def renew() -> Response:
    """Ten new recovery codes; the old ones stop working."""
    codes = await services().factors.renew_recovery_codes(me().id, caller=caller())
    return json_response({"recovery_codes": list(codes)}, 201)
