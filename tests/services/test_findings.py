"""Findings that administrators resolve: what the next comparison does with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.accounts import Account, AccountId
from core.errors import Invalid, NotFound
from core.finding_resolutions import FindingChanged, FindingResolved
from core.findings import FindingKind as K
from core.findings import Owner, Severity
from core.money import Money
from core.payments import Payment
from core.payments import Status as PaymentStatus
from core.policy import DAY
from ports.findings import Finding
from services.reconciliation import FindingFilter, digest_of
from tests.app import CALLER, MemoryApp
from tests.services.reconciliation_seeds import SEEDS, paid, put

WHY = "Refunded by bank transfer, UTR 4711."


@pytest.fixture
def site() -> MemoryApp:
    """Without the checks of `app` at the end: rows are falsified here."""
    return MemoryApp()


@pytest.fixture
async def asha(site: MemoryApp) -> Account:
    return await site.admin()


async def run(site: MemoryApp) -> list[Finding]:
    """The open findings of a run."""
    pages = await site.services.reconciliation.run(names=["payments"])
    return [finding for page in pages for finding in page.open]


async def resolve(site: MemoryApp, finding: Finding, by: Account) -> Finding:
    return await site.services.findings.resolve(finding.id, by=by, caller=CALLER, reason=WHY)


async def a_wrong_payment(site: MemoryApp) -> tuple[Payment, Payment]:
    """As it is right, and falsified: released without a ledger entry."""
    booking = await paid(site)
    payment = (await site.store.repositories.payments.many([booking.payment_id])).popitem()[1]
    return payment, replace(payment, status=PaymentStatus.RECEIVED)


async def test_what_a_person_has_resolved_stays_resolved_while_it_is_the_same(
    site: MemoryApp, asha: Account
) -> None:
    _, wrong = await a_wrong_payment(site)
    put(site, "payments", wrong)
    finding = next(each for each in await run(site) if each.kind == K.RELEASE_ENTRY_MISSING)

    resolved = await resolve(site, finding, asha)
    again = await run(site)
    await site.services.reconciliation.start()
    await site.run()

    assert finding.id not in [each.id for each in again]
    stored = await site.store.repositories.findings.find(finding.id)
    assert stored == resolved
    assert (stored.resolved_by, stored.resolution, stored.stands) == (asha.id, WHY, True)


async def test_it_is_opened_again_when_the_difference_was_gone(
    site: MemoryApp, asha: Account
) -> None:
    right, wrong = await a_wrong_payment(site)
    put(site, "payments", wrong)
    finding = next(each for each in await run(site) if each.kind == K.RELEASE_ENTRY_MISSING)
    await resolve(site, finding, asha)

    put(site, "payments", right)
    await run(site)
    between = await site.services.findings.get(finding.id)
    put(site, "payments", wrong)
    back = await run(site)

    assert (between.is_open, between.stands, between.resolution) == (False, False, WHY)
    assert finding.id in [each.id for each in back]


async def test_it_is_opened_again_when_the_difference_is_another_one(
    site: MemoryApp, asha: Account
) -> None:
    payment_id = await SEEDS[K.REFUNDED_TOO_MUCH].make(site)
    finding = next(each for each in await run(site) if each.kind == K.REFUNDED_TOO_MUCH)
    await resolve(site, finding, asha)
    payment = (await site.store.repositories.payments.many([payment_id]))[payment_id]
    more = replace(payment.refunds[0], amount=payment.refunds[0].amount + Money(100))

    put(site, "payments", replace(payment, refunds=(more, *payment.refunds[1:])))
    again = next(each for each in await run(site) if each.kind == K.REFUNDED_TOO_MUCH)

    assert again.id == finding.id
    assert again.detail != finding.detail
    assert (await site.services.findings.get(finding.id)).is_open


async def test_a_repair_is_still_tried_once_a_day(site: MemoryApp, asha: Account) -> None:
    await SEEDS[K.REFUND_WITHOUT_VERDICT].make(site)
    (finding,) = [each for each in await run(site) if each.kind == K.REFUND_WITHOUT_VERDICT]
    await resolve(site, finding, asha)
    asked = len(site.gateway.asked_at)

    await site.services.reconciliation.ask()
    often = len(site.gateway.asked_at)
    again = await run(site)

    assert (often, len(site.gateway.asked_at)) == (asked, asked + 1)
    assert finding.id not in [each.id for each in again]
    site.gateway.finish_refunds()
    await run(site)
    assert not (await site.services.findings.get(finding.id)).stands


async def test_resolving_is_in_the_audit_trail_and_done_once(
    site: MemoryApp, asha: Account
) -> None:
    finding = Finding("f:1", "refund_refused", "pay_1", "Refused.", site.clock.now())
    await site.store.repositories.findings.report(finding)
    service, other = site.services.findings, await site.admin("Vikram Rao")

    first = await resolve(site, finding, asha)
    again = await resolve(site, finding, asha)
    with pytest.raises(FindingResolved):
        await resolve(site, finding, other)
    with pytest.raises(NotFound):
        await service.resolve("f:2", by=asha, caller=CALLER, reason=WHY)
    await site.run()

    assert first == again
    entries, _ = await site.store.repositories.audit.page(AccountId(asha.id))
    (entry,) = [each for each in entries if each.what == "finding_resolved"]
    assert (entry.actor, entry.detail["finding"], entry.detail["reason"]) == (asha.id, "f:1", WHY)


async def test_it_needs_a_reason_and_what_was_read(site: MemoryApp, asha: Account) -> None:
    finding = Finding("f:1", "refund_refused", "pay_1", "Refused.", site.clock.now())
    await site.store.repositories.findings.report(finding)
    service, old = site.services.findings, digest_of(replace(finding, detail="Another."))

    for reason in ("", "  ", "x" * 501):
        with pytest.raises(Invalid) as wrong:
            await service.resolve("f:1", by=asha, caller=CALLER, reason=reason)
        assert list(wrong.value.fields) == ["reason"]
    with pytest.raises(FindingChanged):
        await service.resolve("f:1", by=asha, caller=CALLER, reason=WHY, expected=old)

    assert (await service.get("f:1")) == finding
    await service.resolve("f:1", by=asha, caller=CALLER, reason=WHY, expected=digest_of(finding))


async def test_findings_are_found_by_every_filter(site: MemoryApp, asha: Account) -> None:
    now = site.clock.now()
    for number, kind in enumerate(
        (K.REFUND_REFUSED, K.DEAD_MESSAGE, K.BALANCE_WRONG, "of_a_plugin")
    ):
        name = f"f:{number}"
        found = Finding(name, kind, f"pay_{number}", "Wrong.", now - number * DAY)
        await site.store.repositories.findings.report(found)
    resolved = await site.services.findings.resolve("f:2", by=asha, caller=CALLER, reason=WHY)

    async def named(wanted: FindingFilter) -> list[str]:
        page, _ = await site.services.findings.page(wanted)
        return [each.id for each in page]

    assert await named(FindingFilter()) == ["f:3", "f:1", "f:0"]
    assert await named(FindingFilter(open=False)) == [resolved.id]
    assert await named(FindingFilter(open=None)) == ["f:0", "f:1", "f:2", "f:3"]
    assert await named(FindingFilter(kind="of_a_plugin")) == ["f:3"]
    assert await named(FindingFilter(older_than=DAY)) == ["f:3"]
    assert await named(FindingFilter(owner=Owner.ON_CALL)) == ["f:1"]
    assert await named(FindingFilter(owner=Owner.OPERATOR)) == ["f:3", "f:0"]
    assert await named(FindingFilter(owner=Owner.OPERATOR, kind="of_a_plugin")) == ["f:3"]
    assert await named(FindingFilter(severity=Severity.WARNING)) == ["f:3", "f:1", "f:0"]
    assert await named(FindingFilter(severity=Severity.URGENT, open=None)) == ["f:2"]
