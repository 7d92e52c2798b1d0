"""A person's bookings: exported in full, kept without the name after erasure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from core.bookings import Booking, Status
from ports.store import Repositories, Store
from services.shared.ownership import bookings_of
from services.shared.personal_data import PersonalData, StillOpen, Subject
from services.timeline import without_name

OPEN = (Status.HELD, Status.REQUESTED, Status.CONFIRMED)


class BookingData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "bookings.number": "it names the booking, not a person",
        "bookings.price_lines.label": "why the price was what it was, for both parties",
        "bookings.price_lines.source": "it names a plugin, not a person",
        "bookings.reason": "what one party wrote to the other about the booking",
        "bookings.proposal.reason": "what one party wrote to the other about the booking",
        "bookings.client.timezone": "the booking is shown to the other party in it",
        "bookings.developer.timezone": "the booking is shown to the other party in it",
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        found = bookings_of(repositories, subject.account.id)
        return {"bookings": [booking async for booking in found]}

    async def refuse_open(self, repositories: Repositories, subject: Subject) -> None:
        alive, _ = await repositories.bookings.of_account(
            subject.account.id, statuses=OPEN, limit=1, cursor=None
        )
        if alive:
            raise StillOpen

    async def erase_history(self, store: Store, account_id: str) -> bool:
        alive = False
        async for booking in bookings_of(store.repositories, account_id):
            await _erase_name(store, booking, account_id)
            alive = alive or booking.status in OPEN
        return alive


async def _erase_name(store: Store, booking: Booking, account_id: str) -> None:
    async def step(repositories: Repositories) -> None:
        current = await repositories.bookings.get(booking.id)
        is_client = current.client.account_id == account_id
        nameless = replace(
            current,
            client=without_name(current.client, account_id),
            developer=without_name(current.developer, account_id),
            brief="" if is_client else current.brief,
            files=() if is_client else current.files,
        )
        if nameless != current:
            await repositories.bookings.save(nameless)

    await store.transact(step)
