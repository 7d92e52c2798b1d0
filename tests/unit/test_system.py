"""The machine's clock, ids and password hashes."""

from __future__ import annotations

import time

from adapters.system.accounts import BcryptPasswords
from adapters.system.clock import RandomIds, SystemClock


def test_the_clock_counts_whole_milliseconds_in_utc() -> None:
    now = SystemClock().now()

    assert now.tzname() == "UTC"
    assert now.microsecond % 1000 == 0


def test_ids_sort_by_birth_and_have_26_marks() -> None:
    ids = RandomIds()

    first = ids.new("bkg")
    time.sleep(0.002)
    second = ids.new("bkg")

    assert first < second
    assert [len(part) for part in first.split("_")] == [3, 26]
    assert len({ids.new("bkg") for _ in range(1000)}) == 1000


def test_secrets_have_their_shape() -> None:
    assert len(RandomIds().secret()) == 43


async def test_a_password_matches_its_own_hash_alone() -> None:
    passwords, long = BcryptPasswords("pepper", rounds=4), "correct horse battery staple " * 4

    hashed = await passwords.hash(long)

    assert await passwords.matches(long, hashed)
    assert not await passwords.matches(long[:-1], hashed)
    assert not await passwords.matches(long, None)
    assert not await BcryptPasswords("other", rounds=4).matches(long, hashed)
