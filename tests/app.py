"""A whole house on the memory adapters, with the people and steps that stories need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from adapters.babel import BabelFormats
from adapters.jinja import JinjaTemplates
from adapters.memory.clock import FixedClock, SequentialIds
from adapters.memory.extensions import MemoryExtensions
from adapters.memory.identity import MemoryIdentityProvider
from adapters.memory.live import MemoryLive
from adapters.memory.mail import MemoryMailer
from adapters.memory.passwords import PlainPasswords
from adapters.memory.payments import MemoryGateway
from adapters.memory.store import MemoryStore
from adapters.memory.tokens import MemorySigner
from adapters.pillow.pictures import PillowPictures
from adapters.system.factors import TotpAuthenticator
from core.accounts import Account, Role
from core.availability import Window
from core.bookings import Booking, BookingId
from core.clients import Client
from core.developers import Developer
from core.jobs import Job
from core.money import Money
from core.payments import Payment, PaymentId
from core.policy import Policies
from core.sessions import Caller
from ports.identity import IdentityProvider
from ports.store import Store
from ports.tokens import TokenSigner
from services.bootstrap import Services, build_services
from services.shared.dependencies import Dependencies
from services.shared.templates import LAYOUT, template_sources

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
"""Monday, 11:30 in India: the moment every story begins."""
PASSWORD = "four-quiet-green-trains"
CALLER = Caller("visit", "203.0.113.7", "Firefox on Linux")
ALL_DAY = tuple(Window(day, 0, 24 * 60) for day in range(7))


@cache
def templates() -> JinjaTemplates:
    """Compiled once, whatever the number of houses."""
    return JinjaTemplates(template_sources(), formats=BabelFormats(), layout=LAYOUT)


@dataclass
class MemoryApp:
    """`policies` may be changed before the first use; `run` lets the relays do all that is due.
    `identities` are providers beside the one in memory, `elsewhere`."""

    policies: Policies = field(default_factory=Policies)
    clock: FixedClock = field(default_factory=lambda: FixedClock(MONDAY))
    store: Store = None  # type: ignore[assignment]
    extensions: MemoryExtensions = field(default_factory=MemoryExtensions)
    signer: TokenSigner = field(default_factory=MemorySigner)
    identities: Mapping[str, IdentityProvider] = field(default_factory=dict)
    site: str = "https://onehour.test"

    def __post_init__(self) -> None:
        self.store = self.store or MemoryStore(self.clock)
        self.gateway = MemoryGateway(self.clock)
        self.mailer = MemoryMailer()
        self.live = MemoryLive()
        self.elsewhere = MemoryIdentityProvider()
        self.ids = SequentialIds()
        self.formats = BabelFormats()
        self.quarantined = 0
        """Paise the gateway holds that we rightly refused to take into the books."""
        self.services: Services = build_services(
            Dependencies(
                store=self.store,
                gateways={self.gateway.name: self.gateway},
                mailer=self.mailer,
                templates=templates(),
                live=self.live,
                extensions=self.extensions,
                passwords=PlainPasswords(),
                authenticator=TotpAuthenticator(b"a key for tests", issuer="OneHour"),
                signer=self.signer,
                identities={self.elsewhere.name: self.elsewhere, **self.identities},
                pictures=PillowPictures(),
                formats=self.formats,
                clock=self.clock,
                ids=self.ids,
                policies=self.policies,
                site=self.site,
                provider=self.gateway.name,
                secret_key=b"a key for tests",
                lasting_key=b"a key for tests",
            )
        )

    async def run(self) -> int:
        """Everything due now, and what that makes due, in turn."""
        total = 0
        while ran := await self.services.outbox.run_due(limit=100):
            total += ran
            assert total < 10_000, "effects never come to an end"
        return total

    async def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)
        await self.run()

    async def client(self, name: str = "Meera Krishnan") -> tuple[Account, Client]:
        account = await self.account(Role.CLIENT, name)
        found = await self.store.repositories.clients.find_by_account(account.id)
        assert found
        return account, found

    async def developer(
        self, name: str = "Lucía Fernández", rate: int = 240_000, **described: object
    ) -> Developer:
        """A published developer who is free all day, every day."""
        account = await self.account(Role.DEVELOPER, name)
        await self.services.developers.offer(
            by=account.id, timezone=account.timezone, weekly=ALL_DAY, notice_hours=4,
            horizon_days=60,
        )  # fmt: skip
        facts: dict[str, object] = {
            "headline": "Finds out why your database is slow",
            "bio": "",
            "skills": ("PostgreSQL", "Python"),
            "languages": ("English",),
            "revisions": 2,
        }
        return await self.services.developers.describe(
            by=account.id,
            rate=Money(rate),
            published=True,
            **{**facts, **described},  # type: ignore[arg-type]
        )

    async def account(self, role: Role, name: str, timezone: str = "Asia/Kolkata") -> Account:
        """Registered, and the address confirmed with the code from the mail."""
        email = f"{name.split()[0].lower()}-{self.ids.secret()[-8:]}@example.com"
        registered = await self.services.accounts.register(
            role=role, name=name, email=email, password=PASSWORD, timezone=timezone,
            caller=Caller("visit", address=f"test {name}"),
        )  # fmt: skip
        await self.run()
        signed_in = await self.services.accounts.verify_email(
            email=registered.email, code=self.code_for(registered.email), caller=CALLER
        )
        return signed_in.account

    async def admin(self, name: str = "Asha Admin") -> Account:
        """As `onehour admin create` makes one."""
        email = f"{name.split()[0].lower()}-{self.ids.secret()[-8:]}@example.com"
        made = await self.services.administration.create(
            name=name, email=email, password=PASSWORD, timezone="Asia/Kolkata"
        )
        await self.run()
        return made

    def code_for(self, email: str) -> str:
        """The digits of the newest code mailed to the address."""
        codes = [m.subject for m in self.mailer.to(email) if m.subject.startswith("Your code is")]
        return "".join(mark for mark in codes[-1] if mark.isdigit())

    async def hold(
        self,
        client: Account,
        developer: Developer,
        *,
        starts_in: timedelta = timedelta(days=3),
        hours: int = 2,
    ) -> Booking:
        return await self.services.bookings.hold(
            by=client.id, developer_id=developer.id, start=self.clock.now() + starts_in,
            hours=hours, brief="Our report takes 38 seconds.",
        )  # fmt: skip

    async def pay(self, booking: Booking, outcome: str = "success") -> str:
        """The client pays at the gateway, which stays silent; the id of the attempt."""
        return self.gateway.pay(await self.order_of(booking), outcome)

    async def paid(self, client: Account, developer: Developer, **criteria: object) -> Booking:
        booking = await self.hold(client, developer, **criteria)  # type: ignore[arg-type]
        await self.pay(booking)
        await self.settle(booking)
        await self.run()
        return await self.booking(booking.id)

    async def settle(self, booking: Booking) -> Payment:
        return await self.services.payments.settle(PaymentId(booking.payment_id))

    async def confirmed(self, client: Account, developer: Developer, **criteria: object) -> Booking:
        booking = await self.paid(client, developer, **criteria)
        await self.services.answers.accept(booking.id, by=developer.account_id)
        await self.run()
        return await self.booking(booking.id)

    async def delivered(self, client: Account, developer: Developer, **criteria: object) -> Job:
        booking = await self.confirmed(client, developer, **criteria)
        job = await self.job(booking)
        job = await self.services.jobs.deliver(job.id, by=developer.account_id, note="Done.")
        await self.run()
        return job

    async def booking(self, booking_id: str) -> Booking:
        return await self.store.repositories.bookings.get(BookingId(booking_id))

    async def payment(self, booking: Booking) -> Payment:
        return await self.store.repositories.payments.get(PaymentId(booking.payment_id))

    async def job(self, booking: Booking) -> Job:
        job = await self.store.repositories.jobs.find_by_booking(booking.id)
        assert job, f"no job for {booking.id}"
        return job

    async def order_of(self, booking: Booking) -> str:
        return (await self.payment(booking)).order_id

    async def balances(self) -> dict[str, int]:
        """What every ledger account holds, in paise; accounts at zero are left out."""
        totals: dict[str, int] = {}
        async for entry in self.store.repositories.transactions.all():
            for line in entry.lines:
                totals[line.account] = totals.get(line.account, 0) + line.amount.amount
        return {account: total for account, total in totals.items() if total}

    async def assert_ledger_balances(self) -> None:
        """All lines sum to zero, and what is in the house is what the gateway took and kept."""
        balances = await self.balances()
        assert sum(balances.values()) == 0, balances
        outside = -balances.get(f"gateway:{self.gateway.name}", 0)
        repositories = self.gateway.repositories
        assert outside + self.quarantined == repositories.collected - repositories.refunded, (
            balances,
            repositories,
        )


def memory_app(**criteria: object) -> MemoryApp:
    return MemoryApp(**criteria)  # type: ignore[arg-type]
