"""Security settings: address, password, second factor, sessions and sign-in providers."""

from __future__ import annotations

from collections.abc import Mapping

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.accounts import EmailTaken, FactorNeeded, Suspended, TooManyAttempts, WrongPassword
from core.codes import CodeTooSoon
from core.errors import Invalid
from core.identities import IdentityTaken, IdentityUnproven, OnlySignInMethod
from ports.identity import IdentityRefused, IdentityUnavailable
from services.accounts import AppSetup
from web.accounts.pages.passwords import minimum_length
from web.shared.access import Who, allow
from web.shared.context import me, services, session
from web.shared.cookies import caller, sign_in, sign_out
from web.shared.forms import FormFields, read_form, typed
from web.shared.kept_forms import refilled

blueprint = Blueprint(
    "security", __name__, template_folder="../templates", url_prefix="/account/security"
)

DONE = {
    "password": "Your password is changed. All other sessions were ended.",
    "email": "Your address is changed.",
    "two_factor_on": "Log-ins now ask for a code.",
    "two_factor_off": "Log-ins no longer ask for a code.",
    "codes_saved": "Your recovery codes are saved by you and are not shown here again.",
    "app_removed": "The authenticator app is removed. Codes are sent by e-mail again.",
    "session_ended": "The session was ended.",
    "others_ended": "All other sessions were ended.",
    "identity_linked": "The sign-in provider is connected.",
    "identity_unlinked": "The sign-in provider is disconnected.",
}
"""Messages after a change, by the query parameter `done`; other values show nothing."""
WHY = {
    **{
        kind.code: kind.__doc__
        for kind in (IdentityTaken, OnlySignInMethod, IdentityRefused, IdentityUnproven, Suspended)
    },
    IdentityUnavailable.code: "The provider is not responding. Nothing was changed. Try again.",
}


@blueprint.get("")
@allow(Who.SIGNED_IN)
async def show() -> str:
    return await security_page()


@blueprint.get("/password")
@allow(Who.SIGNED_IN, step_up=True)
async def password() -> str:
    return await _password_page({})


@blueprint.post("/password")
@allow(Who.SIGNED_IN, step_up=True, label="Change your password")
async def change_password() -> ResponseReturnValue:
    form = await read_form()
    try:
        signed_in = await services().passwords.change(
            me(), session(), current=form.get("current", ""), new=form.get("password", ""),
            caller=caller(),
        )  # fmt: skip
    except WrongPassword as error:
        return await _password_page(form, {"current": error.message}), 422
    except TooManyAttempts as error:
        return await _password_page(form, {"current": error.message}), 429
    except Invalid as error:
        return await _password_page(form, error.fields), 422
    sign_in(signed_in)
    return _back("password")


@blueprint.get("/email")
@allow(Who.SIGNED_IN, step_up=True)
async def email() -> str:
    return await _email_page(refilled(url_for(".ask_email")) or {})


@blueprint.post("/email")
@allow(Who.SIGNED_IN, step_up=True, label="Change your e-mail address")
async def ask_email() -> ResponseReturnValue:
    form = await read_form()
    try:
        await services().accounts.request_new_email(
            me().id, email=form.get("email", ""), caller=caller()
        )
    except Invalid as error:
        return await _email_page(form, error.fields), 422
    except CodeTooSoon as error:
        return await _email_page(form, {"code": error.message}, asked=True), 409
    return await _email_page(form, asked=True)


@blueprint.post("/email/confirm")
@allow(Who.SIGNED_IN, step_up=True, page="security.email", label="Change your e-mail address")
async def confirm_email() -> ResponseReturnValue:
    form = await read_form()
    try:
        signed_in = await services().accounts.confirm_new_email(
            me().id, code=form.get("code", ""), session=session(), caller=caller()
        )
    except Invalid as error:
        return await _email_page(form, error.fields, asked=True), 422
    except EmailTaken as error:
        return await _email_page(form, {"email": error.message}), 409
    sign_in(signed_in)
    return _back("email")


@blueprint.post("/two-factor")
@allow(Who.SIGNED_IN, step_up=True, page="security.show", label="Change two-step verification")
async def two_factor() -> ResponseReturnValue:
    on = (await read_form()).get("enabled") == "yes"
    try:
        await services().factors.set_two_factor(me().id, on=on, caller=caller())
    except FactorNeeded as error:
        return await security_page({"two_factor": error.message}), 409
    return _back("two_factor_on" if on else "two_factor_off")


@blueprint.get("/app")
@allow(Who.SIGNED_IN, step_up=True)
async def app() -> ResponseReturnValue:
    """The QR code of an app that awaits its first code."""
    waiting = await services().factors.pending_app(me())
    if waiting is None:
        return redirect(url_for(".show"), 303)
    return await _app_page(waiting, {})


@blueprint.post("/app")
@allow(Who.SIGNED_IN, step_up=True, page="security.show", label="Set up an authenticator app")
async def begin_app() -> ResponseReturnValue:
    try:
        await services().factors.start_app_setup(me().id)
    except FactorNeeded as error:
        return await security_page({"two_factor": error.message}), 409
    return redirect(url_for(".app"), 303)


@blueprint.post("/app/confirm")
@allow(Who.SIGNED_IN, step_up=True, page="security.app", label="Set up an authenticator app")
async def confirm_app() -> ResponseReturnValue:
    form = await read_form()
    try:
        await services().factors.confirm_app(
            me().id, code=form.get("code", ""), caller=caller(), show_until_saved=True
        )
    except Invalid as error:
        waiting = await services().factors.pending_app(me())
        if waiting is None:
            return redirect(url_for(".show"), 303)
        return await _app_page(waiting, form, error.fields), 422
    return redirect(url_for("recovery_codes.show", new="app"), 303)


@blueprint.post("/app/remove")
@allow(Who.SIGNED_IN, step_up=True, page="security.show", label="Remove the authenticator app")
async def remove_app() -> ResponseReturnValue:
    await services().factors.remove_app(me().id, caller=caller())
    return _back("app_removed")


@blueprint.post("/sessions/<session_id>/end")
@allow(Who.SIGNED_IN, page="security.show")
async def end_session(session_id: str) -> ResponseReturnValue:
    await services().sessions.end(me().id, session_id, caller())
    if session_id == session().name:
        sign_out()
        return redirect(url_for("home.show"), 303)
    return _back("session_ended")


@blueprint.post("/sessions/end-others")
@allow(Who.SIGNED_IN, page="security.show")
async def end_others() -> ResponseReturnValue:
    await services().sessions.end_others(me(), session(), caller())
    return _back("others_ended")


@blueprint.post("/identities/<provider>/link")
@allow(Who.SIGNED_IN, step_up=True, page="security.show", label="Connect the sign-in provider")
async def link(provider: str) -> ResponseReturnValue:
    """A page that redirects to the provider: the Content-Security-Policy `form-action` blocks a
    redirect of the form to another site."""
    try:
        url = await services().identities.start(
            provider, caller=caller(), link_to=me().id, target=url_for(".show")
        )
    except IdentityUnavailable as error:
        return redirect(url_for(".show", why=error.code), 303)
    label = services().identities.providers[provider].label
    return await render_template("security/leave.html", address=url, label=label)


@blueprint.post("/identities/<provider>/unlink")
@allow(Who.SIGNED_IN, step_up=True, page="security.show", label="Disconnect the sign-in provider")
async def unlink(provider: str) -> ResponseReturnValue:
    try:
        await services().identities.unlink(me(), provider, caller())
    except OnlySignInMethod as error:
        return redirect(url_for(".show", why=error.code), 303)
    return _back("identity_unlinked")


def _back(done: str) -> ResponseReturnValue:
    return redirect(url_for(".show", done=done), 303)


async def security_page(errors: Mapping[str, str] | None = None) -> str:
    linked = {one.provider: one for one in await services().identities.list_linked(me().id)}
    return await render_template(
        "security/show.html",
        errors=errors or {},
        done=DONE.get(request.args.get("done", ""), ""),
        why=WHY.get(request.args.get("why", ""), ""),
        factor=me().factor,
        sessions=await services().sessions.list_active(me()),
        current=session(),
        unsaved=bool(services().factors.unsaved_recovery_codes(me())),
        providers=services().identities.providers,
        linked=linked,
    )


async def _password_page(form: FormFields, errors: Mapping[str, str] | None = None) -> str:
    return await render_template(
        "security/password.html",
        form=typed(form),
        errors=errors or {},
        minimum=minimum_length(me()),
    )


async def _email_page(
    form: FormFields, errors: Mapping[str, str] | None = None, *, asked: bool = False
) -> str:
    return await render_template(
        "security/email.html", form=typed(form), errors=errors or {}, asked=asked
    )


async def _app_page(
    app: AppSetup, form: FormFields, errors: Mapping[str, str] | None = None
) -> str:
    return await render_template(
        "security/app.html", app=app, form=typed(form), errors=errors or {}
    )
