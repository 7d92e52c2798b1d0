"""Personal data: download, and erasure of the account."""

from __future__ import annotations

from collections.abc import Mapping

from quart import Blueprint, Response, redirect, render_template, url_for
from quart.typing import ResponseReturnValue

from core.accounts import LastAdministrator
from services.accounts import StillOpen
from web.shared.access import Who, allow
from web.shared.api import json_response
from web.shared.context import me, now, services
from web.shared.cookies import caller, sign_out
from web.shared.forms import FormFields, read_form, typed
from web.shared.kept_forms import refilled

blueprint = Blueprint(
    "personal_data", __name__, template_folder="../templates", url_prefix="/account/data"
)


@blueprint.get("")
@allow(Who.SIGNED_IN)
async def show() -> str:
    return await _page()


@blueprint.post("/export")
@allow(Who.SIGNED_IN, step_up=True, page="personal_data.show", label="Download your data")
async def export() -> Response:
    """All stored data as one JSON file to download."""
    response = json_response(await services().personal_data.export(me(), caller()))
    name = f"1hourdeveloper-{now():%Y-%m-%d}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/erase")
@allow(Who.SIGNED_IN, step_up=True)
async def ask() -> str:
    return await _erase_page(refilled(url_for(".erase")) or {})


@blueprint.post("/erase")
@allow(Who.SIGNED_IN, step_up=True, label="Erase your account")
async def erase() -> ResponseReturnValue:
    form = await read_form()
    email = form.get("email", "")
    if not services().accounts.addresses.names(email, me()):
        wrong = "This is not the address of this account."
        errors = {"email": wrong if email.strip() else f"Type {me().shown_email} to confirm."}
        return await _erase_page(typed(form), errors), 422
    try:
        await services().personal_data.erase(me(), caller())
    except (StillOpen, LastAdministrator) as error:
        return await _page(error.message), 409
    sign_out()
    return redirect(url_for("home.show", erased="yes"), 303)


async def _erase_page(form: FormFields, errors: Mapping[str, str] | None = None) -> str:
    return await render_template("personal_data/erase.html", form=form, errors=errors or {})


async def _page(refused: str = "") -> str:
    return await render_template("personal_data/show.html", refused=refused)
