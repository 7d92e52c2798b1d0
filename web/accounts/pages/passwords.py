"""A forgotten password: asking for a link, and setting a new one with it.

The link's token leaves the address bar at once: it is moved into a short-lived cookie, so that
no history, log or Referer keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping

from quart import Blueprint, Response, make_response, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.errors import Invalid
from services.accounts import WrongLink
from web.shared.access import Who, allow
from web.shared.context import services, site
from web.shared.cookies import caller
from web.shared.forms import FormFields, read_form, without_secrets

blueprint = Blueprint("passwords", __name__, template_folder="../templates")

LINK_PATH = "/reset"


@blueprint.get("/forgot")
@allow(Who.ANYONE)
async def forgot() -> str:
    return await _forgot_page({"email": request.args.get("email", "")})


@blueprint.post("/forgot")
@allow(Who.ANYONE)
async def ask() -> ResponseReturnValue:
    form = await read_form()
    try:
        await services().passwords.request_reset(email=form.get("email", ""), caller=caller())
    except Invalid as error:
        return await _forgot_page(without_secrets(form), error.fields), 422
    return await _forgot_page(without_secrets(form), sent=True)


@blueprint.get("/reset/<link>")
@allow(Who.ANYONE)
async def opened(link: str) -> ResponseReturnValue:
    """From the mail. Looking at it uses nothing up: mail programs open links by themselves.

    No page is ever shown at this address, so none can name it as its Referer."""
    answer: Response = redirect(url_for(".reset"), 303)  # type: ignore[assignment]
    answer.headers["Cache-Control"] = "no-store"
    answer.set_cookie(
        _cookie(), link, max_age=services().passwords.policy.reset_life, path=LINK_PATH,
        secure=site().secure, httponly=True, samesite="Lax",
    )  # fmt: skip
    return answer


@blueprint.get("/reset")
@allow(Who.ANYONE)
async def reset() -> ResponseReturnValue:
    try:
        account = await services().passwords.account_for_link(request.cookies.get(_cookie(), ""))
    except WrongLink as error:
        return await _gone_page(error), 403
    return await _reset_page({"email": account.email}, short=account.factor is not None)


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
        form = {"email": account.email}
        page = await _reset_page(form, error.fields, short=account.factor is not None)
        return page, 422
    answer = await make_response(redirect(url_for("sessions.log_in", reset="done"), 303))
    answer.delete_cookie(
        _cookie(), path=LINK_PATH, secure=site().secure, httponly=True, samesite="Lax"
    )
    return answer


def _cookie() -> str:
    """Its path is not the root, so it cannot be bound to the host as the session's is; nobody
    without https can set it either (OWASP ASVS 5.0, V3.3.1)."""
    return "__Secure-reset" if site().secure else "reset"


async def _forgot_page(
    form: FormFields, errors: Mapping[str, str] | None = None, *, sent: bool = False
) -> str:
    return await render_template("passwords/forgot.html", form=form, errors=errors or {}, sent=sent)


async def _reset_page(
    form: FormFields, errors: Mapping[str, str] | None = None, *, short: bool
) -> str:
    policy = services().passwords.policy
    least = policy.password_minimum_with_otp if short else policy.password_minimum
    return await render_template(
        "passwords/reset.html", form=form, errors=errors or {}, least=least
    )


async def _gone_page(error: WrongLink) -> str:
    return await render_template("passwords/gone.html", detail=error.message)
