"""All a plugin author imports, besides Quart, pydantic and the like.

Names here are kept: what is added stays, and what must go is announced one version ahead.
"""

from core.accounts import Account
from core.bookings import Booking, BookingId
from core.developers import Developer, DeveloperId
from core.errors import Conflict, Errors, Forbidden, Invalid, NotFound, Unavailable
from core.money import Money
from core.notifications import BookingEmail
from core.outbox import NotDueYet, Payload, message
from core.payments_facts import (
    Attempt,
    AttemptStatus,
    OrderFacts,
    OrderId,
    OrderStatus,
    RefundFact,
    RefundStatus,
)
from core.text import checked_name, checked_text
from core.timeline import Actor
from core.timeline import Entry as TimelineEntry
from plugins.context import PluginContext
from plugins.hookspecs import implements
from ports.adapters import AdapterOffer, LocalServer, LocalServerOffer, Resources
from ports.clock import Clock, Ids
from ports.documents import DocumentType, Unique
from ports.documents import Order as DocumentOrder
from ports.live import Live
from ports.mail import AddressRefused, Mailer, MailRefused, MailUnavailable, Message
from ports.payments import (
    Checkout,
    Customer,
    ForgedWebhook,
    GatewayRefused,
    GatewayUnavailable,
    Order,
    OrderUnknown,
    PaymentGateway,
    RefundOrder,
    WebhookEvent,
)
from ports.settings import Deployment, WrongSetting
from ports.store import Duplicate, Missing, Repositories, Stale, Store
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.notices import Notice as NoticeKind
from services.shared.outbox import handles
from services.shared.periodic import periodic
from services.shared.personal_data import PersonalData, Subject
from services.timeline import BookingDetails, TimelineStep, record
from web.shared.access import Who, allow
from web.shared.api import API, Body, json_response
from web.shared.assets import StaticFolder
from web.shared.capabilities import Link, Panel, Render, Slot, WebCapability
from web.shared.context import me, now, services, viewer
from web.shared.headers import allow_source
from web.shared.kept_forms import refilled
from web.shared.live_events import LiveEvent, document_event
from web.shared.openapi import document_errors
from web.shared.redirects import leave_site
from web.shared.sides import Side
from web.shared.sockets import Socket, SocketHandler
from web.shared.timeline import Line

__all__ = [
    "API",
    "Account",
    "Actor",
    "AdapterOffer",
    "AddressRefused",
    "Attempt",
    "AttemptStatus",
    "Body",
    "Booking",
    "BookingDetails",
    "BookingEmail",
    "BookingId",
    "Built",
    "Capability",
    "Checkout",
    "Clock",
    "Conflict",
    "Customer",
    "Dependencies",
    "Deployment",
    "Developer",
    "DeveloperId",
    "DocumentOrder",
    "DocumentType",
    "Duplicate",
    "Errors",
    "Forbidden",
    "ForgedWebhook",
    "GatewayRefused",
    "GatewayUnavailable",
    "Ids",
    "Invalid",
    "Line",
    "Link",
    "Live",
    "LiveEvent",
    "LocalServer",
    "LocalServerOffer",
    "MailRefused",
    "MailUnavailable",
    "Mailer",
    "Message",
    "Missing",
    "Money",
    "NotDueYet",
    "NotFound",
    "NoticeKind",
    "Order",
    "OrderFacts",
    "OrderId",
    "OrderStatus",
    "OrderUnknown",
    "Panel",
    "Payload",
    "PaymentGateway",
    "PersonalData",
    "PluginContext",
    "RefundFact",
    "RefundOrder",
    "RefundStatus",
    "Render",
    "Repositories",
    "Resources",
    "Side",
    "Slot",
    "Socket",
    "SocketHandler",
    "Stale",
    "StaticFolder",
    "Store",
    "Subject",
    "TimelineEntry",
    "TimelineStep",
    "Unavailable",
    "Unique",
    "WebCapability",
    "WebhookEvent",
    "Who",
    "WrongSetting",
    "allow",
    "allow_source",
    "checked_name",
    "checked_text",
    "document_errors",
    "document_event",
    "handles",
    "implements",
    "json_response",
    "leave_site",
    "me",
    "message",
    "now",
    "periodic",
    "record",
    "refilled",
    "services",
    "viewer",
]
