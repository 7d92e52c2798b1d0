"""Notifications: the list of each person, e-mails, push messages, and what each person chose."""

from pathlib import Path

from core.accounts_messages import AccountEmail, ResetEmail
from core.notifications import (
    EMAIL,
    PUSH,
    BookingNews,
    EmailDelivery,
    NotificationAdded,
    NotificationsRead,
    NotifyAccount,
    NotifyParty,
)
from core.push_subscriptions import BrowserDelivery, PushDelivery
from services.accounts import CodeGenerator, PasswordService
from services.calendars import InvitationService
from services.notifications.contexts import NoticeContexts
from services.notifications.documents import NOTIFICATIONS, PREFERENCES, RETURNED, SUBSCRIPTIONS
from services.notifications.emails import EmailSender
from services.notifications.notifying import Notifier
from services.notifications.personal_data import NotificationData
from services.notifications.preferences import Choice, GroupChoices, PreferenceService
from services.notifications.push import PushOff, PushService
from services.notifications.reports import MailReports
from services.notifications.service import COUNTED, NotificationPage, NotificationService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.notices import NoticeChannel

__all__ = [
    "CAPABILITY",
    "COUNTED",
    "Choice",
    "GroupChoices",
    "MailReports",
    "NotificationPage",
    "NotificationService",
    "PreferenceService",
    "PushOff",
    "PushService",
]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    notices = {each.name: each for record in built.records for each in record.notices}
    channels = tuple(
        each for record in built.records for each in record.channels if d.push or each.name != PUSH
    )
    notifier = Notifier(
        store=d.store, live=d.live, notices=notices, channels=channels, clock=d.clock
    )
    contexts = NoticeContexts(store=d.store, notices=notices, clock=d.clock, site=d.site)
    emails = EmailSender(
        store=d.store,
        mailer=d.mailer,
        templates=d.templates,
        codes=CodeGenerator(key=d.secret_key),
        passwords=built[PasswordService],
        notices=notices,
        contexts=contexts,
        notifier=notifier,
        invitations=built[InvitationService],
        clock=d.clock,
        site=d.site,
    )
    return {
        "notifications": NotificationService(store=d.store, live=d.live, clock=d.clock, ids=d.ids),
        "notifier": notifier,
        "push": PushService(
            store=d.store,
            pusher=d.push,
            templates=d.templates,
            notices=notices,
            contexts=contexts,
            clock=d.clock,
            site=d.site,
        ),
        "emails": emails,
        "mail_reports": MailReports(store=d.store, mailer=d.mailer, clock=d.clock),
        "notice_preferences": PreferenceService(store=d.store, notices=notices, channels=channels),
    }


CAPABILITY = Capability(
    name="notifications",
    build=build,
    repositories=("suppressions",),
    documents=(NOTIFICATIONS, PREFERENCES, SUBSCRIPTIONS, RETURNED),
    messages=(
        BookingNews,
        NotifyParty,
        NotifyAccount,
        EmailDelivery,
        PushDelivery,
        BrowserDelivery,
        NotificationAdded,
        NotificationsRead,
        AccountEmail,
        ResetEmail,
    ),
    channels=(
        NoticeChannel(EMAIL, "E-mail", EmailDelivery),
        NoticeChannel(PUSH, "Browser", PushDelivery),
    ),
    templates=Path(__file__).parent / "templates",
    personal_data=NotificationData(),
)
