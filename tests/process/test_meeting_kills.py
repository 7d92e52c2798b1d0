"""kill -9 while bookings are moved and both sides are reminded: each booking has one time, the old
one is free, no reminder is lost, and none is listed twice. A mail under way at a kill may come
twice, with the same Message-ID."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api_client import until
from tests.patience import PATIENCE_S
from tests.process.running import RunningApp
from tests.process.test_kills import KillTest, RetryingClient, app_to_kill

pytestmark = [pytest.mark.process, pytest.mark.long]

SEED = 20_261_201
SPREAD_S = 6.0
REMINDERS = 3
KIND = "reminders.meeting"


@dataclass
class MeetingUnderKills:
    """A confirmed booking that starts in some days, and the free time that it is moved to."""

    client: RetryingClient
    developer: RetryingClient
    booking: str
    was: str
    new: str

    async def move(self, rng: random.Random) -> None:
        path = f"/bookings/{self.booking}/reschedule"
        await asyncio.sleep(rng.uniform(0, SPREAD_S / 2))
        await self._act(self.client, path, {"start": self.new})
        await asyncio.sleep(rng.uniform(0, SPREAD_S / 2))
        await self._act(self.developer, f"{path}/answer", {"accept": True, "start": self.new})

    async def _act(self, by: RetryingClient, path: str, body: Any) -> None:
        """The answer may be lost with the process: the repeat has the same key."""
        answer = await by.raw("POST", path, body, key=f"{path}:1")
        assert answer.status_code in (200, 201, 409), answer.text


@pytest.fixture
async def kills(tmp_path: Path) -> AsyncIterator[KillTest]:
    async with app_to_kill(tmp_path, SEED) as found:
        yield found


async def meetings(app: RunningApp, count: int) -> list[MeetingUnderKills]:
    developer, profile = await app.developer(RetryingClient)
    client = await app.client(RetryingClient)
    assert isinstance(developer, RetryingClient)
    assert isinstance(client, RetryingClient)
    slots = (await client.get(f"/developers/{profile}/slots"))["items"]
    starts = [slot["start"] for slot in slots[240::8]]  # in more than two days, every other hour

    async def one(number: int) -> MeetingUnderKills:
        was, new = starts[2 * number], starts[2 * number + 1]
        booking = await client.book(profile, was)
        await client.pay(booking["checkout"]["order_id"])
        await client.booking_in("requested", booking["id"])
        await developer.post(f"/bookings/{booking['id']}/accept")
        return MeetingUnderKills(client, developer, booking["id"], was, new)

    return [await one(number) for number in range(count)]


async def kill_each(kills: KillTest, targets: list[str]) -> None:
    for target in targets:
        await asyncio.sleep(kills.rng.uniform(0.2, SPREAD_S / len(targets)))
        await kills.kill(target)


async def test_each_booking_is_moved_once_whatever_is_killed(kills: KillTest) -> None:
    app, all_of_them = kills.app, await meetings(kills.app, 8)
    moving = [asyncio.create_task(each.move(kills.rng)) for each in all_of_them]

    await kill_each(kills, ["web", "worker", "mongo", "web"])
    await asyncio.gather(*moving)

    rows = {row["_id"]: row for row in await app.rows("bookings")}
    for each in all_of_them:
        row = rows[each.booking]
        assert row["start"] == datetime.fromisoformat(each.new)
        assert (row["moves"], row["proposals"], row["proposal"]) == (1, 1, None)
    moved = [row["booking_id"] for row in await app.rows("timeline", {"what": "moved"})]
    assert Counter(moved) == Counter(each.booking for each in all_of_them)
    profile = rows[all_of_them[0].booking]["developer"]["id"]
    free = (await all_of_them[0].client.get(f"/developers/{profile}/slots", step=30))["items"]
    starts = {slot["start"] for slot in free}
    assert {each.was for each in all_of_them} <= starts
    assert starts.isdisjoint(each.new for each in all_of_them)
    await app.audit()
    assert 500 not in RetryingClient.failures


async def test_every_reminder_is_sent_once_whatever_is_killed(kills: KillTest) -> None:
    app, all_of_them = kills.app, await meetings(kills.app, 6)
    rows = await app.rows("effects", {"kind": KIND, "state": "ready"})
    assert len(rows) == REMINDERS * len(all_of_them)
    await make_due(app, [row["_id"] for row in rows], kills.rng)

    await kill_each(kills, ["worker", "web", "redis", "worker", "mongo"])

    wanted = Counter(
        (row[side]["account_id"], row["_id"])
        for row in await app.rows("bookings")
        for side in ("client", "developer")
        for _ in range(REMINDERS)
    )

    async def all_are_sent() -> bool:
        return await app.rows("effects", {"kind": KIND, "state": "ready"}) == [] and (
            len(await notices(app)) >= wanted.total()
        )

    await until(all_are_sent, what="all reminders")
    await app.is_ready(lag_s=3)
    told = await notices(app)
    assert Counter((row["account_id"], row["booking_id"]) for row in told) == wanted
    assert len({(row["account_id"], row["fact"]) for row in told}) == len(told)
    mails = await reminder_mails(app, wanted.total())
    numbers = Counter(number for _, _, number in mails)
    assert set(numbers.values()) == {2 * REMINDERS} and len(numbers) == len(all_of_them)
    assert max(mails.values()) <= 1 + kills.kills["worker"] + kills.kills["mongo"]
    assert mails.total() - len(mails) <= len(mails) // 4, mails
    await app.audit()


async def notices(app: RunningApp) -> list[Any]:
    return await app.rows("notifications", {"notice": "remind_meeting"})


async def reminder_mails(app: RunningApp, count: int) -> Counter[tuple[str, str, str]]:
    """How often each was sent, when there are so many different ones: to whom, how long before the
    start, and the number of the booking."""
    subject = re.compile(r"In (.+?): .*\((OH-\S+)\)")
    found: Counter[tuple[str, str, str]] = Counter()

    async def all_came() -> bool:
        found.clear()
        async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
            mails = (await http.get(f"{app.base_url}/dev/mail.json")).json()
        for mail in mails:
            if matched := subject.match(mail["subject"]):
                found[mail["to"], matched[1], matched[2]] += 1
        return len(found) >= count

    await until(all_came, what="all mails")
    return found


async def make_due(app: RunningApp, ids: list[str], rng: random.Random) -> None:
    """Within some seconds instead of days."""
    async with app.database() as database:
        for each in ids:
            at = datetime.now(UTC) + timedelta(seconds=rng.uniform(1, SPREAD_S))
            await database["effects"].update_one(
                {"_id": each}, {"$set": {"due_at": at, "next_at": at}}
            )
