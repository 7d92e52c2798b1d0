"""What an operator can set: ONEHOUR_PLUGIN_COUPONS_…"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class CouponSettings(BaseModel):
    """`most_percent` is the most that a coupon takes off the price of the hours, since the
    developer bears it too. `wrong_codes` is how many unknown codes a person may try in an hour."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    most_percent: int = Field(default=50, ge=1, le=90)
    wrong_codes: int = Field(default=20, ge=1)
