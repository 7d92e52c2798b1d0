"""Claims that the other side did not come: who may say so when, and where the money goes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest

from core.accounts import Account
from core.bookings import Booking
from core.bookings import Status as BookingStatus
from core.dispute_parts import How, OfferId, Reason, WishKind
from core.disputes import Dispute, Status
from core.earnings import earned
from core.errors import Invalid, NotFound
from core.jobs import Frozen
from core.jobs import Status as JobStatus
from core.money import Money
from core.no_shows import NoClaim
from core.policy import DAY, HOUR, MINUTE, SECOND
from core.timeline import Actor
from core.transactions import Kind
from tests.app import MemoryApp, memory_app


@dataclass
class Meeting:
    """A booking whose time has begun some minutes ago."""

    app: MemoryApp
    booking: Booking
    client: Account

    @property
    def accounts(self) -> dict[Actor, str]:
        return {
            Actor.CLIENT: self.booking.client.account_id,
            Actor.DEVELOPER: self.booking.developer.account_id,
        }

    async def claim(self, by: Actor, text: str = "") -> Dispute:
        claims = self.app.services.no_shows
        claimed = await claims.claim(self.booking.id, by=self.accounts[by], text=text)
        await self.app.run()
        return claimed

    async def money(self) -> tuple[Money, Money]:
        """What went back to the client, and what the developer has earned."""
        await self.app.run()
        payment = await self.app.store.repositories.payments.get(self.booking.payment_id)  # type: ignore[arg-type]
        entries = await self.app.store.repositories.transactions.of_booking(self.booking.id)
        released = [earned(e, self.booking.developer.id) for e in entries if e.kind is Kind.RELEASE]
        return payment.refunded, sum(released, Money(0))


async def meeting(*came: Actor, after: int = 11) -> Meeting:
    """With the sides that `came` in the room from the start on; it is `after` minutes later."""
    app = memory_app()
    client, _ = await app.client("Gita")
    developer = await app.developer("Ravi")
    booking = await app.confirmed(client, developer, starts_in=6 * HOUR, hours=1)
    here = Meeting(app, booking, client)
    await app.pass_time(booking.start - app.clock.now())
    for side in came:
        await app.services.call_presence.join(booking.id, side, by=here.accounts[side])
    await app.pass_time(after * MINUTE)
    return here


OUTCOMES = {
    # claimant, did the claimant come: what goes back
    (Actor.CLIENT, True): "all",
    (Actor.CLIENT, False): "all",
    (Actor.DEVELOPER, True): "nothing",
    (Actor.DEVELOPER, False): "all",
}
ANSWERS = ("silence", "agrees")


@pytest.mark.parametrize(
    ("claimant", "came", "answer"),
    [(*who, answer) for who, answer in itertools.product(OUTCOMES, ANSWERS)],
)
async def test_who_alone_was_there_gets_the_money_and_otherwise_the_client(
    claimant: Actor, came: bool, answer: str
) -> None:
    here = await meeting(*([claimant] if came else []))
    dispute = await here.claim(claimant)
    other = Actor.DEVELOPER if claimant is Actor.CLIENT else Actor.CLIENT

    if answer == "silence":
        await here.app.pass_time(72 * HOUR - 12 * MINUTE)
        assert (await here.app.services.disputes.get(dispute.id, by=here.client.id)).open
        await here.app.pass_time(13 * MINUTE)
    else:
        accepting = here.app.services.offers.accept
        await accepting(dispute.id, OfferId("ofr_1"), by=here.accounts[other])

    refunded, earned = await here.money()
    price, earning = here.booking.price, here.booking.earning
    back = OUTCOMES[claimant, came] == "all"
    assert (refunded, earned) == ((price, Money(0)) if back else (Money(0), earning))
    ended = await here.app.services.disputes.get(dispute.id, by=here.client.id)
    how = How.NOT_ANSWERED if answer == "silence" else How.AGREED
    assert ended.settlement and (ended.status, ended.settlement.how) == (Status.SETTLED, how)
    stored = await here.app.booking(here.booking.id)
    assert stored.status is (BookingStatus.CANCELLED if back else BookingStatus.COMPLETED)
    assert (await here.app.job(stored)).status is JobStatus.SETTLED


async def test_a_contested_claim_is_a_case_and_nothing_is_decided_by_silence() -> None:
    here = await meeting(Actor.CLIENT)
    dispute = await here.claim(Actor.CLIENT)

    await here.app.services.disputes.answer(
        dispute.id,
        by=here.accounts[Actor.DEVELOPER],
        wish=WishKind.NOTHING_BACK,
        text="I waited in the room, on another device.",
    )
    await here.app.pass_time(10 * DAY)

    found = await here.app.services.disputes.get(dispute.id, by=here.client.id)
    assert found.status is Status.DECISION
    assert await here.money() == (Money(0), Money(0))


async def test_the_claim_has_the_attendance_as_evidence() -> None:
    here = await meeting(Actor.CLIENT)

    dispute = await here.claim(Actor.CLIENT, "I waited for ten minutes.")

    assert (dispute.reason, dispute.opened_by) == (Reason.NO_SHOW, Actor.CLIENT)
    assert dispute.statements[0].text == "I waited for ten minutes."
    (evidence,) = dispute.evidence
    assert "Gita: 2026-11-23 12:00 to 12:00 UTC" in evidence.text
    assert "Ravi: not seen" in evidence.text
    assert dispute.answer_by == here.app.clock.now() + 72 * HOUR


async def test_nobody_is_claimed_absent_too_early() -> None:
    here = await meeting(Actor.CLIENT, after=9)
    with pytest.raises(NoClaim, match="too early"):
        await here.claim(Actor.CLIENT)

    await here.app.pass_time(MINUTE)

    assert (await here.claim(Actor.CLIENT)).open


async def test_nobody_who_came_late_or_could_not_connect_is_claimed_absent() -> None:
    here = await meeting(Actor.CLIENT)
    presence, other = here.app.services.call_presence, here.accounts[Actor.DEVELOPER]

    await here.app.services.calls.admit(here.booking.id, by=other)
    with pytest.raises(NoClaim, match="could not connect"):
        await here.claim(Actor.CLIENT)
    await presence.join(here.booking.id, "late", by=other)
    with pytest.raises(NoClaim, match="was in the room"):
        await here.claim(Actor.CLIENT)


async def test_one_claim_at_a_time_and_by_the_parties_only() -> None:
    here = await meeting()
    stranger, _ = await here.app.client("Nils")
    with pytest.raises(NotFound):
        await here.app.services.no_shows.claim(here.booking.id, by=stranger.id)

    await here.claim(Actor.CLIENT)

    with pytest.raises(Frozen):
        await here.claim(Actor.DEVELOPER)


async def test_a_claim_is_not_opened_as_any_other_case() -> None:
    here = await meeting()
    job = await here.app.job(here.booking)
    with pytest.raises(Invalid):
        await here.app.services.disputes.open(
            job.id, by=here.client.id, reason=Reason.NO_SHOW, wish=WishKind.ALL, text="No."
        )


async def test_who_is_claimed_absent_is_reminded_after_half_of_the_time() -> None:
    here = await meeting(Actor.CLIENT)
    await here.claim(Actor.CLIENT)
    here.app.mailer.sent.clear()

    await here.app.pass_time(36 * HOUR + SECOND)

    (mail,) = here.app.mailer.sent
    assert mail.subject.startswith("Reminder")
    assert "the claim stands" in mail.text


async def test_taken_back_the_work_goes_on() -> None:
    here = await meeting(Actor.CLIENT)
    dispute = await here.claim(Actor.CLIENT)

    await here.app.services.disputes.withdraw(dispute.id, by=here.client.id)
    await here.app.pass_time(4 * DAY)

    assert (await here.app.job(here.booking)).status is JobStatus.ACTIVE
    assert await here.money() == (Money(0), Money(0))
