"""Registration: sign-up, confirmation of the address, and the first steps."""

from __future__ import annotations

from collections.abc import Mapping

from quart import Blueprint, abort, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.accounts import Role, TooManyAttempts
from core.codes import CodeTooSoon
from core.errors import Invalid
from web.accounts.first_steps import first_steps
from web.shared.access import Who, allow
from web.shared.context import me, services, session
from web.shared.cookies import caller, sign_in
from web.shared.forms import OTHER_ZONE, FormFields, local_path, read_form, typed, without_secrets
from web.shared.kept_forms import refilled

blueprint = Blueprint("accounts", __name__, template_folder="../templates")

ROLES = (Role.CLIENT.value, Role.DEVELOPER.value)


@blueprint.get("/sign-up")
@allow(Who.ANYONE)
async def choose() -> str:
    return await render_template(
        "accounts/choose.html",
        next=local_path(request.args.get("next")),
        unknown="why" in request.args,
    )


@blueprint.get("/sign-up/<role>")
@allow(Who.ANYONE)
async def sign_up(role: str) -> ResponseReturnValue:
    form = refilled(request.path) or {"next": request.args.get("next", "")}
    return await _sign_up_page(role, form)


@blueprint.post("/sign-up/<role>")
@allow(Who.ANYONE)
async def register(role: str) -> ResponseReturnValue:
    form = await read_form()
    if role not in ROLES:
        abort(404)
    if form.get("timezone") == OTHER_ZONE:
        return await _sign_up_page(role, typed(form), {"timezone": "Choose your time zone."}), 422
    try:
        await services().accounts.register(
            role=Role(role),
            name=form.get("name", ""),
            email=form.get("email", ""),
            password=form.get("password", ""),
            timezone=form.get("timezone", ""),
            caller=caller(),
        )
    except Invalid as error:
        return await _sign_up_page(role, typed(form), error.fields), 422
    except TooManyAttempts as error:
        return await _sign_up_page(role, typed(form), {"email": error.message}), 429
    return await confirm_page(form, sent=True)


@blueprint.get("/confirm")
@allow(Who.ANYONE)
async def show_confirm() -> ResponseReturnValue:
    return await confirm_page(refilled(url_for(".confirm"), url_for(".confirm_again")) or {})


@blueprint.post("/confirm")
@allow(Who.ANYONE)
async def confirm() -> ResponseReturnValue:
    form = await read_form()
    try:
        signed_in = await services().accounts.verify_email(
            email=form.get("email", ""), code=form.get("code", ""), caller=caller()
        )
    except Invalid as error:
        return await confirm_page(form, error.fields), 422
    sign_in(signed_in)
    target = local_path(form.get("next"))
    return redirect(target or url_for(".welcome"), 303)


@blueprint.post("/confirm/again")
@allow(Who.ANYONE, page="accounts.show_confirm")
async def confirm_again() -> ResponseReturnValue:
    form = await read_form()
    try:
        await services().accounts.resend_code(email=form.get("email", ""), caller=caller())
    except Invalid as error:
        return await confirm_page(form, error.fields), 422
    except CodeTooSoon as error:
        return await confirm_page(form, {"again": error.message}), 409
    return await confirm_page(form, sent=True)


@blueprint.get("/welcome")
@allow(Who.SIGNED_IN)
async def welcome() -> ResponseReturnValue:
    """The first steps: to a booking or a published profile."""
    return await render_template(
        "accounts/welcome.html",
        checklists=await first_steps(me()),
        next=local_path(request.args.get("next")),
    )


@blueprint.post("/account/roles")
@allow(Who.SIGNED_IN, page="clients.account")
async def add_role() -> ResponseReturnValue:
    """Add the client or the developer role, and show the page that needs it or its first steps."""
    form = await read_form()
    role = form.get("role", "")
    if role not in ROLES:
        abort(404)
    sign_in(
        await services().accounts.add_role(me().id, Role(role), session=session(), caller=caller())
    )
    return redirect(local_path(form.get("next")) or url_for(".welcome"), 303)


async def _sign_up_page(
    role: str, form: FormFields, errors: Mapping[str, str] | None = None
) -> str:
    """With the zones of the offset of the chosen one, which are few, or with all."""
    if role not in ROLES:
        abort(404)
    all_zones = form.get("timezone") == OTHER_ZONE
    if all_zones:
        form = {**form, "timezone": ""}
    return await render_template(
        "accounts/sign_up.html",
        role=role,
        form={**form, "next": local_path(form.get("next"))},
        errors=errors or {},
        all_zones=all_zones,
        policy=services().passwords.policy,
        terms=services().bookings.policy.terms,
    )


async def confirm_page(
    form: FormFields, errors: Mapping[str, str] | None = None, *, sent: bool = False
) -> str:
    """The page to enter the code; also shown at log-in with an unconfirmed address."""
    return await render_template(
        "accounts/confirm.html",
        form={
            **without_secrets(form),
            "code": form.get("code", ""),
            "next": local_path(form.get("next")),
        },
        errors=errors or {},
        sent=sent,
    )
