"""What reconciliation reads in a store: everything by id, in pages, and what belongs to it."""

from __future__ import annotations

from dataclasses import replace

from core.bookings import Status
from core.payments import Status as PaymentStatus
from core.policy import HOUR
from core.transactions import TransactionId
from onehour.testing.samples.bookings import a_booking
from onehour.testing.samples.developers import START
from onehour.testing.samples.outbox import a_message
from onehour.testing.samples.payments import a_payment, a_transaction
from ports.store import Store


class ReconciliationContract:
    async def test_ids_come_in_pages_in_their_order(self, store: Store) -> None:
        repositories = store.repositories
        for number in (3, 1, 2):
            start = START + number * 2 * HOUR
            await repositories.payments.add(a_payment(number))
            await repositories.bookings.add(a_booking(number, start=start))
            await repositories.transactions.add(a_transaction(number))

        assert await repositories.payments.ids(limit=2) == ("pay_0001", "pay_0002")
        assert await repositories.payments.ids(after="pay_0002", limit=2) == ("pay_0003",)
        assert await repositories.payments.ids(after="pay_0003", limit=2) == ()
        assert await repositories.bookings.ids(after="bkg_0001", limit=1) == ("bkg_0002",)
        names = await repositories.transactions.ids(limit=9)
        assert names == tuple(f"release:pay_000{number}" for number in (1, 2, 3))

    async def test_unsettled_payments_are_those_that_wait_for_the_provider(
        self, store: Store
    ) -> None:
        payments = store.repositories.payments
        for number, status in enumerate(PaymentStatus, 1):
            await payments.add(a_payment(number, status=status))
        waiting = {PaymentStatus.PENDING, PaymentStatus.REFUNDING}

        found = await payments.unsettled_ids(limit=9)

        stored = await payments.many(await payments.ids(limit=9))
        assert found == tuple(sorted(p.id for p in stored.values() if p.status in waiting))
        assert await payments.unsettled_ids(after=found[0], limit=9) == found[1:]
        ended = replace(stored[found[0]], status=PaymentStatus.EXPIRED)
        await payments.save(ended)
        assert await payments.unsettled_ids(limit=9) == found[1:]

    async def test_payments_are_found_by_their_orders_at_once(self, store: Store) -> None:
        payments = store.repositories.payments
        first, second, third = (a_payment(number) for number in (1, 2, 3))
        for each in (first, second, third):
            await payments.add(each)

        asked = [third.order_id, first.order_id, "ord_none", first.order_id]
        found = await payments.of_orders(asked)

        assert found == {first.order_id: first, third.order_id: third}
        assert await payments.of_orders([]) == {}

    async def test_entries_are_found_by_booking_by_id_and_by_number(self, store: Store) -> None:
        ledger = store.repositories.transactions
        first = replace(a_transaction(1), number="E-2026-000002")
        second = replace(a_transaction(2, booking_id="bkg_0002"), number="E-2026-000002")
        third = replace(a_transaction(3, booking_id="bkg_0003"), number="E-2026-000010")
        plain = replace(a_transaction(4, id=TransactionId("clear:1")), number="")
        for entry in (first, second, third, plain):
            await ledger.add(entry)

        of_two = await ledger.of_bookings(["bkg_0001", "bkg_0003", "bkg_none"])
        assert sorted(each.id for each in of_two) == [plain.id, first.id, third.id]
        assert await ledger.of_bookings([]) == ()
        assert await ledger.many([first.id, "none"]) == {first.id: first}
        assert await ledger.numbers(limit=2) == ("E-2026-000002", "E-2026-000002")
        assert await ledger.numbers(after="E-2026-000002", limit=9) == ("E-2026-000010",)

    async def test_the_cells_of_bookings_are_those_that_nobody_else_can_take(
        self, store: Store
    ) -> None:
        bookings = store.repositories.bookings
        held = a_booking(1, start=START)
        ended = a_booking(2, start=START, status=Status.CANCELLED)
        await bookings.add(held)
        await bookings.add(ended)

        cells = await bookings.held_cells([held.id, ended.id, "bkg_none"])

        assert cells == {held.id: frozenset(held.cells), ended.id: frozenset()}
        corrected = await bookings.correct_cells(replace(held, status=Status.CANCELLED))
        assert corrected.version == held.version + 1
        assert await bookings.held_cells([held.id]) == {held.id: frozenset()}
        await bookings.add(a_booking(3, start=START))

    async def test_messages_are_found_by_their_ids(self, store: Store) -> None:
        outbox, message = store.repositories.outbox, a_message()
        await outbox.add(message)

        assert set(await outbox.many([message.id, "none"])) == {message.id}
        assert await outbox.many([]) == {}
