"""Notifications: the list of each person, e-mails, push messages, and what each person chose."""

from pathlib import Path

from core.accounts_messages import AccountEmail, ResetEmail
from core.notifications import (
    EMAIL,
    EmailDelivery,
    NotificationAdded,
    NotificationsRead,
    NotifyAccount,
    NotifyParty,
)
from services.accounts import CodeGenerator, PasswordService
from services.notifications.contexts import NoticeContexts
from services.notifications.documents import NOTIFICATIONS, PREFERENCES
from services.notifications.emails import EmailSender
from services.notifications.notifying import Notifier
from services.notifications.personal_data import NotificationData
from services.notifications.preferences import Choice, GroupChoices, PreferenceService
from services.notifications.service import COUNTED, NotificationPage, NotificationService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.notices import NoticeChannel

__all__ = [
    "CAPABILITY",
    "COUNTED",
    "Choice",
    "GroupChoices",
    "NotificationPage",
    "NotificationService",
    "PreferenceService",
]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    notices = {each.name: each for record in built.records for each in record.notices}
    channels = tuple(each for record in built.records for each in record.channels)
    notifier = Notifier(store=d.store, notices=notices, channels=channels, clock=d.clock)
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
        clock=d.clock,
        site=d.site,
    )
    return {
        "notifications": NotificationService(store=d.store, live=d.live, clock=d.clock, ids=d.ids),
        "notifier": notifier,
        "emails": emails,
        "notice_preferences": PreferenceService(store=d.store, notices=notices, channels=channels),
    }


CAPABILITY = Capability(
    name="notifications",
    build=build,
    repositories=("suppressions",),
    documents=(NOTIFICATIONS, PREFERENCES),
    messages=(
        NotifyParty,
        NotifyAccount,
        EmailDelivery,
        NotificationAdded,
        NotificationsRead,
        AccountEmail,
        ResetEmail,
    ),
    channels=(NoticeChannel(EMAIL, "E-mail", EmailDelivery),),
    templates=Path(__file__).parent / "templates",
    personal_data=NotificationData(),
)
