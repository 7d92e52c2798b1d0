"""Entries of a booking's timeline."""

from __future__ import annotations

from typing import Any

from core.policy import DAY
from core.timeline import Actor, Entry, MoneyPosition, MoneyState, MovedTimes
from onehour.testing.samples.sample import DOLLARS, NOW, Sample


def a_timeline_entry(number: int = 1, **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "id": f"bkg_1:step{number}",
        "booking_id": "bkg_1",
        "at": NOW,
        "what": "paid",
        "actor": Actor.CLIENT,
        "detail": "By UPI.",
        "money": MoneyPosition(MoneyState.HELD, DOLLARS),
        "times": MovedTimes(NOW, NOW + DAY),
    }
    return Entry(**{**values, **changes})


SAMPLES = (
    Sample(
        "timeline",
        (a_timeline_entry(),),
        lambda repositories: repositories.timeline.add(a_timeline_entry()),
        lambda repositories: repositories.timeline.of_booking("bkg_1"),
    ),
    Sample(
        "timeline",
        (a_timeline_entry(2, money=None, times=None),),
        lambda repositories: repositories.timeline.add(a_timeline_entry(2, money=None, times=None)),
        lambda repositories: repositories.timeline.of_booking("bkg_1"),
    ),
)
