"""Disputes as the two sides and an administrator see them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest

from core.accounts import Account
from core.bookings import Booking, Status
from core.chargebacks import Status as ChargebackStatus
from core.developers import Developer
from core.dispute_parts import OfferId, OfferState, Reason, WishKind
from core.disputes import Dispute, DisputeStep, EvidenceOver, OfferGone, OwnOffer
from core.disputes import Status as DisputeStatus
from core.disputes_messages import DisputeDeadline, Stage
from core.errors import Invalid, NotFound
from core.jobs import Frozen, IllegalTransition, Job
from core.jobs import Status as JobStatus
from core.money import Money
from core.outbox import NotDueYet
from core.payments import Status as PaymentStatus
from core.policy import DAY, HOUR
from services.disputes.deadlines import DisputeDeadlines
from services.disputes.opening import NothingHeld
from tests.app import CALLER, MemoryApp
from tests.builders.chargebacks import decide, question

PRICE = 480_000
REFUNDS = random.Random(37).sample(range(2, PRICE), 8)
FEES = [round(Fraction(PRICE - refund, 10)) for refund in REFUNDS]
SPLITS = [(back, PRICE - back - fee, fee) for back, fee in zip(REFUNDS, FEES, strict=True)]
"""Amounts at random, with the earning and the fee of 10 % that are left."""


@dataclass
class Case:
    """Meera and Lucía about two delivered hours, and Asha who decides."""

    app: MemoryApp
    meera: Account
    lucia: Developer
    asha: Account
    booking: Booking
    dispute: Dispute

    @property
    def lucia_id(self) -> str:
        return self.lucia.account_id

    async def now(self) -> Dispute:
        return await self.app.services.disputes.get(self.dispute.id, by=self.meera.id)

    async def job(self) -> Job:
        return await self.app.job(self.booking)


async def a_case(
    app: MemoryApp,
    wish: WishKind = WishKind.PART,
    amount: int | None = 400_000,
    by_developer: bool = False,
) -> Case:
    meera, _ = await app.client()
    lucia = await app.developer()
    asha, _ = await app.client("Asha M")
    job = await app.delivered(meera, lucia)
    await app.pass_time(4 * DAY)
    dispute = await app.services.disputes.open(
        job.id,
        by=lucia.account_id if by_developer else meera.id,
        reason=Reason.NOT_AS_AGREED,
        wish=wish,
        amount=Money(amount) if amount is not None else None,
        text="Staging was down for 25 minutes.",
    )
    await app.run()
    return Case(app, meera, lucia, asha, await app.booking(job.booking_id), dispute)


async def steps(case: Case) -> list[str]:
    entries = await case.app.store.repositories.timeline.of_booking(case.booking.id)
    return [each.what for each in entries if each.what.startswith(("dispute", "cancel"))]


async def test_an_open_case_stops_release_approval_changes_and_cancellation(
    app: MemoryApp,
) -> None:
    case = await a_case(app)
    job, jobs = await case.job(), app.services.jobs

    for act in (
        jobs.approve(job.id, by=case.meera.id),
        jobs.request_changes(job.id, by=case.meera.id, notes="More."),
        jobs.deliver(job.id, by=case.lucia_id, note="Again."),
    ):
        with pytest.raises(Frozen):
            await act
    await app.pass_time(4 * DAY)

    assert (await case.job()).status is JobStatus.DISPUTED
    assert (await app.payment(case.booking)).status is PaymentStatus.PAID


@pytest.mark.parametrize(
    ("refund", "earning", "fee"),
    [
        (0, 432_000, 48_000),
        (1, 431_999, 48_000),
        (177_600, 272_160, 30_240),
        (PRICE, 0, 0),
        *SPLITS,
    ],
)
@pytest.mark.parametrize("decided", [False, True])
async def test_a_split_is_booked_exactly(
    app: MemoryApp, refund: int, earning: int, fee: int, decided: bool
) -> None:
    case = await a_case(app)

    if decided:
        await app.services.decisions.settle(
            case.dispute.id, by=case.asha, caller=CALLER, refund=Money(refund), reason="Half."
        )
    else:
        await app.services.offers.offer(case.dispute.id, by=case.lucia_id, refund=Money(refund))
        await app.services.offers.accept(case.dispute.id, OfferId("ofr_1"), by=case.meera.id)
    await app.run()
    await app.settle(case.booking)

    moved = {
        "gateway:memory": refund - PRICE,
        f"clearing:{case.lucia.id}": earning,
        "fees": fee,
    }
    assert await app.balances() == {name: amount for name, amount in moved.items() if amount}
    assert (await case.job()).status is JobStatus.SETTLED
    done = PaymentStatus.REFUNDED if refund else PaymentStatus.RECEIVED
    assert (await app.payment(case.booking)).status is done
    ended = Status.CANCELLED if refund == PRICE else Status.COMPLETED
    assert (await app.booking(case.booking.id)).status is ended


async def test_the_newest_offer_replaces_the_one_before_and_nobody_accepts_their_own(
    app: MemoryApp,
) -> None:
    case = await a_case(app)
    offers, dispute = app.services.offers, case.dispute.id
    await offers.offer(dispute, by=case.lucia_id, refund=Money(180_000), note="A share.")
    await offers.offer(dispute, by=case.meera.id, refund=Money(360_000))

    with pytest.raises(OfferGone):
        await offers.accept(dispute, OfferId("ofr_1"), by=case.meera.id)
    with pytest.raises(OwnOffer):
        await offers.accept(dispute, OfferId("ofr_2"), by=case.meera.id)
    with pytest.raises(NotFound):
        await offers.accept(dispute, OfferId("ofr_9"), by=case.lucia_id)
    with pytest.raises(NotFound):
        await offers.accept(dispute, OfferId("ofr_2"), by=case.asha.id)

    states = [each.state for each in (await case.now()).offers]
    assert states == [OfferState.REPLACED, OfferState.WAITING]


@pytest.mark.parametrize("amount", [-1, PRICE + 1])
async def test_an_offer_or_decision_is_never_more_than_what_is_held(
    app: MemoryApp, amount: int
) -> None:
    case = await a_case(app)
    with pytest.raises(Invalid):
        await app.services.offers.offer(case.dispute.id, by=case.meera.id, refund=Money(amount))
    with pytest.raises(Invalid):
        await app.services.decisions.settle(
            case.dispute.id, by=case.asha, caller=CALLER, refund=Money(amount), reason="So."
        )
    assert (await case.now()).offers == ()


async def test_the_same_decision_twice_is_one_and_another_one_is_refused(app: MemoryApp) -> None:
    case = await a_case(app)
    decide = app.services.decisions.settle
    first = await decide(
        case.dispute.id, by=case.asha, caller=CALLER, refund=Money(320_000), reason="Part."
    )
    again = await decide(
        case.dispute.id, by=case.asha, caller=CALLER, refund=Money(320_000), reason="Part."
    )
    with pytest.raises(Exception, match="changed in the meantime"):
        await decide(case.dispute.id, by=case.asha, caller=CALLER, refund=Money(1), reason="Less.")
    assert again == first


async def test_silence_gives_time_for_evidence_then_a_decision_and_moves_no_money(
    app: MemoryApp,
) -> None:
    case = await a_case(app)

    seen = []
    for _ in range(9):
        seen.append((await case.now()).status.value)
        await app.pass_time(DAY)

    assert seen == ["open"] * 5 + ["evidence"] * 3 + ["decision"]
    assert (await app.payment(case.booking)).status is PaymentStatus.PAID
    with pytest.raises(EvidenceOver):
        await app.services.disputes.add_evidence(case.dispute.id, by=case.meera.id, text="Late.")
    await app.services.offers.offer(case.dispute.id, by=case.lucia_id, refund=Money(1))


@pytest.mark.parametrize(
    ("wish", "amount", "offered", "refund"),
    [
        (WishKind.PART, 400_000, None, 400_000),
        (WishKind.PART, 400_000, 300_000, 300_000),
        (WishKind.ALL, None, None, PRICE),
        (WishKind.OTHER, None, None, PRICE),
        (WishKind.CHANGES, None, None, PRICE),
    ],
)
async def test_after_60_days_the_client_gets_back_what_the_client_last_asked_for(
    app: MemoryApp, wish: WishKind, amount: int | None, offered: int | None, refund: int
) -> None:
    case = await a_case(app, wish, amount)
    if offered:
        await app.services.offers.offer(case.dispute.id, by=case.meera.id, refund=Money(offered))
    await app.pass_time(60 * DAY - HOUR)
    assert (await case.now()).open
    findings = await app.store.repositories.findings.open(limit=10)
    assert [each.kind for each in findings] == ["dispute_undecided"]

    await app.pass_time(HOUR)

    end = (await case.now()).settlement
    assert end
    assert end.refund == Money(refund)


async def test_a_case_that_is_taken_back_loses_no_time_for_anybody(app: MemoryApp) -> None:
    case = await a_case(app)
    before = await case.job()
    await app.pass_time(10 * DAY)

    await app.services.disputes.withdraw(case.dispute.id, by=case.meera.id)
    after = await case.job()

    assert before.approve_by
    assert (after.status, after.approve_by) == (
        JobStatus.DELIVERED,
        before.approve_by + 10 * DAY,
    )
    await app.pass_time(3 * DAY)
    approved = (await case.job()).status
    assert approved is JobStatus.APPROVED
    assert (await app.balances())[f"clearing:{case.lucia.id}"] == 432_000


async def test_only_the_side_that_opened_it_takes_it_back(app: MemoryApp) -> None:
    case = await a_case(app, by_developer=True)
    with pytest.raises(Exception, match="Only the side"):
        await app.services.disputes.withdraw(case.dispute.id, by=case.meera.id)
    with pytest.raises(NotFound):
        await app.services.disputes.withdraw(case.dispute.id, by=case.asha.id)


async def test_a_developer_grants_changes_without_using_a_round(app: MemoryApp) -> None:
    case = await a_case(app, WishKind.CHANGES, None)

    await app.services.disputes.deliver_once_more(case.dispute.id, by=case.lucia_id)

    job = await case.job()
    assert (job.status, job.revisions_used) == (JobStatus.CHANGES_REQUESTED, 0)
    assert (await case.now()).status is DisputeStatus.RESUMED
    assert await steps(case) == [DisputeStep.OPENED, DisputeStep.RESUMED]


async def test_a_broken_file_is_sent_again_without_using_a_round(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer(revisions=0)
    job = await app.delivered(meera, lucia)

    asked = await app.services.jobs.send_again(job.id, by=meera.id, notes="The ZIP is empty.")
    with pytest.raises(IllegalTransition):
        await app.services.jobs.send_again(job.id, by=meera.id, notes="The ZIP is empty.")
    again = await app.services.jobs.deliver(job.id, by=lucia.account_id, note="Here.")

    assert (asked.status, asked.revisions_used) == (JobStatus.CHANGES_REQUESTED, 0)
    assert (again.status, again.deliveries) == (JobStatus.DELIVERED, 2)


async def test_a_request_that_is_not_accepted_has_no_case(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.paid(meera, lucia)
    with pytest.raises(NothingHeld, match="returns everything"):
        await app.services.disputes.open(
            (await app.job(booking)).id,
            by=meera.id,
            reason=Reason.OTHER,
            wish=WishKind.ALL,
            text="It is wrong.",
        )


async def test_a_case_opens_before_the_meeting_and_its_settlement_frees_the_time(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.confirmed(meera, lucia)
    dispute = await app.services.disputes.open(
        (await app.job(booking)).id,
        by=lucia.account_id,
        reason=Reason.NO_CONTACT,
        wish=WishKind.PART,
        amount=Money(400_000),
        text="Nobody answers my questions.",
    )
    await app.services.offers.offer(dispute.id, by=meera.id, refund=Money(470_000))
    await app.services.offers.accept(dispute.id, OfferId("ofr_1"), by=lucia.account_id)

    assert (await app.booking(booking.id)).status is Status.CANCELLED
    again = await app.hold(meera, lucia)
    assert again.start == booking.start


async def test_an_administrator_who_opens_a_case_is_seen_by_both(app: MemoryApp) -> None:
    case = await a_case(app)
    decisions = app.services.decisions

    await decisions.open(case.dispute.id, by=case.asha, caller=CALLER)
    await decisions.open(case.dispute.id, by=case.asha, caller=CALLER)
    await app.run()

    assert await steps(case) == [DisputeStep.OPENED, DisputeStep.READ]
    for account in (case.meera.id, case.lucia_id):
        chain = app.store.repositories.audit.table.all()  # type: ignore[attr-defined]
        assert any(e.account_id == account and e.what == "admin_read" for e in chain)


async def test_a_question_gives_both_time_for_evidence_again(app: MemoryApp) -> None:
    case = await a_case(app)
    await app.pass_time(9 * DAY)

    await app.services.decisions.ask(case.dispute.id, by=case.asha, text="Was there a call?")
    added = await app.services.disputes.add_evidence(
        case.dispute.id, by=case.lucia_id, text="Yes, on Monday."
    )
    await app.pass_time(3 * DAY)

    assert [each.text for each in added.evidence] == ["Was there a call?", "Yes, on Monday."]
    assert (await case.now()).status is DisputeStatus.DECISION


async def test_a_question_after_the_end_gives_no_time_that_is_over(app: MemoryApp) -> None:
    """While a bank decides about the payment, the end of the case waits."""
    case = await a_case(app)
    reference = await question(app, await app.booking(case.dispute.booking_id))
    await app.pass_time(70 * DAY)

    asked = await app.services.decisions.ask(case.dispute.id, by=case.asha, text="A call?")
    await decide(app, await app.booking(asked.booking_id), reference, ChargebackStatus.WON)

    assert asked.status is DisputeStatus.DECISION
    assert (await case.now()).settlement is not None


async def test_a_deadline_that_is_extended_at_that_moment_waits(
    app: MemoryApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question of an administrator is stored right before the deadline is."""
    case = await a_case(app)
    await app.services.disputes.answer(
        case.dispute.id, by=case.lucia_id, wish=WishKind.NOTHING_BACK, text="It is right."
    )
    app.clock.advance(3 * DAY)
    transact = app.store.transact

    async def overtaken(step: Any) -> Any:
        monkeypatch.undo()
        await app.services.decisions.ask(case.dispute.id, by=case.asha, text="When?")
        return await transact(step)

    monkeypatch.setattr(app.store, "transact", overtaken)
    with pytest.raises(NotDueYet):
        await app.services.built[DisputeDeadlines].pass_deadline(
            DisputeDeadline(case.dispute.id, Stage.EVIDENCE)
        )

    assert (await case.now()).status is DisputeStatus.EVIDENCE
