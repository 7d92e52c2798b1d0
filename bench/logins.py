"""How many log-ins per second one web process handles, and how long other requests wait meanwhile.

The log-ins are like those in production: hashes at the current cost, right and wrong passwords,
clients without a second factor and developers with one. Each comes from another address, so that
no rate limit applies. At the same time light requests are sent at a constant rate, whether or not
earlier ones have been answered; their time counts from the moment they were due.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from adapters.system.passwords import THREADS, BcryptPasswords
from bench.accounts import API, PASSWORD, WRONG, Form, add_accounts
from bench.cpu import CpuReading
from bench.load import Connection, Figures, Request
from bench.loop_lag import lags_ms
from bench.scenarios import Dataset
from bench.system import SystemUnderTest

ROUNDS = 12
CALLERS = 16
QUIET_S = 6.0
FLOOD_S = 20.0
HASHING_S = 4.0
SETTLE_S = 3.0
"""Warm-up before the measurement: connections open, hashing threads become busy."""
SETTINGS = {"ONEHOUR_BCRYPT_ROUNDS": str(ROUNDS), "ONEHOUR_TRUSTED_PROXIES": "1"}
HEAD = (
    f"{'other requests':<24}{'rate':>14}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}"
    f"{'with log-ins: p50':>17}{'p99 ms':>9}{'max ms':>9}{'failed':>8}"
)


@dataclass(frozen=True, slots=True)
class LightRequest:
    """A light request of another user, sent `per_second` times a second."""

    name: str
    per_second: int
    make: Callable[[int], Request]


async def log_ins(system: SystemUnderTest, dataset: Dataset, folder: Path) -> None:
    """Prints the log-ins per second of one web process, and of the hashing threads alone."""
    clients = await add_accounts(dataset.store, system, "flood", 400, rounds=ROUNDS)
    developers = await add_accounts(
        dataset.store, system, "floodfactor", 100, rounds=ROUNDS, factor=True
    )
    lags = folder / "lags"
    hashing = await hashes_per_second()
    async with system.web(lags=lags, settings=SETTINGS):
        make = _forms(await Form.load(system.base_url), clients, developers)
        light = _light(dataset)
        _, quiet, quiet_span = await _measure(system.base_url, light, None, QUIET_S)
        begun = CpuReading.take()
        flood, busy, busy_span = await _measure(system.base_url, light, make, FLOOD_S)
        ours, others = CpuReading.take().cores_since(begun)
    print(
        f"\nlog-ins at cost {ROUNDS}, {CALLERS} callers: {flood.per_second:.1f}/s, p50 "
        f"{flood.percentile(50):,.0f} ms, {flood.failed} failed; "
        f"bcrypt alone in {THREADS} threads: {hashing:.1f}/s"
    )
    print(f"cores busy: {ours:.1f} with the measured processes, {others:.1f} with other work")
    print(HEAD + "\n" + "-" * len(HEAD))
    for each, before, after in zip(light, quiet, busy, strict=True):
        _print(each.name, f"{each.per_second}/s", before, after)
    _print("event loop lag", "200/s", *(_lag(lags, s) for s in (quiet_span, busy_span)))


async def hashes_per_second() -> float:
    """Hashes per second of the threads alone: no requests, no database, no shared event loop."""
    passwords = BcryptPasswords(pepper="bench", rounds=ROUNDS)
    done, end = 0, time.perf_counter() + HASHING_S

    async def hash_on() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await passwords.hash(PASSWORD)
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(hash_on() for _ in range(THREADS)))
    return done / (time.perf_counter() - began)


def _forms(form: Form, clients: list[str], developers: list[str]) -> Callable[[int], Request]:
    """Of eight log-ins, clients have three right and three wrong passwords, developers one each."""

    def make(number: int) -> Request:
        emails = developers if number % 4 == 3 else clients
        email = emails[number // 8 % len(emails) if number % 4 == 3 else number % len(emails)]
        password = PASSWORD if number % 8 < 4 else WRONG
        return form.post("/auth/login", {"email": email, "password": password}, caller=number)

    return make


def _light(dataset: Dataset) -> list[LightRequest]:
    ids = dataset.developers
    return [
        LightRequest("/healthz", 50, lambda _: Request("GET", "/healthz")),
        LightRequest("search", 25, lambda _: Request("GET", f"{API}/developers?limit=20")),
        LightRequest(
            "profile", 25,
            lambda n: Request("GET", f"{API}/developers/{ids[n * 7 % len(ids)]}"),
        ),
    ]  # fmt: skip


async def _measure(
    base_url: str, light: list[LightRequest], flood: Callable[[int], Request] | None, seconds: float
) -> tuple[Figures, list[Figures], tuple[float, float]]:
    """The figures of the log-ins and of each light request, and the span of time measured."""
    logged_in, numbers = Figures(), itertools.count()
    since = time.perf_counter() + SETTLE_S
    until = since + seconds

    async def log_in_on(make: Callable[[int], Request]) -> None:
        connection = Connection(base_url)
        while (sent := time.perf_counter()) < until:
            number = next(numbers)
            status, _ = await connection.ask(make(number))
            if (now := time.perf_counter()) > since and now <= until:
                logged_in.times_ms.append(1000 * (now - sent))
                logged_in.failed += status != (200 if number % 8 < 4 else 401)
        connection.close()

    async with asyncio.TaskGroup() as everybody:
        for _ in range(CALLERS if flood else 0):
            everybody.create_task(log_in_on(flood))  # type: ignore[arg-type]
        paced = [everybody.create_task(_paced(base_url, one, since, until)) for one in light]
    logged_in.seconds = seconds
    return logged_in, [task.result() for task in paced], (since, until)


async def _paced(base_url: str, light: LightRequest, since: float, until: float) -> Figures:
    """An open-loop load: each request is sent when it is due, answered or not."""
    figures = Figures(seconds=until - since)
    free = deque(Connection(base_url) for _ in range(4))

    async def ask(number: int, due: float) -> None:
        # In turn: the server closes connections that are idle for seconds.
        connection = free.popleft() if free else Connection(base_url)
        status, _ = await connection.ask(light.make(number))
        free.append(connection)
        if due >= since:
            figures.times_ms.append(1000 * (time.perf_counter() - due))
            figures.failed += status != 200

    async with asyncio.TaskGroup() as sent:
        for number in itertools.count():
            due = since - SETTLE_S + 0.2 + number / light.per_second
            if due >= until:
                break
            await asyncio.sleep(due - time.perf_counter())
            sent.create_task(ask(number, due))
    for connection in free:
        connection.close()
    return figures


def _lag(file: Path, span: tuple[float, float]) -> Figures:
    return Figures(times_ms=lags_ms(file, *span))


def _print(name: str, pace: str, quiet: Figures, busy: Figures) -> None:
    columns = "".join(
        f"{f.percentile(50):>{width}.1f}{f.percentile(99):>9.1f}{max(f.times_ms, default=0):>9.1f}"
        for f, width in ((quiet, 9), (busy, 17))
    )
    print(f"{name:<24}{pace:>14}{columns}{quiet.failed + busy.failed:>8}")
