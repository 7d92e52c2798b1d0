"""Refunds by administrators on the pages: the form is on the page of the payment, the second step
shows what is booked."""

from __future__ import annotations

from quart import Blueprint, redirect, url_for
from quart.typing import ResponseReturnValue

from core.bookings import BookingId
from core.errors import Conflict, Errors, Invalid
from core.money import Money
from core.payments import PaymentId, checked_note
from services.payments import RefundPreview
from services.shared.money_actions import PreviewOutdated
from web.administration.payment_page import payment_page
from web.shared.access import Who, allow
from web.shared.context import dependencies, formats, me, services
from web.shared.cookies import caller
from web.shared.forms import FormFields, read_form, rupees, typed
from web.shared.money_actions import Confirmation, confirm_page, once

blueprint = Blueprint(
    "admin_refunds", __name__, template_folder="templates", url_prefix="/admin/payments"
)


@blueprint.post("/<payment_id>/refund/check")
@allow(Who.ADMIN, page="admin.payment")
async def check(payment_id: str) -> ResponseReturnValue:
    """The first step: shows what would be booked. Nothing changes."""
    form = await read_form()
    try:
        amount, reason = _decision(form)
        return await confirmation(payment_id, amount, reason)
    except Invalid as error:
        return await payment_page(payment_id, typed(form), errors=error.fields), 422
    except Conflict as error:
        return await payment_page(payment_id, typed(form), problem=error.message), 409


@blueprint.post("/<payment_id>/refund")
@allow(Who.ADMIN, step_up=True, page="admin.payment", label="Refund")
async def refund(payment_id: str) -> ResponseReturnValue:
    """The second step: books it, if nothing has changed since the first."""
    form = await read_form()
    try:
        amount, reason = _decision(form)
        acting = services().refunds.refund(
            PaymentId(payment_id),
            by=me(),
            caller=caller(),
            amount=amount,
            reason=reason,
            expected=form.get("preview", ""),
        )
        try:
            await once(form, acting)
        except PreviewOutdated:
            return await confirmation(payment_id, amount, reason, changed=True), 409
    except Invalid as error:
        return await payment_page(payment_id, typed(form), errors=error.fields), 422
    except Conflict as error:
        return await payment_page(payment_id, typed(form), problem=error.message), 409
    return redirect(url_for("admin.payment", payment_id=payment_id), 303)


async def confirmation(
    payment_id: str, amount: Money, reason: str, *, changed: bool = False
) -> str:
    """The page of the second step. Raises what `RefundService.preview` raises."""
    shown = await services().refunds.preview(
        PaymentId(payment_id), by=me(), caller=caller(), amount=amount, reason=reason
    )
    booking_id = shown.later.booking_id or ""
    booking = await dependencies().store.repositories.bookings.get(BookingId(booking_id))
    client, developer, total = booking.client.name, booking.developer.name, formats().money(amount)
    return await confirm_page(
        Confirmation(
            title=f"Refund {total} to {client}?",
            button=f"Refund {total}",
            url=url_for("admin_refunds.refund", payment_id=payment_id),
            back=url_for("admin.payment", payment_id=payment_id),
            reason=reason,
            preview=shown.preview,
            fields={"paise": str(amount.amount)},
            sums=_sums(shown, client, developer),
            later=(shown.later,),
            notes=_notes(shown),
            developer=developer,
            changed=changed,
        )
    )


def _sums(shown: RefundPreview, client: str, developer: str) -> list[tuple[str, Money]]:
    after = shown.after
    return [
        (f"Then refunded to {client} in all", after.refund),
        (f"Then for {developer}", after.earning),
        ("Then our fee", after.fee),
        ("Price", after.price),
    ]


def _notes(shown: RefundPreview) -> list[str]:
    notes = ["The refund cannot be taken back."]
    if shown.ends:
        notes.insert(0, "The booking ends: it is cancelled, and the work stops.")
    return notes


def _decision(form: FormFields) -> tuple[Money, str]:
    """Amount and reason. Raises `Invalid` with all wrong fields."""
    errors, amount, reason = Errors(), Money(0), ""
    with errors:
        amount = _amount(form)
    with errors:
        reason = checked_note(form.get("reason", ""))
    errors.check()
    return amount, reason


def _amount(form: FormFields) -> Money:
    """What was typed, or the paise of the second step. Raises `Invalid`."""
    paise = form.get("paise", "")
    if paise.isascii() and paise.isdecimal() and len(paise) < 13:
        return Money(int(paise))
    return rupees(form.get("amount", ""), field="amount")
