"""A world in which workers are killed, and a mail server that checks every mail it takes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from adapters.memory.clock import FixedClock
from adapters.memory.mail import MemoryMailer
from adapters.memory.store import MemoryStore
from core.accounts import Account, AccountId, Role
from plugins.campaigns import Campaigns
from plugins.campaigns.consents import CONSENTS, Topic
from plugins.campaigns.model import CAMPAIGNS, RECIPIENTS, RUNNING, Campaign, Progress
from plugins.manager import Plugins
from ports.mail import Message
from ports.scheduling import OutboxList
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import MONDAY
from tests.plugins.campaigns.world import World
from tests.plugins.site import app_with, switched_on
from tests.services.test_dispute_kills import KillableStore, Killed

ZONES = ("Asia/Kolkata", "Europe/Madrid", "America/New_York")
STEP = timedelta(minutes=1)
LEASES_END = timedelta(seconds=61)
WEEK = timedelta(days=7)


@cache
def plugins() -> Plugins:
    """One for all worlds: it holds no state but the services of the newest."""
    return switched_on(Campaigns, "campaigns")


class MortalStore(KillableStore):
    """After a kill the process does nothing more: not even what isolates plugins from others."""

    dead = False

    def cross(self) -> None:
        if self.dead:
            raise Killed
        try:
            super().cross()
        except Killed:
            self.dead = True
            raise

    @property
    def repositories(self) -> Any:
        if self.dead:
            raise Killed
        return super().repositories

    def kill(self) -> None:
        self.dead = True
        raise Killed


@dataclass
class Taken:
    """A campaign mail that the server has accepted."""

    campaign: str
    account: str
    at: datetime


@dataclass
class WatchedServer:
    """In the place of the mail server: it refuses to take what must not be sent, by what the store
    says at that very moment. `kill_before` and `kill_after` kill the worker at the next mail,
    before it is taken or after, when the answer is lost."""

    store: MortalStore
    clock: FixedClock
    names: Mapping[str, str]
    """The account by its address."""
    taken: list[Taken] = field(default_factory=list)
    kill_before: bool = False
    kill_after: bool = False
    down: bool = False
    meanwhile: Callable[[], Awaitable[object]] | None = None
    """Happens while the next mail is under way."""

    async def check(self, message: Message) -> None:
        """Before a mail is taken."""
        if self.kill_before:
            self.kill_before = False
            self.store.kill()
        account = self.names[message.to]
        campaign = message.id.removeprefix("campaign.").removesuffix(f".{account}")
        repositories, now = MemoryStore.repositories.fget(self.store), self.clock.now()  # type: ignore[attr-defined]
        stored = await repositories.documents(CAMPAIGNS).get(campaign)
        consent = await repositories.documents(CONSENTS).get(account)
        zone = (await repositories.accounts.get(AccountId(account))).timezone
        assert stored.state in RUNNING, f"sent while {stored.state}"
        assert consent.allows(stored.topic), "sent to somebody who withdrew"
        assert 9 <= now.astimezone(ZoneInfo(zone)).hour < 21, f"sent at night in {zone}"
        recent = {each.campaign for each in self.taken if each.account == account
                  and each.at > now - WEEK}  # fmt: skip
        assert len(recent | {campaign}) <= 2, "more than two a week"
        self.taken.append(Taken(campaign, account, now))
        if self.meanwhile:
            happening, self.meanwhile = self.meanwhile, None
            await happening()

    @property
    def repeats(self) -> int:
        return sum(map(self.repeats_of, {each.campaign for each in self.taken}))

    def repeats_of(self, campaign: str) -> int:
        """One mail of each campaign is under way at a time, so a kill can repeat one of each."""
        counts = Counter(each.account for each in self.taken if each.campaign == campaign)
        return sum(number - 1 for number in counts.values())


@dataclass
class KillableWorld(World):
    store: MortalStore = field(kw_only=True)
    server: WatchedServer = field(kw_only=True)
    people: tuple[Account, ...] = field(kw_only=True)
    of_others: set[asyncio.Task[object]] = field(default_factory=asyncio.all_tasks, kw_only=True)
    """What ran on this event loop before, such as the servers of other tests."""

    async def rows(self, campaign: str) -> dict[str, Progress]:
        rows = self.store.repositories.documents(RECIPIENTS).each(campaign=campaign)
        return {row.account: row.progress async for row in rows}

    async def revive(self) -> None:
        """Another worker goes on when the leases of the killed one have ended. What the killed one
        was doing beside ends here, without reaching the store."""
        if self.store.dead:
            left = asyncio.all_tasks() - self.of_others - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        self.store.dead, self.store.left = False, None
        self.server.kill_before = self.server.kill_after = False
        await self.app.pass_time(LEASES_END)

    async def all_over(self, *campaigns: Campaign) -> None:
        """Time passes, from one due message to the next, until nothing is left to send."""
        end = self.app.clock.now() + timedelta(days=5)
        while self.app.clock.now() < end:
            states = [(await self.campaigns.get(each.id)).state for each in campaigns]
            if not set(states) & set(RUNNING):
                return
            due, _ = await self.store.repositories.outbox.page(OutboxList.WAITING, limit=1)
            wait = max(due[0].due_at - self.app.clock.now(), STEP) if due else 30 * STEP
            await self.app.pass_time(wait)
        raise AssertionError(f"still {states} after five days")


async def a_killable_world(people: int, zones: Sequence[str] = ZONES[:1]) -> KillableWorld:
    clock = FixedClock(MONDAY)
    records = (*CAPABILITIES, *plugins().capabilities)
    store = MortalStore(clock, documents=documents_of(records))
    app = app_with(plugins(), clock=clock, store=store)
    accounts = [_account(n, zones[n % len(zones)]) for n in range(people)]
    for account in accounts:
        await store.repositories.accounts.add(account)
    admin = _account(people, ZONES[0])
    server = WatchedServer(store, clock, {each.email: each.id for each in accounts})
    _watch(app.mailer, server)
    world = KillableWorld(app, plugins(), admin, store=store, server=server, people=tuple(accounts))
    for account in accounts:
        await world.consents.choose([Topic.NEWS], clicks=False, by=account.id)
    return world


def _watch(mailer: MemoryMailer, server: WatchedServer) -> None:
    accept = mailer.send

    async def send(message: Message) -> None:
        mailer.down = server.down
        if not server.down:
            await server.check(message)
        await accept(message)
        if server.kill_after:
            server.kill_after = False
            server.store.kill()

    mailer.send = send  # type: ignore[method-assign]


def _account(number: int, zone: str) -> Account:
    return Account(
        AccountId(f"acc_{number:05d}"),
        f"person{number}@example.com",
        f"Person {number}",
        frozenset({Role.CLIENT}),
        None,
        zone,
        MONDAY,
        email_verified_at=MONDAY,
    )
