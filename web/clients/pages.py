"""The account page: name, time zone, and the phone number for the payment provider."""

from __future__ import annotations

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.accounts import Role
from core.clients import checked_phone
from core.errors import Errors, Invalid
from core.text import checked_name
from core.timezones import checked_timezone
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, services
from web.shared.forms import FormFields, read_form, typed
from web.shared.kept_forms import refilled

blueprint = Blueprint("clients", __name__, template_folder="templates")


@blueprint.get("/account")
@allow(Who.SIGNED_IN)
async def account() -> ResponseReturnValue:
    form = {"name": me().name, "timezone": me().timezone}
    if Role.CLIENT in me().roles:
        form["phone"] = (await services().clients.own_profile(by=me().id)).phone or ""
    return await _page(refilled(url_for(".update")) or form)


@blueprint.post("/account")
@allow(Who.SIGNED_IN)
async def update() -> ResponseReturnValue:
    form = await read_form()
    is_client = Role.CLIENT in me().roles
    name, timezone = form.get("name", ""), form.get("timezone", "")
    phone = form.get("phone") if is_client else None
    try:
        _check(name=name, timezone=timezone, phone=phone)
        if is_client:
            await services().clients.update(by=me().id, phone=phone)
        await services().accounts.update(me().id, name=name, timezone=timezone)
    except Invalid as error:
        return await _page(typed(form), error.fields), 422
    return redirect(url_for(".account", saved="yes"), 303)


def _check(*, name: str, timezone: str, phone: str | None) -> None:
    """Everything before anything is saved: the two services save their part each. Raises `Invalid`
    with all fields that are not valid."""
    errors = Errors()
    with errors:
        if name != me().name:  # a stored name may be sent again
            checked_name(name)
    with errors:
        checked_timezone(timezone)
    with errors:
        checked_phone(phone)
    errors.check()


async def _page(form: FormFields, errors: FormFields | None = None) -> str:
    return await render_template(
        "clients/account.html",
        form=form,
        errors=errors or {},
        saved="saved" in request.args,
        current_avatar=await services().avatars.current_url(by=me().id),
        undelivered=await dependencies().store.repositories.suppressions.find(me().email),
    )
