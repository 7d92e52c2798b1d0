"""Log-in, second factor, log-out and step-up."""

from __future__ import annotations

from collections.abc import Mapping

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.accounts import (
    EmailUnverified,
    MailboxCodeNeeded,
    Suspended,
    TooManyAttempts,
    WrongPassword,
)
from core.codes import CodeTooSoon
from core.errors import Invalid, OneHourError
from core.factors import Factor
from core.identities import IdentityUnproven
from ports.identity import IdentityRefused, IdentityUnavailable
from services.accounts import SignedIn
from web.accounts.pages.registration import confirm_page
from web.shared.access import Who, allow
from web.shared.context import me, now, pending, services, session, viewer
from web.shared.cookies import caller, sign_in, sign_out
from web.shared.forms import FormFields, local_path, read_form, typed
from web.shared.kept_forms import kept_in, label_of, refilled

blueprint = Blueprint("sessions", __name__, template_folder="../templates")

WHY: Mapping[str, type[OneHourError]] = {
    kind.code: kind
    for kind in (
        IdentityRefused,
        IdentityUnavailable,
        IdentityUnproven,
        Suspended,
        EmailUnverified,
        TooManyAttempts,
        CodeTooSoon,
    )
}
"""Errors of a sign-in with a provider, by the query parameter `why`; others show nothing."""


@blueprint.get("/login")
@allow(Who.ANYONE)
async def log_in() -> ResponseReturnValue:
    target = local_path(request.args.get("next"))
    if viewer():
        return redirect(_next_page(target), 303)
    why = WHY.get(request.args.get("why", ""))
    return await _log_in_page(
        refilled(url_for(".enter")) or {"next": target},
        problem=why().message if why else "",
        reset="reset" in request.args,
    )


@blueprint.post("/login")
@allow(Who.ANYONE)
async def enter() -> ResponseReturnValue:
    form = await read_form()
    try:
        signed_in = await services().sessions.log_in(
            email=form.get("email", ""),
            password=form.get("password", ""),
            code=form.get("code", ""),
            caller=caller(),
        )
    except Invalid as error:
        return await _log_in_page(form, error.fields), 422
    except MailboxCodeNeeded:
        return await _log_in_page(form, code_sent=True), 401
    except WrongPassword as error:
        return await _log_in_page(form, {"password": error.message}), 401
    except TooManyAttempts as error:
        return await _log_in_page(form, {"password": error.message}), 429
    except Suspended as error:
        return await _log_in_page(form, problem=error.message), 403
    except CodeTooSoon as error:
        return await _log_in_page(form, problem=error.message), 409
    except EmailUnverified:
        return await confirm_page(form, sent=True)
    return _enter(signed_in, form.get("next"))


@blueprint.get("/login/code")
@allow(Who.PENDING)
async def code() -> ResponseReturnValue:
    sent = {"next": request.args.get("next", "")}
    again = refilled(url_for(".verify"), url_for(".code_again"))
    return await _code_page(again or sent, sent=True)


@blueprint.post("/login/code")
@allow(Who.PENDING)
async def verify() -> ResponseReturnValue:
    form = await read_form()
    try:
        signed_in = await services().sessions.verify(
            pending()[1], code=form.get("code", ""), caller=caller()
        )
    except Invalid as error:
        return await _code_page(form, error.fields), 422
    except TooManyAttempts as error:
        return await _code_page(form, {"code": error.message}), 429
    return _enter(signed_in, form.get("next"))


@blueprint.post("/login/code/again")
@allow(Who.PENDING, page="sessions.code")
async def code_again() -> ResponseReturnValue:
    form = await read_form()
    try:
        await services().sessions.resend_code(pending()[1])
    except CodeTooSoon as error:
        return await _code_page(form, {"again": error.message}), 409
    return await _code_page(form, sent=True)


@blueprint.post("/logout")
@allow(Who.SIGNED_IN, page="home.show", keeps=False)
async def log_out() -> ResponseReturnValue:
    await services().sessions.log_out(session(), caller())
    sign_out()
    return redirect(url_for("home.show"), 303)


@blueprint.get("/account/verify")
@allow(Who.SIGNED_IN)
async def step_up() -> ResponseReturnValue:
    """Ask for a new code before a sensitive change, then redirect to it."""
    again = refilled(url_for(".stepped_up"), url_for(".step_up_code"))
    form = again or {"next": request.args.get("next", "")}
    if session().recently_verified(now=now(), policy=services().sessions.policy):
        return redirect(local_path(form.get("next")) or url_for("security.show"), 303)
    return await _step_up_page(form)


@blueprint.post("/account/verify/code")
@allow(Who.SIGNED_IN, page="sessions.step_up")
async def step_up_code() -> ResponseReturnValue:
    form = await read_form()
    try:
        await services().sessions.request_step_up(me(), session())
    except CodeTooSoon as error:
        return await _step_up_page(form, {"again": error.message}, asked=True), 409
    return await _step_up_page(form, asked=True, sent=True)


@blueprint.post("/account/verify")
@allow(Who.SIGNED_IN)
async def stepped_up() -> ResponseReturnValue:
    form = await read_form()
    try:
        if me().factor is Factor.TOTP:  # no e-mail is needed; allow attempts
            await services().sessions.request_step_up(me(), session())
        sign_in(
            await services().sessions.step_up(
                me(), session(), code=form.get("code", ""), caller=caller()
            )
        )
    except Invalid as error:
        return await _step_up_page(form, error.fields, asked=True), 422
    except TooManyAttempts as error:
        return await _step_up_page(form, {"code": error.message}, asked=True), 429
    return redirect(local_path(form.get("next")) or url_for("security.show"), 303)


def _enter(signed_in: SignedIn, target: str | None) -> ResponseReturnValue:
    sign_in(signed_in)
    if signed_in.pending_factor:
        return redirect(url_for(".code", next=local_path(target) or None), 303)
    return redirect(_next_page(target), 303)


def _next_page(target: str | None) -> str:
    """The page after the log-in. Never the log-in page itself, which would redirect again."""
    path = local_path(target)
    return path if path and not path.startswith("/login") else url_for("bookings.dashboard")


async def _log_in_page(
    form: FormFields,
    errors: Mapping[str, str] | None = None,
    *,
    problem: str = "",
    reset: bool = False,
    code_sent: bool = False,
) -> str:
    target = local_path(form.get("next"))
    return await render_template(
        "sessions/log_in.html",
        form={**typed(form), "next": target},
        errors=errors or {},
        problem=problem,
        reset=reset,
        code_sent=code_sent,
        asks_code=code_sent or "code" in form,
        late="late" in request.args,
        kept=await kept_in(target),
    )


async def _code_page(
    form: FormFields, errors: Mapping[str, str] | None = None, *, sent: bool = False
) -> str:
    account, _ = pending()
    return await render_template(
        "sessions/code.html",
        form={**typed(form), "next": local_path(form.get("next"))},
        errors=errors or {},
        sent=sent,
        email=account.email,
        app=account.factor is Factor.TOTP,
    )


async def _step_up_page(
    form: FormFields,
    errors: Mapping[str, str] | None = None,
    *,
    asked: bool = False,
    sent: bool = False,
) -> str:
    target = local_path(form.get("next"))
    kept = await kept_in(target)
    return await render_template(
        "sessions/step_up.html",
        form={**typed(form), "next": target},
        label=label_of(kept) if kept else "",
        errors=errors or {},
        app=me().factor is Factor.TOTP,
        asked=asked or me().factor is Factor.TOTP,
        policy=services().sessions.policy,
        sent=sent,
    )
