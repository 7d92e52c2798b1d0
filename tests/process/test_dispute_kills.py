"""kill -9 while cases are opened, offers are made and accepted, and an administrator decides: the
money of each is divided once and exactly."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.api_client import until
from tests.process.main_job import PRICE
from tests.process.running import RunningApp
from tests.process.test_kills import KillTest, RetryingClient, app_to_kill

pytestmark = pytest.mark.process

SEED = 20_261_130
REFUNDS = {"accepted": 88_800, "decided": 100_001, "agreed": PRICE, "kept": 0}
"""What goes back to the client, in paise, by how a case ends."""
SPREAD_S = 6.0


@dataclass
class CaseUnderKills:
    """One delivered booking, whose case ends as `plan` says."""

    client: RetryingClient
    developer: RetryingClient
    admin: RetryingClient
    booking: str
    job: str
    plan: str
    dispute: str = ""

    async def run(self, rng: random.Random) -> None:
        await asyncio.sleep(rng.uniform(0, SPREAD_S / 2))
        await self.open()
        await asyncio.sleep(rng.uniform(0, SPREAD_S / 2))
        await self.end()
        await until(self.is_over, what=f"the end of {self.dispute}")

    async def open(self) -> None:
        if self.plan == "agreed":  # a cancellation after a delivery
            await self._act(self.client, f"/bookings/{self.booking}/cancel", {"reason": "Moved"})
        else:
            opening = {"reason": "other", "wish": {"kind": "all"}, "text": "It is wrong."}
            await self._act(self.client, f"/jobs/{self.job}/dispute", opening)
        self.dispute = (await self.client.get(f"/jobs/{self.job}"))["dispute_id"]

    async def end(self) -> None:
        path, refund = f"/disputes/{self.dispute}", {"amount": REFUNDS[self.plan]}
        match self.plan:
            case "accepted":
                await self._act(self.developer, f"{path}/offers", {"refund": refund})
                found = await self.client.get(path)
                (offer,) = [o["id"] for o in found["offers"] if o["state"] != "replaced"]
                await self._act(self.client, f"{path}/offers/{offer}/accept")
            case "decided":
                await self._act(self.admin, f"{path}/settle", {"refund": refund, "reason": "So."})
            case "agreed":
                await self._act(self.developer, f"{path}/offers/ofr_1/accept")
            case _:
                await self._act(self.client, f"{path}/withdraw")
                await self._act(self.client, f"/jobs/{self.job}/approve")

    async def is_over(self) -> bool:
        return (await self.client.get(f"/disputes/{self.dispute}"))["due"] is None

    async def _act(self, by: RetryingClient, path: str, body: Any = None) -> None:
        """The answer may be lost with the process, then the repeat is refused."""
        answer = await by.raw("POST", path, body or {}, key=f"{path}:{self.plan}")
        assert answer.status_code in (200, 201, 409), answer.text


@pytest.fixture
async def kills(tmp_path: Path) -> AsyncIterator[KillTest]:
    async with app_to_kill(tmp_path, SEED) as found:
        yield found


async def delivered_cases(app: RunningApp, count: int) -> list[CaseUnderKills]:
    """Bookings of one developer, paid, accepted and delivered."""
    developer, profile = await app.developer(RetryingClient)
    client, admin = await app.client(RetryingClient), await app.admin(RetryingClient)
    assert isinstance(developer, RetryingClient)
    assert isinstance(client, RetryingClient)
    assert isinstance(admin, RetryingClient)
    slots = (await client.get(f"/developers/{profile}/slots"))["items"]
    starts = [slot["start"] for slot in slots[120::4]]  # in more than a day

    async def one(number: int) -> CaseUnderKills:
        booking = await client.book(profile, starts[number])
        await client.pay(booking["checkout"]["order_id"])
        requested = await client.booking_in("requested", booking["id"])
        await developer.post(f"/bookings/{booking['id']}/accept")
        job = requested["job_id"]
        await developer.post(f"/jobs/{job}/deliveries", {"note": "Done."}, expect=201)
        plan = list(REFUNDS)[number % len(REFUNDS)]
        return CaseUnderKills(client, developer, admin, booking["id"], job, plan)

    return [await one(number) for number in range(count)]


async def assert_divided_once(app: RunningApp, cases: list[CaseUnderKills]) -> None:
    """By the ledger and by the provider's own balance."""
    assert len(await app.rows("disputes")) == len(cases)
    entries = await app.rows("transactions")
    for case in cases:
        refund, mine = REFUNDS[case.plan], [e for e in entries if e["booking_id"] == case.booking]
        released, fee = PRICE - refund, round((PRICE - refund) / 10)
        kinds = sorted(entry["kind"] for entry in mine)
        assert kinds == sorted(["pay", *["release"] * bool(released), *["refund"] * bool(refund)])
        for entry in mine:
            amounts = sorted(int(line["amount"]["amount"]) for line in entry["lines"])
            expected = {
                "pay": [-PRICE, PRICE],
                "refund": [-refund, refund],
                "release": sorted([-released, released - fee, fee]),
            }
            assert amounts == expected[entry["kind"]], (case.plan, entry)
        job = await case.client.get(f"/jobs/{case.job}")
        ends = {"accepted": "settled", "decided": "settled", "agreed": "cancelled"}
        assert job["status"] == ends.get(case.plan, "approved"), case.plan


async def refunds_are_confirmed(app: RunningApp, cases: list[CaseUnderKills]) -> None:
    async def look() -> bool:
        rows = await app.rows("transactions", {"kind": "refund"})
        return len(rows) == sum(bool(REFUNDS[case.plan]) for case in cases)

    await until(look, what="all refunds")


async def kill_while_cases_end(kills: KillTest, targets: list[str], count: int) -> None:
    cases = await delivered_cases(kills.app, count)
    running = [asyncio.create_task(case.run(kills.rng)) for case in cases]

    for target in targets:
        await asyncio.sleep(kills.rng.uniform(0.2, SPREAD_S / len(targets)))
        await kills.kill(target)
    await asyncio.gather(*running)

    await refunds_are_confirmed(kills.app, cases)
    await assert_divided_once(kills.app, cases)
    await kills.app.audit()
    assert 500 not in RetryingClient.failures


@pytest.mark.long
async def test_cases_end_exactly_once_whatever_is_killed(kills: KillTest) -> None:
    await kill_while_cases_end(kills, ["web", "worker", "mongo"], 8)


@pytest.mark.long
async def test_cases_end_exactly_once_after_many_kills(kills: KillTest) -> None:
    targets = kills.rng.choices(["web", "worker", "redis", "mongo"], weights=(4, 3, 2, 2), k=12)
    await kill_while_cases_end(kills, [*targets, "supervisor"], 24)
