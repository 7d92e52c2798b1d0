"""The template context of e-mails about a booking; their wording is in templates/emails/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from core.accounts import Account, first_name
from core.bookings import Booking
from core.jobs import Job, JobStep
from core.money import Money
from core.payments import Payment, PaymentStep
from core.shares import Shares
from core.timeline import Actor, Entry
from services.payments import method_name, provider_name
from services.shared.links import booking_url, call_url
from services.timeline import BookingDetails

STEPS = {"requested": PaymentStep.PAID, "released": JobStep.APPROVED}
"""The step of a notice, where it does not have the name of the notice."""


@dataclass(frozen=True, slots=True)
class BookingContext:
    """A booking from the point of view of one party.

    `other` is the first name of the other party, `other_name` the whole one, and `other_zone` its
    time zone. `url` is the address of the booking's page, `receipt` that of its receipts, `call`
    where the meeting is joined.
    `to_meet`: the booked time is agreed and has not started.
    """

    booking: Booking
    payment: Payment
    job: Job | None
    to_client: bool
    other: str
    other_name: str
    other_zone: str
    url: str
    receipt: str
    call: str
    to_meet: bool
    entry: Entry | None
    """The step the e-mail is about. None for a reminder."""
    acted: str
    """Who did it: 'You', the first name of the other party, or empty for a deadline."""
    ending: Entry | None
    """The step that ended the booking early, if there is one, and in `ended` who did it."""
    ended: str
    cancelled_at: datetime | None
    """When a side cancelled it."""
    shares: Shares
    refund_steps: tuple[tuple[datetime, Money], ...]
    """What the client gets back by cancelling until each of these times. Only times to come."""
    method: str
    """How the client paid, such as 'UPI'. Empty if the provider reported nothing."""
    provider: str

    @classmethod
    def for_reader(
        cls,
        reader: Account,
        details: BookingDetails,
        *,
        notice: str,
        site: str,
        now: datetime,
        entry: str = "",
    ) -> Self:
        """`site` is the base URL, `notice` the name of the notice. `entry` is the id of the step;
        without one it is the latest step of the notice."""
        booking, entries = details.booking, details.entries
        to_client = reader.id == booking.client.account_id
        side = booking.developer if to_client else booking.client
        step, ending = _entry(entries, entry, notice), details.ending
        me, other = Actor.CLIENT if to_client else Actor.DEVELOPER, first_name(side.name)
        return cls(
            booking=booking,
            payment=details.payment,
            job=details.job,
            to_client=to_client,
            other=other,
            other_name=side.name,
            other_zone=side.timezone,
            url=booking_url(site, booking.id),
            receipt=f"{booking_url(site, booking.id)}/receipt",
            call=call_url(site, booking.id),
            to_meet=booking.is_ahead(now) and now < booking.start,
            entry=step,
            acted=_who(step, me, other),
            ending=ending,
            ended=_who(ending, me, other),
            cancelled_at=details.cancelled_at,
            shares=Shares.known(booking, details.payment),
            refund_steps=_refund_steps(booking, now),
            method=method_name(details.payment),
            provider=provider_name(details.payment.provider),
        )


def _entry(entries: Sequence[Entry], entry_id: str, notice: str) -> Entry | None:
    if entry_id:
        return next((each for each in entries if each.id == entry_id), None)
    return _latest(entries, {STEPS.get(notice, notice)})


def _who(entry: Entry | None, me: Actor, other: str) -> str:
    if entry is None or entry.actor not in (Actor.CLIENT, Actor.DEVELOPER):
        return ""
    return "You" if entry.actor is me else other


def _latest(entries: Sequence[Entry], kinds: set[str]) -> Entry | None:
    return next((each for each in reversed(entries) if each.what in kinds), None)


def _refund_steps(booking: Booking, now: datetime) -> tuple[tuple[datetime, Money], ...]:
    steps = (
        (booking.start - step.notice, booking.price.percent(step.percent))
        for step in booking.terms.refund_steps
    )
    return tuple((until, refund) for until, refund in steps if until > now)
