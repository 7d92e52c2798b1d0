"""Bookings of one client with one developer."""

from __future__ import annotations

from typing import Any

from core.bookings import Booking, BookingId, Party
from core.bookings import Status as BookingStatus
from core.calls_policy import CallPolicy
from core.money import Money
from core.policy import DAY, HOUR, MINUTE, RefundStep, Terms
from core.prices import PriceLine
from core.proposals import Proposal
from core.timeline import Actor
from onehour.testing.samples.developers import START
from onehour.testing.samples.sample import DOLLARS, NOW, Sample

GITA = Party("cli_gita", "acc_gita", "Gita Rao", "Europe/Berlin")
DEV = Party("dev_dev", "acc_dev", "Dev Anand", "Asia/Kolkata")
TERMS = Terms(12, 48 * HOUR, 7 * DAY, 3, (RefundStep(6 * HOUR, 80),))


def a_booking(number: int = 1, **changes: Any) -> Booking:
    values: dict[str, Any] = {
        "id": BookingId(f"bkg_{number:04d}"),
        "client": GITA,
        "developer": DEV,
        "start": START,
        "hours": 1,
        "brief": "My queries are slow.",
        "rate": DOLLARS,
        "terms": TERMS,
        "created_at": NOW,
        "shown_until": NOW + 15 * MINUTE,
        "hold_ends": NOW + 18 * MINUTE,
        "payment_id": f"pay_{number:04d}",
        "revisions": 2,
    }
    return Booking(**{**values, **changes})


def a_whole_booking() -> Booking:
    return a_booking(
        status=BookingStatus.CONFIRMED,
        paid_at=NOW + MINUTE,
        accept_by=NOW + DAY,
        job_id="job_1",
        reason="We agreed so.",
        proposal=Proposal(3, START + DAY, Actor.CLIENT, NOW, NOW + DAY, "Our release moved."),
        proposals=2,
        moves=1,
        files=("fil_1", "fil_2"),
        call_terms=CallPolicy(20 * MINUTE, HOUR, 5 * MINUTE, 48 * HOUR),
        price_lines=(PriceLine("At night", Money(250, DOLLARS.currency), "nights"),),
    )


SAMPLES = (
    Sample(
        "bookings",
        a_whole_booking(),
        lambda repositories: repositories.bookings.add(a_whole_booking()),
        lambda repositories: repositories.bookings.get(a_whole_booking().id),
    ),
)
