"""The money of a chargeback: set aside, given back where it came from, or booked out.

The methods run inside the caller's transaction and call repositories only. `move` brings the ledger
to where the provider's report has it, from wherever it is, so that reports can come in any order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.bookings import Booking
from core.chargebacks import Chargeback, Reserve, Status, divided, loss_lines
from core.findings import FindingKind
from core.money import Money, zero
from core.numbering import Series, series_id
from core.payments import Payment
from core.payments import Status as Paying
from core.transactions import (
    CHARGEBACK_COSTS,
    CHARGEBACK_LOSSES,
    FEES,
    Kind,
    Line,
    Transaction,
    TransactionId,
    escrow,
    gateway,
    movement,
    reserve,
    suspense,
)
from ports.clock import Clock
from ports.findings import Finding
from ports.store import Repositories
from services.payments import Earnings, issue_messages

SET_ASIDE = "Set aside: the client's bank questions the payment"
RETURNED = "Given back: the client's bank has withdrawn its question"


@dataclass(frozen=True, slots=True)
class Moved:
    """Chargeback and payment after the money has moved, not yet saved."""

    chargeback: Chargeback
    payment: Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserves:
    earnings: Earnings
    clock: Clock

    async def move(
        self, repositories: Repositories, chargeback: Chargeback, payment: Payment, booking: Booking
    ) -> Moved:
        """Move the money to where the status of the chargeback has it."""
        moved, lost = Moved(chargeback, payment), chargeback.status is Status.LOST
        if moved.chargeback.booked_out and not (lost and self._fits(chargeback)):
            moved = await self._recover(repositories, moved)
        over = chargeback.status is Status.WON or not self._fits(chargeback)
        if moved.chargeback.reserve and over:
            moved = await self._give_back(repositories, moved, booking)
        if moved.chargeback.reserve is None and chargeback.status is not Status.WON:
            moved = await self._set_aside(repositories, moved, booking)
        if lost and not moved.chargeback.booked_out:
            moved = await self._book_out(repositories, moved, booking)
        return moved

    async def charge(
        self, repositories: Repositories, chargeback: Chargeback, fee: Money | None
    ) -> Chargeback:
        """Book what the provider has charged for it beyond what is booked. It is our cost."""
        more = (fee or zero()) - (chargeback.fee or zero())
        if fee is None or more.amount <= 0:
            return chargeback
        lines = movement(more, source=CHARGEBACK_COSTS, target=gateway(chargeback.provider))
        name = f"chargeback-fee:{chargeback.id}:{fee.amount}"
        entry = self._entry(chargeback, Kind.CHARGEBACK_FEE, name, lines, "Cost of the chargeback")
        await repositories.transactions.add(replace(entry, client_id=None, developer_id=None))
        return chargeback.charge(fee)

    @staticmethod
    def _fits(chargeback: Chargeback) -> bool:
        """Whether the reserve is that of the amount which is questioned now."""
        return chargeback.reserve is None or chargeback.reserve.total == chargeback.amount

    async def _set_aside(
        self, repositories: Repositories, before: Moved, booking: Booking
    ) -> Moved:
        payment = before.payment
        taken = divided(
            before.chargeback.amount,
            left=payment.left if payment.captured else zero(payment.amount.currency),
            held=payment.status is Paying.PAID,
            fee_percent=booking.terms.fee_percent,
        )
        after = before.chargeback.set_aside(taken)
        target, name = reserve(after.id), _round(after)
        if taken.developer:
            await self.earnings.take_back(
                repositories, booking, taken.developer,
                to=target, fact=name, description=SET_ASIDE,
            )  # fmt: skip
        await self._post(repositories, after, Kind.CHARGEBACK, name, _sources(after, taken), target)
        if taken.losses:
            await self._report(
                repositories, after, FindingKind.CHARGEBACK_EXCEEDS,
                f"{taken.losses.amount} of {after.amount.amount} are not there any more.",
            )  # fmt: skip
        return Moved(after, payment.contest(after.id, taken.paid))

    async def _give_back(
        self, repositories: Repositories, before: Moved, booking: Booking
    ) -> Moved:
        """To where it came from. Held money whose booking has ended meanwhile is suspended until an
        operator has decided."""
        chargeback, payment = before.chargeback, before.payment
        assert chargeback.reserve
        taken, source, name = chargeback.reserve, reserve(chargeback.id), _round(chargeback)
        if taken.developer:
            await self.earnings.give_back(
                repositories, booking, taken.developer,
                source=source, fact=name, description=RETURNED,
            )  # fmt: skip
        after = payment.end_contest(chargeback.id, taken.paid)
        ended = bool(taken.held) and payment.status is not Paying.PAID
        sources = _sources(chargeback, taken)
        if ended:
            sources = {suspense(payment.id): taken.held, CHARGEBACK_LOSSES: taken.losses}
            await self._report(
                repositories, chargeback, FindingKind.CHARGEBACK_AFTER_END,
                f"{taken.held.amount} came back after the booking had ended.",
            )  # fmt: skip
            after = after.charge_back(taken.held)
        back = {account: -amount for account, amount in sources.items()}
        await self._post(repositories, chargeback, Kind.CHARGEBACK_WON, f"won:{name}", back, source)
        return Moved(chargeback.give_back(), after)

    async def _book_out(self, repositories: Repositories, before: Moved, booking: Booking) -> Moved:
        """What the developer had earned of it is documented by a reversal."""
        chargeback = before.chargeback
        assert chargeback.reserve
        lines = loss_lines(chargeback)
        name = f"chargeback-lost:{_change(chargeback)}"
        entry = self._entry(
            chargeback, Kind.CHARGEBACK_LOST, name, lines, "Lost to the client's bank"
        )
        if chargeback.reserve.developer:
            entry = replace(entry, series=series_id(Series.REVERSAL, entry.at))
        await repositories.transactions.add(entry)
        await repositories.outbox.add(*issue_messages(entry, booking))
        paid = chargeback.reserve.paid
        payment = before.payment.end_contest(chargeback.id, paid).charge_back(paid)
        return Moved(chargeback.book_out(), payment)

    async def _recover(self, repositories: Repositories, before: Moved) -> Moved:
        chargeback = before.chargeback
        assert chargeback.reserve
        lines = movement(
            chargeback.reserve.total,
            source=gateway(chargeback.provider),
            target=reserve(chargeback.id),
        )
        name = f"chargeback-reopened:{_change(chargeback)}"
        await repositories.transactions.add(
            self._entry(chargeback, Kind.CHARGEBACK, name, lines, "Decided anew")
        )
        paid, released = chargeback.reserve.paid, not chargeback.reserve.held
        payment = before.payment.recover(paid, released=released).contest(chargeback.id, paid)
        return Moved(chargeback.recover(), payment)

    async def _post(
        self,
        repositories: Repositories,
        chargeback: Chargeback,
        kind: Kind,
        name: str,
        sources: dict[str, Money],
        target: str,
    ) -> None:
        """One entry from our accounts to the reserve; a negative amount goes the other way."""
        lines = tuple(Line(account, -amount) for account, amount in sources.items() if amount)
        if lines:
            total = zero(chargeback.amount.currency)
            for line in lines:
                total = total - line.amount
            words = SET_ASIDE if kind is Kind.CHARGEBACK else RETURNED
            entry = self._entry(chargeback, kind, name, (*lines, Line(target, total)), words)
            await repositories.transactions.add(entry)

    def _entry(
        self,
        chargeback: Chargeback,
        kind: Kind,
        name: str,
        lines: tuple[Line, ...],
        description: str,
    ) -> Transaction:
        return Transaction(
            id=TransactionId(name),
            kind=kind,
            at=self.clock.now(),
            lines=lines,
            description=description,
            booking_id=chargeback.booking_id,
            client_id=chargeback.client_id,
            developer_id=chargeback.developer_id,
        )

    async def _report(
        self, repositories: Repositories, chargeback: Chargeback, kind: FindingKind, detail: str
    ) -> None:
        finding = Finding(
            f"{kind}:{_round(chargeback)}", kind, chargeback.id, detail, self.clock.now()
        )
        await repositories.findings.report(finding)


def _sources(chargeback: Chargeback, taken: Reserve) -> dict[str, Money]:
    """Our accounts the reserve is made of, beside those of the developer."""
    return {
        escrow(chargeback.booking_id): taken.held,
        FEES: taken.fee,
        CHARGEBACK_LOSSES: taken.losses,
    }


def _round(chargeback: Chargeback) -> str:
    """Names one time that money was set aside."""
    return f"chargeback:{chargeback.id}:{chargeback.rounds}"


def _change(chargeback: Chargeback) -> str:
    """Names one decision: a reserve can be lost, opened again and lost again."""
    return f"{chargeback.id}:{chargeback.rounds}:{chargeback.version}"
