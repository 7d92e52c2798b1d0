"""The names of `onehour.api`, which is what authors import.

The plugins that are part of OneHour import them here, because they are below `onehour` in the
layers.
"""

from core.accounts import ERASED_NAME, Account, AccountId, Role, first_name
from core.audit import audit_message
from core.bookings import Booking, BookingId, Party
from core.bookings import Status as BookingStatus
from core.chargebacks import ChargebackFact
from core.chargebacks import Status as ChargebackStatus
from core.developers import Developer, DeveloperId, Rating
from core.errors import Conflict, Errors, Forbidden, Invalid, NotFound, Unavailable
from core.jobs import Job, JobId
from core.jobs import Status as JobStatus
from core.money import Money
from core.notice_preferences import QuietHours
from core.notifications import Area as NoticeArea
from core.notifications import Delivery as NoticeDelivery
from core.notifications import Notification, NotifyAccount, NotifyParty
from core.notifications import NotifyParty as BookingEmail
from core.outbox import NotDueYet, OutboxMessage, Payload, message
from core.payments_facts import (
    Attempt,
    AttemptStatus,
    OrderFacts,
    OrderId,
    OrderStatus,
    RefundFact,
    RefundStatus,
    gateway_reason,
)
from core.payout_accounts import Kind as PayoutBeneficiaryKind
from core.policy import Terms
from core.prices import PriceLine
from core.sessions import Caller
from core.settlements import LineFact as SettlementLineFact
from core.settlements import LineKind as SettlementLineKind
from core.settlements import SettlementFact
from core.settlements import Status as SettlementStatus
from core.suppressions import Suppression
from core.text import checked_name, checked_text
from core.timeline import Actor
from core.timeline import Entry as TimelineEntry
from core.withdrawals_facts import BeneficiaryFact as PayoutBeneficiaryFact
from core.withdrawals_facts import BeneficiaryId as PayoutBeneficiaryId
from core.withdrawals_facts import BeneficiaryStatus as PayoutBeneficiaryStatus
from core.withdrawals_facts import TransferFact as PayoutTransferFact
from core.withdrawals_facts import TransferId as PayoutTransferId
from core.withdrawals_facts import TransferStatus as PayoutTransferStatus
from core.withdrawals_facts import Why as PayoutTransferReason
from plugins.context import PluginContext
from plugins.errors import WrongPlugin
from plugins.hookspecs import implements
from ports.adapters import AdapterOffer, LocalServer, LocalServerOffer, Resources
from ports.chargebacks import ChargebackGateway
from ports.chargebacks import Evidence as ChargebackEvidence
from ports.clock import Clock, Ids
from ports.documents import AddDocument, DocumentType, SaveDocument, Unique
from ports.documents import Order as DocumentOrder
from ports.extensions import Vetoed
from ports.findings import Finding
from ports.formats import Formats
from ports.live import Live
from ports.mail import (
    AddressRefused,
    Attachment,
    ForgedReport,
    Mailer,
    MailRefused,
    MailReport,
    MailUnavailable,
    Message,
    ReportingMailer,
)
from ports.payments import (
    Checkout,
    Customer,
    ForgedWebhook,
    GatewayRefused,
    GatewayUnavailable,
    LocalGateway,
    Order,
    OrderUnknown,
    PaymentGateway,
    RefundOrder,
    WebhookEvent,
)
from ports.payouts import Beneficiary as PayoutBeneficiary
from ports.payouts import BeneficiaryUnknown as PayoutBeneficiaryUnknown
from ports.payouts import (
    PayoutBalance,
    PayoutProvider,
    PayoutRefused,
    PayoutsUnavailable,
    PayoutWebhook,
)
from ports.payouts import Transfer as PayoutTransfer
from ports.payouts import TransferIdUsed as PayoutTransferIdUsed
from ports.payouts import TransferUnknown as PayoutTransferUnknown
from ports.push import LONGEST as PUSH_MAXIMUM
from ports.push import Pusher, PushReceiver, PushRefused, PushUnavailable, SubscriptionEnded
from ports.settings import Deployment, WrongSetting, url
from ports.settlements import LinePage as SettlementLinePage
from ports.settlements import SettlementGateway, SettlementPage, SettlementUnknown
from ports.storage import (
    CHUNK_SIZE,
    DOWNLOAD_LIFE,
    PUT_MAXIMUM,
    UPLOAD_LIFE,
    LinkRefused,
    ObjectUnknown,
    PartsMissing,
    Storage,
    StorageRefused,
    StorageUnavailable,
    UploadUnknown,
    WrongKey,
    WrongSize,
)
from ports.storage import Area as StorageArea
from ports.storage import Head as StorageHead
from ports.storage import Key as StorageKey
from ports.storage import Link as StorageLink
from ports.storage import Listed as StorageListed
from ports.storage import Listing as StorageListing
from ports.storage import Upload as StorageUpload
from ports.storage import UploadId as StorageUploadId
from ports.storage_links import Download as StorageDownload
from ports.storage_links import Grant as StorageGrant
from ports.storage_links import LinkSigner, ServesLinks
from ports.storage_names import attachment
from ports.store import Duplicate, Missing, Repositories, Stale, Store
from ports.templates import Choice as EmailChoice
from ports.templates import Email, Templates
from ports.video import Admission as VideoAdmission
from ports.video import CallClient as VideoCallClient
from ports.video import (
    ForgedNews,
    VideoProvider,
    VideoRefused,
    VideoUnavailable,
)
from ports.video import Guest as VideoGuest
from ports.video import IceServer as VideoIceServer
from ports.video import News as VideoNews
from ports.video import NewsKind as VideoNewsKind
from ports.video import Present as VideoPresent
from ports.video import Room as VideoRoom
from ports.virus_scan import TooLargeToScan, VirusScanner, VirusScanUnavailable
from services.developers import rate_developer
from services.shared.capabilities import Built, Capability, DemoWork
from services.shared.dependencies import Dependencies
from services.shared.notices import Notice as NoticeKind
from services.shared.notices import NoticeChannel, NoticeGroup, NoticeReader
from services.shared.outbox import handles
from services.shared.periodic import periodic
from services.shared.personal_data import PersonalData, Subject
from services.shared.transactions import transact
from services.timeline import BookingDetails, TimelineStep, record
from web.shared.access import Who, allow
from web.shared.api import (
    API,
    Body,
    Listed,
    Paging,
    json_response,
    limits,
    page_response,
)
from web.shared.assets import StaticFolder
from web.shared.capabilities import Link, Panel, Render, Slot, WebCapability
from web.shared.context import me, now, services, viewer
from web.shared.cookies import caller
from web.shared.csv_files import csv_file
from web.shared.forms import FormFields, read_form, typed
from web.shared.headers import allow_source
from web.shared.kept_forms import refilled
from web.shared.live_events import LiveEvent, document_event
from web.shared.notices import BookingFacts, NoticeLine, NoticeWords, booking_facts
from web.shared.openapi import document_errors
from web.shared.paging import next_cursor, page_cursor
from web.shared.redirects import leave_site
from web.shared.schemas import Moment, moment
from web.shared.sides import Side
from web.shared.sockets import Socket, SocketHandler
from web.shared.timeline import Line

__all__ = [
    "API",
    "CHUNK_SIZE",
    "DOWNLOAD_LIFE",
    "ERASED_NAME",
    "PUSH_MAXIMUM",
    "PUT_MAXIMUM",
    "UPLOAD_LIFE",
    "Account",
    "AccountId",
    "Actor",
    "AdapterOffer",
    "AddDocument",
    "AddressRefused",
    "Attachment",
    "Attempt",
    "AttemptStatus",
    "Body",
    "Booking",
    "BookingDetails",
    "BookingEmail",
    "BookingFacts",
    "BookingId",
    "BookingStatus",
    "Built",
    "Caller",
    "Capability",
    "ChargebackEvidence",
    "ChargebackFact",
    "ChargebackGateway",
    "ChargebackStatus",
    "Checkout",
    "Clock",
    "Conflict",
    "Customer",
    "DemoWork",
    "Dependencies",
    "Deployment",
    "Developer",
    "DeveloperId",
    "DocumentOrder",
    "DocumentType",
    "Duplicate",
    "Email",
    "EmailChoice",
    "Errors",
    "Finding",
    "Forbidden",
    "ForgedNews",
    "ForgedReport",
    "ForgedWebhook",
    "FormFields",
    "Formats",
    "GatewayRefused",
    "GatewayUnavailable",
    "Ids",
    "Invalid",
    "Job",
    "JobId",
    "JobStatus",
    "Line",
    "Link",
    "LinkRefused",
    "LinkSigner",
    "Listed",
    "Live",
    "LiveEvent",
    "LocalGateway",
    "LocalServer",
    "LocalServerOffer",
    "MailRefused",
    "MailReport",
    "MailUnavailable",
    "Mailer",
    "Message",
    "Missing",
    "Moment",
    "Money",
    "NotDueYet",
    "NotFound",
    "NoticeArea",
    "NoticeChannel",
    "NoticeDelivery",
    "NoticeGroup",
    "NoticeKind",
    "NoticeLine",
    "NoticeReader",
    "NoticeWords",
    "Notification",
    "NotifyAccount",
    "NotifyParty",
    "ObjectUnknown",
    "Order",
    "OrderFacts",
    "OrderId",
    "OrderStatus",
    "OrderUnknown",
    "OutboxMessage",
    "Paging",
    "Panel",
    "PartsMissing",
    "Party",
    "Payload",
    "PaymentGateway",
    "PayoutBalance",
    "PayoutBeneficiary",
    "PayoutBeneficiaryFact",
    "PayoutBeneficiaryId",
    "PayoutBeneficiaryKind",
    "PayoutBeneficiaryStatus",
    "PayoutBeneficiaryUnknown",
    "PayoutProvider",
    "PayoutRefused",
    "PayoutTransfer",
    "PayoutTransferFact",
    "PayoutTransferId",
    "PayoutTransferIdUsed",
    "PayoutTransferReason",
    "PayoutTransferStatus",
    "PayoutTransferUnknown",
    "PayoutWebhook",
    "PayoutsUnavailable",
    "PersonalData",
    "PluginContext",
    "PriceLine",
    "PushReceiver",
    "PushRefused",
    "PushUnavailable",
    "Pusher",
    "QuietHours",
    "Rating",
    "RefundFact",
    "RefundOrder",
    "RefundStatus",
    "Render",
    "ReportingMailer",
    "Repositories",
    "Resources",
    "Role",
    "SaveDocument",
    "ServesLinks",
    "SettlementFact",
    "SettlementGateway",
    "SettlementLineFact",
    "SettlementLineKind",
    "SettlementLinePage",
    "SettlementPage",
    "SettlementStatus",
    "SettlementUnknown",
    "Side",
    "Slot",
    "Socket",
    "SocketHandler",
    "Stale",
    "StaticFolder",
    "Storage",
    "StorageArea",
    "StorageDownload",
    "StorageGrant",
    "StorageHead",
    "StorageKey",
    "StorageLink",
    "StorageListed",
    "StorageListing",
    "StorageRefused",
    "StorageUnavailable",
    "StorageUpload",
    "StorageUploadId",
    "Store",
    "Subject",
    "SubscriptionEnded",
    "Suppression",
    "Templates",
    "Terms",
    "TimelineEntry",
    "TimelineStep",
    "TooLargeToScan",
    "Unavailable",
    "Unique",
    "UploadUnknown",
    "Vetoed",
    "VideoAdmission",
    "VideoCallClient",
    "VideoGuest",
    "VideoIceServer",
    "VideoNews",
    "VideoNewsKind",
    "VideoPresent",
    "VideoProvider",
    "VideoRefused",
    "VideoRoom",
    "VideoUnavailable",
    "VirusScanUnavailable",
    "VirusScanner",
    "WebCapability",
    "WebhookEvent",
    "Who",
    "WrongKey",
    "WrongPlugin",
    "WrongSetting",
    "WrongSize",
    "allow",
    "allow_source",
    "attachment",
    "audit_message",
    "booking_facts",
    "caller",
    "checked_name",
    "checked_text",
    "csv_file",
    "document_errors",
    "document_event",
    "first_name",
    "gateway_reason",
    "handles",
    "implements",
    "json_response",
    "leave_site",
    "limits",
    "me",
    "message",
    "moment",
    "next_cursor",
    "now",
    "page_cursor",
    "page_response",
    "periodic",
    "rate_developer",
    "read_form",
    "record",
    "refilled",
    "services",
    "transact",
    "typed",
    "url",
    "viewer",
]
