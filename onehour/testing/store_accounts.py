"""Accounts and clients in a store."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.accounts import EmailTaken, Role
from onehour.testing.samples.accounts import an_account
from onehour.testing.samples.clients import a_client
from onehour.testing.samples.sample import NOW, assert_whole
from ports.store import Duplicate, Repositories, Store


class AccountsContract:
    async def test_an_account_comes_back_whole(self, store: Store) -> None:
        assert_whole(an_account())

        await store.repositories.accounts.add(an_account())

        assert await store.repositories.accounts.find(an_account().id) == an_account()
        assert await store.repositories.accounts.find_by_email("gita1@example.org") == an_account()
        assert await store.repositories.accounts.find_by_email("nobody@example.org") is None

    async def test_an_address_has_one_account(self, store: Store) -> None:
        await store.repositories.accounts.add(an_account(1))
        second = await store.repositories.accounts.add(an_account(2))

        with pytest.raises(EmailTaken):
            await store.repositories.accounts.add(an_account(3, email="gita1@example.org"))
        with pytest.raises(EmailTaken):
            await store.repositories.accounts.save(replace(second, email="gita1@example.org"))

    async def test_an_address_given_up_is_free(self, store: Store) -> None:
        first = await store.repositories.accounts.add(an_account(1))

        await store.repositories.accounts.save(replace(first, email="new@example.org"))

        taken_over = an_account(2, email="gita1@example.org")
        assert await store.repositories.accounts.add(taken_over) == taken_over

    async def test_of_many_sign_ups_at_once_one_succeeds(self, store: Store) -> None:
        async def sign_up(number: int) -> None:
            async def step(repositories: Repositories) -> None:
                await repositories.accounts.add(an_account(number, email="gita@example.org"))
                await repositories.clients.add(a_client(number))

            await store.transact(step)

        answers = await asyncio.gather(*map(sign_up, range(12)), return_exceptions=True)

        assert answers.count(None) == 1
        assert all(isinstance(answer, EmailTaken) for answer in answers if answer is not None)

    async def test_another_administrator_is_one_who_can_sign_in(self, store: Store) -> None:
        admin = {"roles": frozenset({Role.ADMIN, Role.CLIENT}), "suspended_at": None}
        accounts = (
            an_account(1, **admin),
            an_account(2, **{**admin, "suspended_at": NOW}),
            an_account(3, **{**admin, "roles": frozenset({Role.CLIENT})}),
            an_account(4, **{**admin, "email_verified_at": None}),
        )
        for account in accounts:
            await store.repositories.accounts.add(account)

        other = store.repositories.accounts.other_administrator
        assert await other(accounts[1].id) == accounts[0]
        assert await other(accounts[0].id) is None
        assert await store.repositories.accounts.administrators(limit=5) == (accounts[0],)

    async def test_accounts_are_listed_by_address_page_by_page(self, store: Store) -> None:
        for number in (3, 1, 2):
            await store.repositories.accounts.add(an_account(number))
        await store.repositories.accounts.add(an_account(4, email="zoe@example.org"))

        first, cursor = await store.repositories.accounts.page(start="gita", limit=2, cursor=None)
        rest, end = await store.repositories.accounts.page(start="gita", limit=2, cursor=cursor)

        assert [one.email for one in (*first, *rest)] == [
            f"gita{number}@example.org" for number in (1, 2, 3)
        ]
        assert (cursor, end) == ("gita2@example.org", None)

    async def test_an_account_has_one_client(self, store: Store) -> None:
        assert_whole(a_client())
        await store.repositories.clients.add(a_client())

        with pytest.raises(Duplicate):
            await store.repositories.clients.add(replace(a_client(), id=a_client(2).id))

        assert await store.repositories.clients.find_by_account("acc_1") == a_client()
        assert await store.repositories.clients.find_by_account("acc_2") is None
