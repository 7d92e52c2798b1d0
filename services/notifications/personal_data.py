"""The notifications and preferences of a person, and the addresses that get no mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ports.store import Repositories
from services.notifications.documents import NOTIFICATIONS, PREFERENCES, RETURNED, SUBSCRIPTIONS
from services.shared.personal_data import PersonalData, Subject


class NotificationData(PersonalData):
    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        addresses, came_back = _addresses(subject), repositories.documents(RETURNED)
        found = [await repositories.suppressions.find(email) for email in addresses]
        returned = [await came_back.find(email) for email in addresses]
        entries = repositories.documents(NOTIFICATIONS).each(account_id=subject.account.id)
        browsers = repositories.documents(SUBSCRIPTIONS).each(account_id=subject.account.id)
        preferences = await repositories.documents(PREFERENCES).find(subject.account.id)
        returned = [
            await repositories.documents(RETURNED).find(each) for each in _addresses(subject)
        ]
        return {
            "undeliverable": [each for each in found if each],
            "returned_mails": [each for each in returned if each],
            "notifications": [each async for each in entries],
            "push_subscriptions": [
                {"endpoint": each.endpoint, "device": each.device, "added_at": each.added_at}
                async for each in browsers
            ],
            "notice_preferences": [preferences] if preferences else [],
        }

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        for email in _addresses(subject):
            await repositories.suppressions.remove(email)
            await repositories.documents(RETURNED).remove(email)
        await repositories.documents(PREFERENCES).remove(subject.account.id)
        entries = repositories.documents(NOTIFICATIONS)
        for each in [each.id async for each in entries.each(account_id=subject.account.id)]:
            await entries.remove(each)
        browsers = repositories.documents(SUBSCRIPTIONS)
        for browser in [each.id async for each in browsers.each(account_id=subject.account.id)]:
            await browsers.remove(browser)


def _addresses(subject: Subject) -> list[str]:
    account = subject.account
    return [email for email in (account.email, account.new_email) if email]
