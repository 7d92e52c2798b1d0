"""Two clients, two developers with payout accounts and some money, and the providers."""

from __future__ import annotations

import asyncio
import copy
import selectors
from collections.abc import Callable, Coroutine
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar

from adapters.memory.clock import FixedClock
from core.accounts import Account, AccountId
from core.bookings import Booking
from core.chargebacks import Chargeback
from core.disputes import Dispute
from core.jobs import Job
from core.payments import Payment
from core.policy import DAY
from core.weekly_hours import Window
from core.withdrawals import Withdrawal
from ports.printing import Printer, Sheet
from services.chargebacks import CHARGEBACKS, EvidenceService
from services.disputes import DISPUTES
from services.shared.rates import RateLimit
from services.withdrawals import WITHDRAWALS
from tests.app import ALL_DAY, MONDAY, MemoryApp
from tests.builders.withdrawals import set_account
from tests.services.machine.watching import WatchedStore

T = TypeVar("T")
MORNING_WINDOWS = tuple(Window(day, 6 * 60, 12 * 60) for day in range(7))
HOURS_THAT_ARE_OFFERED = (("Asia/Kolkata", ALL_DAY, 6), ("America/New_York", MORNING_WINDOWS, 30))


class ReadySelector(selectors.DefaultSelector):
    """Asks the system only when there is nothing else to do: here nobody waits for the network."""

    def select(self, timeout: float | None = None) -> list[Any]:
        return [] if timeout == 0 else super().select(timeout)


class TextPrinter(Printer):
    """Of evidence: a PDF takes as long as a whole run, and is tested elsewhere."""

    async def pdf(self, sheet: Sheet) -> bytes:
        return repr(sheet).encode()


class World:
    """Built once, because that costs as much as a run of the machine; `reset` brings back its
    first moment. With `news`, mails, notices and audit entries are made, too."""

    store_type: type[WatchedStore] = WatchedStore

    def __init__(self, *, news: bool = False) -> None:
        self.loop = asyncio.SelectorEventLoop(ReadySelector())
        self.clock = FixedClock(MONDAY)
        self.store = self.store_type(self.clock)
        self.seen = self.store.seen
        self.app = MemoryApp(clock=self.clock, store=self.store)
        self.services = self.app.services
        self.gateway, self.payouts = self.app.gateway, self.app.payouts
        object.__setattr__(self.services.built[EvidenceService], "printer", TextPrinter())
        self.run(self._build())
        self.seen.news = news
        self._again = self._kept()

    def reset(self) -> None:
        self._again()

    def close(self) -> None:
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """On the one loop of this world; `asyncio.Runner` costs as much as a small step."""
        return self.loop.run_until_complete(work)

    async def _build(self) -> None:
        app = self.app
        self.clients = [(await app.client(name))[0] for name in ("Meera K", "Rohan D")]
        self.developers = [
            await app.developer("Lucia F"),
            await app.developer("Amir Noor", rate=33_333, revisions=1),
        ]
        self.admin = await app.admin()
        self.earners: list[Account] = [
            await self.store.repositories.accounts.get(AccountId(each.account_id))
            for each in self.developers
        ]
        for developer, account, hours, number in zip(
            self.developers, self.earners, HOURS_THAT_ARE_OFFERED, ("1", "2"), strict=True
        ):
            zone, weekly, days = hours
            await app.services.developers.update_availability(
                by=developer.account_id, timezone=zone, weekly=weekly, notice_hours=4,
                horizon_days=days,
            )  # fmt: skip
            # The bank knows the second one by another name: a person checks the first withdrawal.
            self.payouts.bank_says = None if number == "1" else "A NOOR"
            await set_account(app, account, number=f"5010048217{number}")
        self.payouts.bank_says = None
        await self._earn()

    async def _earn(self) -> None:
        """One approved booking of each developer, whose money is ready."""
        for client, developer in zip(self.clients, self.developers, strict=True):
            start = self.clock.now().replace(hour=13, minute=0) + DAY
            booking = (await self.services.bookings.hold(
                by=client.id, developer_id=developer.id, start=start, hours=4, brief="Slow.",
            )).booking  # fmt: skip
            await self.app.pay(booking)
            await self.app.settle(booking)
            await self.services.answers.accept(booking.id, by=developer.account_id)
            job = await self.app.job(await self.app.booking(booking.id))
            await self.services.jobs.deliver(job.id, by=developer.account_id, note="Done.")
            await self.services.jobs.approve(job.id, by=client.id)
        for _ in range(8):
            await self.app.pass_time(DAY)

    def _kept(self) -> Callable[[], None]:
        rows, now = self.store.kept(), self.clock.now()
        self.first = now
        parts = (self.gateway, self.payouts)
        stored = [copy.deepcopy(_plain(each)) for each in parts]
        first, limits = next(self.app.ids._numbers), self.rate_limits

        def bring_back() -> None:
            rows()
            self.clock.set(now)
            for part, values in zip(parts, stored, strict=True):
                vars(part).update(copy.deepcopy(values))
            self.app.ids._numbers = count(first)
            self.app.mailer.sent.clear()
            self.gateway.asked_at.clear()
            for limit in limits:  # they are in no store, and what was counted is in the future now
                limit._free_at.clear()

        return bring_back

    @property
    def rate_limits(self) -> list[RateLimit]:
        """Those in the memory of the process."""
        return [
            value
            for service in self.services.built._services.values()
            if is_dataclass(service)
            for each in fields(service)
            if isinstance(value := getattr(service, each.name), RateLimit)
        ]

    # What is stored

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def bookings(self) -> list[Booking]:
        return list(self.seen.rows["bookings"].values())

    @property
    def disputes(self) -> list[Dispute]:
        return list(self.seen.rows[f"documents:{DISPUTES.collection}"].values())

    @property
    def withdrawals(self) -> list[Withdrawal]:
        return list(self.seen.rows[f"documents:{WITHDRAWALS.collection}"].values())

    @property
    def chargebacks(self) -> list[Chargeback]:
        return list(self.seen.rows[f"documents:{CHARGEBACKS.collection}"].values())

    def chargebacks_of(self, booking: Booking) -> list[Chargeback]:
        return [each for each in self.chargebacks if each.booking_id == booking.id]

    def booking(self, booking_id: str) -> Booking:
        found: Booking = self.seen.rows["bookings"][booking_id]
        return found

    def payment_of(self, booking: Booking) -> Payment:
        found: Payment = self.seen.rows["payments"][booking.payment_id]
        return found

    def job_of(self, booking: Booking) -> Job | None:
        return self.seen.rows["jobs"].get(booking.job_id or "")

    def disputes_of(self, booking: Booking) -> list[Dispute]:
        return [each for each in self.disputes if each.booking_id == booking.id]

    def dispute_of(self, booking: Booking) -> Dispute | None:
        """The open one, else the newest."""
        mine = self.disputes_of(booking)
        return max(mine, key=lambda each: (each.open, each.opened_at), default=None)

    def account_of(self, booking: Booking, side: str) -> str:
        if side == "client":
            return booking.client.account_id
        if side == "developer":
            return booking.developer.account_id
        return next(each.id for each in self.clients if each.id != booking.client.account_id)

    def earner(self, number: int) -> Account:
        return self.earners[number]


def _plain(part: object) -> dict[str, Any]:
    """The state of a simulated provider without its clock."""
    return {
        name: value
        for name, value in vars(part).items()
        if name != "_clock" and not callable(value)
    }


def next_quarter_hour(moment: datetime) -> datetime:
    return datetime.fromtimestamp(-(-moment.timestamp() // 900) * 900, UTC)
