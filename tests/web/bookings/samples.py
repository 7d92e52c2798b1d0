"""Requests about bookings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.bookings import BookingId
from tests.app import MONDAY
from tests.web.route_samples import (
    HELD,
    NO_BODY,
    REQUESTED,
    PathVariable,
    RouteSamples,
    Sent,
)

if TYPE_CHECKING:
    from tests.web.every_role import Person, SiteWithEveryRole

START = (MONDAY + timedelta(days=12)).isoformat()


async def free_hour(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    developer = site.people["dev"].own["developer_id"]
    return {"json": {"developer_id": developer, "start": START, "hours": 1, "brief": "It is slow."}}


async def quoted_hour(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    developer = site.people["dev"].own["developer_id"]
    return {"json": {"developer_id": developer, "start": START, "hours": 1}}


async def cancellation(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    """The form repeats the refund that the page has shown."""
    booking = await site.app.store.repositories.bookings.find(BookingId(thing))
    refund = str(booking.price.amount) if booking else "0"
    return {"form": {"reason": "I travel.", "refund": refund}}


SAMPLES = RouteSamples(
    bodies={
        "bookings.hold": {"form": {"start": START, "hours": "1", "brief": "It is slow."}},
        "bookings.pay": NO_BODY,
        "bookings.release": NO_BODY,
        "bookings.accept": NO_BODY,
        "bookings.decline": {"form": {"reason": "I travel."}},
        "bookings.cancel": cancellation,
        "api_bookings.hold": free_hour,
        "api_bookings.quote": quoted_hour,
        "api_bookings.checkout": NO_BODY,
        "api_bookings.release": NO_BODY,
        "api_bookings.accept": NO_BODY,
        "api_bookings.decline": {"json": {"reason": "I travel."}},
        "api_bookings.cancel": {"json": {"reason": "I travel."}},
    },
    states={
        "bookings.pay": HELD,
        "bookings.release": HELD,
        "bookings.accept": REQUESTED,
        "bookings.decline": REQUESTED,
        "bookings.cancel": REQUESTED,
        "bookings.back": HELD,
        "bookings.back_state": HELD,
        "api_bookings.checkout": HELD,
        "api_bookings.release": HELD,
        "api_bookings.accept": REQUESTED,
        "api_bookings.decline": REQUESTED,
        "api_bookings.cancel": REQUESTED,
    },
    variables={
        "booking_id": PathVariable(
            example=lambda site: site.booking.id,
            own=lambda person, booking: booking.id if booking else None,
            absent=f"bkg_{'9' * 26}",
        )
    },
)
