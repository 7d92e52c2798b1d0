"""The capabilities of the platform, in build order, and the services they provide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from services import (
    accounts,
    avatars,
    billing,
    bookings,
    calendars,
    calls,
    chargebacks,
    chats,
    clients,
    developers,
    discovery,
    disputes,
    extensions,
    files,
    jobs,
    live,
    notifications,
    outbox,
    pads,
    payments,
    reconciliation,
    reminders,
    reschedules,
    settlements,
    timeline,
    withdrawals,
)
from services.accounts import (
    AccountService,
    AdministrationService,
    AuditService,
    FactorService,
    IdentityService,
    KeptFormService,
    PasswordChecks,
    PasswordService,
    PersonalDataService,
    SessionService,
    TokenService,
)
from services.avatars import AvatarService
from services.billing import BillingService
from services.bookings import AnswerService, BookingService
from services.calendars import FeedService, InvitationService
from services.calls import CallService, PresenceInCalls
from services.chargebacks import ChargebackAnswers, ChargebackService, EvidenceService
from services.chats import (
    ChatReportService,
    ChatService,
    ChatSummaries,
    MessageFiles,
    MessageService,
    PresenceService,
)
from services.clients import ClientService
from services.developers import DeveloperService
from services.discovery import DiscoveryService
from services.disputes import (
    BundleService,
    DecisionService,
    DisputeLists,
    DisputeService,
    NoShowService,
    OfferService,
)
from services.extensions import PluginStates
from services.files import (
    Attachments,
    FileCopies,
    FileService,
    FormUploads,
    StorageLinks,
    UploadService,
)
from services.jobs import JobService
from services.notifications import (
    MailReports,
    NotificationService,
    PreferenceService,
    PushService,
)
from services.outbox import OutboxRelay, PeriodicRunner
from services.pads import PadService
from services.payments import (
    Earnings,
    MoneyDayService,
    MoneyStatuses,
    Numbering,
    PaymentLists,
    PaymentService,
    ReceiptService,
    RefundService,
    StoppedRefundService,
    SuspendedMoney,
)
from services.reconciliation import FindingService, ReconciliationService
from services.reminders import ReminderService
from services.reschedules import RescheduleService
from services.settlements import SettlementLists, SettlementService
from services.shared.capabilities import Built, Capability, assemble, check_repositories
from services.shared.dependencies import Dependencies
from services.timeline import TimelineService
from services.withdrawals import (
    BalanceService,
    PayoutAccountService,
    ReviewService,
    SendingService,
    WithdrawalLists,
    WithdrawalService,
)

CAPABILITIES: tuple[Capability, ...] = (
    outbox.CAPABILITY,
    live.CAPABILITY,
    extensions.CAPABILITY,
    timeline.CAPABILITY,
    accounts.CAPABILITY,
    clients.CAPABILITY,
    developers.CAPABILITY,
    billing.CAPABILITY,
    avatars.CAPABILITY,
    files.CAPABILITY,
    payments.CAPABILITY,
    withdrawals.CAPABILITY,
    settlements.CAPABILITY,
    jobs.CAPABILITY,
    calls.CAPABILITY,
    pads.CAPABILITY,
    disputes.CAPABILITY,
    chargebacks.CAPABILITY,
    bookings.CAPABILITY,
    reschedules.CAPABILITY,
    reminders.CAPABILITY,
    calendars.CAPABILITY,
    notifications.CAPABILITY,
    chats.CAPABILITY,
    discovery.CAPABILITY,
    reconciliation.CAPABILITY,
)
"""A capability follows those whose services it uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services by name. `built` also contains those of plugins, found by class."""

    accounts: AccountService
    sessions: SessionService
    password_checks: PasswordChecks
    factors: FactorService
    passwords: PasswordService
    tokens: TokenService
    identities: IdentityService
    administration: AdministrationService
    audit: AuditService
    kept_forms: KeptFormService
    personal_data: PersonalDataService
    clients: ClientService
    developers: DeveloperService
    discovery: DiscoveryService
    billing: BillingService
    avatars: AvatarService
    uploads: UploadService
    file_copies: FileCopies
    form_uploads: FormUploads
    files: FileService
    attachments: Attachments
    storage_links: StorageLinks
    bookings: BookingService
    findings: FindingService
    reconciliation: ReconciliationService
    settlements: SettlementService
    settlement_lists: SettlementLists
    payout_balances: BalanceService
    calls: CallService
    call_presence: PresenceInCalls
    pads: PadService
    chats: ChatService
    chat_reports: ChatReportService
    presence: PresenceService
    message_files: MessageFiles
    messages: MessageService
    chat_summaries: ChatSummaries
    answers: AnswerService
    reschedules: RescheduleService
    reminders: ReminderService
    invitations: InvitationService
    feeds: FeedService
    payments: PaymentService
    payment_lists: PaymentLists
    refunds: RefundService
    receipts: ReceiptService
    numbering: Numbering
    earnings: Earnings
    stopped_refunds: StoppedRefundService
    suspended_money: SuspendedMoney
    money_days: MoneyDayService
    money_statuses: MoneyStatuses
    payout_accounts: PayoutAccountService
    withdrawals: WithdrawalService
    withdrawal_sending: SendingService
    withdrawal_lists: WithdrawalLists
    withdrawal_review: ReviewService
    jobs: JobService
    disputes: DisputeService
    offers: OfferService
    dispute_lists: DisputeLists
    decisions: DecisionService
    bundles: BundleService
    no_shows: NoShowService
    chargebacks: ChargebackService
    chargeback_evidence: EvidenceService
    chargeback_answers: ChargebackAnswers
    timeline: TimelineService
    notifications: NotificationService
    notice_preferences: PreferenceService
    mail_reports: MailReports
    push: PushService
    plugin_states: PluginStates
    outbox: OutboxRelay
    periodic: PeriodicRunner
    built: Built


def build_services(dependencies: Dependencies, *, added: Sequence[Capability] = ()) -> Services:
    """Build the services of all capabilities; `added` are those of plugins, built last.

    Raises `WrongCapability` with one sentence for an invalid record.
    """
    records = (*CAPABILITIES, *added)
    check_repositories(records, dependencies.store.repository_names)
    assembled = assemble(records, dependencies)
    relay = OutboxRelay(
        store=dependencies.store,
        clock=dependencies.clock,
        ids=dependencies.ids,
        handlers=assembled.handlers,
        telemetry=dependencies.telemetry,
    )
    periodic = PeriodicRunner(
        store=dependencies.store,
        ids=dependencies.ids,
        tasks=assembled.periodic,
        telemetry=dependencies.telemetry,
    )
    services: dict[str, Any] = {"outbox": relay, "periodic": periodic, "built": assembled.built}
    for part in fields(Services):
        if part.name not in services:
            services[part.name] = assembled.built.named(part.name)
    return Services(**services)
