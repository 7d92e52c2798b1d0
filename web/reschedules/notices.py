"""Wording of notifications about moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.notifications import Notification
from core.reschedules import RescheduleStep
from core.timeline import Entry
from web.reschedules.wording import TIMELINE
from web.shared.context import dependencies
from web.shared.notices import BookingFacts, NoticeLine, NoticeWording, NoticeWords, booking_facts

ICONS: Mapping[str, str] = {
    RescheduleStep.PROPOSED: "calendar-clock",
    RescheduleStep.MOVED: "calendar-check",
    RescheduleStep.REFUSED: "calendar-x",
    RescheduleStep.WITHDRAWN: "calendar-x",
    RescheduleStep.EXPIRED: "clock-alert",
    RescheduleStep.TAKEN: "clock-alert",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """A booking for the viewer, and the entry of its timeline that the notification is about."""

    about: BookingFacts
    entry: Entry


async def _facts(entries: Sequence[Notification]) -> Mapping[str, Facts]:
    """One read more than for a booking: the timelines of all of them."""
    bookings = await booking_facts(entries)
    ids = sorted({each.details.booking.id for each in bookings.values()})
    found = await dependencies().store.repositories.timeline.of_bookings(ids) if ids else ()
    steps = {entry.id: entry for entry in found}
    facts = {str(each.id): each.fact for each in entries}
    return {
        name: Facts(about, steps[facts[name]])
        for name, about in bookings.items()
        if facts[name] in steps
    }


def _line(entry: Notification, facts: Facts) -> NoticeLine:
    """As in the timeline, with the name of the other side where it does not have it."""
    shown = TIMELINE[facts.entry.what](facts.entry, facts.about.details, facts.about.side)
    name = facts.about.side.name
    heading = shown.heading if name in shown.heading else f"{shown.heading} ({name})"
    return NoticeLine(heading, shown.detail, facts.about.path, ICONS[facts.entry.what])


WORDS: Mapping[str, NoticeWording] = {step.value: _line for step in RescheduleStep}
NOTICES = NoticeWords(WORDS, _facts)
