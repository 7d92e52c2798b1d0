"""The pages of administrators: overview, search, and one booking or payment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.errors import Conflict, Invalid
from core.money import Money
from web.administration import reading as reading
from web.administration import wording as wording
from web.administration.charts import SPANS, USUAL, money_overview
from web.administration.payment_page import payment_page
from web.administration.refunds import confirmation
from web.administration.search import find
from web.administration.stopped_refunds import solving_page
from web.administration.suspended_money import returning_page
from web.shared.access import Who, allow
from web.shared.forms import FormFields
from web.shared.kept_forms import refilled
from web.shared.ledger_words import account_name, transaction_name
from web.shared.timeline import readable

blueprint = Blueprint("admin", __name__, template_folder="templates", url_prefix="/admin")


@blueprint.get("")
@allow(Who.ADMIN)
async def overview() -> str:
    return await render_template(
        "admin/overview.html",
        money=await money_overview(_days()),
        spans=SPANS,
        overview=await reading.overview(),
        most=reading.COUNTED_AT_MOST,
        words=wording,
        readable=readable,
    )


def _days() -> int:
    asked = request.args.get("days", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 4 else USUAL


@blueprint.get("/search")
@allow(Who.ADMIN)
async def search() -> ResponseReturnValue:
    """What was found; if it is one thing, its page."""
    text = request.args.get("q", "").strip()
    if not text:
        return redirect(url_for(".overview"), 303)
    found = await find(text)
    if found.only_url:
        return redirect(found.only_url, 303)
    return await render_template("admin/search.html", found=found, text=text, words=wording)


@blueprint.get("/bookings/<booking_id>")
@allow(Who.ADMIN)
async def booking(booking_id: str) -> str:
    case = await reading.case(booking_id)
    return await render_template(
        "admin/booking.html",
        case=case,
        words=wording,
        account_name=account_name,
        transaction_name=transaction_name,
        readable=readable,
    )


@blueprint.get("/payments/<payment_id>")
@allow(Who.ADMIN)
async def payment(payment_id: str) -> str:
    """The payment; after the code for an action was entered, the second step of that action."""
    for action, second_step in SECOND_STEPS.items():
        form = refilled(url_for(action, payment_id=payment_id))
        if form:
            try:
                return await second_step(payment_id, form)
            except (Conflict, Invalid):
                return await payment_page(payment_id, form)
    return await payment_page(payment_id)


async def _refunding_page(payment_id: str, form: FormFields) -> str:
    amount = form.get("paise", "")
    if not amount.isdecimal():
        raise Invalid(amount="Enter the amount.")
    return await confirmation(payment_id, Money(int(amount)), form.get("reason", ""))


SECOND_STEPS: Mapping[str, Callable[[str, FormFields], Awaitable[str]]] = {
    "admin_stopped_refunds.solve": solving_page,
    "admin_refunds.refund": _refunding_page,
    "admin_suspended_money.give_back": returning_page,
}
"""The pages of actions with a payment, by the routes that carry them out."""
