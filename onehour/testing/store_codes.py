"""Mailed codes and throttles in a store: whatever is counted against guessing."""

from __future__ import annotations

import asyncio

from core.policy import MINUTE
from onehour.testing.samples.accounts import a_code
from onehour.testing.samples.sample import NOW, assert_whole
from ports.store import Repositories, Store


class CodesContract:
    async def test_a_code_comes_back_whole_and_is_replaced(self, store: Store) -> None:
        assert_whole(a_code())
        await store.repositories.codes.put(a_code())
        assert await store.repositories.codes.find("email:acc_1") == a_code()

        newer = a_code(digest="another")
        await store.repositories.codes.put(newer)
        assert await store.repositories.codes.find("email:acc_1") == newer

        await store.repositories.codes.remove("email:acc_1")
        assert await store.repositories.codes.find("email:acc_1") is None

    async def test_a_code_can_be_put_in_a_step(self, store: Store) -> None:
        async def step(repositories: Repositories) -> None:
            await repositories.codes.put(a_code())

        await store.transact(step)
        await store.transact(step)

        assert await store.repositories.codes.find("email:acc_1") == a_code()

    async def test_of_a_hundred_guesses_at_once_five_see_the_digest(self, store: Store) -> None:
        await store.repositories.codes.put(a_code())

        guesses = [store.repositories.codes.use_attempt("email:acc_1", now=NOW) for _ in range(100)]
        seen = [code for code in await asyncio.gather(*guesses) if code is not None]

        assert sorted(code.tries_left for code in seen) == [0, 1, 2, 3, 4]

    async def test_an_expired_code_has_no_attempts(self, store: Store) -> None:
        await store.repositories.codes.put(a_code())

        after = await store.repositories.codes.use_attempt("email:acc_1", now=NOW + 10 * MINUTE)

        assert after is None
        assert await store.repositories.codes.use_attempt("nobody's", now=NOW) is None

    async def test_a_throttle_counts_in_its_window(self, store: Store) -> None:
        throttles = store.repositories.throttles
        assert await throttles.counts(["login:gita"], now=NOW) == {}

        counts = [
            await throttles.increment("login:gita", window=5 * MINUTE, now=NOW + number * MINUTE)
            for number in (0, 1, 4, 5, 6)
        ]

        assert counts == [1, 2, 3, 1, 2]
        assert await throttles.counts(["login:gita"], now=NOW + 9 * MINUTE) == {"login:gita": 2}
        assert await throttles.counts(["login:gita"], now=NOW + 10 * MINUTE) == {}

    async def test_a_throttle_misses_nobody_and_can_be_cleared(self, store: Store) -> None:
        throttles = store.repositories.throttles

        counting = (throttles.increment("login:gita", window=MINUTE, now=NOW) for _ in range(40))
        counts = await asyncio.gather(*counting)
        assert max(counts) == 40
        assert await throttles.counts(["login:gita", "x"], now=NOW) == {"login:gita": 40}

        back = (throttles.decrement("login:gita", now=NOW) for _ in range(10))
        await asyncio.gather(*back)
        assert await throttles.counts(["login:gita"], now=NOW) == {"login:gita": 30}

        await throttles.increment("other", window=MINUTE, now=NOW)
        await throttles.clear("login:gita", "never counted")
        assert await throttles.counts(["login:gita", "other"], now=NOW) == {"other": 1}

    async def test_a_count_never_falls_below_zero(self, store: Store) -> None:
        throttles = store.repositories.throttles
        await throttles.decrement("login:gita", now=NOW)
        assert await throttles.counts(["login:gita"], now=NOW) == {}

        await throttles.increment("login:gita", window=MINUTE, now=NOW)
        await throttles.decrement("login:gita", now=NOW)
        await throttles.decrement("login:gita", now=NOW)

        assert await throttles.increment("login:gita", window=MINUTE, now=NOW) == 1
        await throttles.decrement("login:gita", now=NOW + MINUTE)
        assert await throttles.counts(["login:gita"], now=NOW) == {"login:gita": 1}
