"""What administrators do with money."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.money import Money
from core.payments import PaymentId, Refund, RefundId, Status
from core.payments_facts import RefundStatus
from core.stopped_refunds import queued
from core.transactions import Kind, Transaction, TransactionId, gateway, movement, suspense
from services.payments import STOPPED_REFUNDS, Solution, Solving
from services.reconciliation import digest_of
from tests.app import CALLER
from tests.builders.findings import FINDING, stored_finding
from tests.web.route_samples import PathVariable, RouteSamples, Sent

if TYPE_CHECKING:
    from tests.web.every_role import Person, SiteWithEveryRole

REFUND = {"amount": {"amount": 100}, "reason": "Agreed."}


async def second_step(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    """With the preview of the first step."""
    form = {"paise": "100", "reason": "Agreed."}
    if not await site.app.store.repositories.payments.many([thing]):
        return {"form": form}
    shown = await site.app.services.refunds.preview(
        PaymentId(thing), by=site.account("admin"), caller=CALLER, amount=Money(100),
        reason="Agreed.",
    )  # fmt: skip
    return {"form": {**form, "preview": shown.preview.digest}}


SOLVING = {"refund_id": "rfd", "solution": "retry", "reason": "It works again."}


async def stopped(site: SiteWithEveryRole, thing: str) -> str:
    """The id of the refund of this payment, which the provider has refused too often."""
    payments = site.app.store.repositories.payments
    payment = (await payments.many([thing])).get(thing)
    if payment is None:
        return "rfd"
    if not payment.refunds_stopped:
        refund = Refund(
            RefundId(f"rfd{thing[-26:]}"), Money(100), "Ill", RefundStatus.STOPPED,
            stopped_at=site.app.clock.now(),
        )  # fmt: skip
        refunding = replace(payment, status=Status.REFUNDING, refunds=(refund,))
        payment = await payments.save(refunding)
        queue = site.app.store.repositories.documents(STOPPED_REFUNDS)
        await queue.add(queued(payment, refund))
    return payment.refunds_stopped[0].id


async def solving_form(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    refund_id = await stopped(site, thing)
    return {"form": {"refund": refund_id, "solution": "retry", "reason": "It works again."}}


async def second_solving_form(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    """With the preview of the first step."""
    refund_id = await stopped(site, thing)
    form = {"refund": refund_id, "solution": "retry", "reason": "It works again."}
    if not await site.app.store.repositories.payments.many([thing]):
        return {"form": form}
    shown = await site.app.services.stopped_refunds.preview(
        PaymentId(thing), RefundId(refund_id), by=site.account("admin"), caller=CALLER,
        solving=Solving.checked(Solution.RETRY, reason="It works again.", reference=""),
    )  # fmt: skip
    return {"form": {**form, "preview": shown.digest}}


async def solving_body(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    return {"json": {**SOLVING, "refund_id": await stopped(site, thing)}}


async def suspend(site: SiteWithEveryRole, thing: str) -> None:
    """Money of another amount has arrived for this payment."""
    repositories = site.app.store.repositories
    payment = (await repositories.payments.many([thing])).get(thing)
    name = TransactionId(f"pay:memory:other:{thing}")
    if payment is None or await repositories.transactions.exists(name):
        return
    lines = movement(Money(100), source=gateway("memory"), target=suspense(thing))
    await repositories.transactions.add(
        Transaction(
            name, Kind.SUSPENSE, site.app.clock.now(), lines, "Not the expected amount",
            booking_id=payment.booking_id,
        )
    )  # fmt: skip


async def returning_form(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    await suspend(site, thing)
    return {"form": {"reason": "Agreed."}}


async def second_returning_form(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    """With the preview of the first step."""
    await suspend(site, thing)
    form = {"reason": "Agreed."}
    if not await site.app.store.repositories.payments.many([thing]):
        return {"form": form}
    shown = await site.app.services.suspended_money.preview(
        PaymentId(thing), by=site.account("admin"), caller=CALLER, reason="Agreed."
    )
    return {"form": {**form, "preview": shown.digest}}


async def returning_body(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    await suspend(site, thing)
    return {"json": {"reason": "Agreed."}}


async def resolved(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    """As the page shows it."""
    found = await site.app.store.repositories.findings.find(thing)
    seen = digest_of(found) if found else ""
    return {"form": {"reason": "Asked the bank.", "checked": "yes", "seen": seen}}


async def prepare(site: SiteWithEveryRole) -> None:
    await stored_finding(site.app)


SAMPLES = RouteSamples(
    bodies={
        "admin_findings.resolve": resolved,
        "api_admin_findings.resolve": {"json": {"reason": "Asked the bank."}},
        "admin_refunds.check": {"form": {"amount": "1.00", "reason": "Agreed."}},
        "admin_refunds.refund": second_step,
        "admin_stopped_refunds.check": solving_form,
        "admin_stopped_refunds.solve": second_solving_form,
        "api_admin_stopped_refunds.preview": solving_body,
        "api_admin_stopped_refunds.solve": solving_body,
        "admin_suspended_money.check": returning_form,
        "admin_suspended_money.give_back": second_returning_form,
        "api_admin_suspended_money.preview": returning_body,
        "api_admin_suspended_money.give_back": returning_body,
        "api_admin_refunds.preview": {"json": REFUND},
        "api_admin_refunds.refund": {"json": REFUND},
    },
    variables={
        "finding_id": PathVariable(
            example=lambda site: FINDING, known=lambda site: FINDING, absent="none:1"
        ),
    },
    prepare=prepare,
)
