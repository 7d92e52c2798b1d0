"""Each defence of the money is needed: without it, the test that is its proof is red. And each of
many small faults is found by an invariant of the state machine."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator

import pytest

from tests.app import MemoryApp
from tests.services.defences import DEFENCES
from tests.services.faults import FAULTS
from tests.services.machine.running import BYTES, Machine
from tests.services.machine.world import World

STEPS = 50
RUNS_AT_MOST = 60
"""So many runs may be needed to find a fault; the test of the machine makes 1,020."""


@pytest.mark.parametrize("name", DEFENCES)
async def test_the_proof_of_a_defence_is_red_without_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch, proof = DEFENCES[name]
    with_it = MemoryApp()
    await proof(with_it)
    await with_it.assert_ledger_balances()

    switch(monkeypatch)

    without = MemoryApp()
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        await proof(without)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    logging.disable(logging.CRITICAL)
    built = World()
    yield built
    built.close()
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", FAULTS)
def test_the_machine_finds_a_fault(
    name: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    FAULTS[name](monkeypatch)
    rng = random.Random(7)

    with pytest.raises((AssertionError, KeyError)):
        for _ in range(RUNS_AT_MOST):
            Machine(world).run(rng.randbytes(STEPS * BYTES))
