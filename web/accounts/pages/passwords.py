"""Password reset: request of a link, and the form for the new password.

The token of the link is moved from the URL into a short-lived cookie at once, so that it does not
remain in the history, in logs or in a Referer header.
"""

from __future__ import annotations

from collections.abc import Mapping

from quart import Blueprint, Response, make_response, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.accounts import Account
from core.errors import Invalid
from services.accounts import WrongLink
from web.shared.access import Who, allow
from web.shared.context import services, site
from web.shared.cookies import caller
from web.shared.forms import FormFields, read_form, typed
from web.shared.kept_forms import refilled

blueprint = Blueprint("passwords", __name__, template_folder="../templates")

LINK_PATH = "/reset"


@blueprint.get("/forgot")
@allow(Who.ANYONE)
async def forgot() -> str:
    again = refilled(url_for(".ask"))
    return await _forgot_page(again or {"email": request.args.get("email", "")})


@blueprint.post("/forgot")
@allow(Who.ANYONE)
async def ask() -> ResponseReturnValue:
    form = await read_form()
    try:
        await services().passwords.request_reset(email=form.get("email", ""), caller=caller())
    except Invalid as error:
        return await _forgot_page(typed(form), error.fields), 422
    return await _forgot_page(typed(form), sent=True)


@blueprint.get("/reset/<link>")
@allow(Who.ANYONE)
async def opened(link: str) -> ResponseReturnValue:
    """The link from the e-mail. A GET request does not use the link up, because mail programs
    open links by themselves. The response is a redirect, so no page has this URL as Referer."""
    response: Response = redirect(url_for(".reset"), 303)  # type: ignore[assignment]
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        _cookie(), link, max_age=services().passwords.policy.reset_life, path=LINK_PATH,
        secure=site().secure, httponly=True, samesite="Lax",
    )  # fmt: skip
    return response


@blueprint.get("/reset")
@allow(Who.ANYONE)
async def reset() -> ResponseReturnValue:
    try:
        account = await services().passwords.account_for_link(request.cookies.get(_cookie(), ""))
    except WrongLink as error:
        return await _gone_page(error), 403
    return await _reset_page(account, {})


@blueprint.post("/reset")
@allow(Who.ANYONE)
async def put() -> ResponseReturnValue:
    form, link = await read_form(), request.cookies.get(_cookie(), "")
    try:
        account = await services().passwords.account_for_link(link)
        await services().passwords.reset(link, password=form.get("password", ""), caller=caller())
    except WrongLink as error:
        return await _gone_page(error), 403
    except Invalid as error:
        return await _reset_page(account, typed(form), error.fields), 422
    response = await make_response(redirect(url_for("sessions.log_in", reset="done"), 303))
    response.delete_cookie(
        _cookie(), path=LINK_PATH, secure=site().secure, httponly=True, samesite="Lax"
    )
    return response


def _cookie() -> str:
    """Its path is not `/`, so it cannot have the prefix `__Host-` of the session cookie;
    `__Secure-` requires HTTPS (OWASP ASVS 5.0, V3.3.1)."""
    return "__Secure-reset" if site().secure else "reset"


async def _forgot_page(
    form: FormFields, errors: Mapping[str, str] | None = None, *, sent: bool = False
) -> str:
    return await render_template("passwords/forgot.html", form=form, errors=errors or {}, sent=sent)


async def _reset_page(
    account: Account, form: FormFields, errors: Mapping[str, str] | None = None
) -> str:
    return await render_template(
        "passwords/reset.html",
        email=account.email,
        form=form,
        errors=errors or {},
        minimum=minimum_length(account),
    )


def minimum_length(account: Account) -> int:
    """Of a new password, in characters."""
    policy = services().passwords.policy
    return policy.password_minimum_with_otp if account.factor else policy.password_minimum


async def _gone_page(error: WrongLink) -> str:
    return await render_template("passwords/gone.html", detail=error.message)
