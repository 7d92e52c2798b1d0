"""Deadlines are kept when processes are down at the due time: never early, never twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api_client import ApiClient, until
from tests.process.running import RunningApp

pytestmark = [pytest.mark.process, pytest.mark.long]

ANSWER_WITHIN_S = 10
BEFORE_S = 3.0
"""So long before the moment an answer is sent that must be in time."""


@pytest.fixture(scope="module")
async def short_deadline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApp]:
    """An application in which developers have seconds to answer."""
    folder = tmp_path_factory.mktemp("short_deadline")
    settings = {"ONEHOUR_POLICY_ANSWER_WITHIN": str(ANSWER_WITHIN_S)}
    async with RunningApp(folder, **settings) as app:
        yield app
        await app.audit()


async def requested(app: RunningApp, number: int) -> tuple[ApiClient, ApiClient, list[Any]]:
    """A client, a developer, and that many paid bookings that wait for an answer."""
    client = await app.client()
    developer, profile = await app.developer()
    slots = (await client.get(f"/developers/{profile}/slots"))["items"]
    starts = [slots[8 * n]["start"] for n in range(number)]
    held = await asyncio.gather(*(client.book(profile, start) for start in starts))
    await asyncio.gather(*(client.pay(each["checkout"]["order_id"]) for each in held))
    settle = (client.post(f"/payments/{each['payment']['id']}/refresh") for each in held)
    await asyncio.gather(*settle)
    return client, developer, held


async def moment(app: RunningApp, booking: Any) -> datetime:
    """When it is cancelled unless it is answered, to the millisecond."""
    (row,) = await app.rows("bookings", {"_id": booking["id"]})
    found: datetime = row["accept_by"]
    return found


async def sleep_until(when: datetime) -> None:
    await asyncio.sleep(max(0.0, (when - datetime.now(UTC)).total_seconds()))


async def was_cancelled_once(app: RunningApp, client: ApiClient, booking: Any) -> None:
    """Not before the deadline, and with one refund of the whole price."""
    await client.booking_in("cancelled", booking["id"])

    async def refunded() -> bool:
        payment = await client.get(f"/payments/{booking['payment']['id']}")
        return bool(payment["status"] == "refunded" and payment["refunded"] == payment["amount"])

    await until(refunded, what="the refund")
    cancelled = await app.rows("timeline", {"booking_id": booking["id"], "what": "auto_cancelled"})
    entries = await app.rows("transactions", {"booking_id": booking["id"]})
    assert [row["at"] >= await moment(app, booking) for row in cancelled] == [True]
    assert Counter(row["kind"] for row in entries) == {"pay": 1, "refund": 1}


async def test_a_deadline_that_fell_due_while_the_application_was_stopped(
    short_deadline: RunningApp,
) -> None:
    client, _, (booking,) = await requested(short_deadline, 1)
    due = await moment(short_deadline, booking)

    await short_deadline.stop()
    await sleep_until(due)
    await short_deadline.start()

    await was_cancelled_once(short_deadline, client, booking)


async def test_a_deadline_with_worker_and_redis_down_at_its_moment(
    short_deadline: RunningApp,
) -> None:
    """Redis stays down: it is killed whenever it is restarted; the worker restarts without it."""
    client, _, (booking,) = await requested(short_deadline, 1)
    due = await moment(short_deadline, booking)
    await sleep_until(due - timedelta(seconds=0.3))
    worker = short_deadline.kill("worker")

    while (datetime.now(UTC) - due).total_seconds() < 1:
        if short_deadline.child("redis"):
            short_deadline.kill("redis")
        await asyncio.sleep(0.1)
    await short_deadline.recovers(("worker", worker))

    await was_cancelled_once(short_deadline, client, booking)


async def test_nothing_is_cancelled_before_its_moment(short_deadline: RunningApp) -> None:
    client, developer, (booking,) = await requested(short_deadline, 1)
    due = await moment(short_deadline, booking)

    seen = []
    while (datetime.now(UTC) - due).total_seconds() < -BEFORE_S:
        seen.append((await client.get(f"/bookings/{booking['id']}"))["status"])
    await developer.post(f"/bookings/{booking['id']}/accept")
    await asyncio.sleep(2)

    assert set(seen) == {"requested"}
    assert (await client.get(f"/bookings/{booking['id']}"))["status"] == "confirmed"


@pytest.mark.parametrize("pairs", [8, pytest.param(20, marks=pytest.mark.long)])
async def test_an_answer_at_the_last_moment_wins_or_loses_whole(
    short_deadline: RunningApp, pairs: int
) -> None:
    client, developer, bookings = await requested(short_deadline, pairs)

    async def answer(number: int, booking: Any) -> int:
        due = await moment(short_deadline, booking)
        early_ms = 60 - 120 * number / pairs  # from a little before the moment to a little after
        await asyncio.sleep((due - datetime.now(UTC)).total_seconds() - early_ms / 1000)
        return (await developer.raw("POST", f"/bookings/{booking['id']}/accept")).status_code

    statuses = await asyncio.gather(*(answer(n, each) for n, each in enumerate(bookings)))

    for status, booking in zip(statuses, bookings, strict=True):
        if status == 200:
            found = await client.get(f"/bookings/{booking['id']}")
            assert found["status"] == "confirmed"
            assert found["payment"]["status"] == "paid"
        else:
            assert status == 409
            await was_cancelled_once(short_deadline, client, booking)
    print(f"accepted {statuses.count(200)}, cancelled {statuses.count(409)}")
