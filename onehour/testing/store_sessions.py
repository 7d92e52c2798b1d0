"""Sessions, and sign-ins with other providers, in a store."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.accounts import AccountId
from core.identities import IdentityTaken
from core.policy import MINUTE
from onehour.testing.samples.accounts import a_session, an_account, an_identity, an_oauth_state
from onehour.testing.samples.sample import NOW, assert_whole
from ports.store import Repositories, Store


class SessionsContract:
    async def test_a_session_is_found_touched_and_removed(self, store: Store) -> None:
        sessions = store.repositories.sessions
        assert_whole(a_session())
        await sessions.add(a_session())
        assert await sessions.find("digest1") == a_session()

        await sessions.touch("digest1", now=NOW + 5 * MINUTE)
        await sessions.touch("digest1", now=NOW)
        await sessions.touch("nobody's", now=NOW)
        await sessions.verify("digest1", now=NOW + 6 * MINUTE)
        changed = replace(a_session(), seen_at=NOW + 5 * MINUTE, verified_at=NOW + 6 * MINUTE)
        assert await sessions.find("digest1") == changed

        assert await sessions.remove("digest1")
        assert not await sessions.remove("digest1")
        assert await sessions.find("digest1") is None

    async def test_sessions_are_found_with_their_accounts(self, store: Store) -> None:
        sessions = store.repositories.sessions
        account = await store.repositories.accounts.add(an_account())
        own = [a_session(number, account_id=account.id) for number in range(40)]
        for session in (*own, a_session(90, account_id="acc_none")):
            await sessions.add(session)

        found = await sessions.with_accounts([*(each.id for each in own), "digest90", "none"])

        assert found == {session.id: (account, session) for session in own}
        assert await sessions.with_accounts(["none"]) == {}
        assert await sessions.with_accounts([]) == {}

    async def test_known_sessions_are_outdated_by_their_removal_or_a_change_of_the_account(
        self, store: Store
    ) -> None:
        repositories = store.repositories
        accounts = [
            await repositories.accounts.add(
                replace(an_account(), id=AccountId(f"acc_{name}"), email=f"{name}@example.com")
            )
            for name in ("asha", "bala")
        ]
        own = [
            (account, replace(a_session(number), account_id=account.id))
            for account in accounts
            for number in (10 * accounts.index(account) + 1, 10 * accounts.index(account) + 2)
        ]
        for _, session in own:
            await repositories.sessions.add(session)
        assert await repositories.sessions.outdated(own) == set()
        assert await repositories.sessions.outdated([]) == set()

        await repositories.sessions.remove("digest1")
        await repositories.sessions.touch("digest2", now=NOW + MINUTE)
        saved = await repositories.accounts.save(replace(accounts[1], name="Bala K"))

        assert await repositories.sessions.outdated(own) == {"digest1", "digest11", "digest12"}
        read_again = [(saved, session) for _, session in own[2:]]
        assert await repositories.sessions.outdated(read_again) == set()

    async def test_a_known_session_is_outdated_by_what_a_transaction_has_committed(
        self, store: Store
    ) -> None:
        account = await store.repositories.accounts.add(an_account())
        known = account, replace(a_session(), account_id=account.id)
        await store.repositories.sessions.add(known[1])

        async def remove(repositories: Repositories) -> None:
            await repositories.sessions.remove("digest1")
            await repositories.accounts.save(account)

        async def fail(repositories: Repositories) -> None:
            await remove(repositories)
            raise LookupError

        with pytest.raises(LookupError):
            await store.transact(fail)
        assert await store.repositories.sessions.outdated([known]) == set()

        await store.transact(remove)
        assert await store.repositories.sessions.outdated([known]) == {"digest1"}

    async def test_an_account_sees_its_own_sessions_the_latest_first(self, store: Store) -> None:
        for number in (2, 3, 1):
            await store.repositories.sessions.add(a_session(number))
        await store.repositories.sessions.add(a_session(4, account_id=AccountId("acc_2")))

        found = await store.repositories.sessions.of_account(AccountId("acc_1"))

        assert list(found) == [a_session(3), a_session(2), a_session(1)]

    async def test_of_many_who_renew_one_generation_one_does(self, store: Store) -> None:
        await store.repositories.sessions.add(a_session())
        now = NOW + 9 * MINUTE

        renewed = await asyncio.gather(
            *(
                store.repositories.sessions.renew(
                    "digest1", generation=3, client=f"client {number}", now=now
                )
                for number in range(20)
            )
        )

        assert sum(renewed) == 1
        found = await store.repositories.sessions.find("digest1")
        by = f"client {renewed.index(True)}"
        assert found == replace(
            a_session(), generation=4, seen_at=now, renewed_at=now, renewed_by=by
        )

    async def test_of_many_steps_that_remove_one_session_one_does(self, store: Store) -> None:
        await store.repositories.sessions.add(a_session())

        async def remove(repositories: Repositories) -> bool:
            return await repositories.sessions.remove("digest1")

        removed = await asyncio.gather(*(store.transact(remove) for _ in range(8)))

        assert sum(removed) == 1

    async def test_an_identity_has_one_account(self, store: Store) -> None:
        identities = store.repositories.identities
        await identities.add(an_identity(2))
        await identities.add(an_identity(1))

        with pytest.raises(IdentityTaken):
            await identities.add(an_identity(1, account_id=AccountId("acc_2")))

        assert await identities.find("https://accounts.example", "sub1") == an_identity(1)
        assert list(await identities.of_account(AccountId("acc_1"))) == [
            an_identity(1),
            an_identity(2),
        ]
        await identities.remove("https://accounts.example", "sub1")
        assert await identities.find("https://accounts.example", "sub1") is None

    async def test_an_oauth_state_is_taken_once(self, store: Store) -> None:
        assert_whole(an_oauth_state())
        await store.repositories.oauth_states.add(an_oauth_state())

        taken = await asyncio.gather(
            *(store.repositories.oauth_states.take("hash of the state") for _ in range(10))
        )

        assert [one for one in taken if one is not None] == [an_oauth_state()]
