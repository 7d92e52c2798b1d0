"""The page of the payout account: what is stored, and the form for another one.

The form asks for a fresh code before it is shown, so that a number is never kept with an unsent
form.
"""

from __future__ import annotations

from quart import Blueprint, redirect, render_template, url_for
from quart.typing import ResponseReturnValue

from core.errors import Conflict, Errors, Invalid
from core.payout_accounts import Kind, plain_name
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.forms import FormFields, read_form, typed
from web.withdrawals.banks import bank_of
from web.withdrawals.wording import badge_of

blueprint = Blueprint("payout_account", __name__, template_folder="templates")


@blueprint.get("/payout-account")
@allow(Who.DEVELOPER)
async def show() -> str:
    stored = await services().payout_accounts.find(by=me().id)
    return await render_template(
        "withdrawals/account.html",
        account=stored,
        badge=badge_of(stored) if stored else None,
        bank_of=bank_of,
        review=services().withdrawals.policy.review_within,
    )


@blueprint.get("/payout-account/change")
@allow(Who.DEVELOPER, step_up=True)
async def change() -> str:
    return await _form({})


@blueprint.post("/payout-account/change")
@allow(Who.DEVELOPER, step_up=True, page="payout_account.change", keeps=False)
async def save() -> ResponseReturnValue:
    form = await read_form()
    try:
        await _set(form)
    except Invalid as error:
        return await _form(typed(form), errors=error.fields), 422
    except Conflict as error:
        return await _form(typed(form), problem=error.message), 409
    return redirect(url_for(".show"), 303)


async def _set(form: FormFields) -> None:
    kind = Kind.UPI if form.get("kind") == Kind.UPI else Kind.BANK
    number = form.get("upi" if kind is Kind.UPI else "number", "")
    errors, setting = Errors(), services().payout_accounts
    if kind is Kind.BANK and _digits(number) != _digits(form.get("again", "")):
        errors.add(again="The two numbers are not the same.")
    errors.check()
    await setting.set(
        by=me(),
        caller=caller(),
        kind=kind,
        holder=form.get("holder", ""),
        number=number,
        ifsc=form.get("ifsc", ""),
    )


def _digits(typed_number: str) -> str:
    return "".join(each for each in typed_number if each.isalnum()).upper()


async def _form(form: FormFields, *, errors: FormFields | None = None, problem: str = "") -> str:
    stored = await services().payout_accounts.find(by=me().id)
    return await render_template(
        "withdrawals/change.html",
        account=stored,
        form={"holder": plain_name(me().name), **form},
        kind=Kind.UPI if form.get("kind") == Kind.UPI else Kind.BANK,
        errors=errors or {},
        problem=problem,
        freeze=services().payout_accounts.policy.payout_account_freeze,
    )
