"""Answers kept for repeated requests, and findings, in a store."""

from __future__ import annotations

import asyncio

import pytest

from core.policy import MINUTE
from onehour.testing.samples.clients import a_client
from onehour.testing.samples.sample import NOW
from ports.findings import Finding
from ports.idempotency_keys import KeyReused, RequestInProgress, StoredResponse
from ports.store import Repositories, Store

KEY = "acc_1:POST /api/v1/bookings:key"


class AnswersContract:
    async def test_a_repeat_is_given_the_kept_answer(self, store: Store) -> None:
        keys, answer = (
            store.repositories.idempotency_keys,
            StoredResponse(201, b'{"id": "\xc3\xa9"}'),
        )

        assert await keys.begin(KEY, "body", now=NOW) is None
        await keys.finish(KEY, answer, now=NOW)

        assert await keys.begin(KEY, "body", now=NOW + 60 * MINUTE) == answer

    async def test_a_key_belongs_to_one_request(self, store: Store) -> None:
        await store.repositories.idempotency_keys.begin(KEY, "body", now=NOW)

        with pytest.raises(KeyReused):
            await store.repositories.idempotency_keys.begin(KEY, "another", now=NOW)

    async def test_of_equal_requests_at_once_one_continues(self, store: Store) -> None:
        beginnings = (
            store.repositories.idempotency_keys.begin(KEY, "body", now=NOW) for _ in range(10)
        )
        answers = await asyncio.gather(*beginnings, return_exceptions=True)

        assert answers.count(None) == 1
        assert all(
            isinstance(answer, RequestInProgress) for answer in answers if answer is not None
        )

    async def test_an_abandoned_request_is_taken_over_by_one(self, store: Store) -> None:
        keys = store.repositories.idempotency_keys
        await keys.begin(KEY, "body", now=NOW)
        with pytest.raises(RequestInProgress):
            await keys.begin(KEY, "body", now=NOW + MINUTE * 0.45)

        beginnings = (keys.begin(KEY, "body", now=NOW + MINUTE) for _ in range(10))
        answers = await asyncio.gather(*beginnings, return_exceptions=True)

        assert answers.count(None) == 1
        assert all(
            isinstance(answer, RequestInProgress) for answer in answers if answer is not None
        )

    async def test_a_forgotten_request_can_be_made_again(self, store: Store) -> None:
        await store.repositories.idempotency_keys.begin(KEY, "body", now=NOW)

        await store.repositories.idempotency_keys.release(KEY)

        assert await store.repositories.idempotency_keys.begin(KEY, "body", now=NOW) is None

    async def test_an_answer_can_be_stored_in_the_transaction_of_its_request(
        self, store: Store
    ) -> None:
        async def step(repositories: Repositories) -> None:
            await repositories.idempotency_keys.begin(KEY, "body", now=NOW)
            await repositories.clients.add(a_client())
            await repositories.idempotency_keys.finish(KEY, StoredResponse(200, b"{}"), now=NOW)

        await store.transact(step)

        assert await store.repositories.idempotency_keys.begin(
            KEY, "body", now=NOW
        ) == StoredResponse(200, b"{}")

    async def test_a_finding_is_reported_once_and_the_oldest_is_first(self, store: Store) -> None:
        older = Finding("f:1", "unbalanced", "pay_1", "Off by one.", NOW)
        newer = Finding("f:0", "late", "pay_2", "Late.", NOW + MINUTE)
        repeat = Finding("f:1", "unbalanced", "pay_1", "Off by two.", NOW + MINUTE)

        async def step(repositories: Repositories) -> None:
            for finding in (newer, older, repeat):
                await repositories.findings.report(finding)

        await store.transact(step)
        await store.repositories.findings.report(repeat)

        assert await store.repositories.findings.open() == (older, newer)
        assert await store.repositories.findings.open(limit=1) == (older,)
