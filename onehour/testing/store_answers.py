"""Answers kept for repeated requests, and findings, in a store."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.policy import DAY, MINUTE
from onehour.testing.samples.clients import a_client
from onehour.testing.samples.sample import NOW
from onehour.testing.samples.timeline import a_timeline_entry
from ports.conditions import Between, Condition, NoneOf, OneOf
from ports.findings import Finding
from ports.idempotency_keys import (
    KeyedRequest,
    RecordedRequest,
    RequestRepeated,
    StoredResponse,
    carrying,
)
from ports.store import Repositories, Store

KEY = "acc_1:POST /api/v1/bookings:key"


class AnswersContract:
    async def test_a_request_is_recorded_once_with_its_answer(self, store: Store) -> None:
        keys, request = store.repositories.idempotency_keys, KeyedRequest(KEY, "body")
        answer = StoredResponse(201, b'{"id": "\xc3\xa9"}')

        assert await keys.find(KEY) is None
        await keys.record(request, now=NOW)
        request.recorded = True
        assert await keys.find(KEY) == RecordedRequest("body")
        await keys.finish(request, answer, now=NOW)
        await keys.finish(request, StoredResponse(200, b"later"), now=NOW)

        assert await keys.find(KEY) == RecordedRequest("body", answer)
        with pytest.raises(RequestRepeated):
            await keys.record(KeyedRequest(KEY, "body"), now=NOW)

    async def test_the_answer_of_a_request_without_a_transaction_records_it(
        self, store: Store
    ) -> None:
        keys, answer = store.repositories.idempotency_keys, StoredResponse(200, b"{}")

        await keys.finish(KeyedRequest(KEY, "body"), answer, now=NOW)

        assert await keys.find(KEY) == RecordedRequest("body", answer)

    async def test_a_transaction_records_the_request_it_is_for(self, store: Store) -> None:
        request = KeyedRequest(KEY, "body")

        with carrying(request):
            await store.transact(lambda repositories: repositories.clients.add(a_client()))
            await store.transact(lambda repositories: repositories.clients.get(a_client().id))

        assert request.recorded
        assert await store.repositories.idempotency_keys.find(KEY) == RecordedRequest("body")

    async def test_a_repeated_request_changes_nothing(self, store: Store) -> None:
        async def step(repositories: Repositories) -> None:
            await repositories.timeline.add(a_timeline_entry(next(numbers)))

        async def act() -> None:
            with carrying(KeyedRequest(KEY, "body")):
                await store.transact(step)

        numbers = iter(range(100))
        answers = await asyncio.gather(*(act() for _ in range(10)), return_exceptions=True)

        assert answers.count(None) == 1
        assert all(isinstance(each, RequestRepeated) for each in answers if each is not None)
        assert len(await store.repositories.timeline.of_booking("bkg_1")) == 1

    async def test_a_step_that_raises_does_not_record_its_request(self, store: Store) -> None:
        async def step(repositories: Repositories) -> None:
            raise KeyError

        request = KeyedRequest(KEY, "body")
        with pytest.raises(KeyError), carrying(request):
            await store.transact(step)

        assert not request.recorded
        assert await store.repositories.idempotency_keys.find(KEY) is None

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

    async def test_a_resolved_finding_is_closed_until_it_is_back(self, store: Store) -> None:
        findings, found = store.repositories.findings, Finding("f:1", "late", "pay_1", "Late.", NOW)
        resolved = found.resolve(by="acc_1", how="Asked the bank.", now=NOW + MINUTE)
        back = Finding("f:1", "late", "pay_1", "Late again.", NOW + 2 * MINUTE)
        await findings.report(found)

        assert not await findings.reopen(back)
        assert not await findings.resolve("f:2", by="acc_1", how="Asked.", now=NOW)
        assert await findings.resolve("f:1", by="acc_1", how="Asked the bank.", now=NOW + MINUTE)
        assert not await findings.resolve("f:1", by="acc_2", how="Again.", now=NOW)
        await findings.report(back)

        assert await findings.find("f:1") == resolved
        assert await findings.open() == ()
        assert await findings.reopen(back)
        assert await findings.open() == (back,)
        assert await findings.find("f:2") is None

    async def test_a_finding_that_stands_is_not_opened_again_as_it_was(self, store: Store) -> None:
        findings, found = store.repositories.findings, Finding("f:1", "late", "pay_1", "Late.", NOW)
        await findings.report(found)
        assert await findings.resolve("f:1", by="acc_1", how="Known.", now=NOW, stands=True)
        standing = found.resolve(by="acc_1", how="Known.", now=NOW, stands=True)

        assert not await findings.reopen(replace(found, at=NOW + MINUTE))
        assert await findings.find("f:1") == standing
        assert await findings.reopen(replace(found, detail="Later."))

        assert await findings.resolve("f:1", by="acc_1", how="Known.", now=NOW, stands=True)
        assert not await findings.resolve("f:1", by="run", how="Gone.", now=NOW + MINUTE)
        assert await findings.find("f:1") == replace(standing, detail="Later.", stands=False)
        assert await findings.reopen(replace(found, detail="Later."))

    @pytest.mark.parametrize("limit", [1, 2, 5])
    async def test_findings_are_listed_by_time_and_what_they_are(
        self, store: Store, limit: int
    ) -> None:
        findings = store.repositories.findings
        for number in range(5):
            kind = "lost" if number == 1 else "late"
            name, at = f"f:{number}", NOW + number // 2 * DAY
            await findings.report(Finding(name, kind, f"pay_{number}", "Late.", at))
        await findings.resolve("f:4", by="acc_1", how="Asked.", now=NOW)

        async def found(*where: Condition, earliest: bool = False) -> str:
            names, cursor, first = "", None, True
            while first or cursor:
                page, cursor = await findings.page(
                    earliest=earliest, limit=limit, cursor=cursor, where=where
                )
                first, names = False, names + "".join(each.id[-1] for each in page)
            return names

        unresolved = OneOf(("resolved_at",), (None,))
        assert await found() == "43210"
        assert await found(earliest=True) == "01234"
        assert await found(unresolved) == "3210"
        assert await found(unresolved, NoneOf("kind", ("lost",)), earliest=True) == "023"
        assert await found(NoneOf("resolved_at", (None,))) == "4"
        assert await found(OneOf(("kind",), ("lost", "none"))) == "1"
        assert await found(Between("at", below=NOW + DAY), earliest=True) == "01"
        assert await found(Between("at", NOW + DAY, NOW + 2 * DAY)) == "32"
        assert await found(Between("at", NOW + DAY), unresolved, earliest=True) == "23"

    async def test_findings_of_kinds_are_limited_by_their_subject(self, store: Store) -> None:
        findings, subjects = store.repositories.findings, ("pay_1", "pay_2", "pay_3")
        found = [Finding(f"late:{each}", "late", each, "Late.", NOW) for each in subjects]
        for finding in (*found, Finding("lost:1", "lost", "pay_2", "Lost.", NOW)):
            await findings.report(finding)
        await findings.resolve("late:pay_3", by="acc_1", how="Asked.", now=NOW)
        resolved = found[2].resolve(by="acc_1", how="Asked.", now=NOW)

        assert await findings.of_kinds(["late"]) == (*found[:2], resolved)
        assert await findings.of_kinds(["late"], after="pay_1", until="pay_2") == (found[1],)
        assert await findings.of_kinds(["late"], after="pay_2") == (resolved,)
        assert len(await findings.of_kinds(["late", "lost"], until="pay_2")) == 3
