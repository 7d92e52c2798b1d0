"""kill -9 of the web server and the worker in each flow of money: it ends as it ends without, and
the providers have each order, refund and transfer once."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api_client import until
from tests.process.main_job import FEE, PRICE
from tests.process.running import RunningApp
from tests.process.test_kills import RETRY_DELAY_S, KillTest, RetryingClient

pytestmark = [pytest.mark.process, pytest.mark.long]

SEED = 20_261_201
CASES = 3
"""Bookings, or withdrawals, in each flow."""
SPREAD_S = 4.0
TARGETS = ("web", "worker", "web", "worker")
"""What is killed while the cases of one flow run, in an order of chance."""
SETTINGS = {
    "ONEHOUR_POLICY_CLEARING": "0",
    "ONEHOUR_POLICY_CLEARING_OF_FIRST_JOBS": "0",
    "ONEHOUR_POLICY_PAYOUT_ACCOUNT_FREEZE": "0",
    "ONEHOUR_POLICY_CREDENTIALS_HOLD": "0",
    "ONEHOUR_POLICY_WITHDRAWALS_PER_DAY": "100",
    "ONEHOUR_POLICY_STEP_UP_LIFE": "7200",
}
ARRIVES, COMES_BACK, IFSC = "026291800001191", "02014457596969", "YESB0000262"
"""Accounts of the provider's sandbox."""
PART = 96_001
EARNING = PRICE - FEE

Lines = list[int]
RELEASED: dict[str, Lines] = {
    "pay": [-PRICE, PRICE], "release": [-PRICE, FEE, EARNING], "clear": [-EARNING, EARNING],
}  # fmt: skip
REST, REST_FEE = PRICE - PART, round((PRICE - PART) / 10)
DIVIDED: dict[str, Lines] = {
    "pay": [-PRICE, PRICE], "refund": [-PART, PART],
    "release": [-REST, REST_FEE, REST - REST_FEE],
    "clear": [REST_FEE - REST, REST - REST_FEE],
}  # fmt: skip
BOOKED: dict[str, dict[str, Lines]] = {
    "pay": {"pay": [-PRICE, PRICE]},
    "hear_of_a_payment": {"pay": [-PRICE, PRICE]},
    "decline": {"pay": [-PRICE, PRICE], "refund": [-PRICE, PRICE]},
    "refund_a_part": DIVIDED,
    "approve": RELEASED,
    "lose_a_chargeback": {
        "pay": [-PRICE, PRICE], "chargeback": [-PRICE, PRICE], "chargeback_lost": [-PRICE, PRICE],
    },
    "win_a_chargeback": RELEASED | {
        "take_back": [-EARNING, EARNING], "chargeback": [-FEE, FEE],
        "give_back": [-EARNING, EARNING], "chargeback_won": [-FEE, FEE],
    },
    "decide_a_dispute": DIVIDED,
}  # fmt: skip
"""The entries of one booking after a flow: each kind once, with these amounts in paise."""
BEFORE = {
    "decline": "paid", "refund_a_part": "accepted", "approve": "delivered",
    "lose_a_chargeback": "delivered", "win_a_chargeback": "approved",
    "decide_a_dispute": "disputed",
}  # fmt: skip
STAGES = ("paid", "accepted", "delivered", "approved")


@dataclass
class Case:
    """One booking and who acts on it."""

    site: Site
    client: RetryingClient
    booking: dict[str, Any]
    number: int

    @property
    def id(self) -> str:
        return str(self.booking["id"])

    @property
    def order(self) -> str:
        return str(self.booking["checkout"]["order_id"])

    async def job(self) -> str:
        return str((await self.client.get(f"/bookings/{self.id}"))["job_id"])

    async def prepare(self, stage: str) -> None:
        """Without kills."""
        client, developer = self.client, self.site.developer
        await client.pay(self.order)
        await client.booking_in("requested", self.id)
        steps = STAGES[: STAGES.index("delivered" if stage == "disputed" else stage) + 1]
        if "accepted" in steps:
            await developer.post(f"/bookings/{self.id}/accept")
        job = await self.job()
        if "delivered" in steps:
            await developer.post(f"/jobs/{job}/deliveries", {"note": "Done."}, expect=201)
        if "approved" in steps:
            await client.post(f"/jobs/{job}/approve")
        if stage == "disputed":
            opening = {"reason": "other", "wish": {"kind": "all"}, "text": "It is wrong."}
            await client.post(f"/jobs/{job}/dispute", opening, expect=201)

    # The flows

    async def pay(self) -> None:
        """The client returns to the site, and no webhook comes."""
        await self.client.pay_once(self.order, "never")
        await self.client.post(f"/payments/{self.booking['payment']['id']}/refresh")

    async def hear_of_a_payment(self) -> None:
        """By a webhook only, which the provider repeats."""
        await self.client.pay_once(self.order, ("now", "twice", "delayed")[self.number % 3])

    async def decline(self) -> None:
        await self._act(self.site.developer, f"/bookings/{self.id}/decline", {"reason": "Ill"})

    async def refund_a_part(self) -> None:
        payment = self.booking["payment"]["id"]
        body = {"amount": {"amount": PART}, "reason": "They agree."}
        await self._act(self.site.admin, f"/admin/payments/{payment}/refund", body)

    async def approve(self) -> None:
        await self._act(self.client, f"/jobs/{await self.job()}/approve")

    async def lose_a_chargeback(self) -> None:
        await self._question("MERCHANT_LOST")

    async def win_a_chargeback(self) -> None:
        await self._question("MERCHANT_WON")

    async def decide_a_dispute(self) -> None:
        dispute = (await self.client.get(f"/jobs/{await self.job()}"))["dispute_id"]
        body = {"refund": {"amount": PART}, "reason": "So."}
        await self._act(self.site.admin, f"/disputes/{dispute}/settle", body)

    async def _question(self, end: str) -> None:
        """The bank asks, and decides when we have heard of it."""
        site, about = self.site, {"order_id": self.order}

        async def asked() -> str:
            found = site.at_provider("SELECT dispute_id FROM disputes WHERE order_id=?", self.order)
            return str(found[0][0]) if found else ""

        await site.control("dispute", about, done=asked)
        await site.until_rows("chargebacks", {"booking_id": self.id})
        await asyncio.sleep(site.kills.rng.uniform(0, SPREAD_S / 4))

        async def decided() -> bool:
            query = "SELECT 1 FROM disputes WHERE order_id=? AND state=?"
            return bool(site.at_provider(query, self.order, end))

        await site.control("decide", {"dispute_id": await asked(), "status": end}, done=decided)
        status = "lost" if end == "MERCHANT_LOST" else "won"
        await site.until_rows("chargebacks", {"booking_id": self.id, "status": status})

    async def _act(self, by: RetryingClient, path: str, body: Any = None) -> None:
        """The answer may be lost with the process; the repeat has the same key."""
        answer = await by.raw("POST", path, body or {}, key=path)
        assert answer.status_code in (200, 201, 409), (path, answer.text)


@dataclass
class Site:
    """The running application with a developer and an administrator."""

    kills: KillTest
    client: RetryingClient
    developer: RetryingClient
    admin: RetryingClient
    profile: str
    starts: list[str]

    @property
    def app(self) -> RunningApp:
        return self.kills.app

    async def cases(self, flow: str) -> list[Case]:
        made = []
        for number in range(CASES):
            booking = await self.client.book(self.profile, self.starts.pop(0))
            made.append(Case(self, self.client, booking, number))
        if flow in BEFORE:
            await asyncio.gather(*(each.prepare(BEFORE[flow]) for each in made))
        return made

    async def while_killed(self, work: list[Callable[[], Awaitable[None]]]) -> None:
        """All of it at moments of chance, while the processes are killed one after the other."""

        async def later(one: Callable[[], Awaitable[None]]) -> None:
            await asyncio.sleep(self.kills.rng.uniform(0, SPREAD_S))
            await one()

        running = [asyncio.create_task(later(each)) for each in work]
        for target in self.kills.rng.sample(TARGETS, len(TARGETS)):
            await asyncio.sleep(self.kills.rng.uniform(0.1, SPREAD_S / len(TARGETS)))
            await self.kills.kill(target)
        await asyncio.gather(*running)

    def at_provider(
        self, query: str, *values: str, database: str = "simulator"
    ) -> list[tuple[Any, ...]]:
        path = self.app.data / f"{database}.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(query, values).fetchall()

    async def control(
        self, action: str, body: dict[str, Any], *, done: Callable[[], Awaitable[object]]
    ) -> None:
        """At the provider, once: the simulator is in the web server, which may be killed."""
        while not await done():
            try:
                await self.client.http.post(f"/simulator/cashfree/control/{action}", json=body)
            except httpx.TransportError:
                await asyncio.sleep(RETRY_DELAY_S)

    async def until_rows(
        self, collection: str, wanted: dict[str, Any], count: int = 1
    ) -> list[dict[str, Any]]:
        async def look() -> list[dict[str, Any]] | None:
            rows = await self.app.rows(collection, wanted)
            return rows if len(rows) >= count else None

        what = f"{count} of {collection} with {wanted}"
        found: list[dict[str, Any]] = await until(look, what=what)
        return found


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    RetryingClient.failures.clear()
    async with RunningApp(tmp_path, **SETTINGS) as app:
        kills = KillTest(app, random.Random(SEED))
        developer, profile = await app.developer(RetryingClient)
        client, admin = await app.client(RetryingClient), await app.admin(RetryingClient)
        assert isinstance(developer, RetryingClient)
        assert isinstance(client, RetryingClient)
        assert isinstance(admin, RetryingClient)
        slots = (await client.get(f"/developers/{profile}/slots"))["items"]
        starts = [slot["start"] for slot in slots[120::4]]
        yield Site(kills, client, developer, admin, profile, starts)
        print(f"\n{kills.table()}")


async def test_each_flow_of_a_booking_ends_as_without_kills(site: Site) -> None:
    for flow, wanted in BOOKED.items():
        cases = await site.cases(flow)
        await site.while_killed([getattr(each, flow) for each in cases])
        for case in cases:
            await site.until_rows("transactions", {"booking_id": case.id}, len(wanted))
            await assert_booked(site, case, flow)
        print(f"{flow}: {CASES} cases, {site.kills.kills.total()} kills until now")
    await site.app.audit()
    await assert_once_at_the_provider(site)
    assert 500 not in RetryingClient.failures


async def assert_booked(site: Site, case: Case, flow: str) -> None:
    entries = await site.app.rows("transactions", {"booking_id": case.id})
    found = sorted(
        (row["kind"], sorted(int(line["amount"]["amount"]) for line in row["lines"]))
        for row in entries
    )
    assert found == sorted((kind, sorted(lines)) for kind, lines in BOOKED[flow].items()), flow
    query = "SELECT amount, status FROM refunds WHERE order_id=?"
    refunds = [(BOOKED[flow]["refund"][1], "SUCCESS")] if "refund" in BOOKED[flow] else []
    assert site.at_provider(query, case.order) == refunds, flow
    query = "SELECT count(*) FROM attempts WHERE order_id=? AND status='SUCCESS'"
    assert site.at_provider(query, case.order) == [(1,)]


async def assert_once_at_the_provider(site: Site) -> None:
    """Each order is one of ours, and each of our refunds is one of its own."""
    payments = await site.app.rows("payments")
    orders = Counter(row[0] for row in site.at_provider("SELECT order_id FROM orders"))
    assert orders == Counter(row["order_id"] for row in payments)
    asked = Counter(row[0] for row in site.at_provider("SELECT refund_id FROM refunds"))
    assert asked == Counter(each["id"] for row in payments for each in row["refunds"])


@pytest.mark.parametrize(
    ("account", "end"), [(ARRIVES, "succeeded"), (COMES_BACK, "reversed")], ids=["", "reversed"]
)
async def test_a_withdrawal_is_transferred_once(site: Site, account: str, end: str) -> None:
    cases = await site.cases("win_a_chargeback")  # approved ones
    for case in cases:
        await site.until_rows("transactions", {"booking_id": case.id, "kind": "clear"})
    destination = {"kind": "bank", "holder": "Dev One", "number": account, "ifsc": IFSC}
    await site.developer.put("/payout-account", destination)
    amounts = [60_000 + number for number in range(CASES)]

    async def withdraw(amount: int) -> None:
        body = {"amount": {"amount": amount}}
        made = await site.developer.raw("POST", "/withdrawals", body, key=f"wd-{amount}")
        assert made.status_code == 201, made.text
        path, held = f"/withdrawals/{made.json()['id']}", made.json()["status"] == "held"
        if held:  # the bank knows the account by another name
            answer = await site.admin.raw("POST", f"/admin{path}/approve", {}, key=path)
            assert answer.status_code in (200, 409), answer.text

    await site.while_killed([lambda amount=each: withdraw(amount) for each in amounts])  # type: ignore[misc]
    await site.until_rows("withdrawals", {"status": end}, CASES)

    wanted = sorted((amount, end.upper().replace("SUCCEEDED", "SUCCESS")) for amount in amounts)
    query = "SELECT amount, status FROM transfers ORDER BY amount"
    assert site.at_provider(query, database="payouts-simulator") == wanted
    kinds = Counter(row["kind"] for row in await site.app.rows("transactions"))
    back = {"payout_reversal": CASES} if end == "reversed" else {}
    own = {kind: times for kind, times in kinds.items() if "payout" in kind or kind == "withdraw"}
    assert own == {"withdraw": CASES, "payout": CASES, **back}
    wallet = await site.developer.get("/wallet")
    left = CASES * EARNING - (0 if back else sum(amounts))
    assert wallet["available"]["amount"] == left, wallet
    await site.app.audit()
    assert 500 not in RetryingClient.failures
