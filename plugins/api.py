"""All a plugin author imports.

Names here are kept: what is added stays, and what must go is announced one version ahead.
"""

from core.bookings import Booking
from core.money import Money
from core.payments import Attempt, AttemptStatus, OrderFacts, OrderStatus, RefundFact, RefundStatus
from plugins.hookspecs import implements
from ports.payments import (
    Customer,
    ForgedNotice,
    GatewayRefused,
    GatewayUnavailable,
    Notice,
    Order,
    OrderUnknown,
    PaymentGateway,
    RefundOrder,
)
from web.access import Who, allow
from web.context import me, services, viewer

__all__ = [
    "Attempt",
    "AttemptStatus",
    "Booking",
    "Customer",
    "ForgedNotice",
    "GatewayRefused",
    "GatewayUnavailable",
    "Money",
    "Notice",
    "Order",
    "OrderFacts",
    "OrderStatus",
    "OrderUnknown",
    "PaymentGateway",
    "RefundFact",
    "RefundOrder",
    "RefundStatus",
    "Who",
    "allow",
    "implements",
    "me",
    "services",
    "viewer",
]
