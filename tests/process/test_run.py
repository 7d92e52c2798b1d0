"""One command opens the house, and opens it again with everything that was in it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from tests.process.running import RunningHouse
from tests.visitor import Visitor, until

pytestmark = pytest.mark.process


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[RunningHouse]:
    async with RunningHouse(tmp_path) as house:
        yield house


async def first_page(house: RunningHouse) -> str:
    async with httpx.AsyncClient() as http:
        response = await http.get(f"{house.base_url}/")
        assert response.status_code == 200
        return response.text


async def test_the_house_closes_and_opens_again_with_all_that_was_in_it(own: RunningHouse) -> None:
    client = await own.client()
    developer, profile = await own.developer()
    booking = await client.book(profile, await client.free_start(profile))
    await client.pay(booking["checkout"]["order_id"])
    await client.booking_in("requested", booking["id"])
    ports = own.ports

    begun = time.monotonic()
    again = await own.restart()
    closed = time.monotonic() - begun - again
    assert "1HourDeveloper" in await first_page(own)
    assert (await client.get(f"/bookings/{booking['id']}"))["status"] == "requested"
    assert own.ports == ports

    own.kill("supervisor")
    after_kill = await own.start()
    await developer.post(f"/bookings/{booking['id']}/accept")
    assert (await client.get(f"/bookings/{booking['id']}"))["status"] == "confirmed"
    assert own.ports == ports
    assert len({process.pid for process in own.processes()}) == 6
    print(
        f"\nclosing {closed:.1f} s, opening again {again:.1f} s, after kill -9 {after_kill:.1f} s"
    )
    await own.audit()


async def test_the_first_start_shows_a_page_and_prints_its_address(tmp_path: Path) -> None:
    house = RunningHouse(tmp_path)
    seconds = await house.start()
    try:
        assert "1HourDeveloper" in await first_page(house)

        async def told() -> bool:
            return f"1HourDeveloper is open: {house.base_url}" in house.words()

        await until(told, what="the address")
        await house.stop()
        assert not (house.data / "run.pid").exists()
    finally:
        house.clear()
    print(f"first page after {seconds:.1f} s")
    assert seconds < 60


async def test_a_killed_redis_is_listened_to_again(running: RunningHouse) -> None:
    """The worker takes what is rung for from the new Redis as it did from the old one."""
    client, (_, profile) = await running.client(), await running.developer()

    for _ in range(3):
        killed = running.kill("redis")
        await running.recovers(("redis", killed))

    async def rung_and_heard() -> bool:
        await ring(client, profile)
        return "onehour" in await queues_waited_for(running)

    await until(rung_and_heard, what="the worker at the new Redis", patience_s=30, every_s=0.5)


async def ring(client: Visitor, profile: str) -> None:
    """Something that owes work at once."""
    held = await client.book(profile, await client.free_start(profile))
    await client.post(f"/bookings/{held['id']}/release")


async def queues_waited_for(house: RunningHouse) -> str:
    cache = Redis(port=house.ports["redis"])
    try:
        clients = await cache.client_list()
        waiting = [each for each in clients if each["cmd"] == "brpop"]
        return "onehour" if waiting and await cache.llen("onehour") == 0 else ""
    finally:
        await cache.aclose()
