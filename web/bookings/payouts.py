"""What became of the released money of a booking, as steps in the timeline of its developer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.earnings import Clearing
from core.withdrawals import Status, Withdrawal
from web.shared.context import formats, services
from web.shared.templating import zone
from web.withdrawals import BADGES

LATEST = 1


@dataclass(frozen=True, slots=True)
class PayoutStep:
    """`at` (UTC) is when it happened; None for what is still to come, `waits` for what is under way
    now."""

    heading: str
    text: str
    at: datetime | None = None
    waits: bool = False


async def payout_steps(clearing: Clearing | None) -> list[PayoutStep]:
    """From the release on; one read once the money is ready. Empty before the release."""
    if clearing is None or not clearing.amount:
        return []
    amount = formats().money(clearing.amount)
    if not clearing.cleared:
        ready_at = formats().at(clearing.clears_at, zone())
        return [PayoutStep("Your earning clears", f"{amount} is ready to withdraw on {ready_at}.")]
    ready = PayoutStep(f"{amount} ready to withdraw", "", clearing.clears_at)
    found = await services().withdrawal_lists.since(
        clearing.developer_id, clearing.clears_at, limit=LATEST
    )
    if not found:
        return [
            ready,
            PayoutStep("You withdraw", "Whenever you like, with the rest in your wallet."),
        ]
    return [ready, *_of(found[0])]


def _of(withdrawal: Withdrawal) -> list[PayoutStep]:
    amount, number = formats().money(withdrawal.amount), withdrawal.number
    asked = PayoutStep(
        f"{amount} withdrawn",
        f"Your ready money is one sum. This is your latest withdrawal since then, {number}.",
        withdrawal.requested_at,
    )
    words = BADGES[withdrawal.status].words
    if withdrawal.status in (Status.REQUESTED, Status.HELD, Status.SENT):
        return [asked, PayoutStep(words, _next(withdrawal), waits=True)]
    return [asked, PayoutStep(words, "", withdrawal.changed_at)]


def _next(withdrawal: Withdrawal) -> str:
    """What happens by itself, and when."""
    at = services().withdrawals.next_step_at(withdrawal)
    if at is None:
        return "A person decides about it." if withdrawal.status is Status.HELD else ""
    moment = formats().at(at, zone())
    if withdrawal.status is Status.SENT:
        return f"We ask the payment provider on {moment} at the latest."
    if withdrawal.hold_ends:
        return f"It is sent by itself on {moment}."
    return f"It is tried again by itself on {moment}."
