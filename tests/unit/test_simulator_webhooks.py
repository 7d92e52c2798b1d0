"""Webhooks arrive signed, are repeated until they are accepted, and are not lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from adapters.cashfree.simulator import Simulator, SimulatorSettings, background
from adapters.cashfree.webhooks import parse_webhook
from onehour.testing.running_time import RunningTime
from tests.unit.simulator_client import (
    HOOK,
    KEYS,
    URL,
    WebhookReceiver,
    a_simulator_client,
    an_order,
    in_minutes,
)

SECRETS = (KEYS["x-client-secret"],)


async def test_the_adapter_believes_them(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path) as merchant:
        await merchant.order()

        answer = await merchant.control("pay", order_id="ord_1", webhook="now")

        (request,) = merchant.hook.took
        notice = parse_webhook(request.headers, request.content, SECRETS)
        assert answer["webhook_status"] == 200
        assert str(request.url) == HOOK
        assert notice.order_id == "ord_1"
        assert notice.id == f"pay:{answer['cf_payment_id']}:SUCCESS"
        assert len(request.headers["x-webhook-timestamp"]) == 13
        assert request.headers["x-webhook-version"] == "2025-01-01"
        assert len(request.headers["x-idempotency-key"]) == 64
        assert b'"payment_amount":4800.00,' in request.content


@pytest.mark.parametrize(
    ("outcome", "kinds"),
    [
        ("success", ["PAYMENT_SUCCESS_WEBHOOK"]),
        ("failed", ["PAYMENT_FAILED_WEBHOOK"]),
        ("dropped", ["PAYMENT_USER_DROPPED_WEBHOOK"]),
        ("pending", []),
    ],
)
async def test_each_outcome_has_its_event(tmp_path: Path, outcome: str, kinds: list[str]) -> None:
    async with a_simulator_client(tmp_path) as merchant:
        await merchant.order()

        await merchant.control("pay", order_id="ord_1", outcome=outcome)

        assert merchant.hook.kinds == kinds


async def test_one_that_is_refused_comes_again_after_2_10_and_30_minutes(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path, time_scale=0.5) as merchant:
        merchant.hook.answers = [500, httpx.ConnectError("down"), 302, 404]
        await merchant.order()
        answer = await merchant.control("pay", order_id="ord_1")
        tries = [len(merchant.hook.took)]

        for wait in (58, 3, 296, 5, 896, 5, 10_000):
            await merchant.control("clock", advance_s=wait)
            tries.append(len(merchant.hook.took))

        assert answer["webhook_status"] == 500
        assert tries == [1, 1, 2, 2, 3, 3, 4, 4]
        assert merchant.hook.tries == ["1", "2", "3", "4"]
        assert len({request.content for request in merchant.hook.took}) == 1


async def test_one_that_is_taken_does_not_come_again(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path) as merchant:
        await merchant.paid()

        await merchant.control("clock", advance_s=10_000)

        assert merchant.hook.tries == ["1"]


async def test_an_address_that_fails_too_often_gets_no_more_until_it_is_enabled(
    tmp_path: Path,
) -> None:
    """What was for it meanwhile never comes; the state can be asked for all the time."""
    async with a_simulator_client(tmp_path, disable_after=2) as merchant:
        merchant.hook.answers = [500] * 3
        for number in (1, 2, 3, 4):
            await merchant.paid(order_id=f"ord_{number}")
        stopped = len(merchant.hook.took)
        await merchant.control("clock", advance_s=10_000)
        assert (stopped, len(merchant.hook.took)) == (3, 3)
        assert (await merchant.get("/orders/ord_4"))["order_status"] == "PAID"

        assert (await merchant.control("endpoints"))["enabled"] == 1
        await merchant.paid(order_id="ord_5", order_expiry_time=in_minutes(300))

        assert len(merchant.hook.took) == 4
        assert b"ord_5" in merchant.hook.took[-1].content


async def test_failures_that_are_not_in_a_row_do_no_harm(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path, disable_after=1) as merchant:
        for number in range(4):
            merchant.hook.answers = [500, 200] if number % 2 == 0 else []
            await merchant.paid(order_id=f"ord_{number}", order_expiry_time=in_minutes(60))
            await merchant.control("clock", advance_s=121)

        assert (await merchant.control("endpoints"))["enabled"] == 0


async def test_twice_means_the_same_one_twice(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path) as merchant:
        await merchant.order()
        await merchant.control("pay", order_id="ord_1", webhook="twice")

        await merchant.control("clock", advance_s=0)

        one, other = merchant.hook.took
        assert one.content == other.content
        assert one.headers["x-idempotency-key"] == other.headers["x-idempotency-key"]


async def test_a_delayed_one_waits_and_a_suppressed_one_never_comes(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path) as merchant:
        await merchant.order()
        await merchant.order(order_id="ord_2")
        await merchant.control("pay", order_id="ord_1", webhook="delayed", delay_s=30)
        await merchant.control("pay", order_id="ord_2", webhook="never")
        await merchant.control("clock", advance_s=28)
        before = len(merchant.hook.took)

        await merchant.control("clock", advance_s=3)

        assert (before, len(merchant.hook.took)) == (0, 1)
        assert b"ord_1" in merchant.hook.took[0].content


async def test_an_order_without_a_webhook_url_uses_the_configured_one(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path, notify_url="https://shop.example/all") as merchant:
        await merchant.order(order_meta={})

        await merchant.control("pay", order_id="ord_1")

        assert [str(request.url) for request in merchant.hook.took] == ["https://shop.example/all"]


async def test_what_a_lost_process_had_claimed_is_sent_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "LEASE_MS", 40)
    sending = asyncio.Event()

    class Hanging(WebhookReceiver):
        async def __call__(self, request: httpx.Request) -> httpx.Response:
            sending.set()
            return await asyncio.sleep(60, httpx.Response(200))

    async with (
        a_simulator_client(tmp_path, Hanging()) as lost,
        a_simulator_client(tmp_path) as other,
    ):
        await lost.order()
        await lost.control("pay", order_id="ord_1", webhook="delayed", delay_s=1)
        work = asyncio.create_task(lost.control("clock", advance_s=2))
        await sending.wait()
        work.cancel()
        await asyncio.sleep(0.05)

        await other.control("clock", advance_s=0)

        assert other.hook.tries == ["1"]


async def test_two_couriers_send_each_webhook_once(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path) as one, a_simulator_client(tmp_path) as other:
        for number in range(10):
            await one.order(order_id=f"ord_{number}")
            await one.control("pay", order_id=f"ord_{number}", webhook="delayed", delay_s=5)
        await one.control("clock", advance_s=4)

        await asyncio.gather(one.control("clock", advance_s=2), other.control("clock", advance_s=2))

        assert len(one.hook.took) + len(other.hook.took) == 10


async def test_the_background_task_does_it_all_by_itself(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path, time_scale=0.001) as merchant:
        merchant.hook.answers = [503]
        await merchant.simulator.start()

        await merchant.paid()
        await merchant.hook.taken(2)

        assert merchant.hook.tries == ["1", "2"]


async def test_it_stops_at_once_even_while_the_webhook_receiver_hangs(tmp_path: Path) -> None:
    reached = asyncio.Event()

    async def hang(request: httpx.Request) -> httpx.Response:
        reached.set()
        await asyncio.sleep(60)
        return httpx.Response(200)

    settings = SimulatorSettings(tmp_path / "books.db", URL)
    async with httpx.AsyncClient(transport=httpx.MockTransport(hang)) as hooks:
        simulator = Simulator(settings, hooks)
        transport = httpx.ASGITransport(simulator.app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            await client.post("/pg/orders", json=an_order(), headers=KEYS)
            request = {"order_id": "ord_1", "webhook": "twice"}
            await client.post("/control/pay", json=request)
        await simulator.start()
        await reached.wait()

        with RunningTime() as took:
            await simulator.stop()

        assert took.seconds < 1
