"""The lists of a store for operators: everything by time, and searches by names and foreign ids."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.money import Money
from core.outbox import State
from core.payments import Refund, RefundId, Status
from core.payments_facts import Attempt, AttemptStatus, OrderId
from core.policy import DAY, HOUR, MINUTE
from onehour.testing.samples.accounts import an_account
from onehour.testing.samples.bookings import GITA, a_booking
from onehour.testing.samples.developers import START
from onehour.testing.samples.jobs import a_job
from onehour.testing.samples.outbox import a_message
from onehour.testing.samples.payments import a_payment
from onehour.testing.samples.sample import DOLLARS, NOW
from ports.conditions import Between, Condition, OneOf
from ports.scheduling import OutboxList
from ports.store import Store

AGES = (timedelta(0), MINUTE, HOUR, 2 * DAY, 100 * DAY)


class ListsContract:
    @pytest.mark.parametrize("limit", [1, 2, 3, 5, 10])
    async def test_bookings_payments_and_jobs_are_listed_from_the_latest(
        self, store: Store, limit: int
    ) -> None:
        repositories = store.repositories
        for number, age in enumerate(AGES):
            at = NOW - age
            await repositories.bookings.add(
                a_booking(number, created_at=at, start=START + number * HOUR)
            )
            await repositories.payments.add(a_payment(number, created_at=at))
            await repositories.jobs.add(a_job(number, created_at=at))

        for listed in (repositories.bookings, repositories.payments, repositories.jobs):
            found, cursor = await listed.latest(limit=limit)
            ids = [entity.id for entity in found]
            while cursor is not None:
                found, cursor = await listed.latest(limit=limit, cursor=cursor)
                assert 0 < len(found) <= limit
                ids += [entity.id for entity in found]
            assert [int(each.split("_")[-1]) for each in ids] == [0, 1, 2, 3, 4]

    async def test_payments_are_listed_by_state_time_and_amount(self, store: Store) -> None:
        payments, states = store.repositories.payments, (Status.PAID, Status.EXPIRED)
        for number, age in enumerate(AGES):
            await payments.add(
                a_payment(
                    number,
                    created_at=NOW - age,
                    status=states[number % 2],
                    amount=Money(number * 100),
                )
            )

        async def found(*where: Condition) -> list[int]:
            of_all, cursor, ids = True, None, list[str]()
            while of_all or cursor:
                page, cursor = await payments.latest(limit=2, cursor=cursor, where=where)
                ids += [each.id for each in page]
                of_all = False
            of_one, _ = await payments.of_account((GITA.id,), where=where)
            assert [each.id for each in of_one] == ids
            return [int(each.split("_")[-1]) for each in ids]

        expired = OneOf(("status",), (Status.EXPIRED,))
        assert await found(expired) == [1, 3]
        assert await found(expired, Between("amount.amount", 200)) == [3]
        assert await found(Between("created_at", NOW - HOUR)) == [0, 1, 2]
        assert await found(Between("created_at", NOW - 3 * DAY, NOW)) == [1, 2, 3]
        assert await found(Between("created_at", below=NOW - HOUR)) == [3, 4]
        assert await found(Between("amount.amount", 100, 301), OneOf(("status",), states)) == [
            1, 2, 3,
        ]  # fmt: skip
        assert await found(Between("amount.amount", 1000)) == []

    async def test_a_payment_is_found_by_every_id_at_its_provider(self, store: Store) -> None:
        attempts = tuple(
            Attempt(name, AttemptStatus.FAILED, DOLLARS, NOW) for name in ("1846", "1847")
        )
        refunds = (Refund(RefundId("rfd1n0"), DOLLARS, "Cancelled."),)
        payment = a_payment(1, order_id=OrderId("ord_1"), attempts=attempts, refunds=refunds)
        other = a_payment(2, order_id=OrderId("ord_2"), attempts=attempts[:1])
        for each in (payment, other):
            await store.repositories.payments.add(each)

        find = store.repositories.payments.find_by_provider_id
        for text in ("ord_1", "1847", "rfd1n0"):
            assert await find(text) == (payment,)
        assert {each.id for each in await find("1846")} == {payment.id, other.id}
        assert await find("184") == ()

    async def test_accounts_are_found_by_the_words_of_their_names(self, store: Store) -> None:
        names = ("Lucía Fernández", "Łucja Nowak", "Nora Fernandez Ruiz", "राहुल शर्मा")
        accounts = [an_account(number, name=name) for number, name in enumerate(names)]
        for account in accounts:
            await store.repositories.accounts.add(account)
        renamed = replace(accounts[1], name="Lucia Nowak")
        accounts[1] = await store.repositories.accounts.save(renamed)

        async def found(*words: str, limit: int = 5) -> list[int]:
            listed = await store.repositories.accounts.named(words, limit=limit)
            return [accounts.index(account) for account in listed]

        assert await found("lucia") == [0, 1]
        assert await found("fernandez") == [0, 2]
        assert await found("lucia", "fernandez") == [0]
        assert await found("fernandez", limit=1) == [0]
        assert await found("łucja") == await found("luc") == await found() == []

    async def test_messages_are_listed_by_state_and_due_time(self, store: Store) -> None:
        outbox = store.repositories.outbox
        await outbox.add(
            *(a_message(n, due=n * MINUTE) for n in range(-3, 4)),
            *(a_message(n, due=-n * DAY, state=State.DONE) for n in range(10, 13)),
            a_message(20, state=State.DEAD, last_error="It failed."),
            a_message(21, state=State.CANCELLED),
        )
        token = "a"
        claimed = await outbox.claim(now=NOW, lease=MINUTE, token=token, limit=2)
        for message in claimed:
            await outbox.fail(replace(message, last_error="No answer."), token=token)

        async def numbers(wanted: OutboxList) -> list[int]:
            listed, cursor = await outbox.page(wanted, limit=2)
            while cursor is not None:
                found, cursor = await outbox.page(wanted, limit=2, cursor=cursor)
                listed = (*listed, *found)
            assert await outbox.count(wanted, at_most=100) == len(listed)
            return [int(message.id.split(":")[0].removeprefix("bkg_")) for message in listed]

        assert await numbers(OutboxList.WAITING) == [-3, -2, -1, 0, 1, 2, 3]
        assert await numbers(OutboxList.FAILING) == [-3, -2]
        assert await numbers(OutboxList.DONE) == [10, 11, 12]
        assert await numbers(OutboxList.DEAD) == [20]
        assert await numbers(OutboxList.CANCELLED) == [21]
        assert await outbox.count(OutboxList.WAITING, at_most=3) == 3

    async def test_a_message_that_recovers_is_no_longer_listed_as_failing(
        self, store: Store
    ) -> None:
        outbox, token = store.repositories.outbox, "a"
        await outbox.add(*(a_message(n) for n in range(4)))
        for message in await outbox.claim(now=NOW, lease=MINUTE, token=token, limit=4):
            failed = replace(message, last_error="No answer.", lease=None, lease_until=None)
            await outbox.fail(failed, token=token)
        assert await outbox.count(OutboxList.FAILING, at_most=9) == 4

        done, later, cancelled, _ = await outbox.claim(now=NOW, lease=MINUTE, token=token, limit=4)
        await outbox.finish(done.id, token=token, now=NOW)
        await outbox.postpone(later.id, token=token, until=NOW + DAY)
        await outbox.cancel(cancelled.id, now=NOW)

        listed, _ = await outbox.page(OutboxList.FAILING)
        assert [message.id for message in listed] == [a_message(3).id]
        waiting, _ = await outbox.page(OutboxList.WAITING)
        assert [message.id for message in waiting] == [a_message(3).id, a_message(1).id]
