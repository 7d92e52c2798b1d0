"""The lists and searches of operators read by an index, and not much more than they show."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import monitoring

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from core.audit import next_entry
from core.booking_numbers import near_numbers, number_of
from core.messages import ABOVE_ALL
from core.notifications import Area, Notification, NotificationId
from core.outbox import State
from core.payments import Status as PaymentStatus
from core.payments_facts import Attempt, AttemptStatus, OrderId
from core.policy import HOUR, MINUTE
from onehour.testing.samples.accounts import an_account
from onehour.testing.samples.bookings import a_booking
from onehour.testing.samples.chats import DEVELOPER, a_chat, a_draft
from onehour.testing.samples.developers import START
from onehour.testing.samples.jobs import a_job
from onehour.testing.samples.outbox import a_message
from onehour.testing.samples.payments import a_payment
from onehour.testing.samples.sample import DOLLARS, NOW
from onehour.testing.scheduling import RecordedWakeUps
from onehour.testing.store_audit import a_fact
from ports.conditions import Between, OneOf
from ports.findings import Finding
from ports.payments import StoredWebhook
from ports.scheduling import OutboxList
from ports.store import Repositories
from services.notifications.documents import NOTIFICATIONS

Document = dict[str, Any]
STORED = 150
"""Documents of each collection, ten minutes apart."""
SHOWN = 5
READ_AT_MOST = 30
"""Documents that one query may read: those of the first hour, and the page."""
STEP = 10 * MINUTE
CHAT = "cht_1"


class Queries(monitoring.CommandListener):
    """Records the queries of a client."""

    def __init__(self) -> None:
        self.commands: list[Document] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in ("find", "aggregate"):
            names = ("find", "filter", "sort", "limit", "projection", "aggregate", "pipeline")
            self.commands.append({n: event.command[n] for n in names if n in event.command})

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to record."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to record."""


@dataclass
class Watched:
    """A filled store whose queries are explained by the server."""

    store: MongoStore
    database: Any
    queries: Queries = field(default_factory=Queries)

    async def explained(self, read: Callable[[Repositories], Awaitable[object]]) -> list[Document]:
        self.queries.commands.clear()
        await read(self.store.repositories)
        return [
            await self.database.command(
                "explain",
                {**command, **({"cursor": {}} if "aggregate" in command else {})},
                verbosity="executionStats",
            )
            for command in list(self.queries.commands)
        ]


@pytest.fixture(scope="module")
async def watched(mongo_url: str) -> AsyncIterator[Watched]:
    queries, name = Queries(), f"onehour_test_{uuid.uuid4().hex[:12]}"
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(mongo_url, event_listeners=[queries])
    store = MongoStore(client, name, FixedClock(NOW), RecordedWakeUps(), (NOTIFICATIONS,))
    await store.prepare()
    await fill(store.repositories)
    yield Watched(store, client[name], queries)
    await client.drop_database(name)
    client.close()


async def fill(repositories: Repositories) -> None:
    head = None
    for number in range(STORED):
        at, start = NOW - number * STEP, START + number * HOUR
        attempt = Attempt(f"attempt {number}", AttemptStatus.FAILED, DOLLARS, at)
        await repositories.bookings.add(a_booking(number, created_at=at, start=start))
        status = PaymentStatus.PENDING if number % 25 else PaymentStatus.EXPIRED
        await repositories.payments.add(
            a_payment(number, created_at=at, attempts=(attempt,), status=status)
        )
        await repositories.findings.report(Finding(f"f:{number}", "late", "pay_1", "Late.", at))
        await repositories.jobs.add(a_job(number, created_at=at))
        webhook = StoredWebhook(f"w{number}", "bank", f"ord_{number:04}", "payment", b"{}", at)
        await repositories.inbox.add(webhook)
        await repositories.accounts.add(an_account(number, name=f"Gita Rao{number}"))
        entry, head = next_entry(head, replace(a_fact(number), at=at), b"key")
        await repositories.audit.append(entry, head)
        await repositories.documents(NOTIFICATIONS).add(a_notification(number, at=at))
    await repositories.outbox.add(
        *(a_message(n, due=n * STEP) for n in range(STORED)),
        *(a_message(n, due=-n * STEP, state=State.DONE) for n in range(STORED, 2 * STORED)),
    )
    chats = [f"cht_{number}" for number in range(5)]
    for number in range(STORED // 5):
        await repositories.messages.append(
            [a_draft(number, chat=chat) for chat in chats], newest={}
        )
    for number in range(STORED):
        blocked_by = (DEVELOPER,) if number % 25 == 0 else ()
        await repositories.chats.add(a_chat(number, blocked_by=blocked_by))


def a_notification(number: int, *, at: datetime) -> Notification:
    """Of one of ten accounts; every second one is read."""
    read_at = NOW if number // 10 % 2 else None
    name, account = NotificationId(f"n{number}"), f"acc_{number % 10}"
    return Notification(name, account, "paid", Area.MONEY, at, NOW, read_at=read_at)


def stages(plan: Document) -> Iterator[Document]:
    """All stages of a plan; a pipeline has them below its first stage."""
    for name, value in plan.items():
        if name == "stage":
            yield plan
        if name in ("executionStats", "rejectedPlans"):
            continue
        parts = value if isinstance(value, list) else [value]
        for part in parts:
            if isinstance(part, dict):
                yield from stages(part)


def examined(plan: Document) -> int:
    """The documents that were read, from the statistics of the whole query."""
    if "executionStats" in plan:
        return int(plan["executionStats"]["totalDocsExamined"])
    return max(
        (examined(part["$cursor"]) for part in plan.get("stages", ()) if "$cursor" in part),
        default=0,
    )


READS: dict[str, tuple[set[str], Callable[[Repositories], Awaitable[object]]]] = {
    "bookings": ({"by_time"}, lambda r: r.bookings.latest(limit=SHOWN)),
    "payments": ({"by_time"}, lambda r: r.payments.latest(limit=SHOWN)),
    "payments of a state": (
        {"by_status"},
        lambda r: r.payments.latest(
            limit=SHOWN, where=[OneOf(("status",), (PaymentStatus.EXPIRED,))]
        ),
    ),
    "payments of a day": (
        {"by_time"},
        lambda r: r.payments.latest(
            limit=SHOWN, where=[Between("created_at", NOW - 9 * HOUR, NOW - 8 * HOUR)]
        ),
    ),
    "jobs": ({"by_time"}, lambda r: r.jobs.latest(limit=SHOWN)),
    "audit": ({"by_time"}, lambda r: r.audit.page_of_all(limit=SHOWN)),
    "audit of a kind": (
        {"of_kind"},
        lambda r: r.audit.page_of_all(what="signed_in", limit=SHOWN),
    ),
    "audit of a booking": (
        {"of_booking"},
        lambda r: r.audit.of_booking("bkg_1", limit=SHOWN),
    ),
    "waiting messages": ({"of_state"}, lambda r: r.outbox.page(OutboxList.WAITING, limit=SHOWN)),
    "failing messages": ({"failing"}, lambda r: r.outbox.page(OutboxList.FAILING, limit=SHOWN)),
    "dead messages": ({"of_state"}, lambda r: r.outbox.page(OutboxList.DEAD, limit=SHOWN)),
    "a count of dead messages": (
        {"of_state"},
        lambda r: r.outbox.count(OutboxList.DEAD, at_most=READ_AT_MOST),
    ),
    "a number": ({"number_once"}, lambda r: r.bookings.find_by_number(number_of("bkg_0007"))),
    "near numbers": (
        {"number_once"},
        lambda r: r.bookings.with_numbers(near_numbers(number_of("bkg_0007"))),
    ),
    "an order": (
        {"order_once", "of_attempt", "of_refund"},
        lambda r: r.payments.find_by_provider_id(OrderId("ord_0007")),
    ),
    "webhooks of an order": ({"of_order"}, lambda r: r.inbox.of_order("ord_0007", limit=SHOWN)),
    "people by name": ({"by_name"}, lambda r: r.accounts.named(["gita", "rao77"], limit=SHOWN)),
    "people by address": (
        {"email_once"},
        lambda r: r.accounts.page(start="gita7", limit=SHOWN, cursor=None),
    ),
    "administrators": ({"by_role"}, lambda r: r.accounts.administrators(limit=SHOWN)),
    "another administrator": (
        {"by_role"},
        lambda r: r.accounts.other_administrator(an_account(1).id),
    ),
    "unread notifications, counted": (
        {"order_unread"},
        lambda r: r.documents(NOTIFICATIONS).count(limit=SHOWN, account_id="acc_1", read_at=None),
    ),
    "notifications": (
        {"order_newest"},
        lambda r: r.documents(NOTIFICATIONS).page(
            "newest", equals={"account_id": "acc_1"}, limit=SHOWN
        ),
    ),
    "messages after a number": ({"key"}, lambda r: r.messages.after(CHAT, 20, limit=SHOWN)),
    "the newest messages": ({"key"}, lambda r: r.messages.before(CHAT, ABOVE_ALL, limit=SHOWN)),
    "the newest number": ({"key"}, lambda r: r.messages.last_seq(CHAT)),
    "blocked chats": (
        {"blocked"},
        lambda r: r.chats.blocked([a_chat(number).id for number in range(STORED)]),
    ),
    "unread notifications": (
        {"order_unread"},
        lambda r: r.documents(NOTIFICATIONS).page(
            "unread", equals={"account_id": "acc_1", "read_at": None}, limit=SHOWN
        ),
    ),
}


@pytest.mark.parametrize("name", READS)
async def test_a_list_reads_by_an_index(watched: Watched, name: str) -> None:
    indexes, read = READS[name]

    plans = await watched.explained(read)

    assert plans
    used = [stage for plan in plans for stage in stages(plan)]
    assert {stage["indexName"] for stage in used if stage["stage"] == "IXSCAN"} == indexes
    assert not [stage for stage in used if stage["stage"] == "COLLSCAN"]
    assert max(map(examined, plans)) <= READ_AT_MOST


DUE: tuple[Callable[[Repositories], Awaitable[object]], ...] = (
    lambda r: r.outbox.oldest_due(now=NOW + 90 * STEP),
    lambda r: r.outbox.count_due(now=NOW + 90 * STEP, at_most=READ_AT_MOST),
)


@pytest.mark.parametrize("read", DUE)
async def test_the_metrics_of_the_outbox_are_read_by_an_index(
    watched: Watched, read: Callable[[Repositories], Awaitable[object]]
) -> None:
    """MongoDB stops at the limit; the embedded engine reads all that is due."""
    (plan,) = await watched.explained(read)

    used = [stage for stage in stages(plan) if stage["stage"] in ("IXSCAN", "COLLSCAN")]
    assert {stage.get("indexName") for stage in used} == {"due"}


async def test_open_findings_are_read_by_an_index(watched: Watched) -> None:
    """MongoDB stops at the limit; the embedded engine reads all that are open."""
    unresolved = [OneOf(("resolved_at",), (None,))]

    plans = await watched.explained(
        lambda r: r.findings.page(earliest=True, limit=SHOWN, where=unresolved)
    )

    used = [stage for plan in plans for stage in stages(plan)]
    assert {each.get("indexName") for each in used if "SCAN" in each["stage"]} == {"open_by_time"}


async def test_a_later_page_reads_no_more_than_the_first(watched: Watched) -> None:
    async def third_page(repositories: Repositories) -> None:
        cursor = None
        for _ in range(3):
            _, cursor = await repositories.audit.page_of_all(limit=SHOWN, cursor=cursor)

    plans = await watched.explained(third_page)

    assert max(map(examined, plans)) <= READ_AT_MOST
