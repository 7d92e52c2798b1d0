"""What administrators did with coupons: in their own activity, and in the audit of the site."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from coupons.model import Coupon
from onehour.api import Account, Caller, OutboxMessage, audit_message


class CouponActivity(StrEnum):
    """Kinds of audit entries. The values are stored."""

    CREATED = "coupon_created"
    ENDED = "coupon_ended"


WORDS: Mapping[str, str] = {
    CouponActivity.CREATED: "Coupon created",
    CouponActivity.ENDED: "Coupon ended",
}


def entry(
    what: CouponActivity, coupon: Coupon, *, by: Account, caller: Caller, at: datetime
) -> OutboxMessage:
    """For the transaction of the change itself."""
    return audit_message(
        what, f"{coupon.id}:{what}", account=by.id, at=at, address=caller.place,
        device=caller.device, coupon=coupon.id,
    )  # fmt: skip
