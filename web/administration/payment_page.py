"""The page of one payment for administrators: everything about it, and the refund."""

from __future__ import annotations

from quart import render_template, url_for

from core.errors import Conflict
from core.jobs import FROZEN
from core.payments import REASON_MAXIMUM
from core.shares import Shares
from services.payments import returnable
from web.administration import reading as reading
from web.administration import wording as wording
from web.administration.payment_records import records_of
from web.administration.reading import Case
from web.chargebacks import BADGES
from web.shared.audit import amount_of
from web.shared.context import me, services
from web.shared.forms import FormFields
from web.shared.kept_forms import refilled
from web.shared.ledger_words import account_name, transaction_name
from web.shared.timeline import readable
from web.withdrawals import ADMINISTERED


async def payment_page(
    payment_id: str,
    form: FormFields | None = None,
    *,
    errors: FormFields | None = None,
    problem: str = "",
) -> str:
    """Raises `NotFound`. The reading is recorded in the audit trails of both parties."""
    case = await reading.case_of_payment(payment_id)
    check = url_for("admin_refunds.check", payment_id=payment_id)
    solve = url_for("admin_stopped_refunds.check", payment_id=payment_id)
    give_back = url_for("admin_suspended_money.check", payment_id=payment_id)
    kept = None
    if form is None:
        kept = (
            refilled(check, place="refund")
            or refilled(solve, place="stopped")
            or refilled(give_back, place="suspended")
        )
    return await render_template(
        "admin/payment.html",
        case=case,
        words=wording,
        account_name=account_name,
        transaction_name=transaction_name,
        readable=readable,
        shares=Shares.known(case.booking, case.payment),
        off=_why_not(case),
        chargeback_badges=BADGES,
        withdrawal_badges=ADMINISTERED,
        amount_of=amount_of,
        suspense=returnable(case.payment, case.transactions),
        records=await records_of(case),
        until=services().refunds.refundable_until(case.payment),
        maximum=REASON_MAXIMUM,
        form=form or kept or {},
        errors=errors or {},
        problem=problem,
    )


def _why_not(case: Case) -> str:
    """Why nothing can be refunded now. Empty if something can."""
    if case.job and case.job.status in FROZEN:
        return "The booking is in dispute. Its settlement divides the money."
    try:
        services().refunds.check(case.payment, case.booking, by=me())
    except Conflict as error:
        return error.message
    return ""
