"""Where the money of a booking is, for its page and the API: the stored facts and their wording."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.earnings import Clearing
from core.jobs import FROZEN
from core.money import Money
from core.money_status import (
    Automatic,
    Expected,
    MoneyStatus,
    NextStep,
    Place,
    Why,
)
from core.payments import Status as Paying
from core.shares import Shares
from core.timeline import Actor
from services.timeline import BookingDetails
from web.shared.context import formats, me, services
from web.shared.sides import Side
from web.shared.templating import zone


@dataclass(frozen=True, slots=True)
class MoneyWords:
    """`state` says where the money is and why; `heading` who acts next; `otherwise` what happens by
    itself at `at` (UTC). The last three are empty when nothing follows."""

    state: str
    heading: str = ""
    otherwise: str = ""
    at: datetime | None = None


async def clearing_of(details: BookingDetails) -> Clearing | None:
    """The released money, for the developer: one read after the release."""
    over = details.payment.status in (Paying.RECEIVED, Paying.REFUNDED)
    waits = over and details.booking.developer.account_id == me().id
    return await services().earnings.clearing_of(details.booking.id) if waits else None


async def money_of(details: BookingDetails, clearing: Clearing | None) -> MoneyStatus:
    """Where the money is now: one read more while a case is open, and for what happens by itself
    later than at its time. `clearing` is from `clearing_of`."""
    job, booking = details.job, details.booking
    frozen = job is not None and job.status in FROZEN
    dispute = await services().disputes.of_job(job.id) if job and frozen else None
    statuses = services().money_statuses
    status = statuses.of(booking, details.payment, job, dispute, clearing)
    return await statuses.with_retry(status, booking, dispute)


def money_words(status: MoneyStatus, side: Side) -> MoneyWords:
    """The words for one party of the booking."""
    state = _state(status, side)
    if status.next is None:
        return MoneyWords(state)
    step = status.next
    at = step.retry_at or step.at
    return MoneyWords(state, _heading(step, side), _otherwise(step, status, side), at)


UNTIL = {
    Why.ANSWER_AWAITED: "the booking is accepted",
    Why.CANCELLATION_PROPOSED: "the cancellation is agreed or contested",
    Why.NO_SHOW_CLAIMED: "the claim is answered",
    Why.DISPUTED: "the case is settled",
}
"""What held money waits for, where it is not the approval of the work."""


def _state(status: MoneyStatus, side: Side) -> str:
    money, shares = formats().money, status.shares
    price, client = money(shares.price), "you" if side.is_client else side.name
    match status.place:
        case Place.NOT_PAID:
            return f"{price} is not paid yet."
        case Place.UNCERTAIN:
            return f"It is not known yet whether {price} was paid."
        case Place.NOT_CHARGED:
            return "Nothing was charged."
        case Place.UNDER_REVIEW:
            return "The payment provider reported another amount than the price."
        case Place.HELD:
            approval = f"{'you approve' if side.is_client else f'{side.name} approves'} the work"
            return f"The payment provider holds {price} until {UNTIL.get(status.why, approval)}."
        case Place.SET_ASIDE:
            whose = "your bank" if side.is_client else f"the bank of {side.name}"
            return f"The money is set aside, because {whose} has questioned the payment of {price}."
        case Place.REFUNDING:
            return f"{money(shares.refund)} is being refunded to {client}.{_rest(shares, side)}"
        case Place.REFUNDED if status.why is Why.CHARGED_BACK:
            bank = "your bank" if side.is_client else "the bank"
            back = f"{money(shares.refund)} went back to {client} through {bank}."
            return back + _rest(shares, side)
        case Place.REFUNDED:
            return f"{money(shares.refund)} was refunded to {client}.{_rest(shares, side)}"
        case Place.RELEASED:
            return _rest(shares, side).strip()


def _rest(shares: Shares, side: Side) -> str:
    """What is for the developer, if anything is."""
    if not shares.released:
        return ""
    to, money = side.name if side.is_client else "you", formats().money
    return f" {money(shares.earning)} is released to {to}, and {money(shares.fee)} is our fee."


def _heading(step: NextStep, side: Side) -> str:
    who = side.who(step.by) if step.by in (Actor.CLIENT, Actor.DEVELOPER) else ""
    mine = who == "You"
    match step.expected:
        case Expected.PAY:
            return f"{who} {_verb('pay', mine)}"
        case Expected.REPORT:
            return "The payment provider reports whether it was paid"
        case Expected.CHECK_AMOUNT:
            return "We review the payment"
        case Expected.ANSWER:
            return f"{who} {_verb('answer', mine)}"
        case Expected.DELIVER:
            return f"{who} {_verb('deliver', mine)}"
        case Expected.REVIEW:
            return f"{who} {_verb('review', mine)} the work"
        case Expected.CONTEST:
            return f"{who} {_verb('agree', mine)} or {_verb('contest', mine)}"
        case Expected.ANSWER_CASE:
            return f"{who} {_verb('answer', mine)} in the case"
        case Expected.ADD_EVIDENCE:
            return "Both sides can add evidence"
        case Expected.DECIDE:
            return "An administrator decides"
        case Expected.REFUND:
            return "We request the refund again"
        case Expected.CONFIRM_REFUND:
            return "The payment provider confirms the refund"
        case Expected.SOLVE_REFUND:
            return "We request the refund again, or pay it by another way"
        case Expected.CLEAR:
            return "Your earning clears"
        case Expected.DECIDE_CHARGEBACK:
            return "The bank decides, and nothing moves until then"


def _verb(verb: str, mine: bool) -> str:
    return verb if mine else f"{verb}s"


def _otherwise(step: NextStep, status: MoneyStatus, side: Side) -> str:
    if step.at is None or step.automatic is None:
        if step.expected is Expected.SOLVE_REFUND:
            return "The payment provider has refused it several times. An administrator acts next."
        return "Nothing moves until then." if step.by is Actor.ADMIN else ""
    at = formats().at(step.at, zone())
    if step.retry_at:
        again = formats().at(step.retry_at, zone())
        return f"Its time was {at}, and it did not work. It is tried again by itself on {again}."
    match step.automatic:
        case Automatic.FREE_TIME:
            return (
                f"If it is not paid, the time is available again from {at}, and nothing is charged."
            )
        case Automatic.ASK_PROVIDER:
            return f"We ask it again on {at} at the latest."
        case Automatic.REQUEST_REFUND:
            return f"The payment provider refused the last request. We repeat it on {at}."
        case Automatic.COLLECT_EVIDENCE:
            return f"Without an answer, the time for evidence begins on {at}."
        case Automatic.AWAIT_DECISION:
            return f"An administrator decides from {at} on."
        case Automatic.MAKE_READY:
            return f"On {at} it is ready to withdraw."
        case Automatic.RELEASE:
            return f"Without a response: on {at},{_rest(status.shares, side)}"
        case Automatic.REFUND:
            return f"Otherwise, on {at}, {_divided(step.refund, status, side)}"


def _divided(refund: Money | None, status: MoneyStatus, side: Side) -> str:
    """What goes back to the client, and what is released then."""
    price, money = status.shares.price, formats().money
    back = price if refund is None else refund
    client = "you" if side.is_client else side.name
    if not back:
        return f"nothing is refunded.{_rest(Shares.of(side.booking, back), side)}"
    amount = f"all {money(back)}" if back == price else money(back)
    return f"{amount} is refunded to {client}.{_rest(Shares.of(side.booking, back), side)}"
