"""The measured requests, as clients send them."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import httpx
import orjson
import psutil
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from adapters.cashfree.webhooks import sign
from adapters.mongo.store import MongoStore
from adapters.system.clock import SystemClock
from bench.accounts import API, PASSWORD, add_accounts
from bench.load import Figures, Request, load
from bench.system import SystemUnderTest
from ports.scheduling import Notifier

HOURS_EACH = 3
"""That are booked of a developer at most."""
WARM_UP = 3
"""Requests before those that are measured."""


class NoWakeUps(Notifier):
    async def wake_up(self, message_ids: object) -> None:
        """No relay runs."""


@dataclass
class Dataset:
    """Developers with a free start each, and clients with their sessions."""

    system: SystemUnderTest
    store: MongoStore
    database: AsyncIOMotorDatabase[Any]
    developers: list[str]
    starts: dict[str, datetime]
    emails: list[str]
    sessions: list[dict[str, str]] = field(default_factory=list)
    booked: list[tuple[str, str, int]] = field(default_factory=list)
    free: Iterator[tuple[str, datetime]] = field(default_factory=lambda: iter(()))

    @classmethod
    async def open(cls, system: SystemUnderTest, *, clients: int) -> Dataset:
        client, name = database_of(system)
        store = MongoStore(client, name, SystemClock(), NoWakeUps())
        database = client[name]
        emails = await add_accounts(store, system, "client", clients, rounds=4)
        found = await database.developers.find({}, {"availability.timezone": 1}).to_list(None)
        starts = {each["_id"]: _tuesday_noon(each["availability"]["timezone"]) for each in found}
        dataset = cls(system, store, database, list(starts), starts, emails)
        dataset.free = _free_times(starts)
        return dataset

    async def sign_in(self, base_url: str) -> None:
        self.sessions = [await session_of(base_url, email) for email in self.emails]

    def client(self, number: int) -> dict[str, str]:
        return self.sessions[number % len(self.sessions)]


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    driver: str
    make: Callable[[int], Request]
    before: Callable[[int], Any] | None = None
    expect: int = 200

    async def run(
        self, base_url: str, *, count: int, at_once: int, servers: list[psutil.Process]
    ) -> Figures:
        if self.before:
            await self.before(count)
        else:
            await load(base_url, self.make, count=WARM_UP, at_once=1, servers=servers)
        return await load(
            base_url, self.make, count=count, at_once=at_once, servers=servers,
            expect=(self.expect,),
        )  # fmt: skip


class Subject(Protocol):
    """What the requests are about."""

    @property
    def developers(self) -> Sequence[str]: ...
    @property
    def free(self) -> Iterator[tuple[str, datetime]]:
        """Times to book, each once."""
        ...

    def client(self, number: int) -> dict[str, str]:
        """The headers of a client that is logged in."""
        ...


def scenarios(dataset: Dataset) -> list[Scenario]:
    """All, in the order of the table."""
    facts = itertools.count()

    def settle(_: int) -> Request:
        payment, _order, caller = dataset.booked.pop()
        return Request("POST", f"{API}/payments/{payment}/refresh", dataset.client(caller), b"{}")

    def webhook(number: int) -> Request:
        """Another fact each time: it is stored with a message, and answered."""
        body = orjson.dumps(
            {
                "type": "PAYMENT_SUCCESS_WEBHOOK",
                "event_time": "2026-01-02T10:02:01+05:30",
                "data": {
                    "order": {"order_id": f"ord_bench_{number}"},
                    "payment": {
                        "cf_payment_id": f"{next(facts)}", "payment_status": "SUCCESS",
                    },
                },
            }
        )  # fmt: skip
        timestamp = str(time.time_ns() // 1_000_000)
        secret = dataset.system.environ["ONEHOUR_CASHFREE_CLIENT_SECRET"]
        headers = {
            "x-webhook-timestamp": timestamp,
            "x-webhook-signature": sign(secret, timestamp, body),
        }
        return Request("POST", f"{API}/webhooks/payments/cashfree", headers, body)

    async def booked_and_paid(count: int) -> None:
        dataset.booked = await _book_and_pay(dataset, count)

    return [
        *reading_scenarios(dataset),
        booking_scenario(dataset),
        Scenario("settle (asks the gateway)", "settle", settle, booked_and_paid),
        Scenario("webhook of a payment (stored, answered)", "webhook", webhook),
    ]


def booking_scenario(of: Subject) -> Scenario:
    def hold(number: int) -> Request:
        developer, start = next(of.free)
        body = {
            "developer_id": developer, "start": start.isoformat(), "hours": 1,
            "brief": "A measured hour.",
        }  # fmt: skip
        return Request("POST", f"{API}/bookings", of.client(number), orjson.dumps(body))

    return Scenario("booking (with its gateway order)", "booking", hold, expect=201)


def reading_scenarios(of: Subject) -> list[Scenario]:
    """Those of every visitor."""
    skills = ("Python", "React", "Go", "Rust", "PostgreSQL", "Kafka", "AWS", "Linux")
    pages = itertools.count()

    def search(_: int) -> Request:
        return Request("GET", f"{API}/developers?limit=20")

    def different(_: int) -> Request:
        """Other criteria each time, so that no cache answers."""
        number = next(pages)
        rate = 1000 + number % 997
        return Request("GET", f"{API}/developers?skill={skills[number % 8]}&min_rate={rate}")

    def profile(number: int) -> Request:
        return Request("GET", f"{API}/developers/{_developer(of, number)}")

    return [
        Scenario("search, a page of 20, cached", "search", search),
        Scenario("search, a page of 20, uncached", "search", different),
        Scenario("profile", "profile", profile),
        slots_scenario(of, "month", days=31),
    ]


def slots_scenario(of: Subject, name: str, *, days: int) -> Scenario:
    since = (datetime.now(UTC) + timedelta(days=1)).date()
    span = f"from={since}T00:00:00Z&to={since + timedelta(days=days)}T00:00:00Z"

    def slots(number: int) -> Request:
        return Request("GET", f"{API}/developers/{_developer(of, number)}/slots?{span}")

    return Scenario(f"free hours of a {name}", "slots", slots)


def _developer(of: Subject, number: int) -> str:
    return of.developers[number * 7 % len(of.developers)]


def database_of(system: SystemUnderTest) -> tuple[AsyncIOMotorClient[Any], str]:
    """A driver for the measured database, and the database's name."""
    url, name = system.environ["ONEHOUR_MONGO_URL"], system.environ["ONEHOUR_MONGO_DATABASE"]
    return AsyncIOMotorClient(url, tz_aware=True, tzinfo=UTC), name


def _free_times(starts: Mapping[str, datetime]) -> Iterator[tuple[str, datetime]]:
    """A time of each developer, then a second one of each. Ends the program after the last."""
    for hour in range(HOURS_EACH):
        for developer, start in starts.items():
            yield developer, start + timedelta(hours=hour)
    sys.exit("No developer has a free hour left: measure fewer --requests or more --developers.")


async def _book_and_pay(dataset: Dataset, count: int) -> list[tuple[str, str, int]]:
    """Creates bookings that are paid at the gateway and not yet settled."""
    made: list[tuple[str, str, int]] = []
    simulator = f"http://127.0.0.1:{dataset.system.simulator_port}/control/pay"
    async with httpx.AsyncClient(base_url=dataset.system.base_url, timeout=30) as client:
        for number in range(count):
            developer, start = next(dataset.free)
            body = {
                "developer_id": developer, "start": start.isoformat(), "hours": 1, "brief": "x",
            }  # fmt: skip
            answer = await client.post(f"{API}/bookings", json=body, headers=dataset.client(number))
            booking = answer.json()
            order = booking["checkout"]["order_id"]
            await client.post(
                simulator, json={"order_id": order, "outcome": "success", "webhook": "never"}
            )
            made.append((booking["payment"]["id"], order, number))
    return made


async def session_of(base_url: str, email: str, password: str = PASSWORD) -> dict[str, str]:
    async with httpx.AsyncClient(base_url=base_url) as client:
        token = (await client.get(f"{API}/csrf")).json()["token"]
        answer = await client.post(
            f"{API}/auth/login",
            json={"email": email, "password": password},
            headers={"X-CSRF-Token": token},
        )
        answer.raise_for_status()
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        return {"Cookie": cookies, "X-CSRF-Token": token}


def _tuesday_noon(zone: str) -> datetime:
    """A start that every generated developer offers: Tuesday at noon in their time zone."""
    local = datetime.now(ZoneInfo(zone)).replace(hour=12, minute=0, second=0, microsecond=0)
    days = (1 - local.weekday()) % 7 + 7
    return (local + timedelta(days=days)).astimezone(UTC)
