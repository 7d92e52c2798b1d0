"""Whether response times reveal who has an account (OWASP ASVS 5.0, V6.3.8).

Each request is sent for an address with an account and for one without, in random order, to the
real web server at bcrypt cost 10. Every address and every caller is used once, so that no rate
limit applies. The table shows a 95 % confidence interval of the difference of the medians. On a
busy machine many samples are needed to detect 2 ms, so the first deciles are compared, too.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.accounts import PASSWORD, WRONG, Form, add_accounts
from bench.load import Connection, Request
from bench.scenarios import Dataset
from bench.system import SystemUnderTest

ROUNDS = 10
SAMPLES = 200
WARM = 10
SETTINGS = {"ONEHOUR_BCRYPT_ROUNDS": str(ROUNDS), "ONEHOUR_TRUSTED_PROXIES": "1"}
HEAD = (
    f"{'response time of':<28}{'account: ms':>12}{'none: ms':>10}{'diff. ms':>10}"
    f"{'95 % interval':>18}{'diff.':>9}{'first decile':>16}{'failed':>8}"
)


@dataclass(frozen=True, slots=True)
class TimedRequest:
    """`make` gets an address and the caller's number; `status` is expected with and without an
    account."""

    name: str
    make: Callable[[str, int], Request]
    status: int


async def timing(system: SystemUnderTest, dataset: Dataset, samples: int = SAMPLES) -> None:
    """Prints the medians of each request and their difference."""
    known = await add_accounts(dataset.store, system, "timing", samples + WARM, rounds=ROUNDS)
    print(f"\n{HEAD}\n{'-' * len(HEAD)}")
    async with system.web(settings=SETTINGS):
        form = await Form.load(system.base_url)
        connection = Connection(system.base_url)
        for place, timed in enumerate(_timed_requests(form)):
            unknown = [f"{place}-nobody{n}@bench.example.com" for n in range(len(known))]
            await _measure_request(connection, timed, known, unknown, first=place * 100_000)
        connection.close()


def _timed_requests(form: Form) -> list[TimedRequest]:
    def log_in(email: str, caller: int) -> Request:
        body = {"email": email, "password": WRONG}
        return form.post("/auth/login", body, caller=caller)

    def forgot(email: str, caller: int) -> Request:
        return form.post("/auth/password/forgot", {"email": email}, caller=caller)

    def register(email: str, caller: int) -> Request:
        body = {
            "role": "client", "name": "Meera Krishnan", "email": email, "password": PASSWORD,
            "timezone": "Asia/Kolkata",
        }  # fmt: skip
        return form.post("/auth/register", body, caller=caller)

    return [
        TimedRequest("log-in, wrong password", log_in, 401),
        TimedRequest("password forgotten", forgot, 202),
        TimedRequest("registration", register, 201),
    ]


async def _measure_request(
    connection: Connection, timed: TimedRequest, known: list[str], unknown: list[str], *, first: int
) -> None:
    times: dict[bool, list[float]] = {True: [], False: []}
    failed, rng = 0, random.Random(1)
    for number, pair in enumerate(zip(known, unknown, strict=True)):
        order = [(True, pair[0]), (False, pair[1])]
        rng.shuffle(order)
        for position, (has_account, email) in enumerate(order):
            request = timed.make(email, first + 2 * number + position)
            sent = time.perf_counter()
            status, _ = await connection.ask(request)
            if number >= WARM:
                times[has_account].append(1000 * (time.perf_counter() - sent))
                failed += status != timed.status
    _print(timed.name, times[True], times[False], failed)


def _print(name: str, account: list[float], none: list[float], failed: int) -> None:
    with_one, without = statistics.median(account), statistics.median(none)
    low, high = interval(account, none)
    print(
        f"{name:<28}{with_one:>12.2f}{without:>10.2f}{with_one - without:>+10.2f}"
        f"{f'{low:+.2f} to {high:+.2f}':>18}{100 * (with_one / without - 1):>+8.1f}%"
        f"{_first_decile(account) - _first_decile(none):>+16.2f}{failed:>8}"
    )


def _first_decile(times: list[float]) -> float:
    """The first decile: other work on the machine affects it least."""
    return statistics.quantiles(times, n=10)[0]


def interval(account: list[float], none: list[float], times: int = 1000) -> tuple[float, float]:
    """The 95 % confidence interval of the difference of two medians, by bootstrapping."""
    rng = random.Random(1)
    differences = sorted(
        statistics.median(rng.choices(account, k=len(account)))
        - statistics.median(rng.choices(none, k=len(none)))
        for _ in range(times)
    )
    return differences[times // 40], differences[-times // 40 - 1]
