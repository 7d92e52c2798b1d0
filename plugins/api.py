"""All a plugin author imports.

Names here are kept: what is added stays, and what must go is announced one version ahead.
"""

from core.bookings import Booking
from core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from core.money import Money
from core.payments import (
    Attempt,
    AttemptStatus,
    OrderFacts,
    OrderId,
    OrderStatus,
    RefundFact,
    RefundStatus,
)
from plugins.hookspecs import implements
from ports.payments import (
    Customer,
    ForgedWebhook,
    GatewayRefused,
    GatewayUnavailable,
    Notice,
    Order,
    OrderUnknown,
    PaymentGateway,
    RefundOrder,
)
from web.shared.access import Who, allow
from web.shared.context import me, services, viewer
from web.shared.headers import also_from

__all__ = [
    "Attempt",
    "AttemptStatus",
    "Booking",
    "Conflict",
    "Customer",
    "Forbidden",
    "ForgedWebhook",
    "GatewayRefused",
    "GatewayUnavailable",
    "Invalid",
    "Money",
    "NotFound",
    "Notice",
    "Order",
    "OrderFacts",
    "OrderId",
    "OrderStatus",
    "OrderUnknown",
    "PaymentGateway",
    "RefundFact",
    "RefundOrder",
    "RefundStatus",
    "Unavailable",
    "Who",
    "allow",
    "also_from",
    "implements",
    "me",
    "services",
    "viewer",
]
