"""A payment gateway for OneHour: Razorpay, with Payment Links. ONEHOUR_PAYMENTS=razorpay chooses
it."""

from __future__ import annotations

from typing import Any

from onehour.api import AdapterOffer, implements
from onehour_razorpay.offer import OFFER

__all__ = ["OFFER", "Razorpay"]


class Razorpay:
    """The plugin: it offers one adapter."""

    api = 1

    @implements
    def onehour_adapters(self) -> list[AdapterOffer[Any, Any]]:
        return [OFFER]
