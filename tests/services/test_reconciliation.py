"""Every kind of difference is found alone and among all others; a second run changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.memory.store import MemoryStore
from core.bookings import Status as BookingStatus
from core.finding_kinds import KINDS
from core.findings import FindingKind
from core.findings import FindingKind as K
from core.payments import Status as PaymentStatus
from core.policy import DAY
from ports.findings import Finding
from services.reconciliation import ReconciliationService
from tests.app import MemoryApp
from tests.services.reconciliation_seeds import SEEDS, approved, declined, held, paid, put

EVERY = sorted(SEEDS)


@pytest.fixture
def site() -> MemoryApp:
    """Without the checks of `app` at the end: rows are falsified here."""
    return MemoryApp()


def service(app: MemoryApp) -> ReconciliationService:
    return app.services.reconciliation


def snapshot(app: MemoryApp) -> dict[str, dict[Any, Any]]:
    assert isinstance(app.store, MemoryStore)
    return {name: dict(rows) for name, rows in app.store._tables.rows.items() if rows}


async def found(app: MemoryApp) -> tuple[list[Finding], list[Finding]]:
    """The open and the resolved findings of a run."""
    pages = await service(app).run()
    return [f for page in pages for f in page.open], [f for page in pages for f in page.resolved]


async def stored(app: MemoryApp, finding: Finding) -> Finding:
    kept = await app.store.repositories.findings.find(finding.id)
    assert kept
    return kept


async def test_a_sound_site_has_no_differences(app: MemoryApp) -> None:
    await held(app), await paid(app), await approved(app), await declined(app)
    before = snapshot(app)

    assert await found(app) == ([], [])
    assert snapshot(app) == before


async def test_each_kind_is_found_when_it_appears(site: MemoryApp) -> None:
    """One after the other on one site: each run finds what was added, and nothing else."""
    known = set[str]()
    for kind in EVERY:
        seed = SEEDS[kind]
        subject = await seed.make(site)

        open_, resolved = await found(site)

        new = [finding for finding in (*open_, *resolved) if finding.id not in known]
        mine = [finding for finding in new if (finding.kind, finding.subject) == (kind, subject)]
        assert mine, kind
        assert all(finding in (resolved if seed.mends else open_) for finding in mine), kind
        assert {finding.kind for finding in new} - {kind} <= seed.also, kind
        assert all([(await stored(site, finding)).is_open for finding in open_])
        known |= {finding.id for finding in new}


async def test_all_kinds_are_found_in_one_run(site: MemoryApp) -> None:
    subjects = {kind: await SEEDS[kind].make(site) for kind in EVERY}

    open_, resolved = await found(site)
    after = snapshot(site)

    assert len(subjects) >= 30
    for kind, subject in subjects.items():
        of_kind = [f for f in (*open_, *resolved) if f.kind == kind and f.subject == subject]
        assert of_kind, kind
        assert of_kind[0].owner is KINDS[kind].owner
        assert of_kind[0] in (resolved if SEEDS[kind].mends else open_), kind
    assert (await found(site))[1] == []
    assert snapshot(site) == after


@pytest.mark.parametrize("kind", [K.CHECKOUT_UNSETTLED, K.REFUND_NOT_SENT, K.WITHDRAWAL_NOT_SENT])
async def test_what_waits_for_a_provider_is_asked_about_every_few_minutes(
    site: MemoryApp, kind: FindingKind
) -> None:
    subject = await SEEDS[kind].make(site)

    await service(site).ask()

    finding = await site.store.repositories.findings.find(f"{kind}:{subject}")
    if finding is None:  # of one of several refunds
        (finding,) = await site.store.repositories.findings.of_kinds([kind])
    assert finding.subject == subject
    assert not finding.is_open


async def test_what_has_no_verdict_is_asked_about_once_and_again_the_next_day(
    site: MemoryApp,
) -> None:
    await SEEDS[K.REFUND_WITHOUT_VERDICT].make(site)

    for _ in range(3):
        await service(site).ask()
    asked = len(site.gateway.asked_at)
    await service(site).ask()

    assert len(site.gateway.asked_at) == asked
    await service(site).run(names=["payments"])
    assert len(site.gateway.asked_at) == asked + 1


async def test_a_missed_payment_is_booked_as_any_other(app: MemoryApp) -> None:
    payment_id = await SEEDS[K.CHECKOUT_UNSETTLED].make(app)

    await service(app).run()
    await app.run()

    payment = (await app.store.repositories.payments.many([payment_id]))[payment_id]
    assert payment.status is PaymentStatus.PAID
    assert (await app.booking(payment.booking_id)).status is BookingStatus.REQUESTED
    assert (await app.balances())[f"escrow:{payment.booking_id}"] == payment.amount.amount


async def test_the_lost_outcome_of_a_refund_is_read_from_the_provider(app: MemoryApp) -> None:
    payment_id = await SEEDS[K.REFUND_WITHOUT_VERDICT].make(app)
    (open_,), _ = await found(app)
    app.gateway.finish_refunds()

    still, (resolved,) = await found(app)

    payment = (await app.store.repositories.payments.many([payment_id]))[payment_id]
    assert payment.status is PaymentStatus.REFUNDED
    assert (await app.balances()).get(f"escrow:{payment.booking_id}", 0) == 0
    assert (open_.id, still) == (resolved.id, [])
    assert (await stored(app, open_)).resolved_by == "reconciliation"


async def test_a_difference_that_is_gone_resolves_its_finding_and_opens_it_again(
    site: MemoryApp,
) -> None:
    booking = await paid(site)
    payment = (await site.store.repositories.payments.many([booking.payment_id])).popitem()[1]
    wrong = replace(payment, status=PaymentStatus.RECEIVED)
    for row, ends in ((wrong, None), (payment, "gone"), (wrong, None)):
        put(site, "payments", row)
        await found(site)
        finding = await site.store.repositories.findings.find(
            f"{K.RELEASE_ENTRY_MISSING}:{payment.id}"
        )
        assert finding
        assert finding.is_open is (ends is None)


async def test_pages_of_any_size_find_the_same(site: MemoryApp) -> None:
    for kind in (K.PAYMENT_ENTRY_MISSING, K.NUMBER_TWICE, K.JOB_MISSING, K.REFUNDED_TOO_MUCH):
        await SEEDS[kind].make(site)
    whole, _ = await found(site)

    small = set[str]()
    for check in service(site).checks.values():
        after: str | None = ""
        while after is not None:
            page = await service(site).page(check, after=after, limit=1)
            small |= {finding.id for finding in page.open}
            after = page.next

    assert small == {finding.id for finding in whole}


async def test_the_daily_run_goes_on_page_by_page_in_the_outbox(site: MemoryApp) -> None:
    """Two workers that begin it at the same time make each page once."""
    await SEEDS[K.JOB_MISSING].make(site)

    await service(site).start()
    await service(site).start()
    await site.run()

    opened = await site.store.repositories.findings.open()
    assert [finding.kind for finding in opened] == [K.JOB_MISSING]


async def test_a_provider_that_does_not_answer_stops_its_comparison_only(site: MemoryApp) -> None:
    await SEEDS[K.PROVIDER_PAID].make(site)
    await SEEDS[K.JOB_MISSING].make(site)
    site.gateway.down = True

    pages = await service(site).run()

    assert [page.missed for page in pages if page.missed] == ["provider_payments"]
    assert [f.kind for page in pages for f in page.open] == [K.JOB_MISSING]
    site.gateway.down = False
    _, resolved = await found(site)
    assert [finding.kind for finding in resolved] == [K.PROVIDER_PAID]


async def test_what_is_old_and_has_ended_is_not_asked_about(site: MemoryApp) -> None:
    payment_id = await SEEDS[K.PROVIDER_LACKS_PAYMENT].make(site)
    site.clock.advance(4 * DAY)
    asked = len(site.gateway.asked_at)

    await service(site).run(names=["provider_payments"])

    assert len(site.gateway.asked_at) == asked
    assert await site.store.repositories.findings.of_kinds([K.PROVIDER_LACKS_PAYMENT]) == ()
    assert payment_id
