"""Notices by e-mail."""

from pathlib import Path

from core.accounts_messages import AccountEmail, ResetEmail
from core.notifications import BookingEmail
from services.accounts import CodeGenerator, PasswordService
from services.notifications.personal_data import NotificationData
from services.notifications.service import NotificationService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = ["CAPABILITY", "NotificationService"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    service = NotificationService(
        store=d.store,
        mailer=d.mailer,
        templates=d.templates,
        codes=CodeGenerator(key=d.secret_key),
        passwords=built[PasswordService],
        notices={each.name: each for record in built.records for each in record.notices},
        clock=d.clock,
        site=d.site,
    )
    return {"notifications": service}


CAPABILITY = Capability(
    name="notifications",
    build=build,
    repositories=("suppressions",),
    messages=(BookingEmail, AccountEmail, ResetEmail),
    templates=Path(__file__).parent / "templates",
    personal_data=NotificationData(),
)
