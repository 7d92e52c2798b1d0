"""Refunds that the provider refuses again and again: they stop, wait for an administrator, and are
requested again or paid by another way, exactly once."""

from __future__ import annotations

import pytest

from core.accounts import Account, AccountId
from core.bookings import Booking
from core.chargebacks import Status as ChargebackStatus
from core.errors import Invalid
from core.findings import FindingKind
from core.money import Money
from core.payments import NotStopped, Payment, PaymentId, Status
from core.payments_facts import RefundFact, RefundStatus
from core.policy import DAY, MINUTE
from core.transactions import PAID_OTHERWISE, Kind
from services.payments import Solution, Solving
from services.shared.money_actions import OwnMoney, PreviewOutdated, Told
from tests.app import CALLER, MemoryApp, memory_app
from tests.builders.chargebacks import decide, question

K = FindingKind
RETRY = Solving.checked(Solution.RETRY, reason="The bank says it works now.", reference="")
PAID = Solving.checked(Solution.PAID_OTHERWISE, reason="The card is closed.", reference="UTR 4711")


class Scene:
    """A declined booking whose refund the provider refuses each time."""

    def __init__(self, app: MemoryApp, booking: Booking, admin: Account) -> None:
        self.app, self.booking, self.admin = app, booking, admin
        self.payment_id = PaymentId(booking.payment_id)

    async def payment(self) -> Payment:
        return await self.app.store.repositories.payments.get(self.payment_id)

    async def solve(
        self, solving: Solving, expected: str | None = None, by: Account | None = None
    ) -> Payment:
        waiting = (await self.payment()).refunds[-1].id
        return await self.app.services.stopped_refunds.solve(
            self.payment_id, waiting, by=by or self.admin, caller=CALLER, solving=solving,
            expected=expected,
        )  # fmt: skip

    async def open_findings(self) -> list[str]:
        return [each.kind for each in await self.app.store.repositories.findings.open()]

    async def waiting(self) -> list[str]:
        found, _ = await self.app.services.stopped_refunds.page()
        return [each.id for each in found]


@pytest.fixture
async def here() -> Scene:
    app = memory_app()
    (client, _), developer = await app.client(), await app.developer()
    booking = await app.paid(client, developer)
    app.gateway.refunds_fail = True
    await app.services.answers.decline(booking.id, by=developer.account_id, reason="Ill")
    await app.run()
    return Scene(app, booking, await app.admin())


async def test_it_stops_after_the_last_repeat_and_waits_with_its_age(here: Scene) -> None:
    assert await here.open_findings() == [FindingKind.REFUND_REFUSED]
    assert await here.waiting() == []

    for _ in range(3):
        await here.app.pass_time(DAY)
    stopped_at = (await here.payment()).refunds[-1].stopped_at
    await here.app.pass_time(5 * DAY)

    payment = await here.payment()
    assert [each.status for each in payment.refunds] == ["failed"] * 3 + ["stopped"]
    assert (payment.status, payment.refunded.amount) == (Status.REFUNDING, 0)
    (entry,), _ = await here.app.services.stopped_refunds.page()
    assert (entry.id, entry.since, entry.requests) == (payment.refunds[-1].id, stopped_at, 4)
    assert entry.age(here.app.clock.now()) >= 5 * DAY
    assert await here.open_findings() == [FindingKind.REFUND_STOPPED]
    assert await here.app.balances() == {
        f"escrow:{here.booking.id}": payment.amount.amount,
        "gateway:memory": -payment.amount.amount,
    }


async def stop(here: Scene) -> None:
    for _ in range(3):
        await here.app.pass_time(DAY)
    assert await here.waiting()


async def test_requested_again_it_is_as_a_new_refund(here: Scene) -> None:
    await stop(here)
    here.app.gateway.refunds_fail = False

    await here.solve(RETRY)
    await here.app.run()

    payment = await here.payment()
    assert payment.refunds[-1].status == "succeeded"
    assert payment.status is Status.REFUNDED
    assert await here.waiting() == []
    assert await here.open_findings() == []
    assert await here.app.balances() == {}


async def test_refused_again_it_stops_again(here: Scene) -> None:
    await stop(here)
    await here.solve(RETRY)
    await here.app.pass_time(MINUTE)
    assert await here.waiting() == []
    await stop(here)
    assert [each.attempt for each in (await here.payment()).refunds] == [1, 2, 3, 4] * 2


async def test_paid_by_another_way_the_provider_keeps_what_it_holds_for_us(here: Scene) -> None:
    await stop(here)
    (waiting,) = await here.waiting()
    shown = await here.app.services.stopped_refunds.preview(
        here.payment_id, (await here.payment()).refunds[-1].id, by=here.admin, caller=CALLER,
        solving=PAID,
    )  # fmt: skip
    before = await here.app.store.repositories.transactions.of_booking(here.booking.id)

    with pytest.raises(PreviewOutdated):
        await here.solve(RETRY, expected=shown.digest)
    payment = await here.solve(PAID, expected=shown.digest)
    await here.app.run()

    entries = await here.app.store.repositories.transactions.of_booking(here.booking.id)
    (booked,) = [each for each in entries if each not in before]
    assert [(e.id, e.lines) for e in shown.entries] == [(booked.id, booked.lines)]
    assert (booked.id, booked.kind) == (f"refund:{waiting}", Kind.REFUND_OTHERWISE)
    assert (payment.status, payment.refunds[-1].reference) == (Status.REFUNDED, "UTR 4711")
    amount = payment.amount.amount
    assert await here.app.balances() == {"gateway:memory": -amount, PAID_OTHERWISE: amount}
    assert shown.told == (Told("refund_paid_otherwise", here.booking.client.account_id),)
    assert await here.open_findings() == []
    assert await here.waiting() == []
    trail, _ = await here.app.store.repositories.audit.page(here.admin.id, limit=10)
    noted = next(each for each in trail if each.what == "refund_paid_otherwise")
    assert noted.detail["reference"] == "UTR 4711"

    with pytest.raises(NotStopped):
        await here.solve(PAID)


async def test_a_success_that_comes_late_ends_the_wait(here: Scene) -> None:
    await stop(here)
    refund = (await here.payment()).refunds[-1]
    said = RefundFact("r1", refund.id, "a1", refund.amount, RefundStatus.SUCCEEDED)
    await here.app.store.transact(
        lambda repositories: here.app.services.payments.settlement.apply_refund_fact(
            repositories, here.payment_id, said
        )
    )
    assert (await here.payment()).status is Status.REFUNDED
    assert await here.waiting() == []
    assert await here.open_findings() == []
    assert await here.app.balances() == {}


async def test_an_unknown_answer_keeps_the_id(here: Scene) -> None:
    await stop(here)
    await here.solve(RETRY)
    here.app.gateway.refunds_fail = False
    here.app.gateway.fail_after_commit = True
    await here.app.pass_time(10 * MINUTE)
    asked = [each.id for each in (await here.payment()).refunds]
    here.app.gateway.fail_after_commit = False
    await here.app.pass_time(DAY)
    payment = await here.payment()
    assert [each.id for each in payment.refunds] == asked
    assert payment.status is Status.REFUNDED
    assert here.app.gateway.totals.refunded == payment.amount.amount


async def test_nobody_solves_a_refund_of_the_own_money(here: Scene) -> None:
    await stop(here)
    accounts = here.app.store.repositories.accounts
    own = await accounts.get(AccountId(here.booking.client.account_id))
    with pytest.raises(OwnMoney):
        await here.solve(RETRY, by=own)


@pytest.mark.parametrize(
    ("solution", "reason", "reference", "field"),
    [
        (Solution.RETRY, " ", "", "reason"),
        (Solution.PAID_OTHERWISE, "So.", " ", "reference"),
        (Solution.PAID_OTHERWISE, "So.", "x" * 61, "reference"),
    ],
)
def test_what_an_administrator_writes_is_checked(
    solution: Solution, reason: str, reference: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Solving.checked(solution, reason=reason, reference=reference)
    assert list(refused.value.fields) == [field]


# Beside what the provider and the bank say


async def test_why_the_provider_refuses_is_kept_for_operators(here: Scene) -> None:
    here.app.gateway.refuses_because = "Account closed"

    for _ in range(3):
        await here.app.pass_time(DAY)

    (entry,), _ = await here.app.services.stopped_refunds.page()
    (finding,) = await here.app.store.repositories.findings.open()
    assert (await here.payment()).refunds[-1].refused == entry.refused == "Account closed"
    assert finding.detail.endswith("The provider says: Account closed")


@pytest.mark.parametrize("first", ["stopped", "lost"])
@pytest.mark.parametrize("part", [None, Money(100_000)])
async def test_a_lost_chargeback_beside_a_refund_that_waits_needs_a_person(
    here: Scene, first: str, part: Money | None
) -> None:
    async def stops() -> None:
        for _ in range(3):
            await here.app.pass_time(DAY)

    if first == "stopped":
        await stops()
    reference = await question(here.app, here.booking, part)
    await decide(here.app, here.booking, reference, ChargebackStatus.LOST)
    if first == "lost":
        await stops()

    found = await here.open_findings()

    assert {K.CHARGEBACK_BESIDE_REFUND, K.REFUND_STOPPED} <= set(found)

    await here.solve(PAID)
    assert K.CHARGEBACK_BESIDE_REFUND not in await here.open_findings()
