"""The template context of e-mails about a booking; their wording is in templates/emails/."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from core.accounts import Account, first_name
from core.bookings import Booking
from core.jobs import Job


@dataclass(frozen=True, slots=True)
class BookingContext:
    """A booking from the point of view of one party.

    `other` is the first name of the other party and `other_zone` its time zone; `url` is the
    address of the booking's page.
    """

    booking: Booking
    job: Job | None
    to_client: bool
    other: str
    other_zone: str
    url: str

    @classmethod
    def for_reader(cls, reader: Account, booking: Booking, job: Job | None, *, site: str) -> Self:
        """`site` is the base URL."""
        to_client = reader.id == booking.client.account_id
        side = booking.developer if to_client else booking.client
        return cls(
            booking=booking,
            job=job,
            to_client=to_client,
            other=first_name(side.name),
            other_zone=side.timezone,
            url=f"{site}/bookings/{booking.id}",
        )
