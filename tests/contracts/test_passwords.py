"""Passwords keep the contract with bcrypt and in memory; bcrypt under many requests at once."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from threading import Event

import bcrypt
import pytest

from adapters.memory.passwords import PlainPasswords
from adapters.system.passwords import NICENESS, THREADS, BcryptPasswords
from core.errors import Unavailable
from onehour.testing.passwords import PasswordsContract, PasswordsSetup
from ports.passwords import Passwords, PasswordsBusy
from tests.patience import PATIENCE_S

PEPPER = "a pepper"


class MemoryPasswordsSetup(PasswordsSetup):
    def __init__(self) -> None:
        self.passwords = self._plain = PlainPasswords(cost=4)
        self._all = [self._plain]

    def with_higher_cost(self) -> Passwords:
        self._all.append(PlainPasswords(cost=5))
        return self._all[-1]

    def total_work(self) -> int:
        return 16 * sum(each.hashed for each in self._all)

    async def exceed_queue(self) -> None:
        self._plain.busy = True
        await self._plain.hash("one of many")


class TestPlainPasswords(PasswordsContract):
    @pytest.fixture
    def passwords_setup(self) -> MemoryPasswordsSetup:
        return MemoryPasswordsSetup()


class HashCost:
    """A wrapper of bcrypt that counts its work and can block it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.total_work = 0
        self.calls = 0
        self.go_on = Event()
        self.go_on.set()
        self._hash = bcrypt.hashpw
        monkeypatch.setattr(bcrypt, "hashpw", self.hashpw)
        monkeypatch.setattr(bcrypt, "checkpw", self.checkpw)

    def hashpw(self, password: bytes, salt: bytes) -> bytes:
        self.calls += 1
        self.total_work += 1 << int(salt[4:6])
        assert self.go_on.wait(timeout=PATIENCE_S)
        return self._hash(password, salt)

    def checkpw(self, password: bytes, hashed: bytes) -> bool:
        return self.hashpw(password, hashed) == hashed


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> HashCost:
    return HashCost(monkeypatch)


class BcryptPasswordsSetup(PasswordsSetup):
    def __init__(self, meter: HashCost) -> None:
        self.passwords = BcryptPasswords(PEPPER, rounds=4)
        self._cost = meter

    def with_higher_cost(self) -> Passwords:
        return BcryptPasswords(PEPPER, rounds=5)

    def total_work(self) -> int:
        return self._cost.total_work

    async def exceed_queue(self) -> None:
        async with asyncio.TaskGroup() as many:
            asked = [many.create_task(_outcome(self.passwords)) for _ in range(300)]
        if refused := [task for task in asked if task.result()]:
            raise refused[-1].result()  # type: ignore[misc]


async def _outcome(passwords: Passwords) -> Unavailable | None:
    try:
        await passwords.hash("one of many")
    except Unavailable as error:
        return error
    return None


class TestBcryptPasswords(PasswordsContract):
    @pytest.fixture
    def passwords_setup(self, meter: HashCost) -> BcryptPasswordsSetup:
        return BcryptPasswordsSetup(meter)


async def test_without_the_pepper_a_hash_is_of_no_use() -> None:
    hashed = await BcryptPasswords(PEPPER, rounds=4).hash("four quiet trains")

    assert not await BcryptPasswords("another", rounds=4).matches("four quiet trains", hashed)


async def test_making_a_keeper_hashes_nothing(meter: HashCost) -> None:
    BcryptPasswords(PEPPER, rounds=12)

    assert meter.calls == 0


async def test_work_whose_caller_was_cancelled_is_not_done_and_frees_its_place(
    meter: HashCost,
) -> None:
    passwords = BcryptPasswords(PEPPER, rounds=4, waiting=3)
    meter.go_on.clear()
    asked = [asyncio.create_task(passwords.hash("gone by then")) for _ in range(THREADS + 3)]
    await asyncio.sleep(0)
    with pytest.raises(PasswordsBusy):
        await passwords.hash("one too many")

    for task in asked[THREADS:]:
        task.cancel()
    await asyncio.gather(*asked[THREADS:], return_exceptions=True)
    latecomer = asyncio.create_task(passwords.hash("has room now"))
    await asyncio.sleep(0)
    meter.go_on.set()

    await asyncio.gather(*asked[:THREADS], latecomer)
    assert meter.calls == THREADS + 1


async def test_the_loop_is_not_blocked_while_passwords_are_hashed_and_checked(
    meter: HashCost,
) -> None:
    passwords = BcryptPasswords(PEPPER, rounds=4)
    meter.go_on.clear()

    hashing = [asyncio.create_task(passwords.hash("four quiet trains")) for _ in range(THREADS)]
    judging = asyncio.create_task(passwords.weakness("four quiet trains", words=()))
    await asyncio.sleep(0.01)

    assert not any(task.done() for task in (*hashing, judging))
    meter.go_on.set()
    assert await judging is None
    await asyncio.gather(*hashing)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own there")
async def test_hashing_runs_at_a_lower_priority_than_the_event_loop() -> None:
    seen: list[int] = []

    class Watched(BcryptPasswords):
        def _keyed(self, password: str) -> bytes:
            seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
            return super()._keyed(password)

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    await Watched(PEPPER, rounds=4).hash("four quiet trains")

    assert seen == [NICENESS]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
