"""Earnings of developers: they clear, become ready, and can be taken back.

Unless they say otherwise, the methods run inside the caller's transaction and call repositories
only.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.bookings import Booking
from core.earnings import Balance, ClearEarnings, Clearing, balance_id
from core.money import CURRENCY, Money, zero
from core.outbox import message
from core.payments_policy import PaymentPolicy
from core.transactions import FEES, Kind, Line, Transaction, TransactionId, clearing
from ports.clock import Clock
from ports.store import Repositories, Store
from services.payments.documents import BALANCES, CLEARINGS
from services.payments.numbering import in_series, issue_messages
from services.shared.outbox import handles
from services.shared.personal_data import PAGE, every


@dataclass(frozen=True, slots=True)
class Wallet:
    """The balance of a developer, and the money that is clearing, the earliest first."""

    balance: Balance
    upcoming: tuple[Clearing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earnings:
    """Keeps the running balance of each developer equal to the ledger."""

    store: Store
    clock: Clock
    policy: PaymentPolicy

    async def wallet(self, developer_id: str, *, currency: str = CURRENCY) -> Wallet:
        """What is clearing, ready, being withdrawn and owed; at most 200 clearing amounts.

        A read outside of a transaction. Its cost does not depend on the number of entries.
        """
        repositories = self.store.repositories
        upcoming, _ = await repositories.documents(CLEARINGS).page(
            "next", equals={"developer_id": developer_id, "cleared": False}, limit=200
        )
        return Wallet(await balance_of(repositories, developer_id, currency), upcoming)

    async def clearing_of(self, booking_id: str) -> Clearing | None:
        """The released money of a booking, if any was released; a read outside of a
        transaction."""
        return await self.store.repositories.documents(CLEARINGS).find(booking_id)

    async def released(
        self, repositories: Repositories, booking: Booking, entry: Transaction, amount: Money
    ) -> None:
        """`amount` of the entry, which is not in the ledger yet, is the developer's: it clears."""
        await apply(repositories, booking.developer.id, entry)
        clearings = repositories.documents(CLEARINGS)
        before = await clearings.count(
            limit=max(self.policy.first_jobs, 1), developer_id=booking.developer.id
        )
        due = self.policy.clears_at(entry.at, releases_before=before)
        await clearings.add(Clearing(booking.id, booking.developer.id, amount, entry.at, due))
        await repositories.outbox.add(message(ClearEarnings(booking.id), booking.id, due_at=due))

    @handles(ClearEarnings)
    async def clear(self, payload: ClearEarnings) -> None:
        """The clearing time is over: the money is ready, less what the developer owes.

        A transaction of its own; without effect if it was done before.
        """
        now = self.clock.now()

        async def step(repositories: Repositories) -> None:
            clearings = repositories.documents(CLEARINGS)
            due = await clearings.get(payload.booking)
            if due.cleared:
                return
            await clearings.save(due.clear())
            if due.amount:
                balance = await balance_of(repositories, due.developer_id, due.amount.currency)
                lines = Line(clearing(due.developer_id), -due.amount), *balance.credit(due.amount)
                entry = Transaction(
                    id=TransactionId(f"clear:{due.id}"),
                    kind=Kind.CLEAR,
                    at=now,
                    lines=lines,
                    description="Ready to withdraw",
                    booking_id=due.id,
                    developer_id=due.developer_id,
                )
                await post(repositories, due.developer_id, entry)

        await self.store.transact(step)

    async def take_back(
        self,
        repositories: Repositories,
        booking: Booking,
        amount: Money,
        *,
        to: str,
        fact: str,
        description: str = "Taken back after the release",
        fee: Money | None = None,
    ) -> None:
        """Money of this booking was refunded, or is questioned by the client's bank, after its
        release: `amount` of the developer's share, and `fee` of ours, move to the ledger account
        `to`. What is still clearing is taken first, then what is ready; the rest is owed. `fact`
        names the refund. What goes to the booking's money, to be refunded, has a reversal as its
        document, which is issued after the transaction.

        Raises `Duplicate` for a fact that was taken back before.
        """
        developer_id = booking.developer.id
        clearings = repositories.documents(CLEARINGS)
        stored, taken = await clearings.find(booking.id), zero(amount.currency)
        if stored and not stored.cleared:
            left, taken = stored.take(amount)
            await clearings.save(left)
        balance = await balance_of(repositories, developer_id, amount.currency)
        ours = fee or zero(amount.currency)
        lines = (
            *balance.take(amount, from_clearing=taken), Line(FEES, -ours), Line(to, amount + ours)
        )  # fmt: skip
        moved = tuple(line for line in lines if line.amount)
        entry = in_series(
            self._entry(booking, Kind.TAKE_BACK, f"take-back:{fact}", moved, description)
        )
        await post(repositories, developer_id, entry)
        await repositories.outbox.add(*issue_messages(entry, booking))

    async def give_back(
        self,
        repositories: Repositories,
        booking: Booking,
        amount: Money,
        *,
        source: str,
        fact: str,
        description: str,
    ) -> None:
        """The reverse of `take_back`: `amount` of the ledger account `source` is the developer's
        again. It clears as long as the rest of the booking's money would; after that it is ready,
        less what is owed. Raises `Duplicate` for a fact that was given back before."""
        developer_id = booking.developer.id
        clearings = repositories.documents(CLEARINGS)
        stored = await clearings.find(booking.id)
        if stored and not stored.cleared:
            await clearings.save(stored.give(amount))
            back: tuple[Line, ...] = (Line(clearing(developer_id), amount),)
        else:
            balance = await balance_of(repositories, developer_id, amount.currency)
            back = balance.credit(amount)
        lines = (Line(source, -amount), *back)
        entry = self._entry(booking, Kind.GIVE_BACK, f"give-back:{fact}", lines, description)
        await post(repositories, developer_id, entry)

    def _entry(
        self, booking: Booking, kind: Kind, name: str, lines: tuple[Line, ...], description: str
    ) -> Transaction:
        return Transaction(
            id=TransactionId(name),
            kind=kind,
            at=self.clock.now(),
            lines=lines,
            description=description,
            booking_id=booking.id,
            client_id=booking.client.id,
            developer_id=booking.developer.id,
        )


async def balance_of(repositories: Repositories, developer_id: str, currency: str) -> Balance:
    """The running balance; of a developer who has none yet, the sum of the ledger."""
    stored = await repositories.documents(BALANCES).find(balance_id(developer_id, currency))
    return stored or await summed(repositories, developer_id, currency)


async def summed(repositories: Repositories, developer_id: str, currency: str) -> Balance:
    """The balance by the ledger: reads all entries of the developer."""
    entries = every(
        lambda cursor: repositories.transactions.of_account(
            (developer_id,), limit=PAGE, cursor=cursor
        )
    )
    lines = [line async for entry in entries for line in entry.lines]
    return Balance.empty(developer_id, currency).apply(lines)


async def post(repositories: Repositories, developer_id: str, entry: Transaction) -> Balance:
    """Add the entry to the ledger and to the running balance.

    Raises `Overdrawn` if an amount of the balance would be below zero, and `Duplicate` for an
    entry that has been posted.
    """
    balance = await apply(repositories, developer_id, entry)
    await repositories.transactions.add(entry)
    return balance


async def apply(repositories: Repositories, developer_id: str, entry: Transaction) -> Balance:
    """Add the entry to the running balance, before it is added to the ledger."""
    balances, currency = repositories.documents(BALANCES), entry.lines[0].amount.currency
    stored = await balances.find(balance_id(developer_id, currency))
    before = stored or await summed(repositories, developer_id, currency)
    after = before.apply(entry.lines)
    return await (balances.save(after) if stored else balances.add(after))
