"""The account page: name, time zone, and the phone number for the payment provider."""

from __future__ import annotations

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.accounts import Role
from core.errors import Invalid
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, services
from web.shared.forms import FormFields, read_form, without_secrets

blueprint = Blueprint("clients", __name__, template_folder="templates")


@blueprint.get("/account")
@allow(Who.SIGNED_IN)
async def account() -> ResponseReturnValue:
    form = {"name": me().name, "timezone": me().timezone}
    if Role.CLIENT in me().roles:
        form["phone"] = (await services().clients.own_profile(by=me().id)).phone or ""
    return await _page(form)


@blueprint.post("/account")
@allow(Who.SIGNED_IN)
async def update() -> ResponseReturnValue:
    form = await read_form()
    try:
        if Role.CLIENT in me().roles:
            await services().clients.update(by=me().id, phone=form.get("phone") or None)
        await services().accounts.update(
            me().id, name=form.get("name", ""), timezone=form.get("timezone", "")
        )
    except Invalid as error:
        return await _page(without_secrets(form), error.fields), 422
    return redirect(url_for(".account", saved="yes"), 303)


async def _page(form: FormFields, errors: FormFields | None = None) -> str:
    return await render_template(
        "clients/account.html",
        form=form,
        errors=errors or {},
        saved="saved" in request.args,
        current_avatar=await services().avatars.current_url(by=me().id),
        undelivered=await dependencies().store.repositories.suppressions.find(me().email),
    )
