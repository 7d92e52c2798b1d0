"""What a booking says to each of its two sides: badges, the course so far, where the money is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.accounts import Account, first_name
from core.bookings import Booking, Party
from core.bookings import Status as Booked
from core.jobs import Job
from core.jobs import Status as Working
from core.money import Money
from core.payments import Payment
from core.payments import Status as Paying
from core.timeline import Actor, Entry
from services.timeline.service import BookingDetails
from web.shared.context import formats


@dataclass(frozen=True, slots=True)
class Badge:
    """Icon, words and tone: wait (a clock runs), held (safe), go (done), stop, off (over)."""

    icon: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the course, in words; `quote` is what somebody wrote."""

    heading: str
    detail: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """A booking as one of its parties sees it."""

    booking: Booking
    viewer: Account

    @property
    def is_client(self) -> bool:
        return self.booking.client.account_id == self.viewer.id

    @property
    def is_developer(self) -> bool:
        return not self.is_client

    @property
    def other(self) -> Party:
        return self.booking.developer if self.is_client else self.booking.client

    @property
    def name(self) -> str:
        """The other side, as one calls them."""
        return first_name(self.other.name)

    @property
    def actor(self) -> Actor:
        return Actor.CLIENT if self.is_client else Actor.DEVELOPER

    def who(self, actor: Actor) -> str:
        """'You', or the other's name."""
        return "You" if actor is self.actor else self.name


ENDED: Mapping[Booked, Badge] = {
    Booked.COMPLETED: Badge("circle-check", "Completed", "go"),
    Booked.EXPIRED: Badge("clock-alert", "Not paid in time", "off"),
    Booked.DECLINED: Badge("x", "Declined", "stop"),
    Booked.CANCELLED: Badge("ban", "Cancelled", "off"),
}


def badge(side: Side, job: Job | None) -> Badge:
    """Where the booking stands, for the side that looks; the work counts once it is confirmed."""
    status = side.booking.status
    if status in ENDED:
        return ENDED[status]
    if status is Booked.HELD:
        words = "Kept for you" if side.is_client else "Being paid"
        return Badge("timer", words, "wait")
    if status is Booked.REQUESTED:
        words = "Waiting for an answer" if side.is_client else "Waits for your answer"
        return Badge("hourglass", words, "wait")
    return _at_work(side, job)


def _at_work(side: Side, job: Job | None) -> Badge:
    if job and job.status is Working.DELIVERED:
        if side.is_client:
            return Badge("package-check", "Delivered, your review", "wait")
        return Badge("package-check", "Delivered", "held")
    if job and job.status is Working.CHANGES_REQUESTED:
        return Badge("rotate-ccw", "Changes asked", "held" if side.is_client else "wait")
    return Badge("check", "Confirmed", "held")


MONEY_BADGES: Mapping[Paying, Badge] = {
    Paying.PENDING: Badge("loader", "Waiting for payment", "wait"),
    Paying.PAID: Badge("lock", "Held", "held"),
    Paying.RECEIVED: Badge("circle-check", "Released", "go"),
    Paying.EXPIRED: Badge("clock-alert", "Not paid", "off"),
    Paying.REFUNDING: Badge("undo-2", "Refund on its way", "wait"),
    Paying.REFUNDED: Badge("undo-2", "Refunded", "go"),
}


@dataclass(frozen=True, slots=True)
class MoneySummary:
    """Where the money of a booking is, and the sums that prove it."""

    amount: Money
    where: str
    badge: Badge
    returned: Money
    """What has gone or is going back to the client."""
    released: Money
    """What is the developer's and ours."""
    fee: Money
    earning: Money
    """What the developer gets, of the released part once that is known."""


def money_summary(side: Side, payment: Payment) -> MoneySummary:
    booking, status = side.booking, payment.status
    back = sum((r.amount for r in payment.refunds if r.status != "failed"), Money(0))
    over = status in (Paying.REFUNDING, Paying.REFUNDED)
    released = booking.price - back if over else Money(0)
    if status is Paying.RECEIVED:
        released = booking.price
    counted = released if over else booking.price
    fee = counted.percent(booking.terms.fee_percent)
    told = MONEY_BADGES[status]
    if status is Paying.REFUNDED and released:
        told = Badge("undo-2", "Refunded in part", "go")
    amount = back if over and side.is_client else booking.price
    if side.is_developer:
        amount = counted - fee
    return MoneySummary(
        amount, _where(side, status, released), told, back, released, fee, counted - fee
    )


def _where(side: Side, status: Paying, released: Money) -> str:
    name, client = side.name, side.is_client
    match status:
        case Paying.PENDING:
            return "Not paid yet" if client else f"{name} has not paid yet"
        case Paying.PAID:
            until = "you approve" if client else f"{name} approves"
            return f"Held by the payment provider until {until}"
        case Paying.RECEIVED:
            return f"Released to {name}" if client else "Released to you"
        case Paying.EXPIRED:
            return "Nothing was charged" if client else f"{name} did not pay"
        case Paying.REFUNDING | Paying.REFUNDED if not client:
            return "Released to you, the rest goes back" if released else f"Goes back to {name}"
        case Paying.REFUNDING:
            return "On its way back to you"
        case _:
            return "Returned to you, confirmed by the payment provider"


def line(entry: Entry, details: BookingDetails, side: Side) -> Line:
    """One entry of the course in the words for this side."""
    tell = TOLD.get(entry.what)
    return tell(entry, details, side) if tell else Line(entry.what.replace("_", " ").capitalize())


Tell = Callable[[Entry, BookingDetails, Side], Line]


def _amount(entry: Entry, details: BookingDetails) -> str:
    return formats().money(entry.money.amount if entry.money else details.booking.price)


def _held(entry: Entry, details: BookingDetails, side: Side) -> Line:
    if side.is_client:
        return Line("You picked this time", "Kept for you while you pay")
    return Line(f"{side.name} picked this time", "Kept while the payment is made")


def _paid(entry: Entry, details: BookingDetails, side: Side) -> Line:
    who = side.who(Actor.CLIENT)
    return Line(f"{who} paid {_amount(entry, details)}", "Held by the payment provider since then")


def _declined(entry: Entry, details: BookingDetails, side: Side) -> Line:
    return Line(f"{side.who(Actor.DEVELOPER)} declined", _all_back(side, details), entry.detail)


def _auto_cancelled(entry: Entry, details: BookingDetails, side: Side) -> Line:
    who = f"{side.name} did" if side.is_client else "You did"
    return Line(f"{who} not answer in time", _all_back(side, details))


def _cancelled(entry: Entry, details: BookingDetails, side: Side) -> Line:
    back = next((r.amount for r in details.payment.refunds), Money(0))
    to = "you" if side.is_client else side.name
    if back == details.booking.price:
        told = _all_back(side, details)
    elif back:
        told = f"{formats().money(back)} goes back to {to}"
    else:
        told = "Without a refund, as the terms say this close to the start"
    return Line(f"{side.who(entry.actor)} cancelled", told, entry.detail)


def _delivered(entry: Entry, details: BookingDetails, side: Side) -> Line:
    number = next((d.number for d in details.deliveries if d.at == entry.at), None)
    name = f"Delivery {number}" if number else "Delivery"
    return Line(name if side.is_client else f"{name} by you")


def _changes(entry: Entry, details: BookingDetails, side: Side) -> Line:
    return Line(f"{side.who(Actor.CLIENT)} asked for changes", quote=entry.detail)


def _approved(entry: Entry, details: BookingDetails, side: Side) -> Line:
    to = side.name if side.is_client else "you"
    booking, money = details.booking, formats().money
    shares = f"{money(booking.earning)} to {to}, {money(booking.fee)} fee"
    if entry.actor is Actor.DEADLINE:
        return Line("Released automatically", f"The time to review was over. {shares}")
    return Line(f"{side.who(Actor.CLIENT)} approved the work", shares)


def _refunded(entry: Entry, details: BookingDetails, side: Side) -> Line:
    to = "you" if side.is_client else side.name
    return Line(f"{_amount(entry, details)} returned to {to}", "Confirmed by the payment provider")


def _too_late(entry: Entry, details: BookingDetails, side: Side) -> Line:
    who = side.who(Actor.CLIENT)
    told = "The time was no longer free, so all of it goes back"
    return Line(f"{who} paid {_amount(entry, details)} too late", told)


def _twice(entry: Entry, details: BookingDetails, side: Side) -> Line:
    who = side.who(Actor.CLIENT)
    told = f"The payment provider returns the second {_amount(entry, details)} by itself"
    return Line(f"{who} paid twice", told)


def _all_back(side: Side, details: BookingDetails) -> str:
    to = "you" if side.is_client else side.name
    return f"All {formats().money(details.booking.price)} goes back to {to}"


TOLD: Mapping[str, Tell] = {
    "held": _held,
    "paid": _paid,
    "accepted": lambda e, c, s: Line(f"{s.who(Actor.DEVELOPER)} accepted"),
    "declined": _declined,
    "auto_cancelled": _auto_cancelled,
    "cancelled": _cancelled,
    "expired": lambda e, c, s: Line("Not paid in time", "The time is free again. Nothing charged"),
    "given_back": lambda e, c, s: Line(
        f"{s.who(Actor.CLIENT)} released the time", "Nothing was charged"
    ),
    "delivered": _delivered,
    "changes_requested": _changes,
    "approved": _approved,
    "not_delivered": lambda e, c, s: Line("Nothing was delivered in time", _all_back(s, c)),
    "paid_too_late": _too_late,
    "paid_twice": _twice,
    "refunded": _refunded,
}
