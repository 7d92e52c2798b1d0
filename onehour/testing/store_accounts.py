"""Accounts, sessions, codes, throttles and clients in a store."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.accounts import EmailTaken
from core.policy import MINUTE
from onehour.testing.store_samples import (
    NOW,
    a_client,
    a_code,
    a_session,
    an_account,
    assert_whole,
)
from ports.store import Books, Duplicate, Store


class AccountsContract:
    async def test_an_account_comes_back_whole(self, store: Store) -> None:
        assert_whole(an_account())

        await store.books.accounts.add(an_account())

        assert await store.books.accounts.find(an_account().id) == an_account()
        assert await store.books.accounts.find_by_email("gita1@example.org") == an_account()
        assert await store.books.accounts.find_by_email("nobody@example.org") is None

    async def test_an_address_has_one_account(self, store: Store) -> None:
        await store.books.accounts.add(an_account(1))
        second = await store.books.accounts.add(an_account(2))

        with pytest.raises(EmailTaken):
            await store.books.accounts.add(an_account(3, email="gita1@example.org"))
        with pytest.raises(EmailTaken):
            await store.books.accounts.save(replace(second, email="gita1@example.org"))

    async def test_an_address_given_up_is_free(self, store: Store) -> None:
        first = await store.books.accounts.add(an_account(1))

        await store.books.accounts.save(replace(first, email="new@example.org"))

        taken_over = an_account(2, email="gita1@example.org")
        assert await store.books.accounts.add(taken_over) == taken_over

    async def test_of_many_sign_ups_at_once_one_succeeds(self, store: Store) -> None:
        async def sign_up(number: int) -> None:
            async def step(books: Books) -> None:
                await books.accounts.add(an_account(number, email="gita@example.org"))
                await books.clients.add(a_client(number))

            await store.transact(step)

        answers = await asyncio.gather(*map(sign_up, range(12)), return_exceptions=True)

        assert answers.count(None) == 1
        assert all(isinstance(answer, EmailTaken) for answer in answers if answer is not None)

    async def test_a_session_is_found_touched_and_removed(self, store: Store) -> None:
        await store.books.sessions.add(a_session())
        assert await store.books.sessions.find("digest") == a_session()

        await store.books.sessions.touch("digest", now=NOW + 5 * MINUTE)
        await store.books.sessions.touch("digest", now=NOW)
        await store.books.sessions.touch("nobody's", now=NOW)
        touched = await store.books.sessions.find("digest")
        assert touched == replace(a_session(), seen_at=NOW + 5 * MINUTE)

        await store.books.sessions.remove("digest")
        assert await store.books.sessions.find("digest") is None

    async def test_a_code_comes_back_whole_and_is_replaced(self, store: Store) -> None:
        assert_whole(a_code())
        await store.books.codes.put(a_code())
        assert await store.books.codes.find("email:acc_1") == a_code()

        newer = a_code(digest="another", hour_began=None)
        await store.books.codes.put(newer)
        assert await store.books.codes.find("email:acc_1") == newer

        await store.books.codes.remove("email:acc_1")
        assert await store.books.codes.find("email:acc_1") is None

    async def test_a_code_can_be_put_in_a_step(self, store: Store) -> None:
        async def step(books: Books) -> None:
            await books.codes.put(a_code())

        await store.transact(step)
        await store.transact(step)

        assert await store.books.codes.find("email:acc_1") == a_code()

    async def test_of_a_hundred_guesses_at_once_five_see_the_digest(self, store: Store) -> None:
        await store.books.codes.put(a_code())

        guesses = [store.books.codes.take_try("email:acc_1", now=NOW) for _ in range(100)]
        seen = [code for code in await asyncio.gather(*guesses) if code is not None]

        assert sorted(code.tries_left for code in seen) == [0, 1, 2, 3, 4]

    async def test_an_ended_code_has_no_tries(self, store: Store) -> None:
        await store.books.codes.put(a_code())

        after = await store.books.codes.take_try("email:acc_1", now=NOW + 10 * MINUTE)

        assert after is None
        assert await store.books.codes.take_try("nobody's", now=NOW) is None

    async def test_a_throttle_counts_in_its_window(self, store: Store) -> None:
        throttles = store.books.throttles
        assert await throttles.counted("login:gita", now=NOW) == 0

        counts = [
            await throttles.count("login:gita", window=5 * MINUTE, now=NOW + number * MINUTE)
            for number in (0, 1, 4, 5, 6)
        ]

        assert counts == [1, 2, 3, 1, 2]
        assert await throttles.counted("login:gita", now=NOW + 9 * MINUTE) == 2
        assert await throttles.counted("login:gita", now=NOW + 10 * MINUTE) == 0

    async def test_a_throttle_misses_nobody_and_can_be_cleared(self, store: Store) -> None:
        throttles = store.books.throttles

        counting = (throttles.count("login:gita", window=MINUTE, now=NOW) for _ in range(40))
        counts = await asyncio.gather(*counting)
        assert max(counts) == await throttles.counted("login:gita", now=NOW) == 40

        await throttles.clear("login:gita")
        assert await throttles.counted("login:gita", now=NOW) == 0

    async def test_an_account_has_one_client(self, store: Store) -> None:
        assert_whole(a_client())
        await store.books.clients.add(a_client())

        with pytest.raises(Duplicate):
            await store.books.clients.add(replace(a_client(), id=a_client(2).id))

        assert await store.books.clients.find_by_account("acc_1") == a_client()
        assert await store.books.clients.find_by_account("acc_2") is None
