"""When a periodic job is due: once per period, after a failure soon again, never to catch up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.periodic import ABANDONED, LONGEST_RETRY, Periodic, PeriodicJob
from core.policy import DAY, HOUR, MINUTE

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEASE = 5 * MINUTE
PERIODS = st.integers(1, 7 * 24 * 3600).map(lambda seconds: seconds * SECOND)
PAUSES = st.timedeltas(timedelta(), 3 * DAY)


def a_job(every: timedelta = HOUR) -> PeriodicJob:
    return PeriodicJob.first(Periodic("outbox.watch", every), now=NOW)


def claimed(job: PeriodicJob, now: datetime) -> PeriodicJob:
    return job.claim("token", lease=LEASE, now=now)


@pytest.mark.parametrize("name", ["", "watch", "outbox.", ".watch", "Outbox.watch", "a.b.c"])
def test_a_name_is_a_capability_and_a_verb(name: str) -> None:
    with pytest.raises(ValueError, match="is not a name of a periodic job"):
        Periodic(name, HOUR)


@pytest.mark.parametrize("every", [timedelta(), -HOUR, SECOND / 2, SECOND * 1.5])
def test_a_period_is_whole_seconds(every: timedelta) -> None:
    with pytest.raises(ValueError, match=r"outbox\.watch must run every one or more whole seconds"):
        Periodic("outbox.watch", every)


def test_a_new_job_is_due_at_once() -> None:
    assert a_job() == PeriodicJob("outbox.watch", HOUR, due_at=NOW)
    assert a_job().next_at == NOW


def test_a_claim_leases_the_job_and_a_success_frees_it_until_the_next_period() -> None:
    started = claimed(a_job(), NOW + MINUTE)
    assert (started.lease, started.next_at) == ("token", NOW + MINUTE + LEASE)
    assert (started.attempts, started.last_started_at) == (1, NOW + MINUTE)

    finished = started.finish(now=NOW + 2 * MINUTE)

    assert finished == PeriodicJob(
        "outbox.watch",
        HOUR,
        due_at=NOW + HOUR,
        last_started_at=NOW + MINUTE,
        last_finished_at=NOW + 2 * MINUTE,
    )


@given(PERIODS, st.lists(st.tuples(PAUSES, PAUSES), max_size=20))
def test_without_failures_no_period_has_two_runs(
    every: timedelta, runs: list[tuple[timedelta, timedelta]]
) -> None:
    job, now, periods = a_job(every), NOW, list[int]()
    for late, length in runs:
        now = max(now, job.next_at) + late
        periods.append((now - NOW) // every)
        job = claimed(job, now)
        now += length
        job = job.finish(now=now)

    assert len(set(periods)) == len(periods)


@given(PERIODS, PAUSES)
def test_missed_periods_are_run_once(every: timedelta, late: timedelta) -> None:
    now = NOW + late

    job = claimed(a_job(every), now).finish(now=now)

    assert now < job.next_at <= now + every
    assert (job.next_at - NOW) % every == timedelta()


@given(PERIODS, st.integers(1, 300), PAUSES)
def test_a_failure_is_retried_in_the_same_period_after_a_short_pause(
    every: timedelta, failures: int, late: timedelta
) -> None:
    job, now, waits = a_job(every), NOW + late, list[timedelta]()
    for _ in range(failures):
        job = claimed(job, now).fail("boom", now=now)
        waits.append(job.next_at - now)
        now = job.next_at

    assert (job.attempts, job.due_at, job.last_error) == (failures, NOW, "boom")
    assert job.failing
    assert waits == sorted(waits)
    assert waits[0] == min(5 * SECOND, every)
    assert waits[-1] <= min(every, LONGEST_RETRY)

    succeeded = claimed(job, now).finish(now=now)
    assert (succeeded.attempts, succeeded.last_error, succeeded.failing) == (0, None, False)
    assert now < succeeded.next_at <= now + every


def test_a_lease_that_ran_out_is_a_failure_with_its_reason() -> None:
    taken_over = claimed(claimed(a_job(), NOW), NOW + LEASE)

    assert (taken_over.attempts, taken_over.last_error) == (2, ABANDONED)


def test_a_shorter_period_brings_the_next_run_forward() -> None:
    job = claimed(a_job(DAY), NOW).finish(now=NOW)

    assert job.with_period(MINUTE, now=NOW + HOUR).due_at == NOW + HOUR + MINUTE


def test_a_longer_period_counts_from_the_next_run() -> None:
    job = claimed(a_job(MINUTE), NOW).finish(now=NOW)

    longer = job.with_period(DAY, now=NOW)

    assert longer.due_at == NOW + MINUTE
    assert claimed(longer, NOW + MINUTE).finish(now=NOW + MINUTE).due_at == NOW + MINUTE + DAY


def test_a_store_whose_time_went_back_does_not_run_the_period_again() -> None:
    """As after a failover to a server whose clock is late."""
    job = claimed(a_job(), NOW).finish(now=NOW - 10 * MINUTE)

    assert job.due_at == NOW + HOUR
