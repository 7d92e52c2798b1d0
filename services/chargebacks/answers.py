"""What an administrator answers to a chargeback: the evidence now, or that it is accepted."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from core.accounts import Account
from core.bookings import BookingId
from core.chargebacks import (
    Chargeback,
    ChargebackActivity,
    ChargebackId,
    Status,
    checked_reason,
)
from core.chargebacks_messages import AcceptChargeback, SendEvidence
from core.findings import FindingKind
from core.outbox import Payload, message
from core.payments import PaymentId
from core.sessions import Caller
from ports.chargebacks import ChargebackGateway
from ports.clock import Clock
from ports.findings import Finding
from ports.payments import GatewayRefused, GatewayUnavailable, PaymentGateway
from ports.store import Repositories, Store
from services.chargebacks.service import ChargebackService
from services.chargebacks.storage import chargebacks
from services.shared.money_actions import Preview, Step, act, audited, check_not_own, preview
from services.shared.outbox import handles

log = logging.getLogger(__name__)


class Answer(StrEnum):
    EVIDENCE = "evidence"
    ACCEPT = "accept"


ACTIVITY: Mapping[Answer, ChargebackActivity] = {
    Answer.EVIDENCE: ChargebackActivity.EVIDENCE_NOW,
    Answer.ACCEPT: ChargebackActivity.ACCEPTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackAnswers:
    """The caller has checked that `by` is an administrator with a fresh code. Both answers are in
    the audit trails of both sides and of the administrator. The provider is asked by a message, and
    what it then reports moves the money."""

    store: Store
    gateways: Mapping[str, PaymentGateway]
    service: ChargebackService
    clock: Clock

    async def page(
        self, *, status: Status | None = None, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Chargeback, ...], str | None]:
        """Those with a status, the earliest end of the time to answer first; without one, all, the
        latest opened first."""
        stored = chargebacks(self.store.repositories)
        if status is None:
            return await stored.page("newest", limit=limit, cursor=cursor)
        equals = {"status": status}
        return await stored.page("in_status", equals=equals, limit=limit, cursor=cursor)

    async def get(self, chargeback: ChargebackId) -> Chargeback:
        """Raises `NotFound`."""
        return await chargebacks(self.store.repositories).get(chargeback)

    async def preview(
        self, answer: Answer, chargeback: ChargebackId, *, by: Account, caller: Caller, reason: str
    ) -> Preview:
        """What the answer would do now. Raises what `answer` raises."""
        return await preview(self.store, self._step(answer, chargeback, by, caller, reason))

    async def answer(
        self,
        answer: Answer,
        chargeback: ChargebackId,
        *,
        by: Account,
        caller: Caller,
        reason: str,
        expected: str | None = None,
    ) -> Chargeback:
        """Send the evidence now instead of later, or accept the chargeback. `expected` is the
        digest of the preview.

        Raises `Invalid`, `NotFound`, `ChargebackMovedOn`, `OwnMoney` and `PreviewOutdated`.
        """
        step = self._step(answer, chargeback, by, caller, reason)
        return await act(self.store, step, expected=expected)

    def _step(
        self, answer: Answer, chargeback: ChargebackId, by: Account, caller: Caller, reason: str
    ) -> Step[Chargeback]:
        now, text = self.clock.now(), checked_reason(reason)

        async def step(repositories: Repositories) -> Chargeback:
            before = await chargebacks(repositories).get(chargeback)
            booking = await repositories.bookings.get(BookingId(before.booking_id))
            parties = booking.client.account_id, booking.developer.account_id
            check_not_own(by, *parties)
            asked: Payload
            if answer is Answer.EVIDENCE:
                before.check_awaits_evidence()
                after, asked = before, SendEvidence(before.id)
            else:
                after, asked = before.accept(now), AcceptChargeback(before.id)
            saved = await chargebacks(repositories).save(after)
            name = f"{saved.id}:{saved.rounds}:{saved.version}:{answer}"
            await repositories.outbox.add(
                message(asked, name, due_at=now),
                *audited(
                    ACTIVITY[answer], name, *parties,
                    by=by, caller=caller, at=now, booking=booking.id, number=booking.number,
                    amount=str(saved.amount.amount), currency=saved.amount.currency, reason=text,
                ),
            )  # fmt: skip
            return saved

        return step

    @handles(AcceptChargeback)
    async def give_in(self, payload: AcceptChargeback) -> None:
        """Accept it at the provider, and apply what the provider then says; idempotent. What the
        provider refuses is reported, and the evidence can be sent.

        Raises `GatewayUnavailable`; the relay tries again."""
        stored = await chargebacks(self.store.repositories).get(payload.chargeback)
        gateway = self.gateways.get(stored.provider)
        if stored.accepted_at is None or not stored.undecided:
            return
        if not isinstance(gateway, ChargebackGateway):
            raise GatewayUnavailable
        try:
            await gateway.accept_chargeback(stored.reference)
        except GatewayRefused as error:
            await self.store.transact(partial(self._refused, stored, str(error)))
        await self.service.refresh(PaymentId(stored.payment_id))

    async def _refused(self, stored: Chargeback, why: str, repositories: Repositories) -> None:
        current = await chargebacks(repositories).get(stored.id)
        await chargebacks(repositories).save(current.not_accepted())
        detail = f"The provider did not take the acceptance for {stored.booking_number}: {why}"
        log.error("chargeback %s: %s", stored.id, detail)
        kind, now = FindingKind.ACCEPTANCE_REFUSED, self.clock.now()
        name = f"{kind}:{stored.id}:{stored.version}"
        await repositories.findings.report(Finding(name, kind, stored.id, detail[:300], now))
