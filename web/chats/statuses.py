"""What happened to the bookings of a pair, as lines of their conversation, and the booking that
matters now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from quart import url_for

from core.accounts import Account
from core.bookings import Booking, BookingStep, Status
from core.chats import Chat
from core.disputes import DisputeStep
from core.jobs import JobStep
from core.payments import PaymentStep
from core.reschedules import RescheduleStep
from core.timeline import Entry
from services.timeline import BookingDetails
from web.bookings import badge
from web.chats.lines import StatusLine
from web.payments import MoneySummary, money_summary
from web.shared.context import dependencies, now, services
from web.shared.sides import Badge, Side
from web.shared.timeline import line

BOOKINGS_AT_MOST = 20
"""The latest bookings of a pair whose states are shown."""
ICONS: Mapping[str, str] = {
    BookingStep.ACCEPTED: "check",
    BookingStep.DECLINED: "x",
    BookingStep.CANCELLED: "ban",
    BookingStep.AUTO_CANCELLED: "ban",
    BookingStep.EXPIRED: "clock-alert",
    PaymentStep.PAID: "lock",
    PaymentStep.REFUNDED: "undo-2",
    JobStep.DELIVERED: "package-check",
    JobStep.CHANGES_REQUESTED: "rotate-ccw",
    JobStep.APPROVED: "circle-check",
    JobStep.SEND_AGAIN: "rotate-ccw",
    DisputeStep.OPENED: "scale",
    DisputeStep.OFFERED: "scale",
    DisputeStep.SETTLED: "scale",
    DisputeStep.PROPOSED: "ban",
    RescheduleStep.PROPOSED: "calendar-clock",
    RescheduleStep.MOVED: "calendar-check",
    RescheduleStep.REFUSED: "calendar-x",
    RescheduleStep.WITHDRAWN: "calendar-x",
    RescheduleStep.EXPIRED: "clock-alert",
    RescheduleStep.TAKEN: "clock-alert",
}
LEFT_OUT = frozenset({BookingStep.HELD, BookingStep.RELEASED})
"""Steps before a payment, which the other party need not know of."""
OPEN = (Status.HELD, Status.REQUESTED, Status.CONFIRMED)


@dataclass(frozen=True, slots=True)
class CurrentBooking:
    """The booking beside the conversation, for one party."""

    side: Side
    badge: Badge
    money: MoneySummary

    @property
    def booking(self) -> Booking:
        return self.side.booking


async def bookings_of(chat: Chat) -> tuple[Booking, ...]:
    """The latest bookings of the pair."""
    return await dependencies().store.repositories.bookings.of_pair(
        chat.client.account_id, chat.developer_id, limit=BOOKINGS_AT_MOST
    )


async def statuses(
    chat: Chat,
    bookings: Sequence[Booking],
    viewer: Account,
    *,
    since: datetime | None,
    until: datetime | None,
) -> list[StatusLine]:
    """What happened from `since` on and before `until`, for one party: four reads."""
    return [
        each
        for each in (*await _of_bookings(bookings, viewer), *await _of_reports(chat))
        if (since is None or each.at >= since) and (until is None or each.at < until)
    ]


async def _of_reports(chat: Chat) -> list[StatusLine]:
    """When administrators read the conversation: one read."""
    words = "An administrator read this conversation after a report"
    return [
        StatusLine(key=f"{report.id}:{at:%Y%m%d%H%M%S%f}", at=at, words=words, icon="eye")
        for report in await services().chat_reports.of_chat(chat.id)
        for at in report.readings
    ]


async def _of_bookings(bookings: Sequence[Booking], viewer: Account) -> list[StatusLine]:
    """Three reads."""
    if not bookings:
        return []
    found = await services().timeline.overviews(bookings)
    entries = await dependencies().store.repositories.timeline.of_bookings(
        [booking.id for booking in bookings]
    )
    lines = list[StatusLine]()
    for details in found:
        own = tuple(entry for entry in entries if entry.booking_id == details.booking.id)
        lines += _lines(replace(details, entries=own), viewer)
    return lines


def _lines(details: BookingDetails, viewer: Account) -> list[StatusLine]:
    side = Side(details.booking, viewer)
    url = url_for("bookings.show", booking_id=details.booking.id)
    return [
        StatusLine(
            key=entry.id,
            at=entry.at,
            words=_words(entry, details, side),
            icon=ICONS.get(entry.what, "info"),
            url=url,
        )
        for entry in details.entries
        if entry.what not in LEFT_OUT
    ]


def _words(entry: Entry, details: BookingDetails, side: Side) -> str:
    """The heading of the timeline; of a payment also who holds the money."""
    shown = line(entry, details, side)
    if entry.what != PaymentStep.PAID:
        return shown.heading
    return f"{shown.heading}, {shown.detail[:1].lower()}{shown.detail[1:]}"


async def current_booking(bookings: Sequence[Booking], viewer: Account) -> CurrentBooking | None:
    """The open booking that starts or started first, otherwise the latest one."""
    open_ = sorted((each for each in bookings if each.status in OPEN), key=lambda each: each.start)
    ahead = [each for each in open_ if each.end > now()]
    chosen = next(iter([*ahead, *open_, *bookings]), None)
    if chosen is None:
        return None
    (details,) = await services().timeline.overviews([chosen])
    side = Side(chosen, viewer)
    return CurrentBooking(side, badge(side, details.job), money_summary(side, details.payment))
