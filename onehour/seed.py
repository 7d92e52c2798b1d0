"""`onehour seed`: creates demo accounts and bookings, or many developers for load tests."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from dependency_injector import providers

from core.accounts import Account, AccountId, Role
from core.availability import Availability
from core.bookings import BookingId
from core.clients import Client, ClientId
from core.developers import Developer, DeveloperId, Rating
from core.jobs import Job, JobId, Status
from core.money import Money
from core.payments import PaymentId
from core.policy import DAY
from core.weekly_hours import Window
from onehour import demo
from onehour.container import Container, build, close
from onehour.local_servers import local_servers, mounted
from onehour.settings import Settings, WrongSetting
from ports.payments import LocalGateway
from ports.store import Repositories
from services.shared.capabilities import DemoWork

BATCH = 50
SKILLS = (
    "Python", "Django", "React", "TypeScript", "Go", "Rust", "Java", "Kotlin", "Swift", "Flutter",
    "PostgreSQL", "MongoDB", "Redis", "Kafka", "AWS", "Terraform", "Kubernetes", "Linux", "GraphQL",
    "Security review", "Performance", "Accessibility", "Testing", "Data models", "Machine learning",
)  # fmt: skip
ZONES = ("Asia/Kolkata", "Europe/Berlin", "Europe/London", "America/New_York", "Asia/Singapore")


def main(settings: Settings, *, demo: bool, developers: int | None) -> None:
    """Creates what is missing; existing data stays unchanged, so that the command can be repeated.

    `developers` is how many generated developers there shall be. Raises `WrongSetting` for the
    demo in production, because the demo's password is public.
    """
    if demo and settings.in_production:
        raise WrongSetting(
            "Demo data cannot be created when ONEHOUR_ENV is production: its passwords are public."
        )
    asyncio.run(_seed(settings, with_demo=demo, developers=developers or 0))


async def _seed(settings: Settings, *, with_demo: bool, developers: int) -> None:
    container = build(settings)
    try:
        await container.store().prepare()
        if with_demo:
            await Demo(container, settings).fill()
            print("Demo data created.")
        if developers:
            await seed_developers(container, developers)
            print(f"{developers} test developers created.")
    finally:
        await close(container)


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo data; each part is created only if it is missing."""

    container: Container
    settings: Settings

    async def fill(self) -> None:
        """Creates accounts and profiles, then bookings if payments use a local gateway."""
        hashed = ""
        repositories = self.container.store().repositories
        for person, role in self._people():
            if await repositories.accounts.find_by_email(person.email):
                continue
            hashed = hashed or await self._hash()
            await self._add(person, role, hashed)
        for offer in demo.OFFERS:
            developer_id = DeveloperId(f"dev_{demo.id_suffix(offer.person)}")
            await self.container.services().developers.refresh_next_times(developer_id)
        for server in local_servers(self.settings, self.container.offers()):
            if isinstance(server, LocalGateway):
                await self._bookings(server)
                await self._chat()
        await self._additions()

    @staticmethod
    def _people() -> list[tuple[demo.Person, Role]]:
        developers = [(offer.person, Role.DEVELOPER) for offer in demo.OFFERS]
        clients = ((person, Role.CLIENT) for person in demo.CLIENTS)
        return [*developers, *clients, (demo.ADMIN, Role.ADMIN)]

    async def _hash(self) -> str:
        return await self.container.services().accounts.passwords.hash(demo.PASSWORD)

    async def _add(self, person: demo.Person, role: Role, hashed: str) -> None:
        now = self.container.clock().now()
        id_suffix = demo.id_suffix(person)
        offer = next((each for each in demo.OFFERS if each.person is person), None)
        account = Account(
            id=AccountId(f"acc_{id_suffix}"),
            email=person.email,
            name=person.name,
            roles=frozenset({role}),
            password_hash=hashed,
            timezone=person.timezone,
            created_at=now,
            email_verified_at=now,
            avatar=offer.picture if offer else None,
        )

        async def step(repositories: Repositories) -> None:
            await repositories.accounts.add(account)
            if role is Role.CLIENT:
                await repositories.clients.add(
                    Client(ClientId(f"cli_{id_suffix}"), account.id, person.name)
                )
            if offer:
                developer_id = DeveloperId(f"dev_{id_suffix}")
                await repositories.developers.add(offer.profile(developer_id, account.id))

        await self.container.store().transact(step)

    async def _bookings(self, gateway: LocalGateway) -> None:
        """Creates bookings and pays them at the local gateway, through the production adapter."""
        transport = httpx.ASGITransport(mounted(None, [gateway]))
        async with httpx.AsyncClient(transport=transport, timeout=10) as client:
            with self.container.http.override(providers.Object(client)):
                self.container.reset_singletons()
                for wanted in demo.BOOKINGS:
                    await self._book(wanted, gateway)
        self.container.reset_singletons()

    async def _book(self, wanted: demo.DemoBooking, gateway: LocalGateway) -> None:
        services, repositories = self.container.services(), self.container.store().repositories
        name = BookingId(f"bkg_demo_{wanted.name}")
        if await repositories.bookings.find(name):
            return
        start = await self._free_start(wanted)
        if start is None:
            return
        booking = (
            await services.bookings.hold(
                by=f"acc_{demo.id_suffix(wanted.client)}",
                developer_id=DeveloperId(f"dev_{demo.id_suffix(wanted.developer)}"),
                start=start,
                hours=wanted.hours,
                brief=wanted.brief,
                request_id=name,
            )
        ).booking
        payment = await repositories.payments.get(PaymentId(booking.payment_id))
        await gateway.pay(payment.order_id)
        await services.payments.settle(payment.id)
        if wanted.accepted:
            await services.answers.accept(name, by=booking.developer.account_id)
        if wanted.note:
            await self._finish(name, wanted.note)

    async def _finish(self, booking_id: BookingId, note: str) -> None:
        services = self.container.services()
        job = await self._job(booking_id)
        if job:
            await services.jobs.deliver(job.id, by=job.developer.account_id, note=note)
            await services.jobs.approve(job.id, by=job.client.account_id)

    async def _job(self, booking_id: BookingId) -> Job | None:
        repositories = self.container.store().repositories
        booking = await repositories.bookings.find(booking_id)
        if booking is None or booking.job_id is None:
            return None
        return await repositories.jobs.get(JobId(booking.job_id))

    async def _additions(self) -> None:
        """What plugins add, such as reviews."""
        work = list[DemoWork]()
        for wanted in demo.BOOKINGS:
            job = await self._job(BookingId(f"bkg_demo_{wanted.name}"))
            if job and job.status is Status.APPROVED:
                sides = job.client.account_id, job.developer.account_id
                work.append(DemoWork(wanted.name, job.id, *sides))
        for record in self.container.records():
            if record.demo:
                await record.demo(self.container.services().built, work)

    async def _chat(self) -> None:
        """Write the messages that are missing of the demo conversation. Those that are stored keep
        their place, because each has an id of its own."""
        services = self.container.services()
        booking = BookingId(f"bkg_demo_{demo.BOOKINGS[0].name}")
        if not await self.container.store().repositories.bookings.find(booking):
            return
        people = {p: f"acc_{demo.id_suffix(p)}" for p in (demo.CLIENT, demo.DEVELOPER)}
        chat = await services.chats.open_for_booking(booking, by=people[demo.CLIENT])
        if await services.messages.last_seq(chat) >= len(demo.CHAT):
            return
        for number, each in enumerate(demo.CHAT, 1):
            await services.messages.send(
                chat.id,
                by=people[each.sender],
                body=each.body,
                client_id=f"demo-{number}",
                reply_to=each.answers,
            )
        await services.chat_summaries.settle()

    async def _free_start(self, wanted: demo.DemoBooking) -> datetime | None:
        now = self.container.clock().now()
        _, slots = await self.container.services().developers.slots(
            DeveloperId(f"dev_{demo.id_suffix(wanted.developer)}"),
            since=now + timedelta(hours=wanted.from_hours),
            until=now + 14 * DAY,
            hours=wanted.hours,
            step=4,
        )
        return slots[0].start if slots else None


async def seed_developers(container: Container, count: int) -> None:
    """Creates `count` published developers, the same ones each time, for load tests."""
    store, now = container.store(), container.clock().now()
    rng = random.Random(1)  # noqa: S311 - the same developers each time
    made = [generated_developer(rng, number) for number in range(count)]
    hashed = await container.services().accounts.passwords.hash(demo.PASSWORD)
    for first in range(0, count, BATCH):
        batch = await _missing(store.repositories, made[first : first + BATCH])

        async def step(repositories: Repositories, batch: list[Developer] = batch) -> None:
            for developer in batch:
                await repositories.accounts.add(_account(developer, hashed, now))
                await repositories.developers.add(developer)

        if batch:
            await store.transact(step)


async def _missing(repositories: Repositories, batch: list[Developer]) -> list[Developer]:
    """The developers of the batch that do not exist. They are created in order: if the last one
    exists, all do."""
    if await repositories.developers.find_by_account(batch[-1].account_id):
        return []
    if not await repositories.developers.find_by_account(batch[0].account_id):
        return batch
    return [
        one for one in batch if not await repositories.developers.find_by_account(one.account_id)
    ]


def _account(developer: Developer, hashed: str, now: datetime) -> Account:
    return Account(
        id=AccountId(developer.account_id),
        email=f"{developer.id}@crowd.example.com",
        name=developer.name,
        roles=frozenset({Role.DEVELOPER}),
        password_hash=hashed,
        timezone=developer.timezone,
        created_at=now,
        email_verified_at=now,
    )


def generated_developer(rng: random.Random, number: int) -> Developer:
    """The published developer of this number for load tests; `rng` is drawn from in order."""
    skills = tuple(rng.sample(SKILLS, 4))
    hours = Window(0, 9 * 60, 17 * 60)
    weekly = tuple(Window(day, hours.start, hours.end) for day in range(5))
    return Developer(
        id=DeveloperId(f"dev_crowd{number:06d}"),
        account_id=f"acc_crowd{number:06d}",
        name=f"Developer {number}",
        availability=Availability(rng.choice(ZONES), weekly),
        headline=f"{skills[0]} and {skills[1]} for small teams",
        bio="A generated profile for load tests. " * 12,
        skills=skills,
        languages=("English",),
        rate=Money(rng.randint(10, 60) * 10_000),
        published=True,
        rating=Rating(rng.randint(300, 500), rng.randint(1, 200)),
    )
