"""Payments, the ledger, jobs, deliveries and the timeline in a store."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.deliveries import DeliveryId
from core.jobs import JobId
from core.payments_facts import OrderId
from core.policy import HOUR, MINUTE
from onehour.testing.samples.bookings import DEV, GITA
from onehour.testing.samples.jobs import a_delivery, a_job
from onehour.testing.samples.payments import a_payment, a_transaction, a_whole_payment
from onehour.testing.samples.sample import NOW, assert_whole
from onehour.testing.samples.timeline import a_timeline_entry
from ports.payments import StoredWebhook
from ports.store import Duplicate, Store

Page = Callable[[str | None], Coroutine[Any, Any, tuple[tuple[Any, ...], str | None]]]


async def walk(page: Page) -> list[str]:
    """The ids of all pages."""
    ids, cursor = list[str](), None
    while True:
        items, cursor = await page(cursor)
        ids.extend(str(item.id) for item in items)
        if cursor is None:
            return ids


class WorkContract:
    async def test_a_payment_comes_back_whole(self, store: Store) -> None:
        payment = a_whole_payment()
        assert_whole(payment)

        await store.repositories.payments.add(payment)

        assert await store.repositories.payments.get(payment.id) == payment
        assert await store.repositories.payments.find_by_order(payment.order_id) == payment
        assert await store.repositories.payments.find_by_order(OrderId("none")) is None

    async def test_an_order_has_one_payment(self, store: Store) -> None:
        await store.repositories.payments.add(a_payment(1))

        with pytest.raises(Duplicate):
            await store.repositories.payments.add(a_payment(2, order_id=a_payment(1).order_id))

    async def test_payments_come_in_pages_the_latest_first(self, store: Store) -> None:
        for number in range(5):
            await store.repositories.payments.add(
                a_payment(number, created_at=NOW + number // 2 * timedelta(milliseconds=1))
            )
        payments, both = store.repositories.payments, (GITA.id, DEV.id)

        ids = await walk(lambda cursor: payments.of_account(both, limit=2, cursor=cursor))

        assert ids == [a_payment(number).id for number in (4, 3, 2, 1, 0)]
        assert await payments.of_account(("cli_none",)) == ((), None)

    async def test_a_notice_is_kept_once(self, store: Store) -> None:
        received = StoredWebhook("bank:pay:1:SUCCESS", "bank", "ord_1", "payment", b"{\x00}", NOW)
        await store.repositories.inbox.add(received)

        with pytest.raises(Duplicate):
            await store.repositories.inbox.add(received)

    async def test_the_notices_about_an_order_come_in_the_order_of_their_arrival(
        self, store: Store
    ) -> None:
        inbox = store.repositories.inbox
        late, early, other = (
            StoredWebhook(f"bank:{name}", "bank", order, "payment", b"{\x00}", at)
            for name, order, at in (
                ("a", "ord_1", NOW + MINUTE), ("b", "ord_1", NOW), ("c", "ord_2", NOW),
            )
        )  # fmt: skip
        for each in (late, early, other):
            await inbox.add(each)

        assert await inbox.of_order("ord_1", limit=9) == (early, late)
        assert await inbox.of_order("ord_1", limit=1) == (early,)
        assert await inbox.of_order("ord_none", limit=9) == ()

    async def test_a_ledger_entry_comes_back_whole_and_is_made_once(self, store: Store) -> None:
        assert_whole(a_transaction())
        bare = a_transaction(2, client_id=None, developer_id=None, at=NOW - MINUTE)
        await store.repositories.transactions.add(a_transaction(1))
        await store.repositories.transactions.add(bare)

        with pytest.raises(Duplicate):
            await store.repositories.transactions.add(a_transaction(1))

        assert await store.repositories.transactions.exists(a_transaction(1).id)
        assert not await store.repositories.transactions.exists("release:none")
        assert await store.repositories.transactions.of_booking("bkg_0001") == (
            bare,
            a_transaction(1),
        )
        assert await store.repositories.transactions.of_account((GITA.id,)) == (
            (a_transaction(1),),
            None,
        )

    async def test_ledger_entries_come_in_pages_and_all(self, store: Store) -> None:
        ledger, both = store.repositories.transactions, (GITA.id, DEV.id)
        entries = [a_transaction(n, at=NOW + n // 2 * MINUTE) for n in range(5)]
        for entry in entries:
            await ledger.add(entry)

        ids = await walk(lambda cursor: ledger.of_account(both, limit=2, cursor=cursor))

        assert ids == [entry.id for entry in reversed(entries)]
        since, before = NOW + MINUTE, NOW + 2 * MINUTE

        async def within(first: datetime | None, end: datetime | None) -> list[str]:
            return await walk(
                lambda cursor: ledger.of_account(
                    both, limit=1, cursor=cursor, since=first, before=end
                )
            )

        assert await within(since, None) == [entry.id for entry in reversed(entries[2:])]
        assert await within(None, before) == [entry.id for entry in reversed(entries[:4])]
        assert await within(since, before) == [entry.id for entry in reversed(entries[2:4])]
        assert await within(before + MINUTE, None) == []
        every = [entry async for entry in ledger.all()]
        assert sorted(every, key=lambda entry: entry.id) == entries

    async def test_ledger_entries_of_a_time_come_in_its_order(self, store: Store) -> None:
        ledger = store.repositories.transactions
        assert await ledger.first() is None
        entries = [a_transaction(n, at=NOW + n // 2 * MINUTE) for n in range(6)]
        for entry in reversed(entries):
            await ledger.add(entry)

        found = [entry async for entry in ledger.between(NOW + MINUTE, NOW + 2 * MINUTE)]
        every = [entry async for entry in ledger.between(NOW, NOW + HOUR)]

        assert found == entries[2:4]
        assert every == entries
        assert await ledger.first() == entries[0]
        assert [entry async for entry in ledger.between(NOW - HOUR, NOW)] == []

    async def test_a_job_comes_back_whole_and_a_booking_has_one(self, store: Store) -> None:
        assert_whole(a_job())
        await store.repositories.jobs.add(a_job())

        with pytest.raises(Duplicate):
            await store.repositories.jobs.add(replace(a_job(), id=JobId("job_other")))

        assert await store.repositories.jobs.get(a_job().id) == a_job()
        assert await store.repositories.jobs.find_by_booking(a_job().booking_id) == a_job()
        assert await store.repositories.jobs.find_by_booking("bkg_none") is None

    async def test_jobs_come_in_pages_the_latest_first(self, store: Store) -> None:
        for number in range(5):
            await store.repositories.jobs.add(a_job(number))
        jobs = store.repositories.jobs

        ids = await walk(lambda cursor: jobs.of_account(DEV.account_id, limit=2, cursor=cursor))

        assert ids == [a_job(number).id for number in (4, 3, 2, 1, 0)]

    async def test_deliveries_come_in_order_and_each_number_once(self, store: Store) -> None:
        for number in (2, 1, 3):
            await store.repositories.deliveries.add(a_delivery(number))

        with pytest.raises(Duplicate):
            await store.repositories.deliveries.add(
                replace(a_delivery(3), id=DeliveryId("dlv_other"))
            )

        found = await store.repositories.deliveries.of_job("job_1")
        assert found == tuple(a_delivery(number) for number in (1, 2, 3))
        assert await store.repositories.deliveries.of_job("job_none") == ()

    async def test_the_timeline_lists_entries_in_the_order_they_happened(
        self, store: Store
    ) -> None:
        assert_whole(a_timeline_entry())
        entries = [
            a_timeline_entry(3),
            a_timeline_entry(1),
            a_timeline_entry(2, at=NOW - MINUTE, money=None),
        ]
        for entry in entries:
            await store.repositories.timeline.add(entry)

        with pytest.raises(Duplicate):
            await store.repositories.timeline.add(a_timeline_entry(1))

        assert await store.repositories.timeline.of_booking("bkg_1") == (
            entries[2],
            entries[0],
            entries[1],
        )

    async def test_the_timelines_of_some_bookings_are_read_together(self, store: Store) -> None:
        timeline = store.repositories.timeline
        entries = [
            a_timeline_entry(number, booking_id=f"bkg_{1 + number % 3}") for number in range(6)
        ]
        for entry in entries:
            await timeline.add(entry)

        found = await timeline.of_bookings(["bkg_1", "bkg_3", "bkg_none"])

        for booking in ("bkg_1", "bkg_3"):
            expected = [each for each in entries if each.booking_id == booking]
            assert [each for each in found if each.booking_id == booking] == expected
        assert len(found) == 4
        assert await timeline.of_bookings([]) == ()
