"""One seed per kind of difference: it makes a small story of its own and then falsifies a row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from adapters.memory.store import MemoryStore
from core.bookings import Booking
from core.bookings import Status as BookingStatus
from core.bookings_messages import ExpireHold
from core.earnings import ClearEarnings, balance_id
from core.findings import FindingKind
from core.jobs import Job
from core.jobs import Status as JobStatus
from core.money import Money
from core.numbering import DocumentNumber, IssuedDocument, NumberSeries, SeriesId
from core.outbox import message_id
from core.payments import Payment, Refund, RefundId
from core.payments import Status as PaymentStatus
from core.payments_facts import RefundStatus
from core.payments_messages import SendRefunds
from core.payout_accounts import State
from core.policy import DAY, HOUR, SECOND
from core.settlements import LineFact, LineKind
from core.settlements import Status as SettlementStatus
from core.settlements_messages import ReadSettlements
from core.stopped_refunds import queued
from core.transactions import (
    FEES,
    Kind,
    Line,
    Transaction,
    TransactionId,
    earnings,
    escrow,
    gateway,
    movement,
    paid_out,
    unapplied,
    withdrawing,
)
from core.withdrawals import Status as WithdrawalStatus
from core.withdrawals import Withdrawal, WithdrawalId
from core.withdrawals_facts import BeneficiaryId, TransferStatus
from ports.payments import RefundOrder
from ports.payouts import Beneficiary, Transfer
from services.payments import (
    BALANCES,
    CLEARINGS,
    ISSUED_DOCUMENTS,
    NUMBER_SERIES,
    STOPPED_REFUNDS,
    Solution,
    Solving,
    post,
)
from services.settlements import SETTLEMENT_READINGS
from services.withdrawals import PAYOUT_ACCOUNTS, WITHDRAWALS
from tests.app import CALLER, MemoryApp
from tests.builders.withdrawals import IFSC, stored_withdrawal

K = FindingKind
NUMBERS = frozenset({K.NUMBER_GAP, K.SERIES_AHEAD})
Make = Callable[[MemoryApp], Awaitable[str]]
_NAMES = count()


@dataclass(frozen=True, slots=True)
class Seed:
    """`make` returns the subject of its finding. `also` are the kinds that follow from the same
    false row. `mends`: the run repairs it."""

    make: Make
    also: frozenset[FindingKind] = frozenset()
    mends: bool = False


SEEDS: dict[FindingKind, Seed] = {}


def seed(
    kind: FindingKind, *, also: frozenset[FindingKind] = frozenset(), mends: bool = False
) -> Callable[[Make], Make]:
    def add(make: Make) -> Make:
        SEEDS[kind] = Seed(make, also, mends)
        return make

    return add


def put(app: MemoryApp, table: str, row: Any, key: Hashable = None) -> None:
    """Falsify a stored row, beside all rules."""
    assert isinstance(app.store, MemoryStore)
    app.store._tables.put(table, key or row.id, row)


def drop(app: MemoryApp, table: str, key: Hashable) -> None:
    assert isinstance(app.store, MemoryStore)
    assert key in app.store._tables.table(table), (table, key)
    app.store._tables.delete(table, key)


def documents(kind: Any) -> str:
    return f"documents:{kind.collection}"


async def held(app: MemoryApp) -> Booking:
    number = next(_NAMES)
    client, _ = await app.client(f"Meera {'abcdefghij'[number % 10]} {number}")
    return await app.hold(client, await app.developer(f"Ananya {number}"))


async def paid(app: MemoryApp) -> Booking:
    booking = await held(app)
    await app.pay(booking)
    await app.settle(booking)
    await app.run()
    return await app.booking(booking.id)


async def confirmed(app: MemoryApp) -> Booking:
    booking = await paid(app)
    await app.services.answers.accept(booking.id, by=booking.developer.account_id)
    await app.run()
    return await app.booking(booking.id)


async def delivered(app: MemoryApp) -> Job:
    booking = await confirmed(app)
    job = await app.job(booking)
    job = await app.services.jobs.deliver(job.id, by=booking.developer.account_id, note="Done.")
    await app.run()
    return job


async def approved(app: MemoryApp) -> Booking:
    job = await delivered(app)
    await app.services.jobs.approve(job.id, by=job.client.account_id)
    await app.run()
    return await app.booking(job.booking_id)


async def declined(app: MemoryApp, *, run: bool = True) -> Booking:
    booking = await paid(app)
    await app.services.answers.decline(
        booking.id, by=booking.developer.account_id, reason="I am away."
    )
    if run:
        await app.run()
    return await app.booking(booking.id)


async def payment_of(app: MemoryApp, booking: Booking) -> Payment:
    return (await app.store.repositories.payments.many([booking.payment_id]))[booking.payment_id]


async def entry_of(app: MemoryApp, booking: Booking, kind: Kind) -> Transaction:
    entries = await app.store.repositories.transactions.of_booking(booking.id)
    return next(entry for entry in entries if entry.kind is kind)


def halved(entry: Transaction) -> Transaction:
    lines = (Line(e.account, Money(e.amount.amount // 2)) for e in entry.lines)
    return replace(entry, lines=tuple(lines))


def entry(
    name: str, kind: Kind, source: str, target: str, app: MemoryApp, **of: Any
) -> Transaction:
    lines = movement(Money(100), source=source, target=target)
    return Transaction(TransactionId(name), kind, app.clock.now(), lines, "Made up", **of)


@seed(K.PAYMENT_ENTRY_MISSING, also=NUMBERS)
async def _(app: MemoryApp) -> str:
    booking = await paid(app)
    drop(app, "transactions", (await entry_of(app, booking, Kind.PAY)).id)
    return booking.payment_id


@seed(K.PAYMENT_ENTRY_WRONG)
async def _(app: MemoryApp) -> str:
    booking = await paid(app)
    put(app, "transactions", halved(await entry_of(app, booking, Kind.PAY)))
    return booking.payment_id


@seed(K.PAYMENT_ENTRY_UNFOUNDED)
async def _(app: MemoryApp) -> str:
    booking = await held(app)
    target = unapplied(booking.payment_id)
    name = f"pay:memory:never_{booking.id}"
    put(app, "transactions", entry(name, Kind.EXTRA, gateway("memory"), target, app,
                                   booking_id=booking.id))  # fmt: skip
    return booking.payment_id


@seed(K.REFUNDED_TOO_MUCH)
async def _(app: MemoryApp) -> str:
    payment = await payment_of(app, await declined(app))
    more = Refund(RefundId(f"more{payment.id}"), Money(100), "More", RefundStatus.SENT,
                  app.clock.now())  # fmt: skip
    put(app, "payments", replace(payment, refunds=(*payment.refunds, more)))
    return payment.id


@seed(K.REFUND_ENTRY_MISSING, also=NUMBERS | {K.HELD_MONEY_WRONG})
async def _(app: MemoryApp) -> str:
    booking = await declined(app)
    drop(app, "transactions", (await entry_of(app, booking, Kind.REFUND)).id)
    return booking.payment_id


@seed(K.REFUND_ENTRY_WRONG, also=frozenset({K.HELD_MONEY_WRONG}))
async def _(app: MemoryApp) -> str:
    booking = await declined(app)
    put(app, "transactions", halved(await entry_of(app, booking, Kind.REFUND)))
    return booking.payment_id


@seed(K.REFUND_ENTRY_UNFOUNDED, also=frozenset({K.PROVIDER_REFUND}))
async def _(app: MemoryApp) -> str:
    payment = await payment_of(app, await declined(app))
    refunds = tuple(replace(each, status=RefundStatus.SENT) for each in payment.refunds)
    put(app, "payments", replace(payment, status=PaymentStatus.REFUNDING, refunds=refunds))
    return payment.id


@seed(K.RELEASE_ENTRY_MISSING, also=NUMBERS | {K.HELD_MONEY_WRONG, K.BALANCE_WRONG})
async def _(app: MemoryApp) -> str:
    booking = await approved(app)
    drop(app, "transactions", f"release:{booking.id}")
    return booking.payment_id


@seed(K.RELEASE_ENTRY_UNFOUNDED, also=frozenset({K.APPROVED_NOT_RELEASED}))
async def _(app: MemoryApp) -> str:
    payment = await payment_of(app, await approved(app))
    put(app, "payments", replace(payment, status=PaymentStatus.PAID))
    return payment.id


@seed(K.HELD_MONEY_WRONG)
async def _(app: MemoryApp) -> str:
    booking = await approved(app)
    name, target = f"made_up:{booking.id}", escrow(booking.id)
    put(app, "transactions", entry(name, Kind.CLEAR, FEES, target, app, booking_id=booking.id))
    return booking.payment_id


@seed(K.BOOKING_MISSING)
async def _(app: MemoryApp) -> str:
    booking = await held(app)
    drop(app, "bookings", booking.id)
    return booking.payment_id


@seed(K.BOOKING_NOT_PAID)
async def _(app: MemoryApp) -> str:
    booking = await held(app)
    soon = app.clock.now() + HOUR
    put(app, "bookings", replace(booking, status=BookingStatus.REQUESTED, accept_by=soon))
    return booking.payment_id


@seed(
    K.MONEY_OF_DEAD_BOOKING,
    also=frozenset({K.CELL_WITHOUT_BOOKING, K.JOB_OF_DEAD_BOOKING}),
)
async def _(app: MemoryApp) -> str:
    booking = await paid(app)
    put(app, "bookings", replace(booking, status=BookingStatus.CANCELLED))
    return booking.payment_id


@seed(K.CHECKOUT_UNSETTLED, mends=True)
async def _(app: MemoryApp) -> str:
    """The client has paid, and neither webhook nor poll has told us."""
    booking = await held(app)
    await app.pay(booking)
    payment = await payment_of(app, booking)
    put(app, "payments", replace(payment, order_expires_at=app.clock.now() - HOUR))
    return payment.id


@seed(K.REFUND_NOT_SENT, mends=True)
async def _(app: MemoryApp) -> str:
    booking = await declined(app, run=False)
    payment = await payment_of(app, booking)
    drop(app, "outbox", message_id(SendRefunds, payment.refunds[0].id))
    due = replace(payment.refunds[0], due_at=app.clock.now() - HOUR)
    put(app, "payments", replace(payment, refunds=(due,)))
    return payment.id


@seed(K.REFUND_WITHOUT_VERDICT)
async def _(app: MemoryApp) -> str:
    app.gateway.refunds_succeed_at_once = False
    payment = await payment_of(app, await declined(app))
    app.gateway.refunds_succeed_at_once = True
    sent = replace(payment.refunds[0], due_at=app.clock.now() - 11 * DAY)
    put(app, "payments", replace(payment, refunds=(sent,)))
    return payment.id


@seed(K.PAYMENT_MISSING)
async def _(app: MemoryApp) -> str:
    booking = await held(app)
    drop(app, "payments", booking.payment_id)
    return booking.id


@seed(K.CELL_WITHOUT_BOOKING, mends=True)
async def _(app: MemoryApp) -> str:
    booking = await held(app)
    put(app, "bookings", replace(booking, status=BookingStatus.EXPIRED))
    return booking.id


@seed(K.BOOKING_WITHOUT_CELL)
async def _(app: MemoryApp) -> str:
    booking = await paid(app)
    drop(app, "bookings:unique", (booking.developer.id, booking.cells[0]))
    return booking.id


@seed(K.HOLD_OVERDUE, mends=True)
async def _(app: MemoryApp) -> str:
    booking = await held(app)
    put(app, "bookings", replace(booking, hold_ends=app.clock.now() - HOUR))
    return booking.id


@seed(K.DEADLINE_MISSING, mends=True)
async def _(app: MemoryApp) -> str:
    booking = await held(app)
    drop(app, "outbox", message_id(ExpireHold, booking.id))
    return booking.id


@seed(K.ANSWER_OVERDUE, mends=True)
async def _(app: MemoryApp) -> str:
    booking = await paid(app)
    put(app, "bookings", replace(booking, accept_by=app.clock.now() - HOUR))
    return booking.id


@seed(K.JOB_MISSING)
async def _(app: MemoryApp) -> str:
    booking = await paid(app)
    drop(app, "jobs", booking.job_id)
    return booking.id


@seed(K.JOB_OF_DEAD_BOOKING)
async def _(app: MemoryApp) -> str:
    booking = await declined(app)
    put(app, "jobs", replace(await app.job(booking), status=JobStatus.OPEN))
    return booking.id


@seed(K.APPROVED_NOT_RELEASED)
async def _(app: MemoryApp) -> str:
    booking = await confirmed(app)
    put(app, "jobs", replace(await app.job(booking), status=JobStatus.APPROVED))
    return booking.id


@seed(K.APPROVAL_OVERDUE, mends=True)
async def _(app: MemoryApp) -> str:
    job, past = await delivered(app), app.clock.now() - HOUR
    late = replace(job, booked_end=past - job.terms.approve_within, approve_by=past)
    put(app, "jobs", late)
    return job.booking_id


@seed(K.DELIVERY_OVERDUE, mends=True)
async def _(app: MemoryApp) -> str:
    booking = await confirmed(app)
    put(app, "jobs", replace(await app.job(booking), deliver_by=app.clock.now() - HOUR))
    return booking.id


@seed(K.BALANCE_WRONG)
async def _(app: MemoryApp) -> str:
    booking = await approved(app)
    key = balance_id(booking.developer.id, "INR")
    balance = await app.store.repositories.documents(BALANCES).get(key)
    put(app, documents(BALANCES), replace(balance, available=balance.available + Money(1)))
    return key


@seed(K.BALANCE_BELOW_ZERO)
async def _(app: MemoryApp) -> str:
    developer = (await approved(app)).developer.id
    name, source = f"clear:less_{developer}", earnings(developer)
    put(app, "transactions", entry(name, Kind.CLEAR, source, FEES, app, developer_id=developer))
    return balance_id(developer, "INR")


@seed(K.CLEARING_OVERDUE, mends=True)
async def _(app: MemoryApp) -> str:
    booking = await approved(app)
    clearing = await app.store.repositories.documents(CLEARINGS).get(booking.id)
    put(app, documents(CLEARINGS), replace(clearing, clears_at=app.clock.now() - HOUR))
    return booking.id


@seed(K.CLEARING_STEP_MISSING, mends=True)
async def _(app: MemoryApp) -> str:
    booking = await approved(app)
    drop(app, "outbox", message_id(ClearEarnings, booking.id))
    return booking.id


@seed(K.CLEARING_MISSING)
async def _(app: MemoryApp) -> str:
    booking = await approved(app)
    drop(app, documents(CLEARINGS), booking.id)
    return f"release:{booking.id}"


@seed(K.CLEAR_ENTRY_MISSING)
async def _(app: MemoryApp) -> str:
    booking = await approved(app)
    clearing = await app.store.repositories.documents(CLEARINGS).get(booking.id)
    put(app, documents(CLEARINGS), replace(clearing, cleared=True))
    return booking.id


async def withdrawal(
    app: MemoryApp, status: WithdrawalStatus, *, sent_for_days: int = 0
) -> Withdrawal:
    developer = await app.developer(f"Ananya {next(_NAMES)}")
    now, made = app.clock.now(), await stored_withdrawal(app, developer)
    changed = replace(made, status=status, changed_at=now, sent_at=now - sent_for_days * DAY)
    put(app, documents(WITHDRAWALS), changed)
    return changed


async def booked(app: MemoryApp, made: Withdrawal, name: str, kind: Kind, target: str) -> str:
    """An entry of the withdrawal that its state does not want; the balance follows."""
    lines = movement(made.amount, source=withdrawing(made.developer_id), target=target)
    added = Transaction(TransactionId(f"{name}:{made.id}"), kind, app.clock.now(), lines, "Made up",
                        developer_id=made.developer_id)  # fmt: skip
    await app.store.transact(lambda repositories: post(repositories, made.developer_id, added))
    return made.id


@seed(K.WITHDRAW_ENTRY_MISSING, also=frozenset({K.BALANCE_WRONG}))
async def _(app: MemoryApp) -> str:
    made = await withdrawal(app, WithdrawalStatus.HELD)
    drop(app, "transactions", f"withdraw:{made.id}")
    return made.id


@seed(K.PAYOUT_ENTRY_MISSING, also=frozenset({K.PROVIDER_LACKS_TRANSFER}))
async def _(app: MemoryApp) -> str:
    return (await withdrawal(app, WithdrawalStatus.SUCCEEDED)).id


@seed(K.PAYOUT_ENTRY_UNFOUNDED)
async def _(app: MemoryApp) -> str:
    made = await withdrawal(app, WithdrawalStatus.SENT)
    return await booked(app, made, "payout", Kind.PAYOUT, paid_out("memory"))


@seed(K.RETURN_ENTRY_MISSING)
async def _(app: MemoryApp) -> str:
    return (await withdrawal(app, WithdrawalStatus.FAILED)).id


@seed(K.RETURN_ENTRY_UNFOUNDED)
async def _(app: MemoryApp) -> str:
    made = await withdrawal(app, WithdrawalStatus.SENT)
    target = earnings(made.developer_id)
    return await booked(app, made, "payout-reversal", Kind.PAYOUT_REVERSAL, target)


@seed(K.WITHDRAWAL_NOT_SENT, mends=True)
async def _(app: MemoryApp) -> str:
    """The provider does not know its payee, so it is taken back and not sent."""
    made = await withdrawal(app, WithdrawalStatus.REQUESTED)
    late = replace(made, changed_at=app.clock.now() - DAY)
    put(app, documents(WITHDRAWALS), late)
    return made.id


@seed(K.TRANSFER_WITHOUT_VERDICT)
async def _(app: MemoryApp) -> str:
    """The bank takes its time, and the provider says so."""
    made = await withdrawal(app, WithdrawalStatus.SENT, sent_for_days=11)
    payee = Beneficiary(
        made.beneficiary, made.destination.kind, "Ananya", f"7{next(_NAMES):010}", IFSC
    )
    await app.payouts.register(payee)
    await app.payouts.send(Transfer(made.transfer_id, made.beneficiary, made.amount, ""))
    return made.id


@seed(K.PAYOUT_ACCOUNT_UNCHECKED, mends=True)
async def _(app: MemoryApp) -> str:
    developer = await app.developer(f"Ananya {next(_NAMES)}")
    await stored_withdrawal(app, developer)
    key = WithdrawalId(f"wd_{developer.id[-26:]}")
    stored = await app.store.repositories.documents(WITHDRAWALS).get(key)
    put(app, documents(WITHDRAWALS), replace(stored, status=WithdrawalStatus.HELD))
    account = await app.store.repositories.documents(PAYOUT_ACCOUNTS).get(developer.id)
    waits = replace(
        account, state=State.CHECKING, number=f"6{next(_NAMES):010}",
        beneficiary=BeneficiaryId(f"ben{next(_NAMES)}"),
    )  # fmt: skip
    put(app, documents(PAYOUT_ACCOUNTS), waits)
    return account.id


async def document_of(app: MemoryApp, booking: Booking) -> IssuedDocument:
    entry = await entry_of(app, booking, Kind.PAY)
    return await app.store.repositories.documents(ISSUED_DOCUMENTS).get(entry.id)


@seed(K.NUMBER_TWICE, also=NUMBERS)
async def _(app: MemoryApp) -> str:
    first, second = await document_of(app, await paid(app)), await document_of(app, await paid(app))
    put(app, documents(ISSUED_DOCUMENTS), replace(second, number=first.number))
    return first.number.rpartition("-")[0]


@seed(K.NUMBER_GAP)
async def _(app: MemoryApp) -> str:
    first = await document_of(app, await paid(app))
    await paid(app)
    drop(app, documents(ISSUED_DOCUMENTS), first.id)
    return first.number.rpartition("-")[0]


@seed(K.NUMBER_MISSING, also=NUMBERS, mends=True)
async def _(app: MemoryApp) -> str:
    booking = await paid(app)
    drop(app, documents(ISSUED_DOCUMENTS), (await document_of(app, booking)).id)
    entry = await entry_of(app, booking, Kind.PAY)
    put(app, "transactions", replace(entry, at=app.clock.now() - HOUR))
    return entry.id


@seed(K.SERIES_BEHIND)
async def _(app: MemoryApp) -> str:
    put(app, documents(NUMBER_SERIES), NumberSeries(SeriesId("N-2024"), 0))
    number = DocumentNumber("N-2024-000001")
    put(app, documents(ISSUED_DOCUMENTS), IssuedDocument("old", number, "", "", app.clock.now()))
    return "N-2024"


@seed(K.SERIES_AHEAD)
async def _(app: MemoryApp) -> str:
    put(app, documents(NUMBER_SERIES), NumberSeries(SeriesId("E-2024"), 3))
    return "E-2024"


@seed(K.ENTRY_UNBALANCED)
async def _(app: MemoryApp) -> str:
    """Only a store that was changed beside the application can have it."""
    booking = await held(app)
    name = f"made_up:{booking.id}"
    made = entry(name, Kind.CLEAR, FEES, "suspense:none", app, booking_id=booking.id)
    object.__setattr__(made, "lines", made.lines[:1])
    put(app, "transactions", made)
    return name


@seed(K.ENTRY_ORPHANED)
async def _(app: MemoryApp) -> str:
    name = "made_up:orphan"
    put(app, "transactions", entry(name, Kind.CLEAR, FEES, "suspense:none", app,
                                   booking_id="bkg_gone"))  # fmt: skip
    return name


@seed(K.PROVIDER_PAID, mends=True)
async def _(app: MemoryApp) -> str:
    booking = await held(app)
    await app.pay(booking)
    return booking.payment_id


@seed(K.PROVIDER_AMOUNT_DIFFERS, mends=True)
async def _(app: MemoryApp) -> str:
    booking = await held(app)
    payment = await payment_of(app, booking)
    app.gateway.pay(payment.order_id, amount=payment.amount - Money(100))
    return payment.id


@seed(K.PROVIDER_LACKS_PAYMENT)
async def _(app: MemoryApp) -> str:
    payment = await payment_of(app, await paid(app))
    del app.gateway._orders[payment.order_id]
    return payment.id


@seed(K.PROVIDER_REFUND, mends=True)
async def _(app: MemoryApp) -> str:
    app.gateway.refunds_succeed_at_once = False
    payment = await payment_of(app, await declined(app))
    app.gateway.refunds_succeed_at_once = True
    stored = app.gateway._orders[payment.order_id].refunds
    stored[payment.refunds[0].id] = replace(
        stored[payment.refunds[0].id], status=RefundStatus.SUCCEEDED
    )
    return payment.id


@seed(K.REFUND_PAID_TWICE)
async def _(app: MemoryApp) -> str:
    """It was refused until it stopped, was paid by another way, and arrives after all."""
    app.gateway.refunds_fail = True
    payment = await payment_of(app, await declined(app))
    app.gateway.refunds_fail = False
    stored = app.gateway._orders[payment.order_id].refunds
    refund = payment.refunds[0]
    stopped = replace(refund, status=RefundStatus.STOPPED, attempt=4, stopped_at=app.clock.now())
    stopped_payment = await app.store.repositories.payments.save(
        replace(payment, refunds=(stopped,))
    )
    await app.store.repositories.documents(STOPPED_REFUNDS).add(queued(stopped_payment, stopped))
    await app.services.stopped_refunds.solve(
        payment.id, refund.id, by=await app.admin(), caller=CALLER,
        solving=Solving.checked(Solution.PAID_OTHERWISE, reason="So.", reference="UTR 1"),
    )  # fmt: skip
    stored[refund.id] = replace(stored[refund.id], status=RefundStatus.SUCCEEDED)
    return payment.id


@seed(K.PROVIDER_REFUND_UNKNOWN)
async def _(app: MemoryApp) -> str:
    """Somebody has refunded in the provider's dashboard."""
    payment = await payment_of(app, await paid(app))
    foreign = RefundOrder(RefundId(f"foreign{payment.id}"), payment.order_id, Money(100), "")
    await app.gateway.refund(foreign)
    return payment.id


@seed(K.PROVIDER_LACKS_REFUND)
async def _(app: MemoryApp) -> str:
    payment = await payment_of(app, await declined(app))
    app.gateway._orders[payment.order_id].refunds.clear()
    return payment.id


async def transferred(app: MemoryApp, status: WithdrawalStatus, outcome: TransferStatus) -> str:
    made = await withdrawal(app, status)
    payee = Beneficiary(
        made.beneficiary, made.destination.kind, "Ananya", f"7{next(_NAMES):010}", IFSC
    )
    await app.payouts.register(payee)
    await app.payouts.send(Transfer(made.transfer_id, made.beneficiary, made.amount, ""))
    app.payouts.settle(made.transfer_id, outcome)
    return made.id


@seed(K.PROVIDER_TRANSFER, mends=True)
async def _(app: MemoryApp) -> str:
    return await transferred(app, WithdrawalStatus.SENT, TransferStatus.REVERSED)


@seed(K.PROVIDER_LACKS_TRANSFER, also=frozenset({K.PAYOUT_ENTRY_MISSING}))
async def _(app: MemoryApp) -> str:
    return (await withdrawal(app, WithdrawalStatus.SUCCEEDED)).id


@seed(K.PROVIDER_PAID_RETURNED, also=frozenset({K.RETURN_ENTRY_MISSING}))
async def _(app: MemoryApp) -> str:
    return await transferred(app, WithdrawalStatus.FAILED, TransferStatus.SUCCEEDED)


async def settled_alone(app: MemoryApp, booking: Booking) -> tuple[str, LineFact]:
    """The reference of a settlement of this booking's payment alone, and its line. Nothing of it is
    read yet."""
    app.gateway.settles = False
    payment = await payment_of(app, booking)
    reference = app.gateway.settle_all()
    lines = app.gateway.lines_of(reference)
    (line,) = (each for each in lines if each.attempt_id == payment.captured and not each.refund_id)
    report(app, reference, line)
    return reference, line


def report(app: MemoryApp, reference: str, *lines: LineFact) -> None:
    """The provider reports these lines, which sum to what it has paid."""
    fact = app.gateway.falsify(reference)
    amount = sum((each.net for each in lines), Money(0)) - fact.charge
    app.gateway.falsify(reference, *lines, fact=replace(fact, amount=amount))


async def read_settlements(app: MemoryApp) -> None:
    """The daily reading, as it would be made a moment later."""
    now = app.clock.now()
    reading = ReadSettlements("memory", now - 10 * DAY, now + next(_NAMES) * SECOND)
    await app.services.settlements.read(reading)
    await app.run()


@seed(K.SETTLED_PAYMENT_UNKNOWN)
async def _(app: MemoryApp) -> str:
    reference, line = await settled_alone(app, await paid(app))
    name = f"foreign{next(_NAMES)}"
    other = replace(line, reference=name, attempt_id=name, order_id=f"ord_{name}")
    report(app, reference, line, other)
    await read_settlements(app)
    return f"memory:payment:{name}"


@seed(K.SETTLED_NOT_BOOKED)
async def _(app: MemoryApp) -> str:
    reference, line = await settled_alone(app, await paid(app))
    name = f"second{next(_NAMES)}"
    other = replace(line, reference=name, attempt_id=name)
    report(app, reference, line, other)
    await read_settlements(app)
    return f"memory:payment:{name}"


@seed(K.SETTLED_REFUND_UNKNOWN)
async def _(app: MemoryApp) -> str:
    reference, line = await settled_alone(app, await paid(app))
    name = f"refund{next(_NAMES)}"
    refund = replace(line, reference=name, kind=LineKind.REFUND, refund_id=name, net=-line.amount)
    report(app, reference, line, refund)
    await read_settlements(app)
    return f"memory:refund:{name}"


@seed(K.SETTLED_AMOUNT_DIFFERS)
async def _(app: MemoryApp) -> str:
    reference, line = await settled_alone(app, await paid(app))
    less = replace(line, amount=line.amount - Money(100), net=line.net - Money(100))
    report(app, reference, less)
    await read_settlements(app)
    return f"memory:payment:{line.attempt_id}"


@seed(K.SETTLED_FEE_DIFFERS)
async def _(app: MemoryApp) -> str:
    reference, line = await settled_alone(app, await paid(app))
    more = Money(line.amount.amount // 50)
    report(app, reference, replace(line, net=line.net - more))
    await read_settlements(app)
    return f"memory:payment:{line.attempt_id}"


@seed(K.SETTLED_LINE_CHANGED)
async def _(app: MemoryApp) -> str:
    reference, line = await settled_alone(app, await paid(app))
    await read_settlements(app)
    report(app, reference, replace(line, net=line.net - Money(1)))
    await read_settlements(app)
    return f"memory:payment:{line.attempt_id}"


@seed(K.SETTLED_LINE_UNEXPLAINED)
async def _(app: MemoryApp) -> str:
    reference, line = await settled_alone(app, await paid(app))
    name = f"rent{next(_NAMES)}"
    rent = replace(line, reference=name, kind=LineKind.ADJUSTMENT, said="Rent of a terminal",
                   net=Money(-100), order_id="", attempt_id="")  # fmt: skip
    report(app, reference, line, rent)
    await read_settlements(app)
    return f"memory:adjustment:{name}"


@seed(K.NOT_SETTLED)
async def _(app: MemoryApp) -> str:
    """The provider has not settled for eight days."""
    booking = await paid(app)
    app.gateway.settles = False
    await read_settlements(app)
    payment = await payment_of(app, booking)
    attempts = tuple(replace(each, at=each.at - 8 * DAY) for each in payment.attempts)
    put(app, "payments", replace(payment, attempts=attempts))
    return payment.id


@seed(K.REFUND_NOT_SETTLED)
async def _(app: MemoryApp) -> str:
    booking = await declined(app)
    app.gateway.settles = False
    await read_settlements(app)
    readings = app.store.repositories.documents(SETTLEMENT_READINGS)
    reading = await readings.get("memory")
    put(app, documents(SETTLEMENT_READINGS), replace(reading, since=reading.since - 60 * DAY))
    payment = await payment_of(app, booking)
    before = app.clock.now() - 20 * DAY
    refunds = tuple(replace(each, due_at=before) for each in payment.refunds)
    put(app, "payments", replace(payment, refunds=refunds))
    return payment.id


@seed(K.SETTLEMENT_SUM_DIFFERS)
async def _(app: MemoryApp) -> str:
    reference, _ = await settled_alone(app, await paid(app))
    fact = app.gateway.falsify(reference)
    app.gateway.falsify(reference, fact=replace(fact, amount=fact.amount - Money(100)))
    await read_settlements(app)
    return f"memory:{reference}"


@seed(K.SETTLEMENT_NOT_PAID)
async def _(app: MemoryApp) -> str:
    reference, _ = await settled_alone(app, await paid(app))
    app.gateway.change_settlement(reference, SettlementStatus.FAILED)
    await read_settlements(app)
    return f"memory:{reference}"


@seed(K.UNKNOWN_SETTLEMENT_STATUS)
async def _(app: MemoryApp) -> str:
    reference, _ = await settled_alone(app, await paid(app))
    app.gateway.change_settlement(reference, SettlementStatus.UNKNOWN)
    await read_settlements(app)
    return f"memory:{reference}"
