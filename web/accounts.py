"""The door: signing up, confirming the address, logging in and out."""

from __future__ import annotations

from collections.abc import Mapping

from quart import Blueprint, abort, g, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.accounts import (
    Account,
    CodeTooSoon,
    EmailUnverified,
    Role,
    TooManyTries,
    WrongPassword,
)
from core.errors import Invalid
from services.accounts import SignedIn
from web.access import Who, allow
from web.context import services, viewer
from web.forms import Typed, kept, own_path, typed
from web.sessions import sign_in, sign_out, visit

blueprint = Blueprint("accounts", __name__)

ROLES = (Role.CLIENT.value, Role.DEVELOPER.value)


@blueprint.get("/sign-up")
@allow(Who.ANYONE)
async def choose() -> str:
    return await render_template("accounts/choose.html", next=own_path(request.args.get("next")))


@blueprint.get("/sign-up/<role>")
@allow(Who.ANYONE)
async def sign_up(role: str) -> ResponseReturnValue:
    form = {"next": own_path(request.args.get("next"))}
    return await _sign_up_page(role, form)


@blueprint.post("/sign-up/<role>")
@allow(Who.ANYONE)
async def register(role: str) -> ResponseReturnValue:
    form = await typed()
    if role not in ROLES:
        abort(404)
    try:
        await services().accounts.register(
            role=Role(role),
            name=form.get("name", ""),
            email=form.get("email", ""),
            password=form.get("password", ""),
            timezone=form.get("timezone", ""),
            visit=visit(),
        )
    except Invalid as error:
        return await _sign_up_page(role, kept(form), error.fields), 422
    return await _confirm_page(form, sent=True)


@blueprint.get("/confirm")
@allow(Who.ANYONE)
async def confirm_page() -> ResponseReturnValue:
    return await _confirm_page({})


@blueprint.post("/confirm")
@allow(Who.ANYONE)
async def confirm() -> ResponseReturnValue:
    form = await typed()
    try:
        signed_in = await services().accounts.verify_email(
            email=form.get("email", ""), code=form.get("code", ""), visit=visit()
        )
    except Invalid as error:
        return await _confirm_page(form, error.fields), 422
    return _enter(signed_in, form.get("next"), new=True)


@blueprint.post("/confirm/again")
@allow(Who.ANYONE)
async def confirm_again() -> ResponseReturnValue:
    form = await typed()
    try:
        await services().accounts.send_code_again(email=form.get("email", ""), visit=visit())
    except Invalid as error:
        return await _confirm_page(form, error.fields), 422
    except CodeTooSoon as error:
        return await _confirm_page(form, {"again": error.message}), 409
    return await _confirm_page(form, sent=True)


@blueprint.get("/login")
@allow(Who.ANYONE)
async def log_in() -> ResponseReturnValue:
    target = own_path(request.args.get("next"))
    account = viewer()
    if account:
        return redirect(target or _home_of(account), 303)
    return await _log_in_page({"next": target})


@blueprint.post("/login")
@allow(Who.ANYONE)
async def enter() -> ResponseReturnValue:
    form = await typed()
    try:
        signed_in = await services().accounts.log_in(
            email=form.get("email", ""),
            password=form.get("password", ""),
            visit=visit(),
            address=request.remote_addr or "",
        )
    except Invalid as error:
        return await _log_in_page(form, error.fields), 422
    except WrongPassword as error:
        return await _log_in_page(form, {"password": error.message}), 401
    except TooManyTries as error:
        return await _log_in_page(form, {"password": error.message}), 429
    except EmailUnverified:
        return await _confirm_page(form, sent=True)
    return _enter(signed_in, form.get("next"))


@blueprint.post("/logout")
@allow(Who.SIGNED_IN)
async def log_out() -> ResponseReturnValue:
    await services().accounts.log_out(g.token)
    sign_out()
    return redirect(url_for("home.show"), 303)


def _enter(signed_in: SignedIn, target: str | None, *, new: bool = False) -> ResponseReturnValue:
    sign_in(signed_in.token)
    start = _first_steps_of if new else _home_of
    return redirect(own_path(target) or start(signed_in.account), 303)


def _home_of(account: Account) -> str:
    return url_for("bookings.dashboard")


def _first_steps_of(account: Account) -> str:
    developer = Role.DEVELOPER in account.roles
    return url_for("developers.edit" if developer else "developers.index")


async def _sign_up_page(role: str, form: Typed, errors: Mapping[str, str] | None = None) -> str:
    if role not in ROLES:
        abort(404)
    return await render_template(
        "accounts/sign_up.html",
        role=role,
        form={**form, "next": own_path(form.get("next"))},
        errors=errors or {},
        policy=services().bookings.policy,
    )


async def _confirm_page(
    form: Typed, errors: Mapping[str, str] | None = None, *, sent: bool = False
) -> str:
    return await render_template(
        "accounts/confirm.html",
        form={**kept(form), "next": own_path(form.get("next"))},
        errors=errors or {},
        sent=sent,
    )


async def _log_in_page(form: Typed, errors: Mapping[str, str] | None = None) -> str:
    return await render_template(
        "accounts/log_in.html",
        form={**kept(form), "next": own_path(form.get("next"))},
        errors=errors or {},
    )
