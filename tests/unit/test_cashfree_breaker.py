"""The circuit breaker opens for outages only, and closes again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adapters.cashfree.breaker import FAILURES, OPEN_FOR, WINDOW, Breaker
from adapters.memory.clock import FixedClock


def a_breaker() -> tuple[Breaker, FixedClock]:
    clock = FixedClock(datetime(2026, 3, 2, 10, tzinfo=UTC))
    return Breaker(clock), clock


def note(breaker: Breaker, *, failures: int = 0, successes: int = 0) -> None:
    for _ in range(successes):
        breaker.record(failed=False)
    for _ in range(failures):
        breaker.record(failed=True)


def test_it_opens_at_the_twentieth_failure() -> None:
    breaker, _ = a_breaker()

    note(breaker, failures=FAILURES - 1)
    before = breaker.open
    note(breaker, failures=1)

    assert (before, breaker.open) == (False, True)


def test_it_stays_closed_while_most_calls_succeed() -> None:
    breaker, _ = a_breaker()

    note(breaker, successes=38, failures=FAILURES)

    assert not breaker.open


def test_it_opens_from_thirty_five_percent() -> None:
    breaker, _ = a_breaker()

    note(breaker, successes=37, failures=FAILURES)

    assert breaker.open


def test_old_failures_are_forgotten() -> None:
    breaker, clock = a_breaker()
    note(breaker, failures=FAILURES - 1)

    clock.advance(WINDOW + timedelta(seconds=1))
    note(breaker, failures=1)

    assert not breaker.open


def test_it_closes_after_its_open_time_and_counts_from_zero() -> None:
    breaker, clock = a_breaker()
    note(breaker, failures=FAILURES)

    clock.advance(OPEN_FOR)
    note(breaker, failures=1)

    assert not breaker.open
