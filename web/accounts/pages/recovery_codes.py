"""The recovery codes of an authenticator app: shown, and saved to a file, until they are saved."""

from __future__ import annotations

from quart import Blueprint, Response, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.errors import Conflict
from web.accounts.pages.security import security_page
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.cookies import caller

blueprint = Blueprint(
    "recovery_codes",
    __name__,
    template_folder="../templates",
    url_prefix="/account/security",
)

FILE_NAME = "1hourdeveloper-recovery-codes.txt"


@blueprint.post("/recovery-codes")
@allow(Who.SIGNED_IN, step_up=True, page="security.show", label="Create new recovery codes")
async def renew() -> ResponseReturnValue:
    try:
        await services().factors.renew_recovery_codes(
            me().id, caller=caller(), show_until_saved=True
        )
    except Conflict as error:
        return await security_page({"two_factor": error.message}), 409
    return redirect(url_for(".show"), 303)


@blueprint.get("/recovery-codes")
@allow(Who.SIGNED_IN, step_up=True)
async def show() -> ResponseReturnValue:
    """`new` says that the app itself was set up just now."""
    unsaved = services().factors.unsaved_recovery_codes(me())
    if not unsaved:
        return redirect(url_for("security.show"), 303)
    return await render_template("security/codes.html", codes=unsaved, new="new" in request.args)


@blueprint.get("/recovery-codes.txt")
@allow(Who.SIGNED_IN, step_up=True)
async def file() -> ResponseReturnValue:
    unsaved = services().factors.unsaved_recovery_codes(me())
    if not unsaved:
        return redirect(url_for("security.show"), 303)
    lines = (f"Recovery codes of 1HourDeveloper for {me().email}", "Each works once.", "", *unsaved)
    response = Response("\n".join((*lines, "")), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    return response


@blueprint.post("/recovery-codes/saved")
@allow(Who.SIGNED_IN, page="recovery_codes.show")
async def saved() -> ResponseReturnValue:
    await services().factors.confirm_recovery_codes_saved(me().id)
    return redirect(url_for("security.show", done="codes_saved"), 303)
