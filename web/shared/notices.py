"""Wording of notifications, from the records of the capabilities."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from quart import current_app

from core.bookings import BookingId
from core.notifications import Notification
from services.timeline import BookingDetails
from web.shared.context import dependencies, me, services
from web.shared.sides import Side
from web.shared.timeline import readable


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One entry of the list. `path` is the page it opens, `icon` the name of an icon."""

    heading: str
    detail: str = ""
    path: str = ""
    icon: str = "bell"


NoticeWording = Callable[[Notification, Any], NoticeLine]
"""Returns the wording of an entry with its facts. It must stay true later: amounts and times are
those of the entities that do not change, or those of the entry."""
FactsOf = Callable[[Sequence[Notification]], Awaitable[Mapping[str, Any]]]
"""Reads what the wording of these entries needs, in a fixed number of reads: facts by entry id."""


async def no_facts(entries: Sequence[Notification]) -> Mapping[str, Any]:
    """For wordings that need nothing but the entry."""
    return dict.fromkeys((each.id for each in entries), None)


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """The words of the notices of a capability, by name, and how their facts are read. An entry
    whose facts are gone is shown by its name."""

    words: Mapping[str, NoticeWording]
    facts: FactsOf = no_facts


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """A booking for the viewer, who is one of its parties."""

    side: Side
    details: BookingDetails

    @property
    def path(self) -> str:
        return f"/bookings/{self.details.booking.id}"


async def booking_facts(entries: Sequence[Notification]) -> Mapping[str, BookingFacts]:
    """The bookings of the entries for the viewer: three reads for all of them."""
    repositories = dependencies().store.repositories
    wanted = {each.id: each.booking_id for each in entries if each.booking_id}
    found = await repositories.bookings.many(list(dict.fromkeys(wanted.values())))
    mine = [booking for booking in found.values() if booking.is_party(me().id)]
    details = {each.booking.id: each for each in await services().timeline.overviews(mine)}
    return {
        name: BookingFacts(Side(found[booking], me()), details[BookingId(booking)])
        for name, booking in wanted.items()
        if booking in details
    }


async def lines(entries: Sequence[Notification]) -> list[NoticeLine]:
    """The wording of the entries, in their order. The facts of each kind are read once."""
    words = cast(Mapping[str, tuple[NoticeWording, FactsOf]], current_app.extensions["notices"])
    facts = dict[str, Any]()
    for read in dict.fromkeys(words[each.notice][1] for each in entries if each.notice in words):
        facts |= await read([e for e in entries if words.get(e.notice, ("", None))[1] is read])
    return [
        words[each.notice][0](each, facts[each.id])
        if each.id in facts
        else NoticeLine(readable(each.notice))
        for each in entries
    ]
