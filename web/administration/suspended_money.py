"""Suspended money, on the pages: the two steps that return it. The form is on the page of the
payment."""

from __future__ import annotations

from quart import Blueprint, redirect, url_for
from quart.typing import ResponseReturnValue

from core.bookings import BookingId
from core.errors import Conflict, Invalid
from core.payments import PaymentId
from services.payments import returnable
from services.shared.money_actions import PreviewOutdated
from web.administration.payment_page import payment_page
from web.administration.reading import repositories
from web.shared.access import Who, allow
from web.shared.context import formats, me, services
from web.shared.cookies import caller
from web.shared.forms import FormFields, read_form, typed
from web.shared.money_actions import Confirmation, confirm_page, once

blueprint = Blueprint(
    "admin_suspended_money", __name__, template_folder="templates", url_prefix="/admin"
)


@blueprint.post("/payments/<payment_id>/suspended/check")
@allow(Who.ADMIN, page="admin.payment")
async def check(payment_id: str) -> ResponseReturnValue:
    """The first step: shows what would happen. Nothing changes."""
    form = await read_form()
    try:
        return await returning_page(payment_id, form)
    except Invalid as error:
        return await payment_page(payment_id, typed(form), errors=error.fields), 422
    except Conflict as error:
        return await payment_page(payment_id, typed(form), problem=error.message), 409


@blueprint.post("/payments/<payment_id>/suspended")
@allow(Who.ADMIN, step_up=True, page="admin.payment", label="Return the money")
async def give_back(payment_id: str) -> ResponseReturnValue:
    """The second step: does it, if nothing has changed since the first."""
    form = await read_form()
    try:
        acting = services().suspended_money.give_back(
            PaymentId(payment_id),
            by=me(),
            caller=caller(),
            reason=form.get("reason", ""),
            expected=form.get("preview", ""),
        )
        try:
            await once(form, acting)
        except PreviewOutdated:
            return await returning_page(payment_id, form, changed=True), 409
    except Invalid as error:
        return await payment_page(payment_id, typed(form), errors=error.fields), 422
    except Conflict as error:
        return await payment_page(payment_id, typed(form), problem=error.message), 409
    return redirect(url_for("admin.payment", payment_id=payment_id), 303)


async def returning_page(payment_id: str, form: FormFields, *, changed: bool = False) -> str:
    """The page of the second step. Raises what `SuspendedMoney.preview` raises."""
    reason = form.get("reason", "")
    shown = await services().suspended_money.preview(
        PaymentId(payment_id), by=me(), caller=caller(), reason=reason
    )
    payment = await repositories().payments.get(PaymentId(payment_id))
    booking = await repositories().bookings.get(BookingId(payment.booking_id))
    ledger = await repositories().transactions.of_booking(booking.id)
    left = returnable(payment, ledger)
    amount, client = formats().money(left), booking.client.name
    return await confirm_page(
        Confirmation(
            title=f"Return {amount} to {client}?",
            button=f"Return {amount}",
            url=url_for("admin_suspended_money.give_back", payment_id=payment_id),
            back=url_for("admin.payment", payment_id=payment_id),
            reason=reason,
            preview=shown,
            fields={},
            sums=[(f"Suspended money of {client}", left)],
            notes=[
                "The payment provider refunds it to the payer. It is booked when the provider has "
                "confirmed it.",
                "The booking is not paid by it, and does not change.",
            ],
            developer=booking.developer.name,
            changed=changed,
        )
    )
