"""One command starts the application, and starts it again with all its data."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import psutil
import pytest
from redis.asyncio import Redis

from onehour.local.children import STOP_TIMEOUT_S
from tests.api_client import ApiClient, until
from tests.patience import PATIENCE_S
from tests.process.running import RunningApp
from tests.servers import free_port

pytestmark = pytest.mark.process


async def first_page(app: RunningApp) -> str:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        response = await http.get(f"{app.base_url}/")
        assert response.status_code == 200
        return response.text


@pytest.mark.parametrize("end", ["stop", pytest.param("kill", marks=pytest.mark.long)])
async def test_the_application_starts_and_starts_again_with_all_its_data(
    tmp_path: Path, end: str
) -> None:
    async with RunningApp(tmp_path) as app:
        first = app.started_in_s
        assert "1HourDeveloper" in await first_page(app)
        client, (developer, profile) = await app.client(), await app.developer()
        booking = await client.book(profile, await client.free_start(profile))
        await client.pay(booking["checkout"]["order_id"])
        await client.booking_in("requested", booking["id"])
        ports = app.ports

        if end == "kill":
            app.kill("supervisor")
        else:
            await app.stop()  # and leaves no process, which it asserts itself
            assert not (app.data / "run.pid").exists()
        assert f"OneHour is running at {app.base_url}" in app.output()
        again = await app.start()
        assert (await client.get(f"/bookings/{booking['id']}"))["status"] == "requested"
        await developer.post(f"/bookings/{booking['id']}/accept")
        assert (await client.get(f"/bookings/{booking['id']}"))["status"] == "confirmed"
        assert app.ports == ports
        assert len(app.processes()) == 6
        await app.audit()
    print(f"\nfirst page in {first:.1f} s, after {end} {again:.1f} s")


async def test_the_worker_connects_to_a_redis_that_was_killed_and_restarted(
    running: RunningApp,
) -> None:
    """The worker takes wake-ups from the new Redis as it did from the old one."""
    client, (_, profile) = await running.client(), await running.developer()

    for _ in range(3):
        killed = running.kill("redis")
        await running.recovers(("redis", killed))

    async def worker_receives_wake_ups() -> bool:
        await watch_free_times(client, profile)
        return "onehour" in await queues_waited_for(running)

    await until(worker_receives_wake_ups, what="the worker at the new Redis", every_s=0.5)


@pytest.mark.long
async def test_without_any_redis_the_work_is_done(tmp_path: Path) -> None:
    """Without wake-ups relays find due messages by polling; and the worker stops on SIGTERM."""
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    async with RunningApp(tmp_path, ONEHOUR_REDIS_URL=nowhere) as app:
        client, (_, profile) = await app.client(), await app.developer()  # codes are mailed
        booking = await client.book(profile, await client.free_start(profile))
        await client.pay(booking["checkout"]["order_id"])
        await client.booking_in("requested", booking["id"])

        worker, started_at = app.child("worker"), time.monotonic()
        assert worker is not None
        worker.terminate()
        await asyncio.to_thread(psutil.wait_procs, [worker], 20)

        print(f"\nthe worker without Redis stopped in {time.monotonic() - started_at:.1f} s")
        assert time.monotonic() - started_at < STOP_TIMEOUT_S
        await app.audit()


async def test_a_worker_stops_on_sigterm(running: RunningApp) -> None:
    worker, started_at = running.child("worker"), time.monotonic()
    assert worker is not None

    worker.terminate()
    await asyncio.to_thread(psutil.wait_procs, [worker], 20)

    print(f"\nthe worker stopped in {time.monotonic() - started_at:.1f} s")
    assert time.monotonic() - started_at < STOP_TIMEOUT_S
    await running.recovers(("worker", worker.pid))


async def watch_free_times(client: ApiClient, profile: str) -> None:
    """A request that enqueues a message which is due at once."""
    held = await client.book(profile, await client.free_start(profile))
    await client.post(f"/bookings/{held['id']}/release")


async def queues_waited_for(app: RunningApp) -> str:
    cache = Redis(port=app.ports["redis"])
    try:
        clients = await cache.client_list()
        waiting = [each for each in clients if each["cmd"] == "brpop"]
        return "onehour" if waiting and await cache.llen("onehour") == 0 else ""
    finally:
        await cache.aclose()
