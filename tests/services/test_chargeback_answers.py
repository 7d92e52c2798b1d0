"""Answers of administrators to chargebacks: what the provider confirms moves the money, once."""

from __future__ import annotations

import pytest

from core.accounts import Account, AccountId
from core.bookings import Booking
from core.chargebacks import Chargeback, ChargebackMovedOn, Status
from core.findings import FindingKind
from core.policy import DAY, HOUR
from services.chargebacks import Answer
from services.shared.money_actions import OwnMoney, PreviewOutdated
from tests.app import CALLER, MemoryApp, memory_app
from tests.builders.chargebacks import chargebacks_of, decide, question

REASON = "The developer did not come."


class Scene:
    def __init__(self, app: MemoryApp, booking: Booking, reference: str) -> None:
        self.app, self.booking, self.reference = app, booking, reference

    async def item(self) -> Chargeback:
        (found,) = await chargebacks_of(self.app, self.booking)
        return found

    async def answer(
        self, answer: Answer, *, by: Account | None = None, expected: str | None = None
    ) -> Chargeback:
        return await self.app.services.chargeback_answers.answer(
            answer, (await self.item()).id, by=by or await self.app.admin(), caller=CALLER,
            reason=REASON, expected=expected,
        )  # fmt: skip


@pytest.fixture
async def here() -> Scene:
    app = memory_app()
    (client, _), developer = await app.client(), await app.developer()
    booking = await app.paid(client, developer)
    due = app.clock.now() + 5 * DAY
    return Scene(app, booking, await question(app, booking, respond_by=due))


async def test_accepted_it_is_lost_when_the_provider_says_so(here: Scene) -> None:
    before = await here.app.balances()
    here.app.clock.advance(HOUR)
    here.app.gateway.down = True
    await here.answer(Answer.ACCEPT)
    await here.app.run()
    assert (await here.item()).status is Status.OPEN
    assert await here.app.balances() == before

    here.app.gateway.down = False
    await here.app.pass_time(HOUR)
    lost = await here.item()
    assert (lost.status, lost.booked_out) == (Status.LOST, True)
    assert await here.app.balances() == {}
    await here.app.pass_time(6 * DAY)
    assert here.app.gateway.evidence_of(here.reference) == ()
    for answer in Answer:
        with pytest.raises(ChargebackMovedOn):
            await here.answer(answer)


async def test_an_acceptance_whose_answer_was_lost_is_accepted_once(here: Scene) -> None:
    here.app.clock.advance(HOUR)
    here.app.gateway.fail_after_commit = True
    await here.answer(Answer.ACCEPT)
    await here.app.run()
    here.app.gateway.fail_after_commit = False
    await here.app.pass_time(HOUR)
    assert (await here.item()).status is Status.LOST
    assert await here.app.balances() == {}


async def test_what_the_provider_does_not_take_is_reported_and_evidence_can_be_sent(
    here: Scene,
) -> None:
    here.app.clock.advance(HOUR)
    await here.answer(Answer.ACCEPT)
    here.app.gateway.decide(here.reference, Status.WON)
    await here.app.run()
    assert (await here.item()).status is Status.WON
    kinds = [each.kind for each in await here.app.store.repositories.findings.open()]
    assert kinds == [FindingKind.ACCEPTANCE_REFUSED]

    here.app.clock.advance(HOUR)
    await decide(here.app, here.booking, here.reference, Status.OPEN)
    assert (await here.item()).awaits_evidence


async def test_evidence_is_sent_before_its_time(here: Scene) -> None:
    here.app.clock.advance(HOUR)
    await here.answer(Answer.EVIDENCE)
    await here.app.run()
    assert len(here.app.gateway.evidence_of(here.reference)) == 1
    assert (await here.item()).status is Status.REVIEW
    await here.app.pass_time(6 * DAY)
    assert len(here.app.gateway.evidence_of(here.reference)) == 1


async def test_no_answer_about_own_money_or_after_another_answer(here: Scene) -> None:
    accounts = here.app.store.repositories.accounts
    own = await accounts.get(AccountId(here.booking.developer.account_id))
    with pytest.raises(OwnMoney):
        await here.answer(Answer.ACCEPT, by=own)
    item = await here.item()
    shown = await here.app.services.chargeback_answers.preview(
        Answer.ACCEPT, item.id, by=await here.app.admin(), caller=CALLER, reason=REASON
    )
    await here.answer(Answer.EVIDENCE)
    with pytest.raises(PreviewOutdated):
        await here.answer(Answer.ACCEPT, expected=shown.digest)
    await here.app.run()
    trail, _ = await here.app.store.repositories.audit.page(own.id, limit=10)
    assert "chargeback_evidence_now" in {each.what for each in trail}
