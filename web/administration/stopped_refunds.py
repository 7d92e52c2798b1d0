"""Refunds that wait for an administrator, on the pages: the queue, and the two steps that solve
one. The form is on the page of the payment."""

from __future__ import annotations

from quart import Blueprint, redirect, render_template, url_for
from quart.typing import ResponseReturnValue

from core.bookings import Booking, BookingId
from core.errors import Conflict, Invalid
from core.payments import PaymentId, Refund, RefundId
from core.transactions import Transaction
from services.payments import Solution, Solving
from services.shared.money_actions import PreviewOutdated
from web.administration.payment_page import payment_page
from web.administration.reading import repositories, stopped_page
from web.shared.access import Who, allow
from web.shared.context import formats, me, now, services
from web.shared.cookies import caller
from web.shared.forms import FormFields, read_form, typed
from web.shared.money_actions import Confirmation, confirm_page, once
from web.shared.paging import next_cursor, page_cursor

blueprint = Blueprint(
    "admin_stopped_refunds", __name__, template_folder="templates", url_prefix="/admin"
)

PER_PAGE = 50


@blueprint.get("/stopped-refunds")
@allow(Who.ADMIN)
async def index() -> str:
    """Those that wait, the oldest first."""
    found, following = await stopped_page(limit=PER_PAGE, cursor=page_cursor())
    return await render_template(
        "admin/stopped_refunds.html",
        items=[(each.refund, each.booking, each.refund.age(now())) for each in found],
        following=next_cursor(following),
    )


@blueprint.post("/payments/<payment_id>/stopped-refund/check")
@allow(Who.ADMIN, page="admin.payment")
async def check(payment_id: str) -> ResponseReturnValue:
    """The first step: shows what would be booked. Nothing changes."""
    form = await read_form()
    try:
        return await solving_page(payment_id, form)
    except Invalid as error:
        return await payment_page(payment_id, typed(form), errors=error.fields), 422
    except Conflict as error:
        return await payment_page(payment_id, typed(form), problem=error.message), 409


@blueprint.post("/payments/<payment_id>/stopped-refund")
@allow(Who.ADMIN, step_up=True, page="admin.payment", label="Solve the refund")
async def solve(payment_id: str) -> ResponseReturnValue:
    """The second step: does it, if nothing has changed since the first."""
    form = await read_form()
    try:
        acting = services().stopped_refunds.solve(
            PaymentId(payment_id),
            RefundId(form.get("refund", "")),
            by=me(),
            caller=caller(),
            solving=_solving(form),
            expected=form.get("preview", ""),
        )
        try:
            await once(form, acting)
        except PreviewOutdated:
            return await solving_page(payment_id, form, changed=True), 409
    except Invalid as error:
        return await payment_page(payment_id, typed(form), errors=error.fields), 422
    except Conflict as error:
        return await payment_page(payment_id, typed(form), problem=error.message), 409
    return redirect(url_for("admin.payment", payment_id=payment_id), 303)


async def solving_page(payment_id: str, form: FormFields, *, changed: bool = False) -> str:
    """The page of the second step. Raises what `StoppedRefundService.preview` raises."""
    solving, refund_id = _solving(form), RefundId(form.get("refund", ""))
    shown = await services().stopped_refunds.preview(
        PaymentId(payment_id), refund_id, by=me(), caller=caller(), solving=solving
    )
    payment = await repositories().payments.get(PaymentId(payment_id))
    booking = await repositories().bookings.get(BookingId(payment.booking_id))
    refund = next(each for each in payment.refunds if each.id == refund_id)
    title, button, notes, later = _words(solving, refund, booking)
    return await confirm_page(
        Confirmation(
            title=title,
            button=button,
            url=url_for("admin_stopped_refunds.solve", payment_id=payment_id),
            back=url_for("admin.payment", payment_id=payment_id),
            reason=solving.reason,
            preview=shown,
            fields={
                "refund": refund_id,
                "solution": solving.solution,
                "reference": solving.reference,
            },
            sums=[(f"Owed to {booking.client.name}", refund.amount)],
            later=later,
            notes=notes,
            developer=booking.developer.name,
            danger=solving.solution is Solution.PAID_OTHERWISE,
            changed=changed,
        )
    )


def _words(
    solving: Solving, refund: Refund, booking: Booking
) -> tuple[str, str, list[str], tuple[Transaction, ...]]:
    """Title, button and notes of the second step, and what is booked later."""
    amount, client = formats().money(refund.amount), booking.client.name
    if solving.solution is Solution.RETRY:
        notes = [
            "The payment provider is asked again, under a new id. If it refuses again, we repeat "
            "it as often as for a new refund."
        ]
        return f"Request {amount} for {client} again?", f"Request {amount} again", notes, ()
    notes = [
        f"Reference of the transfer: {solving.reference}.",
        f"Continue only if {client} was paid {amount} outside of the payment provider, which is "
        "not asked any more. This cannot be taken back.",
    ]
    title = f"Was {amount} paid to {client} by another way?"
    return title, f"Book {amount} as paid", notes, ()


def _solving(form: FormFields) -> Solving:
    """Raises `Invalid` with all wrong fields."""
    asked = form.get("solution", "")
    if asked not in set(Solution):
        raise Invalid(solution="Choose what to do.")
    return Solving.checked(
        Solution(asked), reason=form.get("reason", ""), reference=form.get("reference", "")
    )
