"""A stateful test of the whole marketplace: whatever users, administrators, providers, the network
and the clock do, no money is lost, doubled or unexplained, and our books are the providers'.

Hypothesis chooses the bytes of a run. It draws them at once: a rule for each step, as its
`RuleBasedStateMachine` draws them, costs as much as the step. The steps of a failing run are a note
of the error. `ONEHOUR_TEST_SHRINK=1` makes Hypothesis look for a shorter one, which takes minutes.
"""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from core.policy import DAY
from core.reschedules import RescheduleStep
from core.transactions import Kind
from services.disputes import DISPUTES
from services.withdrawals import WITHDRAWALS
from tests.services.machine.of_cases import claims, moved
from tests.services.machine.running import BYTES, Machine
from tests.services.machine.watching import EDGES, booked, visited
from tests.services.machine.world import World

SHRINK = "ONEHOUR_TEST_SHRINK" in os.environ
STEPS = 50
SHARDS = range(6)
"""Several workers share the runs; each shard has its own seed."""
RUNS = 170
LONG_RUNS, LONG_STEPS = 6_000, 60
OFTEN = {
    ("payments", "pending", "paid"),
    ("payments", "paid", "received"),
    ("payments", "refunding", "refunded"),
    ("jobs", "delivered", "approved"),
    ("jobs", "disputed", "settled"),
    ("documents:disputes", "open", "settled"),
    ("documents:withdrawals", "sent", "succeeded"),
    ("documents:withdrawals", "succeeded", "reversed"),
    ("payments", "received", "refunding"),
}
"""Each shard takes these transitions, or it has not tested what it should."""
WITHOUT = {Kind.PAYOUT_FEE}
"""The kind of entry that these providers never cause."""


@pytest.fixture(autouse=True)
def without_logs() -> Iterator[None]:
    """Providers that do not answer are logged thousands of times."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def run_all(world: World, *, runs: int, steps: int, number: int) -> None:
    """That many runs, the same each time for the same number."""

    @seed(number)
    @settings(
        max_examples=runs,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink) if SHRINK else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.binary(min_size=steps * BYTES, max_size=steps * BYTES))
    def one(numbers: bytes) -> None:
        Machine(world).run(numbers)

    one()


@pytest.mark.parametrize("shard", SHARDS)
def test_money_is_never_lost_doubled_or_unexplained(shard: int) -> None:
    visited.clear()
    booked.clear()
    moved.clear()
    world = World()
    run_all(world, runs=RUNS, steps=STEPS, number=shard)
    world.close()
    assert OFTEN - set(visited) == set()
    assert set(Kind) - set(booked) == WITHOUT
    assert set(moved) == set(RescheduleStep)


def test_the_same_is_true_while_everybody_is_told() -> None:
    """Mails, notices and the audit trail change nothing, and the audit trail is complete."""
    world = World(news=True)
    run_all(world, runs=8, steps=STEPS, number=16)
    world.close()


def test_a_run_leaves_nothing_for_the_next_one() -> None:
    rng = random.Random(1)
    used, run = World(), rng.randbytes(STEPS * BYTES)
    Machine(used).run(rng.randbytes(STEPS * BYTES))

    ends = []
    for world in (used, World()):
        Machine(world).run(run)
        rows = world.seen.rows
        kinds = (f"documents:{kind.collection}" for kind in (DISPUTES, WITHDRAWALS))
        ends.append([dict(rows[name]) for name in ("transactions", "bookings", "jobs", *kinds)])
        world.close()

    assert ends[0] == ends[1]


def test_what_was_counted_in_a_run_limits_no_later_one() -> None:
    """A run ends weeks after the beginning of the next one."""
    world = World()
    limits, account = world.rate_limits, world.earner(0).id
    for limit in limits:
        limit.count(account, now=world.now + 28 * DAY)

    world.reset()

    assert limits
    for limit in limits:
        limit.count(account, now=world.now)
    world.close()


@pytest.mark.long
@pytest.mark.parametrize("news", [False, True])
def test_every_transition_is_taken(news: bool) -> None:
    visited.clear()
    claims.clear()
    moved.clear()
    world = World(news=news)
    number = random.SystemRandom().randrange(2**32)
    print(f"seed {number}")
    run_all(world, runs=LONG_RUNS // (10 if news else 1), steps=LONG_STEPS, number=number)
    world.close()
    if not news:
        assert EDGES - set(visited) == set()
        assert claims[True]
        assert claims[False]
        assert set(moved) == set(RescheduleStep)
